"""``wsnox matrix``: jobs for GitHub and GitLab that hold every session once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Wsnox, git
from tests.sessions.running import nox, write_noxfile
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
    folder = workspace(*MEMBERS, wsnox={"commands": ["python -V"]})
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
    jobs = _matrix(wsnox, root, "github", "--since", "main")["include"]
    assert [job["sessions"] for job in jobs] == ["m3", "workspace"]
    said = wsnox("matrix", "--format", "github", "--since", "gone", root=root)
    assert said.err.splitlines()[0].startswith("everything: git knows no revision `gone`")
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
    assert set(_matrix(wsnox, root, "gitlab", "--since", "main")) == {
        f"session {name}" for name in ("m3", "workspace", "m3:types", "lint")
    }
    git(root, "checkout", "-q", ".")
    assert [job["sessions"] for job in _matrix(wsnox, root, "github", "--since", "main")["include"]] == ["lint"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("wsnox.sessions()\n", False),
        ("'a word'\nimport nox\nimport os\nnox.options.reuse_venv = 'yes'\nwsnox.sessions('.')\n", False),
        ("wsnox.sessions()\nwsnox.coverage()\n", False),
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
    report = root / "report.json"
    assert nox(root, "-s", "m0", "m1", "--report", str(report)).code == 0
    data = json.loads(report.read_text(encoding="utf-8"))
    for session, seconds in zip(data["sessions"], (50, 10), strict=True):
        session["duration"] = seconds
    data["sessions"].append({"signatures": ["m2"], "duration": 0, "result": "skipped"})
    report.write_text(json.dumps(data), encoding="utf-8")
    words = ("--shards", "2", "--report", "gone.json", "report.json")
    jobs = _matrix(wsnox, root, "github", *words)["include"]
    assert [job["name"] for job in jobs] == ["sessions 1/2", "sessions 2/2"]
    # 30 seconds each but m0 (50) and m1 (10): m0 + 2 * 30, and 2 * 30 + m1.
    dealt = [job["sessions"].split() for job in jobs]
    assert sorted(title for each in dealt for title in each) == ALL
    assert sorted(len(each) for each in dealt) == [3, 3]
    assert wsnox("matrix", "--format", "github", *words, root=root).err == (
        "note: there is no report `gone.json`\n6 sessions, in 2 jobs\n"
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"sessions": 1}'])
def test_no_report(wsnox: Wsnox, root: Path, text: str) -> None:
    """What is no report of nox is refused."""
    (root / "report.json").write_text(text, encoding="utf-8")
    said = wsnox("matrix", "--format", "github", "--report", "report.json", root=root)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith("error: `report.json` is no report of nox: ")


def test_limits(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """More sessions than a matrix takes are dealt to as many jobs as it takes."""
    commands = {f"t{number}": {"commands": ["python -V"]} for number in range(60)}
    root = workspace(*MEMBERS, wsnox={"tasks": commands})
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


def _check(path: Path, schema: str) -> None:
    tool = shutil.which("check-jsonschema") or shutil.which(
        "check-jsonschema", path=str(sys.executable).rpartition("/")[0]
    )
    if tool is None:
        pytest.skip("check-jsonschema is not installed")
    done = subprocess.run(
        [tool, "--builtin-schema", schema, str(path)], check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [(), ("--since", "main"), ("--shards", "2"), ("--include", ".gitlab/wsnox.yml")],
    ids=["all", "nothing", "shards", "include"],
)
def test_gitlab(wsnox: Wsnox, root: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A child pipeline is valid by GitLab's schema, whatever is selected."""
    pipeline = _matrix(wsnox, root, "gitlab", *words)
    jobs = {name: job for name, job in pipeline.items() if name != "include"}
    assert jobs
    path = tmp_path / "child.yml"
    path.write_text(json.dumps(pipeline), encoding="utf-8")
    _check(path, "vendor.gitlab-ci")
    if words == ("--include", ".gitlab/wsnox.yml"):
        assert pipeline["include"] == [{"local": "/.gitlab/wsnox.yml"}]
        assert jobs["session m0"] == {
            "extends": ".wsnox",
            "variables": {"WSNOX_SESSIONS": "m0", "WSNOX_PYTHONS": ""},
        }
