"""Files that others made: special ones end in one sentence and are never waited for, and what is outside is never removed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wsnox.files import atomic_write, is_inside, path_inside, read_regular, remove

if TYPE_CHECKING:
    from collections.abc import Callable


MEMBER = '[project]\nname = "member"\nversion = "1"\n'
ROOT = '[tool.uv.workspace]\nmembers = ["member"]\n'
LOCK = """\
version = 1
requires-python = ">=3.9"
[manifest]
members = ["member"]
[[package]]
name = "member"
version = "1"
source = { editable = "member" }
"""


def _special(path: Path, kind: str) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("the system has no such files")
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            with socket.socket(socket.AF_UNIX) as server:
                here = Path.cwd()
                # The name of a socket may not be long.
                os.chdir(path.parent)
                try:
                    server.bind(path.name)
                finally:
                    os.chdir(here)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace of one member."""
    (tmp_path / "member").mkdir()
    (tmp_path / "member" / "pyproject.toml").write_text(MEMBER)
    (tmp_path / "pyproject.toml").write_text(ROOT)
    (tmp_path / "uv.lock").write_text(LOCK)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
@pytest.mark.parametrize("name", ["uv.lock", "member/pyproject.toml", "uv.toml", ".python-version"])
def test_no_command_waits(root: Path, name: str, kind: str) -> None:
    """The file is named, and what is wrong with it."""
    _special(root / name, kind)
    command = [sys.executable, "-m", "wsnox", "list", "--root", str(root)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode in (3, 4)
    assert done.stderr.startswith(f"error: `{root / name}`: ")
    # The system itself refuses to open a socket.
    assert "not a regular file" in done.stderr or kind == "socket"
    assert "Traceback" not in done.stderr


def test_what_is_read(tmp_path: Path) -> None:
    """A file is read whole, through links as well; a directory and what is absent are told by the system's words."""
    (tmp_path / "file").write_bytes(b"a\r\n" * 100_000)
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "file") == read_regular(tmp_path / "link") == b"a\r\n" * 100_000
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "absent")


def test_the_size_of_a_file_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that grows while it is read, one whose size the system does not know, and one that comes in parts are read whole."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1000)
    state = file.stat()
    for size in (0, 999, 1000, 5000):
        monkeypatch.setattr(os, "fstat", lambda _, size=size: os.stat_result((*state[:6], size, *state[7:])))
        assert read_regular(file) == b"x" * 1000
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, length: read(descriptor, min(length, 7)))
    assert read_regular(file) == b"x" * 1000


def test_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is replaced as a whole, whatever a killed process left; where it cannot be, all stays as it was."""
    file, replace = tmp_path / "deep" / "er" / "file", os.replace

    def left(draft: str, target: Path) -> None:
        replace(draft, target)
        Path(draft).write_bytes(b"left")

    monkeypatch.setattr(os, "replace", left)
    atomic_write(file, b"one")
    monkeypatch.undo()
    atomic_write(file, b"two")
    assert (file.read_bytes(), [path.name for path in file.parent.iterdir()]) == (b"two", ["file"])
    (tmp_path / "folder" / "x").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        atomic_write(tmp_path / "folder", b"three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "folder"]


needs_links = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a directory that is one's own, beside one that is not."""
    (tmp_path / "home" / "a" / "b").mkdir(parents=True)
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep" / "precious").touch()
    return tmp_path / "home"


def test_what_is_inside(home: Path) -> None:
    """Files and directories go, with all that is in them; what is not there is no error."""
    (home / "a" / "file").touch()
    remove(home / "a" / "file", inside=home)
    remove(home / "a", inside=home)
    remove(home / "a", inside=home)
    remove(home / "none" / "deep", inside=home)
    assert [*home.iterdir()] == []


OUTSIDE: dict[str, Callable[[Path], Path]] = {
    "beside": lambda home: home.parent / "outside",
    "below-beside": lambda home: home.parent / "outside" / "deep",
    "above": lambda home: home / "..",
    "through-above": lambda home: home / "a" / ".." / ".." / "outside",
    "up-at-the-end": lambda home: home / "a" / "..",
    "itself": lambda home: home,
    "a-name-that-begins-alike": lambda home: home.with_name("home2") / "x",
}


@pytest.mark.parametrize("name", list(OUTSIDE))
def test_what_is_outside(home: Path, name: str) -> None:
    """It is refused, and stays."""
    before = sorted(home.parent.rglob("*"))
    with pytest.raises(PermissionError, match="it is not in"):
        remove(OUTSIDE[name](home), inside=home)
    assert sorted(home.parent.rglob("*")) == before


@needs_links
def test_where_a_path_leads(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a path is written, it lies in a directory if it does when all links are resolved, and has the same name there."""
    (home / "out").symlink_to(home.parent / "outside")
    (home / "in").symlink_to("a")
    (home / "loop").symlink_to("loop")
    home.with_name("alias").symlink_to(home)
    monkeypatch.chdir(home)
    names = (
        "",
        "a",
        "a/b",
        "in",
        "in/b",
        "in/../a",
        "out",
        "out/deep",
        "a/none/c",
        "./a",
        "a//b",
        "a/",
        "loop/x",
        "..",
        "a/..",
    )
    tops = [str(home), f"{home}/", str(home.with_name("alias")), f"{home}/a/..", f"{home}/in", "", ".", "a"]
    for top in tops:
        for path in (*(f"{top}/{name}" for name in names), *names, str(home), f"{home}2/a"):
            real, parent = os.path.realpath(path), os.path.realpath(top)
            expected = os.path.relpath(real, parent) if f"{real}/".startswith(f"{parent}/") else None
            assert path_inside(path, top) == (expected if expected != "." else ""), (path, top)
    assert path_inside(f"{home}/a\0", home) is None


@needs_links
def test_through_a_link(home: Path) -> None:
    """What lies behind a link that leads outside is refused, at any depth; the link itself is unlinked, not followed."""
    outside = home.parent / "outside"
    for link in (home / "link", home / "a" / "link"):
        link.symlink_to(outside)
        for place in (link / "deep", link / "deep" / "precious"):
            with pytest.raises(PermissionError):
                remove(place, inside=home)
    remove(home / "link", inside=home)
    # So is one inside of a directory that is removed.
    remove(home / "a", inside=home)
    assert [*home.iterdir()] == []
    assert (outside / "deep" / "precious").exists()


@needs_links
def test_a_home_that_is_a_link(home: Path) -> None:
    """Who keeps their environments on another disk has them there: both ways are one."""
    link = home.with_name("link")
    link.symlink_to(home)
    remove(link / "a" / "b", inside=link)
    remove(home / "a", inside=link)
    assert [*home.iterdir()] == []


def test_no_path_at_all(home: Path) -> None:
    """A path that no system has is not inside."""
    assert not is_inside("a\0b", home)
