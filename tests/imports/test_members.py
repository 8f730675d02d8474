"""Which files of a member are read, what is beside them, and what a built wheel leaves out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.imports.members import is_local, is_test, member_files, python_files
from wsnox.imports.parser import Import
from wsnox.workspace import Member, discover

if TYPE_CHECKING:
    from pathlib import Path


def _write(root: Path, *files: str, text: str = "") -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")


def _member(root: Path, *files: str, build_system: bool = True) -> Member:
    """Return a member ``app`` with *files* in it, written below *root*."""
    spec = MemberSpec("app", path="app", modules={}, build_system=build_system)
    write_workspace(root, [spec], index=root)
    _write(root / "app", *files)
    return discover(root).named("app")


def test_is_test() -> None:
    """What pytest collects or what stands among it, and not what only sounds like it."""
    tests = "tests/a.py src/app/tests/deep/helper.py src/app/test/a.py test_a.py src/app/a_test.py src/app/conftest.py"
    others = "src/app/testing/a.py src/app/latest.py src/app/attest_a.py src/contest/a.py src/app/conftest_of.py"
    assert [*filter(is_test, f"{tests} {others}".split())] == tests.split()


def test_sources(tmp_path: Path) -> None:
    """What is shipped is told from tests inside the package, tests beside it, and scripts; a noxfile is neither."""
    shipped = ["src/app/__init__.py", "src/app/deep/a.py", "src/app/testing/b.py"]
    rest = ["scripts/noxfile.py", "src/app/tests/test_a.py", "src/app/conftest.py", "tests/test_b.py"]
    files = member_files(_member(tmp_path, *shipped, *rest, "src/app/data.txt", "noxfile.py"))
    assert set(files.files) == set(shipped)
    assert set(rest) <= set(files.rest)
    assert not {*files.files, "noxfile.py"} & set(files.rest)


def test_an_application_ships_nothing(tmp_path: Path) -> None:
    """Without a build system all code is the rest."""
    files = member_files(_member(tmp_path, "main.py", "app/a.py", build_system=False))
    assert (files.files, set(files.rest)) == ((), {"main.py", "app/a.py"})


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_python_files(tmp_path: Path) -> None:
    """Other projects, environments, build output and hidden folders are not read; a loop of links comes to an end."""
    read = ["a.py", "b/c.py", "tests/test_d.py"]
    passed_over = [
        *("nested/pyproject.toml", "nested/x.py", "env/pyvenv.cfg", "env/lib/x.py", ".hidden/x.py", "build/x.py"),
        *("dist/x.py", "b/__pycache__/x.py", "node_modules/x.py", "b/x.pyi", "b/x.txt"),
    ]
    _write(tmp_path, *read, *passed_over)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert list(python_files(tmp_path)) == read
    assert list(python_files(tmp_path / "nowhere")) == []
    _write(tmp_path, "pyproject.toml")
    assert list(python_files(tmp_path)) == read


def test_is_local(tmp_path: Path) -> None:
    """Python and pytest find what stands beside a script or above it, not what only another project has."""
    root = tmp_path / "member"
    _write(root, "tests/helper.py", "tests/beside/__init__.py", "top.py", "deep/x/__init__.py", "src/lib.py")
    _write(root, "other/pyproject.toml", "other/a.py", "elsewhere/deep/a.txt", "../outside.py")
    (root / "empty").mkdir()
    modules = [
        "helper",
        "helper.inner",
        "beside",
        "top",
        "deep.x",
        "api_pb2",
        "lib",
        "elsewhere",
        "empty",
        "leaf",
        "other",
        "outside",
    ]
    imports = [Import(module=module, file="tests/unit/test_a.py", line=1) for module in modules]
    local = [imported.module for imported in imports if is_local(root, imported, ("src",))]
    assert local == ["helper", "helper.inner", "beside", "top", "deep.x", "api_pb2", "lib"]
