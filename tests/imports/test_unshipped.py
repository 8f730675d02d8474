"""Files that a built wheel leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.imports.members import member_files, unshipped_files
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {"app/__init__.py": "", "app/deep/a.py": "", "app/data.txt": "", "app/deep/more.json": ""}


def _left_out(
    root: Path, *installed: str, path: str = "packages/app", root_project: bool = False
) -> list[tuple[str, str]]:
    """Return what is left out, with its place, where only *installed* are in the first of two site directories."""
    spec = MemberSpec("app", path=path, modules=MODULES)
    if root_project:
        write_workspace(root, [], index=root, root_project=spec)
    else:
        write_workspace(root, [spec], index=root)
    member = discover(root).named("app")
    (member.directory / "src/app/__pycache__").mkdir()
    (member.directory / "src/app/__pycache__/x.pyc").touch()
    site = root.parent / "site"
    for file in installed:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    found = unshipped_files(member_files(member), [site, root.parent / "platlib"])
    return [(each.module, each.places[0][0]) for each in found]


def test_a_whole_wheel(tmp_path: Path) -> None:
    """Nothing is said of one that has everything; byte code is nobody's."""
    assert _left_out(tmp_path / "w", *MODULES) == []


def test_what_is_left_out(tmp_path: Path) -> None:
    """Modules and data files, at their place in the workspace."""
    assert _left_out(tmp_path / "w", "app/__init__.py", "app/data.txt") == [
        ("app/deep/a.py", "packages/app/src/app/deep/a.py"),
        ("app/deep/more.json", "packages/app/src/app/deep/more.json"),
    ]


def test_of_the_root_project(tmp_path: Path) -> None:
    """Its places are relative to the root as well."""
    found = _left_out(tmp_path / "w", "app/__init__.py", "app/deep/a.py", "app/data.txt", root_project=True)
    assert found == [("app/deep/more.json", "src/app/deep/more.json")]
