"""The Python matrix of a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.errors import ManifestError
from wsnox.workspace import discover
from wsnox.workspace.model import Manifest, Member, Workspace
from wsnox.workspace.pythons import MINORS, fits, matrix, pinned, pythons_of_nobody, workspace_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.workspace.settings import Pythons

CLASSIFIERS = (
    "Programming Language :: Python",
    "Programming Language :: Python :: 3 :: Only",
    "Programming Language :: Python :: 3.13",
    "Programming Language :: Python :: 3.9",
    "Programming Language :: Python :: 3.12",
    "Programming Language :: Python :: Implementation :: PyPy",
)


def _workspace(*ranges: str) -> Workspace:
    members = [
        Member(
            name=f"m{index}",  # type: ignore[arg-type] # a normalised name is text to Python
            directory=Path(f"/w/m{index}"),
            path=f"m{index}",
            manifest=Manifest(path=Path(f"/w/m{index}/pyproject.toml"), requires_python=text),
        )
        for index, text in enumerate(ranges)
    ]
    return Workspace(root=Path("/w"), manifest=Manifest(path=Path("/w/pyproject.toml")), members=tuple(members))


def _matrix(
    wanted: Pythons | None,
    allowed: str = ">=3.10",
    *,
    pin: str = "",
    running: str = "3.11.7",
    classified: Sequence[Sequence[str]] = (CLASSIFIERS,),
) -> tuple[str, ...] | None:
    owners = [Manifest(path=Path("/w/pyproject.toml"), classifiers=tuple(names)) for names in classified]
    return matrix(wanted, owners, allowed, pin=pin, running=running)


@pytest.mark.parametrize(
    ("wanted", "allowed", "expected"),
    [
        (("3.9", "3.10", "3.12"), ">=3.10", ("3.10", "3.12")),
        (("3.12", "3.10", "3.12"), ">=3.10", ("3.12", "3.10")),
        (("3.12",), "<3.12", ()),
        (("3.12.4", "3.12.1"), ">=3.12.2", ("3.12.4",)),
        (("3.13t", "pypy3.10", "cpython-3.9.1"), ">=3.10", ("3.13t", "pypy3.10")),
        ("classifiers", ">=3.10", ("3.13", "3.12")),
        ("requires-python", ">=3.11,<3.14", ("3.11", "3.12", "3.13")),
        ("requires-python", "", MINORS),
        ((), ">=3.10", ()),
    ],
)
def test_configured(wanted: Pythons, allowed: str, expected: tuple[str, ...]) -> None:
    """What is configured keeps its order and its spelling, each once, cut to what the workspace allows."""
    assert _matrix(wanted, allowed) == expected


@pytest.mark.parametrize(
    ("classified", "expected"),
    [
        ([CLASSIFIERS, CLASSIFIERS[-2:]], ("3.12",)),
        ([CLASSIFIERS, CLASSIFIERS[:2]], ("3.13", "3.12")),
        ([CLASSIFIERS[3:4], CLASSIFIERS[4:5]], ()),
        ([CLASSIFIERS[:2], ()], None),
        ([], None),
    ],
)
def test_classifiers_of_several(classified: list[tuple[str, ...]], expected: tuple[str, ...] | None) -> None:
    """Several members have the versions that all of them list; who lists none has no say, and nobody's are no wish."""
    assert _matrix("classifiers", classified=classified) == expected


@pytest.mark.parametrize(
    ("pin", "running", "allowed", "expected"),
    [
        ("3.12", "3.11.7", ">=3.10", ("3.12",)),
        ("3.9", "3.11.7", ">=3.10", None),
        ("", "3.11.7", ">=3.10", None),
        ("", "3.11.7", ">=3.12", ("3.12",)),
        ("3.9", "3.9.1", ">=3.12,<3.14", ("3.12",)),
        ("", "3.14.0rc1", ">=3.14", None),
        ("", "3.11.7", ">=3.99", ()),
        ("", "3.11.7", "==3.11.7", None),
        ("", "3.11.7", "==3.11.8", ("3.11",)),
    ],
)
def test_unconfigured(pin: str, running: str, allowed: str, expected: tuple[str, ...] | None) -> None:
    """The pin where it fits, else nox's own interpreter where that fits, else the lowest minor that does."""
    assert _matrix(None, allowed, pin=pin, running=running) == expected


@pytest.mark.parametrize(
    ("python", "allowed", "expected"),
    [
        ("3.10", ">=3.10.5", True),
        ("3.10", ">=3.11", False),
        ("3.10", "!=3.10.*", False),
        ("3.10", "==3.10.4", True),
        ("3", ">=3.10,<4", True),
        ("2", ">=3", False),
        ("3.9.1", "~=3.9.2", False),
        ("python", ">=3", True),
        ("3.12", "", True),
    ],
)
def test_fits(python: str, allowed: str, *, expected: bool) -> None:
    """A minor version fits where one of its patches does; what names no version is left to nox."""
    assert fits(python, allowed) is expected


def test_the_range_of_a_workspace() -> None:
    """The floor is raised by whichever member raises it, as in the lockfile: each distinct range counts once."""
    allowed = workspace_range(_workspace(">=3.10", "", "<3.14", ">=3.10"))
    assert [fits(minor, allowed) for minor in ("3.9", "3.10", "3.13", "3.14")] == [False, True, True, False]
    assert workspace_range(_workspace("", "")) == ""


@pytest.mark.parametrize("text", ["3.x or so", f">=3.{'9' * 5000}", "===3.x"])
def test_a_malformed_range(text: str) -> None:
    """A range that is no specifier is an error with the file and the dotted path."""
    with pytest.raises(ManifestError) as caught:
        workspace_range(_workspace(">=3.10", text))
    assert str(caught.value).startswith(
        f"`/w/m1/pyproject.toml`: `{text}` is not a version specifier such as `>=3.10` in "
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.12\n", "3.12"),
        ("# ours\n\n  3.12.1  # why\n3.9\n", "3.12.1"),
        ("3.13t", "3.13t"),
        ("pypy@3.10\n", ""),
        (">=3.12\n", ""),
        ("", ""),
        ("\ufeff3.12", ""),
        ("3.12.1.4", ""),
    ],
)
def test_pinned(text: str, expected: str) -> None:
    """The first version of a ``.python-version``; what is no plain version is nobody's wish."""
    assert pinned(text) == expected


@given(
    wanted=st.lists(st.sampled_from(MINORS)).map(tuple),
    allowed=st.sampled_from(["", ">=3.9", ">=3.10,<3.13", "!=3.11.*", "<3.8"]),
)
def test_a_matrix_never_leaves_what_is_allowed(wanted: tuple[str, ...], allowed: str) -> None:
    """Law: a matrix is a part of what is wanted, in its order, and all of it fits; nothing that fits is lost."""
    assert _matrix(wanted, allowed) == tuple(python for python in dict.fromkeys(wanted) if fits(python, allowed))


def test_every_table_with_pythons_of_nobody(tmp_path: Path) -> None:
    """Each is named where it stands: for everybody, for the root's project, for tasks, for sessions of several, for a member."""
    old = {"pythons": ["3.8", "3.12"]}
    own = {**old, "tasks": {"types": old}}
    wsnox = {**own, "project": own, "integration": {"both": old}}
    member = MemberSpec("a", tool={"wsnox": own})
    top = MemberSpec("top", path=".", requires_python="<4")
    root = write_workspace(tmp_path / "w", [member], index=tmp_path, root_project=top, wsnox=wsnox)
    places = ("", ".tasks.types", ".project", ".project.tasks.types", ".integration.both")
    expected = [("pyproject.toml", f"tool.wsnox{place}.pythons") for place in places]
    expected += [("packages/a/pyproject.toml", f"tool.wsnox{place}.pythons") for place in places[:2]]
    assert [
        (manifest.path.relative_to(root).as_posix(), problem) for manifest, problem in pythons_of_nobody(discover(root))
    ] == [
        (file, f"no session runs on `3.8` in `{place}`: the workspace is for `<4,>=3.10`") for file, place in expected
    ]
