"""The user's cache: where it is, whom it is believed, and that whatever lies there costs time at the most."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.environment.user_cache import Entry, user_cache

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(os.name == "nt", reason="owners and permissions")
ROOT = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a folder away")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"WSNOX_CACHE_DIR": "own", "XDG_CACHE_HOME": "xdg", "HOME": "home"}, "own"),
        ("linux", {"WSNOX_CACHE_DIR": "", "XDG_CACHE_HOME": "xdg", "HOME": "home"}, "xdg/wsnox"),
        ("linux", {"XDG_CACHE_HOME": "", "HOME": "home"}, "home/.cache/wsnox"),
        ("linux", {"HOME": "home"}, "home/.cache/wsnox"),
        ("darwin", {"XDG_CACHE_HOME": "xdg", "HOME": "home"}, "home/Library/Caches/wsnox"),
        ("win32", {"LOCALAPPDATA": "local", "HOME": "home"}, "local/wsnox"),
        *((platform, {}, None) for platform in ("linux", "darwin", "win32")),
    ],
)
def test_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str | None
) -> None:
    """It is where `WSNOX_CACHE_DIR` says, else where the platform has caches; without any variable there is none."""
    monkeypatch.setattr(sys, "platform", platform)
    environ = {name: value and str(tmp_path / value) for name, value in variables.items()}
    assert user_cache(environ) == (None if expected is None else tmp_path / expected)
    assert list(tmp_path.iterdir()) == ([] if expected is None else [tmp_path / expected.partition("/")[0]])


def test_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`XDG_CACHE_HOME` has to be absolute, by its specification; ours starts where wsnox does."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.chdir(tmp_path)
    assert user_cache({"XDG_CACHE_HOME": "xdg", "HOME": str(tmp_path)}) == tmp_path / ".cache" / "wsnox"
    assert user_cache({"XDG_CACHE_HOME": "xdg", "HOME": "home"}) is None
    assert user_cache({"WSNOX_CACHE_DIR": "own"}) == tmp_path / "own"


@POSIX
def test_nobody_else_reads_or_writes_what_is_made(tmp_path: Path) -> None:
    """Whatever the user's umask leaves to others."""
    before = os.umask(0)
    try:
        folder = user_cache({"WSNOX_CACHE_DIR": str(tmp_path / "cache")})
    finally:
        os.umask(before)
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700


@POSIX
@pytest.mark.parametrize(("mode", "trusted"), [(0o755, True), (0o775, False), (0o757, False), (0o1777, False)])
def test_others_may_write_there(tmp_path: Path, mode: int, *, trusted: bool) -> None:
    """What may be theirs is not believed."""
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    assert user_cache({"WSNOX_CACHE_DIR": str(folder)}) == (folder if trusted else None)


@ROOT
def test_the_folder_of_another_user(tmp_path: Path) -> None:
    """What another owns, also behind a link, is neither believed nor written to."""
    folder, link = tmp_path / "cache", tmp_path / "link"
    folder.mkdir()
    os.chown(folder, 12345, -1)
    link.symlink_to(folder)
    assert user_cache({"WSNOX_CACHE_DIR": str(folder)}) is None
    assert user_cache({"WSNOX_CACHE_DIR": str(link)}) is None


@pytest.mark.parametrize("place", ["file", "file/below", "link", "\udcff" * 300])
def test_a_folder_that_cannot_be_made(tmp_path: Path, place: str) -> None:
    """A file is in its way, a link leads nowhere, its name is too long: there is none, and no error."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    assert user_cache({"WSNOX_CACHE_DIR": str(tmp_path / place)}) is None


def _entry(folder: Path, *facts: str, subject: str = "subject") -> Entry:
    return Entry.of([subject], facts, kind="kind", folder=folder)


def test_it_holds_for_its_facts(tmp_path: Path) -> None:
    """An entry of other facts is none, and takes the place of the old one; one of another subject lies beside it."""
    _entry(tmp_path, "one", "\udcff").write({"a": [1, "\udcff"]})
    assert _entry(tmp_path, "one", "\udcff").read() == {"a": [1, "\udcff"]}
    for entry in (_entry(tmp_path, "one"), _entry(tmp_path), _entry(tmp_path, "\udcff", "one")):
        assert entry.read() is None
    assert _entry(tmp_path, "one", "\udcff", subject="other").read() is None
    _entry(tmp_path, "two").write(2)
    assert _entry(tmp_path, "two").read() == 2
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("kind-")


def test_another_version_of_wsnox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may understand something else by the same words."""
    _entry(tmp_path).write(1)
    monkeypatch.setattr("wsnox.environment.user_cache.__version__", "0")
    assert _entry(tmp_path).read() is None


def test_every_damage_shows(tmp_path: Path) -> None:
    """No byte can be lost or changed, and nothing else can lie there, without that the entry is none."""
    entry = _entry(tmp_path, "fact")
    entry.write({"names": ["a", "b"]})
    content = entry.path.read_bytes()
    cut = [content[:length] for length in range(len(content))]
    changed = [content[:at] + bytes([byte ^ 1]) + content[at + 1 :] for at, byte in enumerate(content)]
    for damaged in (*cut, *changed, content + b" ", b"\xff\xfe", b"\0" * 100, b"[" * 100_000):
        entry.path.write_bytes(damaged)
        assert entry.read() is None
    entry.path.write_bytes(content)
    assert entry.read() == {"names": ["a", "b"]}


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@POSIX
@pytest.mark.parametrize("make", [_folder, _loop, _pipe])
def test_something_else_in_its_place(tmp_path: Path, make: Any) -> None:
    """It is not read, nor waited for; what cannot be replaced stays, and that is no error."""
    entry = _entry(tmp_path)
    make(entry.path)
    assert entry.read() is None
    entry.write(1)
    assert entry.read() == (None if make is _folder else 1)
    assert list(tmp_path.iterdir()) == [entry.path]


def test_no_room(tmp_path: Path) -> None:
    """Where no folder can be, what was to be kept is worked out again."""
    (tmp_path / "file").touch()
    entry = _entry(tmp_path / "file")
    entry.write(1)
    assert entry.read() is None
