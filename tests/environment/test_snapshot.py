"""What the fingerprint of a site directory tells apart."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.makers import dist_info
from tests.support.projects import write_modules
from wsnox.environment.snapshot import fingerprint, snapshot
from wsnox.environment.stamp import UNFINISHED, read_stamp, write_stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site directory with a module, a package, and metadata."""
    site = tmp_path / "site"
    write_modules(site, {"a.py": "1", "p/__init__.py": "", "p/deep/x.py": "", "m.pth": "/src\n"})
    dist_info(site, "a", record=["a.py,,"])
    return site


def _listing(site: Path) -> str:
    return fingerprint([snapshot(str(site))])


SEEN: dict[str, Callable[[Path], object]] = {
    "module": lambda site: (site / "b.py").touch(),
    "content": lambda site: (site / "a.py").write_text("12"),
    "time": lambda site: os.utime(site / "a.py", ns=(1, 1)),
    "gone": lambda site: (site / "a.py").unlink(),
    "path-file": lambda site: (site / "m.pth").write_text("/other\n"),
    "inside": lambda site: (site / "p" / "y.py").touch(),
    "inside-gone": lambda site: (site / "p" / "__init__.py").unlink(),
    "inside-renamed": lambda site: (site / "p" / "deep").rename(site / "p" / "deeper"),
    "record": lambda site: (site / "a-1.0.dist-info" / "RECORD").write_text("b.py,,\n"),
    "metadata": lambda site: (site / "a-1.0.dist-info" / "direct_url.json").write_text("{}"),
    "folder": lambda site: (site / "q").mkdir(),
    "everything": shutil.rmtree,
}
UNSEEN: dict[str, Callable[[Path], object]] = {
    "cache": lambda site: write_modules(site / "__pycache__", {"a.pyc": ""}),
    "cache-inside": lambda site: write_modules(site / "p" / "__pycache__", {"a.pyc": ""}),
    "cache-deep": lambda site: write_modules(site / "p" / "deep" / "__pycache__", {"a.pyc": ""}),
    # The price of one look per package.
    "deep": lambda site: write_modules(site / "p" / "deep", {"y.py": ""}),
    "content-inside": lambda site: (site / "p" / "__init__.py").write_text("1"),
}


@pytest.mark.parametrize("name", list(SEEN))
def test_what_the_listing_tells_apart(site: Path, name: str) -> None:
    """Names at the top and one level below, sizes and times at the top and of metadata."""
    before = _listing(site)
    assert before == _listing(site)
    SEEN[name](site)
    assert _listing(site) != before


def test_in_any_order(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system lists names as it likes, another one each time."""
    write_modules(site, {f"p/m{number}.py": "" for number in range(9)})
    before, listdir = _listing(site), os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: [*reversed(listdir(path))])
    assert _listing(site) == before


@pytest.mark.parametrize("name", list(UNSEEN))
def test_what_the_listing_does_not_look_at(site: Path, name: str) -> None:
    """Byte code anywhere, and what lies deeper than one level."""
    before = _listing(site)
    UNSEEN[name](site)
    assert _listing(site) == before


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
@pytest.mark.parametrize("name", ["a.py", "a-1.0.dist-info/METADATA"])
def test_a_link_to_a_file(site: Path, tmp_path: Path, name: str) -> None:
    """With uv's `link-mode = "symlink"`, what the link leads to counts: it may change, and be gone."""
    kept = (site / name).rename(tmp_path / "kept")
    (site / name).symlink_to(kept)
    seen = [_listing(site)]
    kept.write_text("something else")
    seen.append(_listing(site))
    kept.unlink()
    seen.append(_listing(site))
    assert len(set(seen)) == 3


def test_namespaces_are_followed(site: Path) -> None:
    """A folder without a module of its own is part of a namespace; a package in it is looked into, and no deeper."""
    write_modules(site, {"ns/in/a/__init__.py": "", "ns/in/a/deep/x.py": ""})
    before = _listing(site)
    write_modules(site, {"ns/in/a/deep/y.py": ""})
    assert _listing(site) == before
    for path in ("ns/b.py", "ns/in/b.py", "ns/in/a/b.py", "ns/in/c/x.py"):
        write_modules(site, {path: ""})
        assert _listing(site) != before
        before = _listing(site)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_namespace_that_leads_into_itself(site: Path) -> None:
    """A link to where one is ends nowhere, and is not followed."""
    write_modules(site, {"ns/x.py": ""})
    (site / "ns" / "again").symlink_to(site / "ns")
    assert snapshot(str(site)).names_in("ns") == {"x.py", "again"}
    assert "ns/again" not in snapshot(str(site)).folders


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_where_a_link_leads(site: Path, tmp_path: Path) -> None:
    """What lies behind a link to a package or to metadata counts as if it lay there, and so does where it leads."""
    for name in ("p", "a-1.0.dist-info"):
        real = (site / name).rename(tmp_path / name)
        other = shutil.copytree(real, tmp_path / f"other-{name}")
        (site / name).symlink_to(real)
        before = _listing(site)
        (real / "more.py").touch()
        now = _listing(site)
        assert now != before
        (site / name).unlink()
        (site / name).symlink_to(other)
        assert _listing(site) not in (before, now)


def test_site_directories_are_told_apart(tmp_path: Path) -> None:
    """A module that moves from one to the other is a change."""
    pure, plat = tmp_path / "pure", tmp_path / "plat"
    write_modules(pure, {"m.py": "", "n.py": ""})
    plat.mkdir()
    os.utime(pure / "n.py", ns=(1, 1))
    before = fingerprint(map(snapshot, (str(pure), str(plat))))
    (pure / "n.py").rename(plat / "n.py")
    assert fingerprint(map(snapshot, (str(pure), str(plat)))) != before


@pytest.mark.parametrize("name", ["p", "a-1.0.dist-info"])
@pytest.mark.parametrize("error", [PermissionError(13, "denied"), FileNotFoundError(2, "gone")])
def test_one_directory_that_cannot_be_read(
    site: Path, name: str, error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed by its name, and hides nothing of the rest."""
    listdir, scandir = os.listdir, os.scandir

    def refusing(read: Callable[[str], Any]) -> Callable[[str], Any]:
        def reading(place: str) -> Any:
            if str(place) == str(site / name):
                raise error
            return read(place)

        return reading

    whole = _listing(site)
    monkeypatch.setattr(os, "listdir", refusing(listdir))
    monkeypatch.setattr(os, "scandir", refusing(scandir))
    seen = snapshot(str(site))
    assert _listing(site) != whole
    assert seen.names == {"a.py", "p", "m.pth", "a-1.0.dist-info"}
    assert (name in seen.files, name in seen.folders, name in seen.metadata) == (True, False, False)


def test_a_site_directory_that_is_not_there_or_closed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, nothing is; where nobody may look, nobody says that there is nothing."""
    assert snapshot(str(site / "missing")).names == snapshot(str(site / "a.py")).names == set()

    def refuse(place: str) -> Any:
        raise PermissionError(13, "denied", place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        snapshot(str(site))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_text(site: Path, tmp_path: Path) -> None:
    """A file name that is not UTF-8 is listed, and kept in a stamp, like any other."""
    os.close(os.open(os.fsencode(site) + b"/\xff.py", os.O_CREAT))
    stamp = replace(UNFINISHED, fingerprint=_listing(site))
    write_stamp(tmp_path / "stamp.json", stamp)
    assert read_stamp(tmp_path / "stamp.json") == stamp
