"""Which files of a member are read, what is beside them, and what a built wheel leaves out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.imports.failed_command import unshipped_files
from wsnox.imports.members import is_local, is_test, member_files, python_files
from wsnox.imports.parser import Import, parse_files
from wsnox.markers.target import describe
from wsnox.workspace import Member, discover

if TYPE_CHECKING:
    from pathlib import Path

LINUX = describe("3.12", "linux")


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


@pytest.mark.parametrize(
    ("file", "test"),
    [
        ("tests/a.py", True),
        ("src/app/tests/deep/helper.py", True),
        ("src/app/test/a.py", True),
        ("test_a.py", True),
        ("src/app/a_test.py", True),
        ("src/app/conftest.py", True),
        ("src/app/testing/a.py", False),
        ("src/app/latest.py", False),
        ("src/app/attest_a.py", False),
        ("src/contest/a.py", False),
        ("src/app/conftest_of.py", False),
    ],
)
def test_is_test(file: str, *, test: bool) -> None:
    """What pytest collects or what stands among it, and not what only sounds like it."""
    assert is_test(file) is test


def test_sources(tmp_path: Path) -> None:
    """What is shipped is told from tests inside the package, tests beside it, and scripts; a noxfile is neither."""
    shipped = ["src/app/__init__.py", "src/app/deep/a.py", "src/app/testing/b.py"]
    rest = ["scripts/noxfile.py", "src/app/tests/test_a.py", "src/app/conftest.py", "tests/test_b.py"]
    found = member_files(_member(tmp_path, *shipped, *rest, "src/app/data.txt", "noxfile.py"))
    assert set(found.files) == set(shipped)
    assert set(rest) <= set(found.rest)
    assert not {*found.files, "noxfile.py"} & set(found.rest)


def test_an_application_ships_nothing(tmp_path: Path) -> None:
    """Without a build system all code is the rest."""
    found = member_files(_member(tmp_path, "main.py", "app/a.py", build_system=False))
    assert (found.files, set(found.rest)) == ((), {"main.py", "app/a.py"})


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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and sockets")
def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """A broken link, a folder, a pipe, odd bytes and broken syntax say nothing, and do not keep the rest from being read."""
    (tmp_path / "broken.py").symlink_to("nowhere")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\nimport leaf\n")
    (tmp_path / "nulls.py").write_bytes(b"import leaf\0\n")
    (tmp_path / "unknown.py").write_bytes(b"# coding: no-such-coding\nimport leaf\n")
    (tmp_path / "two.py").write_text("print 'import leaf'\nimport leaf\n", encoding="utf-8")
    (tmp_path / "latin.py").write_bytes("# coding: latin-1\nimport leaf  # é\n".encode("latin-1"))
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfimport leaf\r\n")
    (tmp_path / "mac.py").write_bytes(b"x = 1\rimport leaf\r")
    (tmp_path / "huge.py").write_text("x = [" + "1, " * 200_000 + "]\nimport leaf\n", encoding="utf-8")
    (tmp_path / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000 + "\nimport leaf\n", encoding="utf-8")
    found = parse_files(tmp_path, [*sorted(each.name for each in tmp_path.iterdir()), "absent.py"], LINUX).imports
    assert {each.file: each.line for each in found} == {"latin.py": 2, "bom.py": 1, "mac.py": 2, "huge.py": 2}


def _imported(module: str, file: str) -> Import:
    return Import(module=module, file=file, line=1)


@pytest.mark.parametrize(
    ("module", "local"),
    [
        ("helper", True),
        ("helper.inner", True),
        ("beside", True),
        ("top", True),
        ("deep.x", True),
        ("api_pb2", True),
        ("lib", True),
        ("elsewhere", False),
        ("empty", False),
        ("leaf", False),
        ("other", False),
        ("outside", False),
    ],
)
def test_is_local(tmp_path: Path, module: str, *, local: bool) -> None:
    """Python and pytest find what stands beside a script or above it, not what only another project has."""
    root = tmp_path / "member"
    _write(root, "tests/helper.py", "tests/beside/__init__.py", "top.py", "deep/x/__init__.py", "src/lib.py")
    _write(root, "other/pyproject.toml", "other/a.py", "elsewhere/deep/a.txt", "../outside.py")
    (root / "empty").mkdir()
    assert is_local(root, _imported(module, "tests/unit/test_a.py"), ("src",)) is local


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
