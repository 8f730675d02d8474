"""Selections in uv's terms, lowered without a real uv: lockfiles that do not fit the workspace, and unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lock.samples import lock_of, member
from tests.support.texts import project
from wsnox.closure.request import Selection, lower
from wsnox.errors import ConflictError, LockMemberError, UnknownNameError, WsnoxError
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.closure import Request

DEV = "[dependency-groups]\ndev = []\nlint = []\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of a virtual workspace of `app` and `core`; the root has a group of its own."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.uv.workspace]\nmembers = ["packages/*"]\n[dependency-groups]\ndocs = []\n', encoding="utf-8"
    )
    for name in ("app", "core"):
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(project(name, DEV), encoding="utf-8")
    return tmp_path


def _lowered(root: Path, *packages: dict[str, Any], conflicts: Any = (), revision: int = 5, **flags: Any) -> Request:
    raw = {
        "version": 1,
        "revision": revision,
        "requires-python": ">=3.9",
        "manifest": {"members": ["app", "core"], "dependency-groups": {"docs": []}},
        "conflicts": list(conflicts),
        "package": list(packages),
    }
    return lower(discover(root), lock_of(raw, root / "uv.lock"), Selection(**flags))


def _app(**more: Any) -> dict[str, Any]:
    return member("app", optional_dependencies={"x": []}, dev_dependencies={"dev": [], "lint": []}) | more


CORE = member("core")


def test_defaults_and_what_is_asked(root: Path) -> None:
    """One member has its own defaults; what is asked for comes from it, or from the root where it lacks the group."""
    request = _lowered(root, _app(), CORE, packages=("app",), extras={"x"}, groups={"docs"})
    assert [(each.name, each.extras, each.groups) for each in request.roots] == [
        ("app", frozenset({"x"}), frozenset({"dev"}))
    ]
    assert request.root_groups == {"docs"}
    request = _lowered(root, _app(), CORE, packages=("app",), only_groups={"lint"})
    assert [(each.production, each.groups) for each in request.roots] == [(False, frozenset({"lint"}))]
    assert _lowered(root, _app(), CORE, all_packages=True).involved_all


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"packages": ("ap",)}, "unknown member `ap`\n\nhint: did you mean `app`?"),
        ({"packages": ("app",), "extras": {"z"}}, "unknown extra `z` of `app`\n\nhint: known: `x`"),
        (
            {"packages": ("app",), "groups": {"nope"}},
            "unknown dependency group `nope` of `app`\n\nhint: known: `dev`, `docs`, `lint`",
        ),
        ({"extras": {"z"}}, "unknown extra `z`\n\nhint: known: `x`"),
        ({"only_groups": {"lind"}}, "unknown dependency group `lind`\n\nhint: did you mean `lint`?"),
    ],
)
def test_unknown_names(root: Path, flags: dict[str, Any], text: str) -> None:
    """An unknown member, extra or group is refused, with the nearest known one or all there are."""
    with pytest.raises(UnknownNameError) as caught:
        _lowered(root, _app(), CORE, **flags)
    assert str(caught.value) == text


def test_extras_before_the_first_revision(root: Path) -> None:
    """A lockfile of revision 0 does not tell which extras exist: none is unknown."""
    assert _lowered(root, _app(), CORE, revision=0, packages=("app",), extras={"z"}).roots[0].extras == frozenset()


@pytest.mark.parametrize(
    ("packages", "found"), [((CORE,), "no package"), ((_app(), _app(version="2.0"), CORE), "2 packages")]
)
def test_member_not_locked_once(root: Path, packages: tuple[dict[str, Any], ...], found: str) -> None:
    """A member that the lockfile lacks, or has twice, stops every selection by name, also of another member."""
    for selected in ("app", "core"):
        with pytest.raises(LockMemberError) as caught:
            _lowered(root, *packages, packages=(selected,))
        assert str(caught.value) == f"member `app` has {found} in `uv.lock`\n\nhint: run `uv lock`"


def test_locked_member_without_package(root: Path) -> None:
    """A lockfile that lists a member it has no package for is refused where that member is selected."""
    with pytest.raises(LockMemberError, match="member `app` has no package"):
        _lowered(root, CORE)


def test_conflict_by_name(root: Path) -> None:
    """A group that is asked for and one that is on by default exclude each other as much as two that are asked for."""
    items = [[{"package": "app", "group": "dev"}, {"package": "app", "extra": "x"}]]
    with pytest.raises(ConflictError):
        _lowered(root, _app(), CORE, conflicts=items, packages=("app",), extras={"x"})
    flags: dict[str, Any] = {"packages": ("app",), "extras": {"x"}, "default_groups": False}
    assert _lowered(root, _app(), CORE, conflicts=items, **flags).roots[0].extras == {"x"}
    with pytest.raises(WsnoxError):
        _lowered(root, _app(), CORE, conflicts=items, all_extras=True)
