"""The Python matrix of sessions through real nox and real interpreters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.sessions.running import Ran, distributions, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

VERSION = ["python", "-c", "import sys; print('said {member}', *sys.version_info[:2])"]
OLD = MemberSpec("old", requires_python=">=3.10", dependencies=["marked"])
NEW = MemberSpec("new", requires_python=">=3.11", tool={"wsnox": {"pythons": ["3.12"]}})


def _listed(root: Path, *arguments: str) -> list[str]:
    ran = nox(root, "-l", *arguments)
    assert ran.code == 0, ran.said
    return [line.split()[1] for line in ran.lines if line.startswith("* ")]


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


def test_the_matrix(root: Path) -> None:
    """The floor that one member raises holds for all, as in the lockfile; one Python alone is no part of a name."""
    assert _listed(root) == [
        "new",
        "old-3.11",
        "old-3.12",
        "new:types",
        "old:types",
        "workspace-3.11",
        "workspace-3.12",
    ]


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-p", "3.12"), ["new", "old-3.12", "workspace-3.12"]),
        (("-p", "3.11", "3.13"), ["old-3.11", "new:types", "old:types", "workspace-3.11"]),
        (("-s", "old", "new-3.12"), ["new", "old-3.11", "old-3.12"]),
        (("-s", "old", "-p", "3.11"), ["old-3.11"]),
        (("-s", "new", "--extra-python", "3.13"), ["new-3.12", "new-3.13"]),
        (("-s", "old", "--extra-python", "3.12", "3.13"), ["old-3.11", "old-3.12", "old-3.13"]),
        (("-s", "old", "new", "--force-python", "3.13"), ["new-3.13", "old-3.13"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_nox_chooses_pythons(root: Path, arguments: tuple[str, ...], chosen: list[str]) -> None:
    """``-p``, ``--extra-python`` and ``--force-python`` do what nox documents of them."""
    assert _listed(root, *arguments) == chosen


def test_real_interpreters(root: Path) -> None:
    """Each session of a member runs on its own interpreter, with the closure of that interpreter."""
    ran = nox(root, "-s", "old", "new", env={"PATH": path_with("3.11", "3.12")})
    assert (ran.code, _said(ran)) == (0, ["new 3 12", "old 3 11", "old 3 12"]), ran.said
    assert distributions(root, "old-3.12") == {"old-1.0", "marked-1.0"}


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
    assert _listed(root, "-s", "m") == ["m-3.11(cpu)", "m-3.11(gpu)", "m-3.12(cpu)", "m-3.12(gpu)"]
    ran = nox(root, "-s", "m-3.12(gpu)", env={"PATH": path_with("3.12")})
    assert (ran.code, _said(ran)) == (0, ["m 3 12"]), ran.said
    assert distributions(root, "m-3.12(gpu)") == {"m-1.0", "num-2.0"}


@pytest.mark.parametrize("pythons", [None, ["3.11"], ["3.11", "3.12"]], ids=["unset", "one", "two"])
def test_requires_the_same_python(workspace: WorkspaceFactory, pythons: list[str] | None) -> None:
    """``{python}`` in `requires` is this session's, also where neither has any Python in its name."""
    wsnox: dict[str, Any] = {"tasks": {"t": {"commands": [], "requires": ["m-{python}"]}}}
    root = workspace(
        MemberSpec("m", requires_python=">=3.11"), wsnox={**wsnox, **({} if pythons is None else {"pythons": pythons})}
    )
    chosen = "m:t-3.11" if pythons else "m:t"
    expected = {None: ["m", "m:t"], 1: ["m", "m:t"], 2: ["m-3.11", "m:t-3.11"]}[len(pythons) if pythons else None]
    assert _listed(root, "-s", chosen) == expected


def test_a_requirement_that_is_not_there(workspace: WorkspaceFactory) -> None:
    """A session that nobody has is nox's to refuse, in its own words."""
    root = workspace(MemberSpec("m"), wsnox={"requires": ["nobody"]}, locked=False)
    ran = nox(root, "-s", "m")
    assert ran.code == 3
    assert "nobody" in ran.said
    assert "Traceback" not in ran.said


def test_functions_with_a_matrix(root: Path) -> None:
    """A function's own Pythons are cut to the lockfile's range as a table's are."""
    text = "import wsnox\n\n\n@wsnox.member(pythons=['3.9', '3.13'])\ndef t(session, member):\n    pass\n"
    assert _listed(write_noxfile(root, text)) == ["new:t", "old:t"]


def test_no_python_fits(workspace: WorkspaceFactory) -> None:
    """A matrix that leaves nothing of any member says so: nox alone would only find no session."""
    root = workspace(OLD, locked=False, wsnox={"pythons": ["3.9"]})
    assert "wsnox: no member has a session on these Pythons; `wsnox list` says why" in nox(root, "-l").lines
