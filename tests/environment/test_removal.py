"""The guard at the place of removal: what is outside stays, however the way there is written or linked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from wsnox.files import is_inside, remove

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
