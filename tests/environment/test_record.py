"""RECORD: what it names however it is written, when it cannot be believed, and what of it is lost or leads outside."""

from __future__ import annotations

import csv
import os
import posixpath
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wsnox.environment.record import Owned, damage, leads_outside, owned_by

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(
    ["a", "a0", "a-b", "a.py", "b", "b c", "..", "__pycache__", "ä", "A", "a,b", 'a"b', "0", "-", "."]
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12)
OWN = ["a-1.0.dist-info/METADATA,sha256=x,9\n", "a-1.0.dist-info/RECORD,,\n"]


def _written(tmp_path: Path, content: str | bytes) -> Owned:
    place = tmp_path / "a-1.0.dist-info"
    place.mkdir(exist_ok=True)
    (place / "RECORD").write_bytes(content if isinstance(content, bytes) else content.encode())
    return owned_by(str(place))


@given(paths=PATHS, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), line=st.sampled_from(["\n", "\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_path(tmp_path: Path, paths: list[str], quoting: Any, line: str) -> None:
    """Law: whatever a path holds and however it is quoted, it is read back, as short as it can be written."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=line)
    writer.writerows([path, "sha256=a/b+c", "1"] for path in paths)
    writer.writerows([f"a-1.0.dist-info/{name}", "", ""] for name in ("METADATA", "RECORD"))
    owned = _written(tmp_path, text.getvalue())
    assert owned.flaw == ""
    assert set(owned.paths) - {line.partition(",")[0] for line in OWN} == {posixpath.normpath(path) for path in paths}


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("a\\b.py", "a/b.py"),
        ("..\\..\\Scripts\\a.exe", "../../Scripts/a.exe"),
        ("./a.py", "a.py"),
        ("a/../b.py", "b.py"),
        ("a//b.py", "a/b.py"),
        ("a/../../x", "../x"),
        ("/etc/x", "/etc/x"),
    ],
)
def test_one_spelling(tmp_path: Path, path: str, read: str) -> None:
    """Each path is read in one spelling, so that no other one hides where it leads."""
    assert read in _written(tmp_path, "".join([f"{path},,\n", *OWN])).paths


FLAWS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "its RECORD is empty"),
    "blank": ("\n\r\n", "its RECORD is empty"),
    "zeros": (b"\0" * 64, "its RECORD is cut or broken at line 1"),
    "a-cut-row": ("".join([*OWN, "a/b.p"]), "its RECORD is cut or broken at line 3"),
    "a-cut-hash": ("".join([*OWN, "a/b.py,sha256=x"]), "its RECORD is cut or broken at line 3"),
    "an-open-quote": ("".join([*OWN, '"a/b.py,sha256=x,1\n']), "its RECORD is cut or broken at line 3"),
    "text-behind-a-quote": ("".join([*OWN, '"a"b.py,,\n']), "its RECORD is cut or broken at line 3"),
    "too-many-fields": ("".join([*OWN, "a,b.py,sha256=x,1\n"]), "its RECORD is cut or broken at line 3"),
    "no-path": ("".join([*OWN, ",sha256=x,1\n"]), "its RECORD is cut or broken at line 3"),
    "no-size": ("".join([*OWN, "a.py,sha256=x,many\n"]), "its RECORD is cut or broken at line 3"),
    "a-negative-size": ("".join([*OWN, "a.py,sha256=x,-1\n"]), "its RECORD is cut or broken at line 3"),
    "without-metadata": (OWN[1], "its RECORD does not name its own METADATA"),
    "without-itself": (OWN[0], "its RECORD does not name its own RECORD"),
    "of-another": (
        "b-1.0.dist-info/METADATA,,\nb-1.0.dist-info/RECORD,,\n",
        "its RECORD does not name its own METADATA",
    ),
    "a-long-field": ("".join([*OWN, f"{'a' * 200_000},,\n"]), "its RECORD is cut or broken at line 3"),
}


@pytest.mark.parametrize("name", list(FLAWS))
def test_what_cannot_be_believed(tmp_path: Path, name: str) -> None:
    """A RECORD that is empty, cut, malformed, or another's says so, and no error is raised."""
    content, flaw = FLAWS[name]
    owned = _written(tmp_path, content)
    if name == "zeros" and sys.version_info >= (3, 11):
        # From there on, `csv` takes them for text; it is a line without commas all the same.
        assert owned.flaw
    else:
        assert owned.flaw == flaw


@given(st.integers(0, len("".join(["a.py,sha256=abc,123\n", *OWN])) - 2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_cut_anywhere(tmp_path: Path, length: int) -> None:
    """Law: where its own rows come last, a RECORD that lost its end is never believed."""
    text = "".join(["a.py,sha256=abc,123\n", *OWN])
    assert length == text.rindex(",") or _written(tmp_path, text[:length]).flaw


def test_no_record(tmp_path: Path) -> None:
    """None, a folder, and a link to nothing are no RECORD, and a pipe is not waited for."""
    place = tmp_path / "a-1.0.dist-info"
    assert owned_by(str(place)) == Owned({}, "it has no RECORD")
    (place / "RECORD").mkdir(parents=True)
    assert owned_by(str(place)).flaw == "it has no RECORD"
    (place / "RECORD").rmdir()
    if sys.platform != "win32":
        os.mkfifo(place / "RECORD")
        assert owned_by(str(place)).flaw == "it has no RECORD"


def _owned(**sizes: str) -> Owned:
    return Owned.of({path.replace("__", "/"): size for path, size in sizes.items()})


def test_damage(tmp_path: Path) -> None:
    """What is missing at any depth is damage, and a file that lost its content; byte code and other sizes are not."""
    site = str(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").touch()
    assert damage(site, _owned(a__b__c="0"), empty=(), outside=False) == ""
    assert damage(site, _owned(a__b__c=""), empty=(), outside=False) == ""
    assert damage(site, _owned(a__b__c="10"), empty=(), outside=False) == "`a/b/c` is empty"
    # Another distribution that ships the same path says that it is empty.
    assert damage(site, _owned(a__b__c="10"), empty={f"{site}/a/b/c"}, outside=False) == ""
    (tmp_path / "a" / "b" / "c").write_text("longer")
    assert damage(site, _owned(a__b__c="10"), empty=(), outside=False) == ""
    assert damage(site, Owned.of({"a/b/d": "1"}), empty=(), outside=False) == "`a/b/d` is missing"
    assert damage(site, Owned.of({"a/b/d.pyc": "", "a/__pycache__": ""}), empty=(), outside=False) == ""
    assert damage(site, Owned.of({"a\0": ""}), empty=(), outside=False) == "`a\0` is missing"
    assert damage(site, Owned.of({"../x": "1"}), empty=(), outside=False) == ""
    assert damage(site, Owned.of({"../x": "1"}), empty=(), outside=True) == "`../x` is missing"


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_link_to_nothing_is_damage(tmp_path: Path) -> None:
    """With uv's `link-mode = "symlink"` a cleaned cache leaves links that lead nowhere."""
    (tmp_path / "a.py").symlink_to(tmp_path / "cache")
    assert damage(str(tmp_path), Owned.of({"a.py": ""}), empty=(), outside=False) == "`a.py` is missing"
    (tmp_path / "cache").touch()
    assert damage(str(tmp_path), Owned.of({"a.py": ""}), empty=(), outside=False) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_what_leads_outside(tmp_path: Path) -> None:
    """A row above the environment, an absolute one, and one through a link at any depth; links that stay inside do not."""
    home, site = tmp_path / "env", tmp_path / "env" / "lib" / "site"
    (site / "a" / "b").mkdir(parents=True)
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (site / "link").symlink_to(tmp_path / "out")
    (site / "a" / "b" / "link").symlink_to(tmp_path / "out")
    (site / "a" / "inside").symlink_to(site / "a" / "b")
    # The file itself may be a link: to remove it removes the link.
    (site / "file.py").symlink_to(tmp_path / "out" / "x")
    wrong = [
        *("../../../x", "../../../../x/y", "/etc/passwd", str(tmp_path / "out" / "x"), "link/x", "link/deep/x"),
        *("a/b/link/x", "a/b/link/deep/x"),
    ]
    for path in wrong:
        assert leads_outside(str(site), Owned.of({"a.py": "", path: ""}), str(home)) == path
    right = (
        "a.py",
        "a/b/c.py",
        "file.py",
        "../../bin/tool",
        "../../share/x/y",
        "a/inside/c.py",
        str(home / "bin" / "x"),
    )
    assert leads_outside(str(site), Owned.of(dict.fromkeys(right, "")), str(home)) == ""
