"""Which interpreter a session gets, with real interpreters."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.interpreters import path_with
from tests.noxfile.loading import selected
from tests.sessions.running import Ran, distributions, nox, python_of
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
VERSION = ["python", "-c", "import sys; print('said {member}', *sys.version_info[:2])"]
OLD = MemberSpec("old", requires_python=">=3.10", dependencies=["marked"])
NEW = MemberSpec("new", requires_python=">=3.11", tool={"wsnox": {"pythons": ["3.12"]}})


def _said(ran: Ran) -> list[str]:
    return sorted(line.removeprefix("said ") for line in ran.lines if line.startswith("said "))


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace whose members differ in their Pythons."""
    wsnox = {
        "commands": [VERSION],
        "pythons": ["3.10", "3.11", "3.12"],
        "tasks": {"types": {"commands": [], "pythons": ["3.11"]}},
    }
    return workspace(OLD, NEW, wsnox=wsnox)


def test_a_forced_interpreter(root: Path) -> None:
    """A Python that nox is told to take is taken within the lockfile's range, and refused outside of it."""
    environment = {"PATH": path_with("3.10", "3.13")}
    ran = nox(root, "-s", "old", "--force-python", "3.13", env=environment)
    assert (ran.code, ran.results, _said(ran)) == (0, {"old-3.13": "success"}, ["old 3 13"]), ran.said
    ran = nox(root, "-s", "old", "--force-python", "3.10", env=environment)
    assert (ran.code, ran.results) == (1, {"old-3.10": "aborted"}), ran.said
    assert "is outside `>=3.11`, which the lockfile requires" in ran.said
    assert not distributions(root, "old-3.10")


@pytest.mark.parametrize(
    ("arguments", "code", "result"), [((), 0, "skipped"), (("--error-on-missing-interpreters",), 1, "failed")]
)
def test_a_missing_interpreter(workspace: WorkspaceFactory, arguments: tuple[str, ...], code: int, result: str) -> None:
    """A Python that the machine lacks is skipped, or failed where nox is told so; wsnox has no say in it."""
    root = workspace(OLD, wsnox={"pythons": ["3.99"], "commands": [VERSION]})
    ran = nox(root, "-s", "old", "--no-error-on-missing-interpreters" if not arguments else arguments[0])
    assert (ran.code, ran.results) == (code, {"old": result}), ran.said


def test_a_matrix_with_variants(workspace: WorkspaceFactory) -> None:
    """Pythons and variants multiply, and their order in a name is nox's."""
    member = MemberSpec("m", extras={"cpu": ["num==1.0"], "gpu": ["num==2.0"]}, requires_python=">=3.11")
    root = workspace(member, uv={"conflicts": [[{"package": "m", "extra": "cpu"}, {"package": "m", "extra": "gpu"}]]}, wsnox={
        "commands": [VERSION], "pythons": ["3.11", "3.12"], "extras": [["cpu"], ["gpu"]],
    })  # fmt: skip
    assert selected(root, "-s", "m") == ["m-3.11(cpu)", "m-3.11(gpu)", "m-3.12(cpu)", "m-3.12(gpu)"]
    ran = nox(root, "-s", "m-3.12(gpu)", env={"PATH": path_with("3.12")})
    assert (ran.code, _said(ran)) == (0, ["m 3 12"]), ran.said
    assert distributions(root, "m-3.12(gpu)") == {"m-1.0", "num-2.0"}


def test_a_requirement_that_is_not_there(workspace: WorkspaceFactory) -> None:
    """A session that nobody has is nox's to refuse, in its own words."""
    root = workspace(MemberSpec("m"), wsnox={"requires": ["nobody"]}, locked=False)
    ran = nox(root, "-s", "m")
    assert ran.code == 3
    assert "nobody" in ran.said
    assert "Traceback" not in ran.said


def test_the_interpreter_of_the_session_decides(workspace: WorkspaceFactory) -> None:
    """Markers hold for the session's interpreter, not for the one that runs nox."""
    root = workspace(
        MemberSpec("a", dependencies=["marked"]), wsnox={"commands": [["python", "-V"]], "pythons": ["3.10", "3.12"]}
    )
    ran = nox(root, "-s", "a", env={"PATH": path_with("3.10", "3.12")})
    assert (ran.code, ran.results) == (0, {"a-3.10": "success", "a-3.12": "success"}), ran.said
    assert distributions(root, "a-3.10") - distributions(root, "a-3.12") == {"backported-1.0"}
    assert [line[:11] for line in ran.lines if line.startswith("Python 3.")] == ["Python 3.10", "Python 3.12"]


def test_python_version_file(workspace: WorkspaceFactory) -> None:
    """Without configuration, the workspace's ``.python-version`` chooses where it fits."""
    root = workspace(MemberSpec("a"), wsnox={"commands": [["python", "-V"]]})
    (root / ".python-version").write_text("# ours\n3.12\n")
    ran = nox(root, "-s", "a", env={"PATH": path_with("3.12")})
    assert (ran.code, python_of(root, "a").exists()) == (0, True), ran.said
    assert any(line.startswith("Python 3.12") for line in ran.lines)


def test_the_interpreter_of_nox(workspace: WorkspaceFactory) -> None:
    """Where nothing fits that was asked for, it is the interpreter that runs nox, not the first one on ``PATH``."""
    root = workspace(MemberSpec("a"), wsnox={"commands": [["python", "-V"]]})
    (root / ".python-version").write_text("2.7\n")
    ran = nox(root, "-s", "a", env={"PATH": path_with("3.12")})
    assert any(line.startswith(f"Python {OWN}") for line in ran.lines), ran.said
