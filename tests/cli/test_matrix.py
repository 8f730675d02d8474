"""``wsnox matrix``: jobs for GitHub and GitLab that hold every session once."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Wsnox, git
from tests.sessions.running import nox, write_noxfile
from tests.support.workflows import check_schema
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

MEMBERS = tuple(MemberSpec(f"m{number}") for number in range(5))
ALL = ["m0", "m1", "m2", "m3", "m4", "workspace"]


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a committed workspace of five members without dependencies."""
    together: dict[str, Any] = {"workspace": {"commands": ["python -V"]}}
    folder = workspace(*MEMBERS, wsnox={"commands": ["python -V"], "integration": together})
    write_noxfile(folder)
    (folder / ".gitignore").write_text(".nox\n*.json\n", encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "start")
    return folder


def _matrix(wsnox: Wsnox, root: Path, *words: str) -> Any:
    said = wsnox("matrix", "--format", *words, root=root)
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_github(wsnox: Wsnox, root: Path) -> None:
    """One job a session."""
    jobs = _matrix(wsnox, root, "github")["include"]
    assert jobs == [{"name": name, "sessions": name, "pythons": ""} for name in ALL]


def test_since(wsnox: Wsnox, root: Path) -> None:
    """Only what is affected; nothing affected is still a job."""
    assert [job["sessions"] for job in _matrix(wsnox, root, "github", "--since", "main")["include"]] == [""]
    (root / "packages/m3/src/m3.py").write_text("changed", encoding="utf-8")
    jobs = _matrix(wsnox, root, "github", "--since", "main", "--summary", "../summary.md")["include"]
    assert [job["sessions"] for job in jobs] == ["m3", "workspace"]
    assert "`packages/m3/src/m3.py`" in (root.parent / "summary.md").read_text(encoding="utf-8")
    said = wsnox("matrix", "--format", "github", "--since", "gone", root=root)
    assert said.err.splitlines()[1].startswith("everything: git knows no revision `gone`")
    assert len(json.loads(said.out)["include"]) == 6


FUNCTIONS = """
import nox
import wsnox

wsnox.sessions()


@wsnox.member(members=["m1", "m3"])
def types(session, member):
    pass


@nox.session(python=["3.11", "3.12"])
@nox.parametrize("word", ["a b"])
def lint(session, word):
    pass
"""


def test_sessions_of_the_noxfile(wsnox: Wsnox, root: Path) -> None:
    """A job for each that plain nox would run; of wsnox's functions only those that are affected."""
    write_noxfile(root, FUNCTIONS)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "functions")
    own = [{"name": name, "sessions": name, "pythons": ""} for name in ("m1:types", "m3:types")]
    lint = {"name": "lint", "sessions": "lint", "pythons": "3.11 3.12"}
    assert _matrix(wsnox, root, "github")["include"][len(ALL) :] == [*own, lint]
    (root / "packages/m3/src/m3.py").write_text("changed", encoding="utf-8")
    jobs = _matrix(wsnox, root, "github", "--since", "main")["include"]
    assert [job["sessions"] for job in jobs] == ["m3", "workspace", "m3:types", "lint"]
    git(root, "checkout", "-q", ".")
    assert [job["sessions"] for job in _matrix(wsnox, root, "github", "--since", "main")["include"]] == ["lint"]


def test_a_noxfile_that_selects(wsnox: Wsnox, root: Path) -> None:
    """What plain nox runs is what the noxfile says, and never more than a change can affect."""
    write_noxfile(root, f"{FUNCTIONS}\nnox.options.sessions = ['m1', 'm2', 'm3:types']\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "options")
    assert [job["name"] for job in _matrix(wsnox, root, "github")["include"]] == ["m1", "m2", "m3:types"]
    (root / "packages/m1/src/m1.py").write_text("changed", encoding="utf-8")
    (root / "packages/m0/src/m0.py").write_text("changed", encoding="utf-8")
    names = [job["name"] for job in _matrix(wsnox, root, "github", "--since", "main")["include"]]
    assert names[0] == "m1"
    assert "m0" not in names
    assert "m2" not in names


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("wsnox.sessions()\n", False),
        ("'a word'\nimport nox\nimport os\nnox.options.reuse_venv = 'yes'\nwsnox.sessions('.')\n", False),
        ("wsnox.sessions()\nwsnox.coverage()\n", False),
        ("import nox\nwsnox.sessions()\nnox.options.sessions = ['m1']\n", True),
        ("from nox import options\nwsnox.sessions()\noptions.tags = ['m1']\n", True),
        ("wsnox.sessions()\nfrom tools.more import *\n", True),
        ("import nox\nwsnox.sessions()\nx = nox.session(print)\n", True),
        ("import nox\nwsnox.sessions()\n\n\ndef f(s): pass\n\n\nnox.session(f)\n", True),
        ("from wsnox import member as m\n\n\n@m\ndef f(s, m): pass\n", True),
        ("if True:\n    wsnox.sessions()\n", True),
    ],
)
def test_when_nox_is_asked(wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, asks: bool) -> None:
    """Nox costs half a second, so it is left alone where a noxfile cannot define anything itself."""
    (root / "noxfile.py").write_text(f"import wsnox\n{text}", encoding="utf-8")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    said = wsnox("matrix", "--format", "github", root=root)
    assert (said.code != 0, "/nonexistent/python" in said.err) == (asks, asks)


def test_no_session(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """Where plain nox would run nothing, a matrix of nothing would be green."""
    for settings in ({"pythons": ["3.9"]}, {"default": False, "integration": {"workspace": {"default": False}}}):
        root = workspace(*MEMBERS, name=f"none{len(settings)}", locked=False, wsnox=settings)
        said = wsnox("matrix", "--format", "github", root=root)
        assert (said.code, said.out) == (5, "")
        assert said.err.startswith("error: there is no session, on these Pythons, that plain `nox` would run")


def test_shards(wsnox: Wsnox, root: Path) -> None:
    """Shards hold every session once, balanced by what an earlier run took; a report that is not there is no error."""
    rows = [("m0", 50, "success"), ("m1", 10, "success"), ("m2", 0, "skipped")]
    sessions = [{"name": name, "signatures": [name], "duration": time, "result": result} for name, time, result in rows]
    (root / "report.json").write_text(json.dumps({"sessions": sessions}), encoding="utf-8")
    words = ("--shards", "2", "--report", "gone.json", "report.json")
    jobs = _matrix(wsnox, root, "github", *words)["include"]
    # m0 takes 50 seconds, m1 10, the others as long as the longer of the two that are known.
    assert [job["sessions"] for job in jobs] == ["m0 m3 workspace", "m1 m2 m4"]
    assert wsnox("matrix", "--format", "github", *words, root=root).err == (
        "note: there is no report `gone.json`\n6 sessions, in 2 jobs\n"
    )


@pytest.mark.parametrize(
    ("words", "jobs"),
    [(("--minutes", "1"), 2), (("--minutes", "2"), 1), (("--minutes", "1", "--shards", "1"), 1)],
    ids=["one-minute", "two-minutes", "at-most-one"],
)
def test_minutes(wsnox: Wsnox, root: Path, words: tuple[str, ...], jobs: int) -> None:
    """Six sessions of 20 seconds are two jobs of a minute, or one of two."""
    sessions = [{"name": name, "signatures": [name], "duration": 20, "result": "success"} for name in ALL]
    (root / "report.json").write_text(json.dumps({"sessions": sessions}), encoding="utf-8")
    assert len(_matrix(wsnox, root, "github", *words, "--report", "report.json")["include"]) == jobs
    # Without times, each session is a job, or as many as the shards.
    assert len(_matrix(wsnox, root, "github", *words)["include"]) == (1 if "--shards" in words else len(ALL))


def test_limits(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """More sessions than a matrix takes are dealt to as many jobs as it takes."""
    commands = {f"t{number}": {"commands": ["python -V"]} for number in range(60)}
    root = workspace(*MEMBERS, wsnox={"tasks": commands, "integration": {"workspace": {"commands": []}}})
    jobs = _matrix(wsnox, root, "github")["include"]
    assert len(jobs) == 256
    assert len({title for job in jobs for title in job["sessions"].split()}) == 306
    said = wsnox("matrix", "--format", "github", "--shards", "300", root=root)
    assert said.err == "error: `github` takes 256 jobs at most, not `300`\n"


def test_nox_runs_the_shards(wsnox: Wsnox, root: Path) -> None:
    """What a job is told is what `nox -s` takes, and the union of all jobs is the selection."""
    (root / "packages/m1/src/m1.py").write_text("changed", encoding="utf-8")
    selection = wsnox("affected", "--since", "main", root=root).out.split()
    listed = []
    for job in _matrix(wsnox, root, "github", "--since", "main", "--shards", "2")["include"]:
        listed += json.loads(nox(root, "--json", "-l", "-s", *job["sessions"].split()).said)
    assert sorted(each["session"] for each in listed) == sorted(selection) == ["m1", "workspace"]


WORDS = {
    "all": (),
    "nothing": ("--since", "main"),
    "shards": ("--shards", "2"),
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize(
    ("name", "schema", "include"),
    [("gitlab", "gitlab-ci", ".gitlab/wsnox.yml"), ("buildkite", "buildkite", "step.json")],
)
def test_pipelines_are_valid(
    wsnox: Wsnox, root: Path, *, name: str, schema: str, include: str, words: tuple[str, ...]
) -> None:
    """What a system gets is valid by its schema, whatever is selected, and whatever a file adds."""
    check_schema(root.parent, schema, _matrix(wsnox, root, name, *words))
    (root / "step.json").write_text('{"agents": {"queue": "linux"}}', encoding="utf-8")
    check_schema(root.parent, schema, _matrix(wsnox, root, name, "--include", include, *words))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("github", "--include", "step.json"), "error: `github` takes no `--include`"),
        (("buildkite", "--include", "gone.json"), "error: `gone.json` cannot be read: "),
    ],
)
def test_includes_that_do_not_fit(wsnox: Wsnox, root: Path, words: tuple[str, ...], sentence: str) -> None:
    """A file that nobody reads is a mistake, and so is one that is not there."""
    said = wsnox("matrix", "--format", *words, root=root)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(sentence)
