"""What metadata directories say: names, origins, RECORDs however they are written, and when they cannot be believed."""

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

from tests.environment.makers import dist_info
from wsnox.environment.metadata import Metadata, Owned, metadata_at
from wsnox.files import remove

if TYPE_CHECKING:
    from pathlib import Path

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _only(site: Path) -> Metadata:
    (path,) = site.iterdir()
    return metadata_at(path.as_posix())


@pytest.mark.parametrize(
    ("name", "content", "normal", "version"),
    [
        ("Dotted.Name_Here-1.0.post1.dist-info", None, "dotted-name-here", "1.0.post1"),
        # What `setup.py install` and `setup.py develop` left.
        ("Old_Thing-1.2-py3.9.egg-info", "Metadata-Version: 1.0\nName: Old-Thing\nVersion: 1.2\n", "old-thing", "1.2"),
        ("Old_Thing-1.2-py3.9.egg-info/PKG-INFO", "Name: Old-Thing\nVersion: 1.2\n", "old-thing", "1.2"),
        ("old-1.2-py3.9.egg-info/installed-files.txt", "..\\old.py\n", "old", "1.2"),
        ("Old-Thing.egg-link", "/src/old\n.", "old-thing", ""),
    ],
)
def test_name_and_version(tmp_path: Path, name: str, content: str | None, normal: str, version: str) -> None:
    """They are in the headers, not in the body; without these, the name of the directory has them."""
    if content is None:
        dist_info(tmp_path, "Dotted.Name_Here", "1.0.post1")
    else:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    metadata = _only(tmp_path)
    assert (metadata.name, metadata.version, metadata.origin, metadata.flaw) == (normal, version, {}, "")
    assert metadata.legacy is (content is not None)


@pytest.mark.parametrize(
    ("record", "metadata", "flaw"),
    [(None, True, "it has no RECORD"), ((), False, "its metadata has no version"), (None, False, "it has no RECORD")],
)
def test_half_an_install(tmp_path: Path, record: tuple[str, ...] | None, flaw: str, *, metadata: bool) -> None:
    """A killed install leaves metadata without its RECORD, or without METADATA."""
    dist_info(tmp_path, "half_done", "2.0", record=record, metadata=metadata)
    assert (_only(tmp_path).name, _only(tmp_path).version, _only(tmp_path).flaw) == ("half-done", "2.0", flaw)


@pytest.mark.parametrize(
    ("folder", "flaw"),
    [
        *(("a_b-1.0", ""), ("A.b-1.0", "")),
        *((name, "its metadata is under another name") for name in ("a-b-1.0", "stray-a_b-1.0", "~_b-1.0")),
    ],
)
def test_the_name_of_the_directory(tmp_path: Path, folder: str, flaw: str) -> None:
    """Metadata under another name than its own is flawed, since no installer would find it."""
    path = dist_info(tmp_path, "a_b").rename(tmp_path / f"{folder}.dist-info")
    (path / "RECORD").write_text(f"{path.name}/METADATA,,\n{path.name}/RECORD,,\n", encoding="utf-8")
    assert _only(tmp_path).flaw == flaw


def test_files_of_any_kind(tmp_path: Path) -> None:
    """Bytes that are no text, a file in place of the directory, folders and pipes in place of files: none crashes or waits."""
    path = dist_info(tmp_path, "a")
    broken = {"METADATA": b"Name: a\xff\nVersion: 1.0\n", "RECORD": b"\xff.py,,\n", "direct_url.json": b"\xff"}
    for name, content in broken.items():
        (path / name).write_bytes(content)
    assert (_only(tmp_path).version, _only(tmp_path).origin) == ("1.0", {"url": ""})
    assert _only(tmp_path).flaw
    for make in (os.mkdir, *([] if sys.platform == "win32" else [os.mkfifo])):
        for name in ("RECORD", "direct_url.json"):
            remove(path / name, inside=path)
            make(path / name)
        assert (_only(tmp_path).origin, _only(tmp_path).flaw) == ({"url": ""}, "it has no RECORD")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b-1.0.dist-info").write_text("Name: b\n")
    assert _only(tmp_path / "b").flaw == "it has no RECORD"


# --- direct_url.json ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "\x00", "[" * 100_000, '{"a":' * 100_000, '{"dir_info": {}}', '{"url": "u"}'),
        *('{"url": "u", "dir_info": []}', '{"url": "u", "vcs_info": null}', '{"url": 5, "dir_info": {}}'),
        *('{"url": "u", "archive_info": {"hash": 7}}', '{"url": "u", "archive_info": {"hashes": {"sha256": 7}}}'),
        *('{"url": "u", "archive_info": {"hashes": "x"}}', '{"url": "u", "dir_info": {"editable": "x"}}'),
        *('{"url": "u", "vcs_info": {"vcs": "git", "commit_id": [1]}}', '{"url": "u", "vcs_info": {"vcs": "cvs"}}'),
        *('{"url": "\\ud800", "dir_info": {}}', '{"url": "u", "dir_info": {}, "x": NaN}'),
        *('{"url": "u", "dir_info": {}, "x": 1e999}', '{"url": "u", "dir_info": {}, "dir_info": {}}'),
    ],
)
def test_a_broken_origin_is_no_index(tmp_path: Path, text: str) -> None:
    """An origin that cannot be read never makes a distribution look as if it came from an index, or whole."""
    dist_info(tmp_path, "a", origin=text)
    assert (_only(tmp_path).origin, _only(tmp_path).flaw) == ({"url": ""}, "its direct_url.json cannot be read")


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "file:///w/a", "dir_info": {"editable": True}},
        {"url": "u", "archive_info": {}},
        {"url": "u", "archive_info": {"hash": None, "hashes": None}, "subdirectory": None},
        {"url": "u", "archive_info": {"hash": "sha256=x", "hashes": {"sha256": "x"}}, "subdirectory": "a/b"},
        {"url": "u", "dir_info": {"editable": None}, "more": [1]},
        {"url": "ü", "vcs_info": {"vcs": "git", "commit_id": "0", "requested_revision": None, "git_lfs": True}},
    ],
)
def test_an_origin(tmp_path: Path, origin: dict[str, object]) -> None:
    """What installers write is read, whatever else is in it; what may be absent may be null."""
    dist_info(tmp_path, "a", origin=origin)
    assert (_only(tmp_path).origin, _only(tmp_path).flaw) == (origin, "")


# --- RECORD ---------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["a", "a0", "a-b", "a.py", "b", "b c", "..", "__pycache__", "ä", "A", "a,b", 'a"b', "0", "-", "."]
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12)
OWN = ["a-1.0.dist-info/METADATA,sha256=x,9\n", "a-1.0.dist-info/RECORD,,\n"]


def _owned(tmp_path: Path, content: str | bytes) -> Owned:
    path = tmp_path / "a-1.0.dist-info"
    path.mkdir(exist_ok=True)
    (path / "RECORD").write_bytes(content if isinstance(content, bytes) else content.encode())
    return metadata_at(path.as_posix()).owned


@given(paths=PATHS, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), line=st.sampled_from(["\n", "\r\n"]))
@ONE_FOLDER
def test_every_path(tmp_path: Path, paths: list[str], quoting: Any, line: str) -> None:
    """Law: whatever a path holds and however it is quoted, it is read back, as short as it can be written."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=line)
    writer.writerows([path, "sha256=a/b+c", "1"] for path in paths)
    writer.writerows([f"a-1.0.dist-info/{name}", "", ""] for name in ("METADATA", "RECORD"))
    owned = _owned(tmp_path, text.getvalue())
    assert owned.flaw == ""
    assert set(owned.paths) - {line.partition(",")[0] for line in OWN} == {posixpath.normpath(path) for path in paths}
    assert all(path in owned for path in owned.paths)


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
    assert read in _owned(tmp_path, "".join([f"{path},,\n", *OWN])).paths


BROKEN_ROWS = {
    "a-cut-row": "a/b.p",
    "a-cut-hash": "a/b.py,sha256=x",
    "an-open-quote": '"a/b.py,sha256=x,1\n',
    "text-behind-a-quote": '"a"b.py,,\n',
    "too-many-fields": "a,b.py,sha256=x,1\n",
    "no-path": ",sha256=x,1\n",
    "no-size": "a.py,sha256=x,many\n",
    "a-negative-size": "a.py,sha256=x,-1\n",
    "a-long-field": f'"{"a" * 200_000}",,\n',
}
OF_ANOTHER = "b-1.0.dist-info/METADATA,,\nb-1.0.dist-info/RECORD,,\n"
FLAWS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "its RECORD is empty"),
    "blank": ("\n\r\n", "its RECORD is empty"),
    "zeros": (b"\0" * 64, "its RECORD is cut or broken at line 1"),
    "without-metadata": (OWN[1], "its RECORD does not name its own METADATA"),
    "without-itself": (OWN[0], "its RECORD does not name its own RECORD"),
    "of-another": (OF_ANOTHER, "its RECORD does not name its own METADATA"),
    **{name: ("".join([*OWN, row]), "its RECORD is cut or broken at line 3") for name, row in BROKEN_ROWS.items()},
}


@pytest.mark.parametrize("name", list(FLAWS))
def test_what_cannot_be_believed(tmp_path: Path, name: str) -> None:
    """A RECORD that is empty, cut, malformed, or another's says so, and no error is raised."""
    content, flaw = FLAWS[name]
    owned = _owned(tmp_path, content)
    if name == "zeros" and sys.version_info >= (3, 11):
        # From there on, `csv` takes them for text; it is a line without commas all the same.
        assert owned.flaw
    else:
        assert owned.flaw == flaw


@given(st.integers(0, len("".join(["a.py,sha256=abc,123\n", *OWN])) - 2))
@ONE_FOLDER
def test_a_record_cut_anywhere(tmp_path: Path, length: int) -> None:
    """Law: where its own rows come last, a RECORD that lost its end is never believed."""
    text = "".join(["a.py,sha256=abc,123\n", *OWN])
    assert length == text.rindex(",") or _owned(tmp_path, text[:length]).flaw


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[console_scripts]\na = m:f\nb=m:g [extra]\n", {"a", "b"}),
        ("[gui_scripts]\r\na = m:f\r\n[other]\r\nb = m:f\r\n", {"a"}),
        ("# [x]\n[ console_scripts ]\n; c = d\n#e = f\n\n  a.b-c = m:f", {"a.b-c"}),
        ("a = m:f\n[pytest11]\nb = c\n", set()),
        ("[console_scripts]\n../x = m:f\na\\b = m:f\n = m:f\nnothing\n", set()),
        ("", set()),
    ],
)
def test_scripts(tmp_path: Path, text: str, names: set[str]) -> None:
    """The names of programs are read, of the console and of windows; the file must be in the RECORD, as all are."""
    path = dist_info(tmp_path, "a")
    assert _only(tmp_path).scripts == set()
    (path / "entry_points.txt").write_text(text, encoding="utf-8", newline="")
    assert _only(tmp_path).scripts == names
    assert _only(tmp_path).flaw == "its RECORD does not name its own entry_points.txt"
