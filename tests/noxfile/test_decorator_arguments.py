"""What a noxfile decorates, and with which arguments: what could not run is refused when it is loaded, in one sentence."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import nox
import pytest
from packaging.utils import canonicalize_name

from tests.noxfile.loading import forget_noxfile, list_sessions
from tests.sessions.running import write_noxfile
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.errors import ManifestError
from wsnox.noxfile.decorator_arguments import KEYS, Options, read_integration, read_task
from wsnox.workspace.settings import Integration, MemberPattern, Settings, Task, Variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import WorkspaceFactory


def types(_session: object, _member: object) -> None:
    """Check types.

    All of them.
    """


def test_every_key_has_its_type() -> None:
    """The keys that a noxfile may set are those of a table but for ``commands``, and each is typed."""
    assert set(KEYS) == set(Options.__annotations__)


def test_what_is_read() -> None:
    """Tuples, sets and mappings do as well as lists and dicts; the docstring describes what has no description."""
    options: Any = {
        "groups": {"b", "a"},
        "env": MappingProxyType({"A": "1"}),
        "extras": (("x",), ()),
        "default": False,
        "directory": "{root}/x",
    }
    name, task = read_task(types, name="check.types", members=("Lib_*",), exclude=["libs/x"], options=options)
    assert name == "check.types"
    a, b, x = map(canonicalize_name, "abx")
    settings = Settings(
        groups=(a, b),
        env={"A": "1"},
        extras=(Variant("x", (x,)), Variant("none", ())),
        default=False,
        directory="{root}/x",
        description="Check types.",
    )
    assert task == Task(settings=settings, members=("lib-*",), exclude=("libs/x",))


def test_integration() -> None:
    """By default it is all of them, and none for an empty list; a description of its own wins over the docstring's."""
    name, integration = read_integration(types, name=None, packages=None, options={"description": "x"})
    assert (name, integration) == ("types", Integration(settings=Settings(description="x")))
    _, integration = read_integration(types, name=None, packages=("a", "b[c]"), options={})
    a, b, c = map(canonicalize_name, "abc")
    assert integration.packages == (MemberPattern(a), MemberPattern(b, (c,)))
    assert read_integration(types, name=None, packages=[], options={})[1].packages == ()


@pytest.mark.parametrize(
    ("name", "members", "options", "problems"),
    [
        (None, "lib-*", {}, ['expected an array, got a string in `types.members` (write `["lib-*"]`)']),
        (None, ["a["], {}, ["`a[` is not a member such as `name`, `lib-*` or `libs/*` in `types.members[0]`"]),
        (3, None, {}, ["expected a string, got an integer in `types.name` (write it in quotes)"]),
        ("a b", None, {}, ["`a b` is not a name for a session: letters, digits, `-`, `_` and `.` only, in `types`"]),
        (
            None,
            None,
            {"root_groups": "lint"},
            ['expected an array, got a string in `types.root_groups` (write `["lint"]`)'],
        ),
        (None, None, {"root_group": ["lint"]}, ["unknown key `types.root_group` (did you mean `root_groups`?)"]),
        (
            None,
            None,
            {"commands": ["x"]},
            ["unknown key `types.commands` (what the function does is what the session runs)"],
        ),
        (
            None,
            None,
            {"env": {"A": "{memebr}"}},
            ["unknown placeholder `{memebr}` (did you mean `{member}`?) in `types.env.A`"],
        ),
        (
            None,
            None,
            {"extras": "al"},
            ['expected "all" or an array of strings, got "al" in `types.extras` (write `["al"]`)'],
        ),
        (
            None,
            None,
            {"group": [], "pythons": ["3.x"], "env": {"A": 1}},
            [
                "unknown key `types.group` (did you mean `groups`?)",
                "expected a string, got an integer in `types.env.A` (write it in quotes)",
                "`3.x` is not a Python version such as `3.12` in `types.pythons[0]`",
            ],
        ),
    ],
)
def test_refusals(name: Any, members: Any, options: Any, problems: list[str]) -> None:
    """Every mistake of a call at once, with the noxfile and the path to it as Python writes it."""
    with pytest.raises(ManifestError) as caught:
        read_task(types, name=name, members=members, exclude=None, options=options)
    assert caught.value.problems == tuple(problems)
    assert caught.value.path == Path(__file__)


@pytest.mark.parametrize(
    ("decorator", "problems"),
    [
        ("member(groups=['tset'])", ["unknown dependency group `tset` in `f.groups` (did you mean `test`?)"]),
        ("member(members=['lib-b'], groups=['test'])", ["unknown dependency group `test` in `f.groups` (it belongs to `lib-a`)"]),
        (
            "member(members=['x-*', 'lib'], root_groups=['tset'])",
            [
                "no member's name matches `x-*` in `f.members`",
                "unknown member `lib` in `f.members` (did you mean `lib-b`?)",
            ],
        ),
        ("integration('lib-b[cli]', 'no')", [
            "unknown extra `cli` of `lib-b` in `f.packages`",
            "unknown member `no` in `f.packages` (known: `lib-a`, `lib-b`)",
        ]),
        ("integration('lib-b', packages=[])", ["give names or `packages`, not both"]),
        ("member('lib-b', members=[])", ["give names or `members`, not both"]),
        ("member('lib-b', 'types')", ["unknown member `types` in `f.members` (known: `lib-a`, `lib-b`)"]),
        ("member(packages=['lib-b'])", ["unknown key `f.packages` (did you mean `members`?)"]),
        ("integration(members=['lib-b'])", ["unknown key `f.members` (did you mean `packages`?)"]),
        ("integration(packages=[], groups=['test'])", ["unknown dependency group `test` in `f.groups` (it belongs to `lib-a`)"]),
        ("integration(env={'A': '{name}'})", ["`{name}` has a value only in sessions of one member, not in `f.env`"]),
        ("integration(['lib-b'])", ["expected a string, got an array in `f.packages[0]` (write it without brackets)"]),
        ("integration(groups=['x'], extras=[['y']])", [
            "unknown dependency group `x` in `f.groups` (known: `test`)",
            "unknown extra `y` in `f.extras`",
        ]),
    ],
)  # fmt: skip
def test_what_nobody_has(workspace: WorkspaceFactory, decorator: str, problems: list[str]) -> None:
    """A member, group or extra that a function names and nobody has ends nox with noxfile, function and near miss."""
    root = workspace(MemberSpec("lib-a", groups={"test": []}), MemberSpec("lib-b"), locked=False)
    write_noxfile(root, f"import wsnox\n\n\n@wsnox.{decorator}\ndef f(session, member):\n    pass\n")
    ran = list_sessions(root)
    many = f"{len(problems)} problems:\n  - " if len(problems) > 1 else ""
    assert (ran.code, ran.said) == (3, "wsnox: `[ROOT]/noxfile.py`: " + many + "\n  - ".join(problems) + "\n")


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


@pytest.fixture
def load(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Return a function that tells what a noxfile says when it ends nox, nothing where it registers a session."""
    monkeypatch.chdir(root)
    forget_noxfile()
    return lambda text: _load(text, capsys)


def _load(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    try:
        exec(compile(f"import wsnox\n{text}\n", "noxfile.py", "exec", dont_inherit=True), {"__name__": "noxfile"})
    except SystemExit:
        return capsys.readouterr().err.strip()
    assert nox.registry.get()
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
        ("async def f(a, b): pass", "`f` is `async`, and nox does not await it"),
        ("def f(a, b): yield", "`f` has a `yield`, so nothing in it would run"),
        ("async def f(a, b): yield", "`f` has a `yield`, so nothing in it would run"),
        ("from functools import partial\nasync def g(a, b): pass\nf = partial(g)", "`partial` is `async`, and nox does not await it"),
        ("class G:\n def __call__(self, a): pass\nf = G()", "`G(a)` cannot be called with `{}`"),
        ("class G:\n async def __call__(self, a, b): pass\nf = G()", "`G` is `async`, and nox does not await it"),
        ("class f:\n def __init__(self, a, b): pass", "`f` is not a function of a noxfile, and cannot be a session"),
        ("f = print", "`print` is not a function of a noxfile, and cannot be a session"),
        ("f = [].append", "`append` is not a function of a noxfile, and cannot be a session"),
        ("f = lambda session: None", "`<lambda>(session)` cannot be called with `{}`"),
        ("f = lambda a, b: None", "`<lambda>` is not a name for a session: letters, digits, `-`, `_` and `.` only, in `<lambda>`"),
    ],
)  # fmt: skip
def test_unfit(text: str, problem: str, decorator: str, load: Callable[[str], str]) -> None:
    """A function that takes other arguments or runs nothing is told so before anything is installed."""
    said = load(f"{text}\n{decorator}")
    sentence, _, hint = said.partition("\n\nhint: ")
    assert sentence == f"wsnox: `noxfile.py`: {problem.format(DECORATORS[decorator])}"
    assert hint.endswith(f"{DECORATORS[decorator]}:`") or "<lambda>` is not a name" in problem


@pytest.mark.parametrize("decorator", ["wsnox.member()(f)", "wsnox.integration('project-a')(f)"])
@pytest.mark.parametrize("value", ["3", "None", "'types'", "['types']"])
def test_no_function(value: str, decorator: str, load: Callable[[str], str]) -> None:
    """A name, for example, is not what a decorator decorates."""
    assert f"`{value}` is not a function, and cannot be a session\n" in load(f"f = {value}\n{decorator}")


def test_a_name_in_the_place_of_a_function(load: Callable[[str], str]) -> None:
    """A decorator takes names of members; those of sessions are a keyword argument, and there is one function."""
    assert load("@wsnox.member('project-a')\ndef f(a, b): pass") == ""
    for decorator in ("member", "integration"):
        said = load(f"def f(a, b): pass\nwsnox.{decorator}(f, f)")
        assert said == f"wsnox: `noxfile.py`: `wsnox.{decorator}` decorates one function"


def test_a_session_of_nox(load: Callable[[str], str]) -> None:
    """What nox has registered already would run as two sessions, one of which fails for its arguments."""
    said = load("import nox\n@wsnox.member\n@nox.session\ndef f(a, b): pass")
    assert said == "wsnox: `noxfile.py`: `f` is a session of nox already\n\nhint: take `@nox.session` away"


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
def test_fit(text: str, decorator: str, load: Callable[[str], str]) -> None:
    """Whatever can be called with a session and its members is a session."""
    assert load(f"{text}\n{decorator}") == ""


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("wsnox.sessions(root=3)", "`3` is not the path of a directory in `root`"),
        ("wsnox.sessions(f)", "is not the path of a directory in `root`"),
        ("wsnox.sessions(python='3.12')", "`wsnox.sessions()` takes no `python`, only `root`\n\nhint: set `pythons` in `[tool.wsnox]`"),
        ("wsnox.sessions(root='.', deps=[])", "takes no `deps`, only `root`\n\nhint: set `groups` in"),
        ("wsnox.sessions(members=['a'])", "takes no `members`, only `root`\n\nhint: set `members` in"),
        ("wsnox.sessions(venv_backend='uv')", "takes no `venv_backend`, only `root`\n\nhint: it is always a virtual environment"),
        ("wsnox.sessions(colour=1)", "takes no `colour`, only `root`\n\nhint: `[tool.wsnox]`, in the"),
        ("wsnox.sessions('.', 'lib')", "takes no `'lib'`, only `root`\n\nhint: `[tool.wsnox]`, in the"),
        ("wsnox.sessions('lib', root='.')", "takes no `'lib'`, only `root`\n\nhint: `[tool.wsnox]`, in the"),
        ("wsnox.sessions(root='nowhere')", "/nowhere` is not a directory, and `root` names one of the workspace"),
        ("wsnox.sessions(root='pyproject.toml')", "/pyproject.toml` is not a directory, and `root` names one of the workspace"),
        (r"wsnox.sessions(root='a\0')", r"/a\x00` is not a directory, and `root` names one of the workspace"),
        ("wsnox.sessions(root='x' * 5000)", "` is not a directory, and `root` names one of the workspace"),
        ("wsnox.member(root=3)(f)", "`3` is not the path of a directory in `root`"),
        ("wsnox.member(env={1: 2})(f)", "expected a string, got an integer in `f.env.1`"),
        ("wsnox.member(env={'A=': ''})(f)", "no environment variable can have this name or value in `f.env.A=`"),
        ("wsnox.member(extras={3: [4]})(f)", "expected a string, got an integer in `f.extras.3[0]`"),
        ("wsnox.member(tags={1, 'x'})(f)", "expected a string, got an integer in `f.tags[0]`"),
        ("wsnox.member(name='')(f)", "`` is not a name for a session"),
        ("wsnox.member(pythons=['9' * 5000])(f)", "is not a Python version such as `3.12` in `f.pythons[0]`"),
        ("x = []\nx.append(x)\nwsnox.member(groups=x)(f)", "nested too deeply in `f`"),
    ],
)  # fmt: skip
def test_arguments(call: str, sentence: str, load: Callable[[str], str]) -> None:
    """Arguments of any type and value get a sentence; one that is not there is not looked for above."""
    said = load(f"def f(session, member): pass\n{call}")
    assert said.startswith("wsnox: ")
    assert sentence in said


@pytest.mark.parametrize("doc", ["3", "None", "''", "'\\n\\n'"])
def test_odd_docstrings(doc: str, load: Callable[[str], str]) -> None:
    """What is no docstring describes nothing."""
    assert load(f"def f(session, member): pass\nf.__doc__ = {doc}\nwsnox.member(f)") == ""
