"""`wsnox.coverage()`: the data of each session apart, combined and reported member by member."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.noxfile.loading import list_sessions
from tests.sessions.measured import repack_coverage
from tests.sessions.running import Ran, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

NOXFILE = "import wsnox\n\nwsnox.sessions()\nwsnox.coverage()\n"
MODULE = "def half(yes):\n    if yes:\n        return 1\n    return 2\n\n\ndef other():\n    return 3\n"
MEASURE = "coverage run --include=*/{member}.py src/run.py"
SEEN = ["python", "-c", "import os; print('file', os.environ.get('COVERAGE_FILE'))"]


@pytest.fixture
def index(wheelhouse: Path, tmp_path: Path) -> Path:
    """Return the standard wheels with coverage among them."""
    folder = Path(shutil.copytree(wheelhouse, tmp_path / "index"))
    repack_coverage(folder)
    return folder


def _member(name: str, call: str, **settings: Any) -> MemberSpec:
    """Return a member whose session measures how *call* runs through its module."""
    return MemberSpec(
        name,
        modules={f"{name}.py": MODULE, "run.py": f"import {name}\n\n{name}.{call}\n"},
        groups={"dev": ["coverage"]},
        tool={"wsnox": {"commands": [MEASURE], **settings}},
    )


def _reported(ran: Ran) -> dict[str, str]:
    """Return the percentages by member, and the total."""
    shares = [line.split() for line in ran.lines if line.endswith("%")]
    return {words[0]: words[-1] for words in shares}


def test_members_and_total(workspace: WorkspaceFactory, index: Path) -> None:
    """Each member has its share and the report its total, whatever the order of the sessions, and as often as asked."""
    root = write_noxfile(workspace(_member("a", "half(1)"), _member("b", "other()"), index=index), NOXFILE)
    assert nox(root, "-s", "b", "a").code == 0
    expected = {"a": "67%", "b": "50%", "packages/a/src/a.py": "67%", "packages/b/src/b.py": "50%", "TOTAL": "58%"}
    for _ in range(2):
        ran = nox(root, "-s", "coverage")
        assert (ran.code, _reported(ran)) == (0, expected), ran.said


def test_a_member_without_data(workspace: WorkspaceFactory, index: Path) -> None:
    """A member whose session has not run has no share, and takes none from the others."""
    root = write_noxfile(workspace(_member("a", "half(1)"), _member("b", "other()"), index=index), NOXFILE)
    nox(root, "-s", "a")
    ran = nox(root, "-s", "coverage")
    assert (ran.line("a "), ran.line("no data of")) == ("a   67%", "no data of b")


def test_data_of_the_last_run_alone(workspace: WorkspaceFactory, index: Path) -> None:
    """What an earlier run covered is forgotten, in parallel mode too, where each process has a file."""
    measure = ["coverage run --parallel-mode --include=*/a.py src/run.py"]
    root = workspace(_member("a", "half(1)", commands=[*measure, *measure]), index=index)
    write_noxfile(root, NOXFILE)
    nox(root, "-s", "a")
    (root / "packages/a/src/run.py").write_text("import a\n", encoding="utf-8")
    nox(root, "-s", "a")
    assert len([*(root / ".nox/.cache/wsnox-coverage/a").glob(".coverage.*")]) == 2
    assert _reported(nox(root, "-s", "coverage"))["a"] == "33%"


def test_what_follows_chooses_the_report(workspace: WorkspaceFactory, index: Path) -> None:
    """Options are those of the table; other reports are files in the root, with options of their own; a threshold fails."""
    root = write_noxfile(workspace(_member("a", "half(1)"), index=index), NOXFILE)
    nox(root, "-s", "a")
    assert nox(root, "-s", "coverage", "--", "--fail-under", "60").code == 0
    for words in (["--fail-under", "70"], ["report", "--fail-under", "70"], ["xml", "--fail-under", "70"]):
        ran = nox(root, "-s", "coverage", "--", *words)
        assert (ran.code, ran.results, ran.line("a ")) == (1, {"coverage": "failed"}, "a   67%"), ran.said
    for words, file in (
        (["xml", "-q"], "coverage.xml"),
        (["lcov"], "coverage.lcov"),
        (["json", "--pretty-print", "-o", "shares.json"], "shares.json"),
        (["html", "--directory", "site"], "site/index.html"),
    ):
        ran = nox(root, "-s", "coverage", "--", *words)
        assert (ran.code, ran.line("a ")) == (0, "a   67%"), ran.said
        assert "TOTAL" not in ran.said
        assert (root / file).is_file()
    assert '"percent_covered": 66.6' in (root / "shares.json").read_text(encoding="utf-8")
    ran = nox(root, "-s", "coverage", "--", "lcof")
    assert "`lcof` is not a coverage report (did you mean `lcov`?)" in ran.said


def test_no_data(workspace: WorkspaceFactory) -> None:
    """Without data the session says what to do first; plain nox does not run it."""
    root = write_noxfile(workspace(MemberSpec("a"), wsnox={"commands": [SEEN]}), NOXFILE)
    assert "coverage" not in nox(root).results
    ran = nox(root, "-s", "coverage")
    assert ran.code == 1
    assert "the sessions that ran left no coverage data\n\nhint: measure in the sessions first" in ran.said
    shutil.rmtree(root / ".nox")
    ran = nox(root, "-s", "coverage", env={"GITHUB_ACTIONS": "true"})
    assert "no session has left coverage data\n\nhint: run the sessions first" in ran.said
    assert "::error title=wsnox%3A coverage::no session has left coverage data" in ran.said


def test_several_pythons(workspace: WorkspaceFactory, index: Path) -> None:
    """All of their data count; the newest Python that is left reads them, at last the one that runs nox."""
    path = {"PATH": path_with("3.11", "3.12")}
    root = workspace(_member("a", "half(1)"), index=index, wsnox={"pythons": ["3.11", "3.12"]})
    write_noxfile(root, NOXFILE)
    (root / "packages/a/src/run.py").write_text(
        "import sys, a\n\na.half(sys.version_info < (3, 12))\n", encoding="utf-8"
    )
    assert nox(root, "-s", "a", env=path).code == 0
    for environment in ("a-3-12", "a-3-11", ""):
        ran = nox(root, "-s", "coverage", env=path)
        assert _reported(ran)["a"] == "83%"
        python = f"[ROOT]/.nox/{environment}/bin/python" if environment else sys.executable
        assert f"nox > {python} -I -m coverage combine" in ran.said
        shutil.rmtree(root / ".nox" / environment / "bin" if environment else root / ".nox")


def test_data_of_a_session_that_is_gone(workspace: WorkspaceFactory, index: Path) -> None:
    """A session that the noxfile no longer has would cover for the others unseen."""
    root = workspace(_member("a", "half(1)"), index=index, wsnox={"tasks": {"more": {"commands": [MEASURE]}}})
    write_noxfile(root, NOXFILE)
    (root / "packages/a/src/run.py").write_text("import a\n\na.other()\n", encoding="utf-8")
    nox(root, "-s", "a:more")
    (root / "packages/a/src/run.py").write_text("import a\n\na.half(1)\n", encoding="utf-8")
    nox(root, "-s", "a")
    assert _reported(nox(root, "-s", "coverage"))["a"] == "83%"
    manifest = root / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").partition("[tool.wsnox.tasks")[0], encoding="utf-8")
    ran = nox(root, "-s", "coverage")
    assert _reported(ran)["a"] == "67%"
    assert "left out: data of `a-more`, which the noxfile does not have; they lie in [ROOT]/.nox/.cache" in ran.said


def test_only_where_it_is_asked_for(workspace: WorkspaceFactory) -> None:
    """`COVERAGE_FILE` is set where the noxfile calls `coverage`, the configuration wins, and else nothing changes."""
    own = MemberSpec("own", tool={"wsnox": {"env": {"COVERAGE_FILE": "mine"}}})
    root = write_noxfile(workspace(MemberSpec("a"), own, wsnox={"commands": [SEEN]}), NOXFILE)
    ran = nox(root, "-s", "a", "own")
    folder = "[ROOT]/.nox/.cache/wsnox-coverage"
    files = [line for line in ran.lines if line.startswith("file ")]
    assert files == [f"file {folder}/a/.coverage", "file mine"]
    write_noxfile(root)
    assert nox(root, "-s", "a").line("file ") == "file None"
    assert nox(root, "-s", "a", env={"COVERAGE_FILE": "outer"}).line("file ") == "file outer"


def test_a_noxfile_elsewhere(workspace: WorkspaceFactory, index: Path) -> None:
    """The noxfile may stand in another directory than the workspace root."""
    root = workspace(_member("a", "half(1)"), index=index, name="inner/workspace")
    outer = write_noxfile(root.parent, NOXFILE.replace("()", "('workspace')"))
    assert nox(outer, "-s", "a").code == 0
    assert _reported(nox(outer, "-s", "coverage"))["packages/a/src/a.py"] == "67%"


def test_a_member_of_its_name(workspace: WorkspaceFactory) -> None:
    """A session that has the name already is not replaced in silence."""
    root = write_noxfile(workspace(MemberSpec("coverage"), locked=False), NOXFILE)
    ran = list_sessions(root)
    assert ran.code != 0
    assert "collides with the session `coverage` of member `coverage`" in ran.said
    write_noxfile(root, NOXFILE.replace("coverage()", "coverage(name='shares')"))
    assert list_sessions(root).code == 0
