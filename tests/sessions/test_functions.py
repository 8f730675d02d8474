"""What a noxfile decorates, and how: whatever could not run is refused when the noxfile is loaded, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nox as real_nox
import pytest

from tests.sessions.running import nox, write_noxfile
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.noxfile import register

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

DECORATORS = {
    "wsnox.member(f)": "(session, member)",
    "wsnox.member()(f)": "(session, member)",
    "wsnox.integration(f)": "(session, members)",
    "wsnox.integration('project-a')(f)": "(session, members)",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a workspace that is only read."""
    folder = tmp_path_factory.mktemp("functions") / "workspace"
    return write_workspace(folder, [MemberSpec("project-a")], index=wheelhouse)


@pytest.fixture(autouse=True)
def _in_the_workspace(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    register._suite_at.cache_clear()


def _load(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a noxfile of this *text* says when it ends nox, nothing where it registers a session."""
    try:
        exec(compile(f"import wsnox\n{text}\n", "noxfile.py", "exec", dont_inherit=True), {"__name__": "noxfile"})
    except SystemExit:
        return capsys.readouterr().err.strip()
    assert real_nox.registry.get()
    return ""


@pytest.mark.parametrize("decorator", DECORATORS)
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def f(): pass", "`f()` cannot be called with `{}`"),
        ("def f(session): pass", "`f(session)` cannot be called with `{}`"),
        ("def f(a, b, c): pass", "`f(a, b, c)` cannot be called with `{}`"),
        ("def f(a, *, b): pass", "`f(a, *, b)` cannot be called with `{}`"),
        ("def f(a, b, *, c): pass", "`f(a, b, *, c)` cannot be called with `{}`"),
        ("def f(**k): pass", "`f(**k)` cannot be called with `{}`"),
        ("def f(a: int) -> None: pass", "`f(a: int) -> None` cannot be called with `{}`"),
        ("async def f(a, b): pass", "`f` is `async`, and nox awaits nothing"),
        ("def f(a, b): yield", "`f` has a `yield`, so that nothing of it would run"),
        ("async def f(a, b): yield", "`f` has a `yield`, so that nothing of it would run"),
        ("from functools import partial\nasync def g(a, b): pass\nf = partial(g)", "`partial` is `async`, and nox awaits nothing"),
        ("class G:\n def __call__(self, a): pass\nf = G()", "`G(a)` cannot be called with `{}`"),
        ("class G:\n async def __call__(self, a, b): pass\nf = G()", "`G` is `async`, and nox awaits nothing"),
        ("class f:\n def __init__(self, a, b): pass", "`f` is no function of a noxfile, and cannot be a session"),
        ("f = print", "`print` is no function of a noxfile, and cannot be a session"),
        ("f = [].append", "`append` is no function of a noxfile, and cannot be a session"),
        ("f = lambda session: None", "`<lambda>(session)` cannot be called with `{}`"),
        ("f = lambda a, b: None", "`<lambda>` is no name for a session: letters, digits, `-`, `_` and `.` only, in `<lambda>`"),
    ],
)  # fmt: skip
def test_unfit(text: str, problem: str, decorator: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A function that takes other arguments or runs nothing is told so before anything is installed."""
    said = _load(f"{text}\n{decorator}", capsys)
    sentence, _, hint = said.partition("\n\nhint: ")
    assert sentence == f"wsnox: `noxfile.py`: {problem.format(DECORATORS[decorator])}"
    assert hint.endswith(f"{DECORATORS[decorator]}:`") or "<lambda>` is no name" in problem


@pytest.mark.parametrize("decorator", ["wsnox.member()(f)", "wsnox.integration('project-a')(f)"])
@pytest.mark.parametrize("value", ["3", "None", "'types'", "['types']"])
def test_no_function(value: str, decorator: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A name, for example, is not what a decorator decorates."""
    assert f"`{value}` is no function, and cannot be a session\n" in _load(f"f = {value}\n{decorator}", capsys)


def test_a_name_in_the_place_of_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    """The name of a session is a keyword argument: else it would be registered as the session itself."""
    assert "`'types'` is no function" in _load("wsnox.member('types')", capsys)
    said = _load("def f(a, b): pass\nwsnox.integration(f, f)", capsys)
    assert said == "wsnox: `noxfile.py`: `wsnox.integration` decorates one function"


@pytest.mark.parametrize("decorator", DECORATORS)
@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b): pass",
        "def f(a, b, c=1, *, d=2): pass",
        "def f(*a): pass",
        "def f(a, *b, **c): pass",
        "class G:\n def f(self, a, b): pass\nf = G().f",
        "class G:\n def __call__(self, a, b): pass\nf = G()",
        "from functools import partial\ndef g(a, b, c): pass\nf = partial(g, c=1)",
    ],
)
def test_fit(text: str, decorator: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever can be called with a session and its members is a session."""
    assert _load(f"{text}\n{decorator}", capsys) == ""


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("wsnox.sessions(root=3)", "`3` is no path of a directory in `root`"),
        ("wsnox.sessions(f)", "is no path of a directory in `root`"),
        ("wsnox.sessions(root='nowhere')", "/nowhere` is no directory, and `root` names one of the workspace"),
        ("wsnox.sessions(root='pyproject.toml')", "/pyproject.toml` is no directory, and `root` names one of the workspace"),
        (r"wsnox.sessions(root='a\0')", r"/a\x00` is no directory, and `root` names one of the workspace"),
        ("wsnox.sessions(root='x' * 5000)", "` is no directory, and `root` names one of the workspace"),
        ("wsnox.member(root=3)(f)", "`3` is no path of a directory in `root`"),
        ("wsnox.member(env={1: 2})(f)", "expected a string, got an integer in `f.env.1`"),
        ("wsnox.member(env={'A=': ''})(f)", "no environment variable can have this name or value in `f.env.A=`"),
        ("wsnox.member(extras={3: [4]})(f)", "expected a string, got an integer in `f.extras.3[0]`"),
        ("wsnox.member(tags={1, 'x'})(f)", "expected a string, got an integer in `f.tags[0]`"),
        ("wsnox.member(name='')(f)", "`` is no name for a session"),
        ("wsnox.member(pythons=['9' * 5000])(f)", "is no Python version such as `3.12` in `f.pythons[0]`"),
        ("x = []\nx.append(x)\nwsnox.member(groups=x)(f)", "nested too deeply in `f`"),
    ],
)  # fmt: skip
def test_arguments(call: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments of any type and value get a sentence; one that is not there is not looked for above."""
    said = _load(f"def f(session, member): pass\n{call}", capsys)
    assert said.startswith("wsnox: ")
    assert sentence in said


@pytest.mark.parametrize("doc", ["3", "None", "''", "'\\n\\n'"])
def test_odd_docstrings(doc: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no docstring describes nothing."""
    assert _load(f"def f(session, member): pass\nf.__doc__ = {doc}\nwsnox.member(f)", capsys) == ""


@pytest.mark.real
def test_a_coroutine_that_a_decorator_hides(workspace: WorkspaceFactory) -> None:
    """What nobody could see when the noxfile was loaded fails the session, and is not taken for a success."""
    text = "import wsnox\n\nasync def g(a, b): ...\n\n@wsnox.member\ndef f(a, b):\n    return g(a, b)\n"
    ran = nox(write_noxfile(workspace(MemberSpec("project-a")), text), "-s", "project-a:f")
    assert ran.results == {"project-a:f": "aborted"}, ran.said
    assert "`[ROOT]/noxfile.py`: `f` returned a coroutine, which has not run" in ran.said
    assert "Traceback" not in ran.said
