"""An interpreter's own account of itself, and its cached answers.

An answer of any other form than the one that was written is as good as none: the interpreter is asked again.
"""

from __future__ import annotations

import json
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import default_environment

from tests.environment.interpreters import MINORS, interpreter
from tests.environment.jobs import prepare, real_job, site_of_job
from tests.support.texts import text_of
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.environment import interpreter as module
from wsnox.environment.interpreter import cached_interpreter, probe
from wsnox.errors import InterpreterError
from wsnox.markers.target import target_of

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job


pytestmark = pytest.mark.real


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_interpreter() -> None:
    """The question asks for the marker values as `packaging` has them: both evaluate one marker alike."""
    environment = {name: str(value) for name, value in default_environment().items()}
    assert probe(Path(sys.executable)).target == target_of(environment)


@pytest.mark.parametrize("minor", MINORS)
def test_every_python(minor: str) -> None:
    """The question runs on each CPython that a session may have, older than wsnox's own too."""
    found = probe(interpreter(minor))
    values = dict(found.target.values)
    assert values["python_version"] == minor
    assert values["python_full_version"] == values["implementation_version"] == found.target.python
    assert (values["implementation_name"], values["sys_platform"]) == ("cpython", sys.platform)
    assert set(values) == {name for name in default_environment() if name != "extra"}


def test_the_site_directories_are_the_environments_own(tmp_path: Path) -> None:
    """They are purelib and platlib of the environment itself, one directory where they are the same."""
    venv.create(tmp_path / "venv", with_pip=False)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    found = probe(scripts / ("python.exe" if sys.platform == "win32" else "python"))
    assert all(site.is_dir() and site.is_relative_to(tmp_path / "venv") for site in found.site)
    assert len(found.site) == len(set(found.site))


def test_nothing_outside_changes_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``PYTHONPATH``, a wrong ``PYTHONHOME`` and a module in the working directory do not reach the question."""
    (tmp_path / "json.py").write_text("raise SystemExit(3)\n")
    plain = probe(Path(sys.executable))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert probe(Path(sys.executable)) == plain


def test_no_interpreter(tmp_path: Path) -> None:
    """An environment whose interpreter is gone ends in a sentence."""
    with pytest.raises(InterpreterError) as caught:
        probe(tmp_path / "python")
    said = "the interpreter `[ROOT]/python` does not answer: No such file or directory"
    assert text_of(caught.value, tmp_path) == said


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the interpreter")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", ""),
        ("echo 'Fatal: first' >&2; echo 'no module encodings' >&2; exit 1", ": no module encodings"),
        ("echo '[]'", ""),
        ("echo '{}'", ""),
        ("echo '{\"markers\": {}}'", ""),
        ('echo \'{"markers": 1, "site": []}\'', ""),
        ("printf '\\377'", ""),
    ],
)
def test_a_broken_interpreter(tmp_path: Path, script: str, said: str) -> None:
    """Whatever a broken interpreter answers, its last words are quoted in one sentence."""
    python = _script(tmp_path / "python", script)
    with pytest.raises(InterpreterError) as caught:
        probe(python)
    assert text_of(caught.value, tmp_path) == f"the interpreter `[ROOT]/python` does not answer{said}"


@pytest.mark.skipif(sys.platform == "win32", reason="a file mode stands in for the broken interpreter")
def test_a_file_that_does_not_run(tmp_path: Path) -> None:
    """A file that may not be executed is no interpreter."""
    (tmp_path / "python").touch()
    with pytest.raises(InterpreterError, match="Permission denied"):
        probe(tmp_path / "python")


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Job:
    """Return a job whose interpreter was asked."""
    root = write_workspace(
        tmp_path_factory.mktemp("remembered") / "workspace", [MemberSpec("member")], index=wheelhouse
    )
    job = real_job(root, "member")
    cached_interpreter(job.python, job.location, job.interpreters)
    return job


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the interpreters that are asked from now on, as they are."""
    asked: list[Path] = []

    def counted(executable: Path) -> Interpreter:
        asked.append(executable)
        return probe(executable)

    monkeypatch.setattr(module, "probe", counted)
    return asked


def _memo(job: Job) -> Path:
    (memo,) = job.interpreters.iterdir()
    return memo


def _markers(said: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**said, "markers": {**said["markers"], **more}}


def _without(said: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != key}


Change = Callable[[dict[str, Any]], Any]


def _with(key: str, value: Any) -> Change:
    return lambda said: {**said, key: value}


def _lacking(key: str) -> Change:
    return lambda said: _without(said, key)


VALUES: dict[str, list[Any]] = {
    "markers": [None, {}, [], "text", {"python_full_version": "3.12"}, [["python_version", "3.8"]]],
    "site": [
        *(None, "", "lib", [], [1], {}, {"lib/site-packages": 1}, [""], ["."], ["lib"], ["lib/site-packages", "lib"]),
        *(["/elsewhere"], ["/usr/lib/site-packages"], ["../other"], ["../../src/site-packages"]),
        *(["lib/../../other"], ["lib/../../site-packages"], ["lib/../lib/site-packages"]),
    ],
    "scripts": [None, 1, "", ".", "lib", "/usr/bin", "../bin", "bin/../../bin", ["bin"]],
    "abi": [None, 1, [], {}, ".../../../../x.so", ".a/b.so"],
    "glibc": [None, 2.36, {}],
    "macos": [None, 14],
}
WRONG: dict[str, Change] = {
    "a-marker-too-few": lambda said: {**said, "markers": _without(said["markers"], "os_name")},
    "a-marker-too-many": lambda said: _markers(said, extra="x"),
    "a-marker-that-is-a-number": lambda said: _markers(said, python_version=3.12),
    "a-list": lambda said: [said],
    "an-empty-list": lambda _: [],
    "text": lambda _: "text",
    "nothing": lambda _: None,
    **{f"no-{key}": _lacking(key) for key in VALUES},
    **{f"{key}-{json.dumps(value)}": _with(key, value) for key, values in VALUES.items() for value in values},
}
BROKEN = (b"[" * 100_000, b"\xff", b"", b"{}", b'{"site": ["\x00"]}')


def test_another_form(job: Job, asked: list[Path]) -> None:
    """A memo that is valid JSON and says something else never reaches a session, nor does one that is no JSON."""
    right, memo = cached_interpreter(job.python, job.location, job.interpreters), _memo(job)
    content = memo.read_bytes()
    assert asked == []
    wrong = {name: json.dumps(change(json.loads(content))).encode() for name, change in WRONG.items()}
    for count, (name, text) in enumerate([*wrong.items(), *((str(text[:9]), text) for text in BROKEN)], start=1):
        memo.write_bytes(text)
        assert (cached_interpreter(job.python, job.location, job.interpreters), len(asked)) == (right, count), name
        assert memo.read_bytes() == content, name


def test_sources_are_never_strays(workspace: WorkspaceFactory) -> None:
    """A memo that points to a member's sources removes none of them."""
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    sources = job.workspace.root / "packages" / "member" / "src"
    before = sorted(sources.iterdir())
    memo = _memo(job)
    said = json.loads(memo.read_text(encoding="utf-8"))
    for site in ([str(sources)], ["../../packages/member/src"], [*said["site"], str(sources)]):
        memo.write_text(json.dumps({**said, "site": site}), encoding="utf-8")
        job.stamp.unlink()
        prepare(job)
        assert sorted(sources.iterdir()) == before
        assert (site_of_job(job) / "__editable__.member.pth").exists()
