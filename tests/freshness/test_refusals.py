"""What cannot be read is told, hides no other change, and never counts as fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w

from tests.support.workspaces import MemberSpec, uv
from wsnox.errors import Doubt, StaleLockError
from wsnox.freshness import stale_clauses
from wsnox.lock import read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

BROKEN = ("num==1; python_verion < '4'", "num=>1", "num=1", "num~=1", "num[a!b]", "num===foo", f"num>={'9' * 5000}", "")
IGNORED = ("num; 'a' == 'a'", "num; python_full_version ~= '3'", f"num; {'(' * 3000}'a' == 'a'{')' * 3000}")


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of two members, one without a build system."""
    kid = MemberSpec("kid", build_system=False, dependencies=["leaf"], extras={"x": ["num"]}, groups={"dev": ["num"]})
    return workspace(
        kid,
        MemberSpec("other", dependencies=["kid"]),
        root_groups={"check": ["leaf"]},
        uv={"constraint-dependencies": ["leaf>=1"], "override-dependencies": ["num>=1"]},
    )


def _edit(path: Path, keys: str, value: Any) -> None:
    tables = tomli.loads(path.read_text(encoding="utf-8"))
    *upper, last = keys.split(".")
    table = tables
    for key in upper:
        table = table.setdefault(key, {})
    table[last] = value
    path.write_text(tomli_w.dumps(tables), encoding="utf-8")


def _told(root: Path) -> tuple[list[Doubt], list[str]]:
    """Return the doubts and the differences."""
    problems = stale_clauses(discover(root), read_lock(root))
    doubts = [problem for problem in problems if isinstance(problem, Doubt)]
    return doubts, [problem for problem in problems if not isinstance(problem, Doubt)]


def _passes(root: Path) -> bool:
    return uv(root, "lock", "--check", "--offline").returncode == 0


PLACES: Mapping[str, Callable[[str], tuple[str, str, list[Any]]]] = {
    "dependencies": lambda text: ("packages/kid", "project.dependencies", ["leaf", text]),
    "an extra": lambda text: ("packages/kid", "project.optional-dependencies.x", ["num", text]),
    "constraints": lambda text: (".", "tool.uv.constraint-dependencies", ["leaf>=1", text]),
    "overrides": lambda text: (".", "tool.uv.override-dependencies", ["num>=1", text]),
    "build constraints": lambda text: (".", "tool.uv.build-constraint-dependencies", [text]),
    "constraints of a member": lambda text: ("packages/other", "tool.uv.constraint-dependencies", [text]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:30])
def test_a_requirement_that_uv_refuses_is_told(place: str, text: str, root: Path) -> None:
    """With the file and the key, wherever it stands."""
    folder, key, value = PLACES[place](text)
    _edit(root / folder / "pyproject.toml", key, value)
    assert not _passes(root)
    doubts, differences = _told(root)
    assert [doubt for doubt in doubts if f"`{key}` of `{folder.removeprefix('.')}" in doubt], doubts
    assert differences == []


@pytest.mark.parametrize("text", BROKEN[:4])
def test_it_hides_no_other_change(text: str, root: Path) -> None:
    """Neither of the same list, nor of the same member, nor of the workspace."""
    manifest = root / "packages/kid/pyproject.toml"
    _edit(manifest, "project.dependencies", ["leaf>=1", text])
    _edit(manifest, "dependency-groups.dev", ["leaf"])
    _edit(root / "pyproject.toml", "tool.uv.constraint-dependencies", ["leaf>=2", text])
    doubts, differences = _told(root)
    assert len(doubts) == 2
    assert [difference.partition(",")[0] for difference in differences] == [
        "`kid` now depends on `leaf>=1`",
        "the group `dev` of `kid` now asks for `leaf`",
        "the group `dev` of `kid` no longer asks for `num`",
        "`constraint-dependencies` in `[tool.uv]` now lists `leaf>=2`",
    ]


@pytest.mark.parametrize("text", IGNORED, ids=lambda text: text[:30])
def test_what_uv_reads_is_compared(text: str, root: Path) -> None:
    """Also where packaging does not read it, and as uv does."""
    _edit(root / "packages/kid/pyproject.toml", "project.dependencies", ["leaf", text])
    assert not _passes(root)
    doubts, differences = _told(root)
    assert (doubts, len(differences)) == ([], 1)
    assert uv(root, "lock", "--offline").returncode == 0
    assert _passes(root)
    assert _told(root) == ([], [])


SETTINGS: Mapping[str, Any] = {
    "constraint-dependencies": "leaf>=1",
    "override-dependencies": ["num>=1", 3],
    "build-constraint-dependencies": {"a": 1},
    "exclude-dependencies": ["num>=1"],
    "environments": ["sys_platform = 'linux'"],
    "required-environments": [""],
    "conflicts": [[{"extra": "x", "package": "kid"}]],
    "sources.leaf": {"path": "x", "index": "y"},
    "sources.num": {"path": "x", "marker": "sys_platfrom == 'linux'"},
    "sources.nobody": [{"path": "x"}, {"path": "y"}],
    "dependency-groups.nowhere.requires-python": ">=3.10",
    "dependency-groups.check.requires-python": ">=3.x",
    "index": [{"name": "x"}],
    "package": "yes",
}


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_that_uv_refuses_is_told(key: str, root: Path) -> None:
    """It is not taken for one that is not there, and what else changed is told beside it."""
    _edit(root / "pyproject.toml", f"tool.uv.{key}", SETTINGS[key])
    _edit(root / "packages/kid/pyproject.toml", "project.version", "2")
    assert not _passes(root)
    doubts, differences = _told(root)
    assert [doubt for doubt in doubts if key.partition(".")[0] in doubt or "group" in doubt], doubts
    assert "the version of `kid` is `2` now, and `1.0` in `uv.lock`" in differences


@pytest.mark.parametrize("version", ["1.x", "", f"1.{'9' * 5000}"])
def test_a_version_that_is_none_is_told(version: str, root: Path) -> None:
    """So is a `requires-python`."""
    _edit(root / "packages/kid/pyproject.toml", "project.version", version)
    _edit(root / "packages/other/pyproject.toml", "project.requires-python", "=>3.10")
    assert not _passes(root)
    doubts, differences = _told(root)
    assert (len(doubts), differences) == (2, [])


WIRES: Mapping[str, Mapping[str, Any]] = {
    "specifier": {"specifier": ">=x"},
    "marker": {"marker": "nonsense"},
    "digits": {"specifier": f">={'9' * 5000}"},
}


@pytest.mark.parametrize("wire", WIRES)
def test_a_declaration_in_the_lockfile_that_cannot_be_read_is_told(wire: str, root: Path) -> None:
    """What was changed by hand is no reason to take the member for fresh."""
    locked = tomli.loads((root / "uv.lock").read_text(encoding="utf-8"))
    for package in locked["package"]:
        if package["name"] == "kid":
            package["metadata"]["requires-dist"][0].update(WIRES[wire])
    (root / "uv.lock").write_text(tomli_w.dumps(locked), encoding="utf-8")
    _edit(root / "packages/kid/pyproject.toml", "project.version", "2")
    assert not _passes(root)
    doubts, differences = _told(root)
    assert [doubt[-13:] for doubt in doubts] == [" in `uv.lock`"]
    assert len(differences) == 1


def test_a_member_needs_a_workspace_source(root: Path) -> None:
    """Without one uv refuses a dependency on it, as it does a source for what is no member."""
    _edit(root / "pyproject.toml", "tool.uv.sources", {"leaf": {"workspace": True}})
    assert not _passes(root)
    doubts, _ = _told(root)
    assert [doubt for doubt in doubts if "as `kid` is a member" in doubt], doubts
    assert [doubt for doubt in doubts if "there is no such member" in doubt], doubts


def test_no_sources_counts_in_the_root_alone(root: Path) -> None:
    """Then members that depend on each other are asked for as anything else."""
    _edit(root / "packages/other/pyproject.toml", "tool.uv.no-sources", True)
    assert _passes(root)
    assert _told(root) == ([], [])
    _edit(root / "pyproject.toml", "tool.uv.no-sources", True)
    assert not _passes(root)
    assert _told(root)[1] != []
    assert uv(root, "lock", "--offline").returncode == 0
    assert _passes(root)
    assert _told(root) == ([], [])


def test_the_error_says_what_helps() -> None:
    """Where nothing but doubts is known, ``uv lock`` is no way out; ``lock = "frozen"`` is."""
    frozen = 'set `lock = "frozen"` in `[tool.wsnox]` to use `uv.lock` unchecked'
    assert str(StaleLockError([Doubt("`x` is nothing")])) == (
        f"`uv.lock` cannot be compared with the workspace: `x` is nothing\n\nhint: correct that, or {frozen}"
    )
    assert str(StaleLockError([Doubt("`x` is nothing"), "`a` is new"])) == (
        "`uv.lock` does not match the workspace:\n  - `x` is nothing\n  - `a` is new\n\n"
        f"hint: correct what cannot be read and run `uv lock`, or {frozen}"
    )
