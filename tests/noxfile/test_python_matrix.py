"""The Python matrix of sessions, as nox lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.noxfile.loading import list_sessions, selected
from tests.sessions.running import write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

OLD = MemberSpec("old", requires_python=">=3.10")
NEW = MemberSpec("new", requires_python=">=3.11", tool={"wsnox": {"pythons": ["3.12"]}})


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose members differ in their Pythons."""
    tasks = {"types": {"commands": [], "pythons": ["3.11"]}}
    return workspace(
        OLD, NEW, wsnox={"commands": [], "pythons": ["3.10", "3.11", "3.12"], "tasks": tasks}, locked=False
    )


def test_the_matrix(root: Path) -> None:
    """The floor that one member raises holds for all, as in the lockfile; one Python alone is no part of a name."""
    assert selected(root) == [
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
    assert selected(root, *arguments) == chosen


@pytest.mark.parametrize("pythons", [None, ["3.11"], ["3.11", "3.12"]], ids=["unset", "one", "two"])
def test_requires_the_same_python(workspace: WorkspaceFactory, pythons: list[str] | None) -> None:
    """``{python}`` in `requires` is this session's, also where neither has any Python in its name."""
    wsnox: dict[str, Any] = {"tasks": {"t": {"commands": [], "requires": ["m-{python}"]}}}
    root = workspace(
        MemberSpec("m", requires_python=">=3.11"),
        wsnox={**wsnox, **({} if pythons is None else {"pythons": pythons})},
        locked=False,
    )
    chosen = "m:t-3.11" if pythons else "m:t"
    expected = {None: ["m", "m:t"], 1: ["m", "m:t"], 2: ["m-3.11", "m:t-3.11"]}[len(pythons) if pythons else None]
    assert selected(root, "-s", chosen) == expected


def test_functions_with_a_matrix(root: Path) -> None:
    """A function's own Pythons are cut to the lockfile's range as a table's are."""
    text = "import wsnox\n\n\n@wsnox.member(pythons=['3.9', '3.13'])\ndef t(session, member):\n    pass\n"
    assert selected(write_noxfile(root, text)) == ["new:t", "old:t"]


def test_no_python_fits(workspace: WorkspaceFactory) -> None:
    """A matrix that leaves nothing of any member says so: nox alone would only find no session."""
    root = workspace(OLD, locked=False, wsnox={"pythons": ["3.9"]})
    assert "wsnox: no member has a session on these Pythons; `wsnox list` says why" in list_sessions(root).lines


def test_a_members_own_pythons_win(workspace: WorkspaceFactory) -> None:
    """A member's own list replaces that of the workspace; classifiers are a list too."""
    classifiers = ["Programming Language :: Python :: 3.13", "Programming Language :: Python :: 3 :: Only"]
    root = workspace(
        *(MemberSpec("a", tool={"wsnox": {"pythons": ["3.12", "3.13"]}}), MemberSpec("b")),
        MemberSpec("c", classifiers=classifiers, tool={"wsnox": {"pythons": "classifiers"}}),
        wsnox={"pythons": ["3.11", "3.13"]},
        locked=False,
    )
    assert selected(root) == ["a-3.12", "a-3.13", "b-3.11", "b-3.13", "c", "workspace-3.11", "workspace-3.13"]
