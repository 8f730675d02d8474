"""Reading what is installed from the files of a site directory."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import dist_info
from tests.support.projects import write_modules
from wsnox.environment.site_packages import is_complete, read_installed

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.site_packages import Distribution


def _only(site: Path) -> Distribution:
    installed = read_installed([site])
    assert len(installed.distributions) == 1
    return installed.distributions[0]


def _strays(site: Path) -> list[str]:
    return [path.relative_to(site).as_posix() for path in read_installed([site]).strays]


def test_nothing_is_installed_where_nothing_is(tmp_path: Path) -> None:
    """A site directory that does not exist, and an empty one, hold nothing."""
    installed = read_installed([tmp_path, tmp_path / "missing"])
    assert (installed.distributions, installed.strays) == ((), ())


def test_a_distribution_from_an_index(tmp_path: Path) -> None:
    """Name and version come from the headers of METADATA, the name normalised; its body is not read."""
    place = dist_info(tmp_path, "Dotted.Name_Here", "1.0.post1")
    found = _only(tmp_path)
    assert (found.name, found.version, found.metadata, found.origin) == ("dotted-name-here", "1.0.post1", place, {})
    assert (found.flaw, found.legacy) == ("", False)


def test_the_origin_is_read(tmp_path: Path) -> None:
    """The origin that PEP 610 keeps tells a member from a package of an index."""
    origin = {"url": "file:///w/a", "dir_info": {"editable": True}}
    dist_info(tmp_path, "a", origin=origin)
    assert _only(tmp_path).origin == origin


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
    found = _only(tmp_path)
    assert (found.origin, found.flaw) == ({"url": ""}, "its direct_url.json cannot be read")


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "u", "archive_info": {}},
        {"url": "u", "archive_info": {"hash": None, "hashes": None}, "subdirectory": None},
        {"url": "u", "archive_info": {"hash": "sha256=x", "hashes": {"sha256": "x"}}, "subdirectory": "a/b"},
        {"url": "u", "dir_info": {"editable": None}, "more": [1]},
        {"url": "ü", "vcs_info": {"vcs": "git", "commit_id": "0", "requested_revision": None, "git_lfs": True}},
    ],
)
def test_what_is_an_origin(tmp_path: Path, origin: dict[str, object]) -> None:
    """What installers write is read, whatever else is in it; what may be absent may be null."""
    dist_info(tmp_path, "a", origin=origin)
    assert (_only(tmp_path).origin, _only(tmp_path).flaw) == (origin, "")


@pytest.mark.parametrize(
    ("record", "metadata", "flaw"),
    [
        (None, True, "it has no RECORD"),
        ((), False, "its metadata has no version"),
        (None, False, "it has no RECORD"),
    ],
)
def test_half_an_install_is_incomplete(
    tmp_path: Path, record: tuple[str, ...] | None, flaw: str, *, metadata: bool
) -> None:
    """A killed install leaves metadata without its RECORD, or without METADATA: its name comes from the folder."""
    dist_info(tmp_path, "half_done", "2.0", record=record, metadata=metadata)
    found = _only(tmp_path)
    assert (found.name, found.version, found.flaw) == ("half-done", "2.0", flaw)


def test_a_file_that_is_called_dist_info(tmp_path: Path) -> None:
    """A file in the place of metadata is half an install too, not a crash."""
    (tmp_path / "a-1.0.dist-info").write_text("Name: a\n")
    assert _only(tmp_path).flaw == "it has no RECORD"


@pytest.mark.parametrize("as_file", [False, True], ids=["directory", "file"])
def test_egg_info(tmp_path: Path, *, as_file: bool) -> None:
    """What ``setup.py install`` left has name and version, and is marked: no installer can remove it by a RECORD."""
    place = tmp_path / "Old_Thing-1.2-py3.9.egg-info"
    if as_file:
        place.write_text("Metadata-Version: 1.0\nName: Old-Thing\nVersion: 1.2\n")
    else:
        place.mkdir()
        (place / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: Old-Thing\nVersion: 1.2\n")
        (place / "installed-files.txt").write_text("..\\old_thing.py\n")
    found = _only(tmp_path)
    assert (found.name, found.version, found.legacy, found.metadata) == ("old-thing", "1.2", True, place)


def test_egg_info_without_metadata(tmp_path: Path) -> None:
    """The folder's own name tells what an egg-info without PKG-INFO was."""
    (tmp_path / "old-1.2-py3.9.egg-info").mkdir()
    found = _only(tmp_path)
    assert (found.name, found.version, found.legacy) == ("old", "1.2", True)


def test_egg_link(tmp_path: Path) -> None:
    """What ``setup.py develop`` left is marked the same way; the path file that goes with it is a stray."""
    (tmp_path / "Old-Thing.egg-link").write_text("/src/old\n.")
    (tmp_path / "easy-install.pth").write_text("/src/old\n")
    found = _only(tmp_path)
    assert (found.name, found.version, found.legacy, found.origin) == ("old-thing", "", True, {})
    assert _strays(tmp_path) == ["easy-install.pth"]


def test_strays(tmp_path: Path) -> None:
    """Whatever no RECORD names is a stray: modules, byte code, folders, path files, links; in name order."""
    dist_info(tmp_path, "a", record=["a/__init__.py,,", "a_1.py,,", "a-1.0.dist-info/RECORD,,"])
    for name in ("a_1.py", "b.pth", "c.py", "d.pyc", "e.so", "easy-install.pth", "sitecustomize.py"):
        (tmp_path / name).touch()
    for name in ("a", "f", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "g.py").symlink_to("nowhere")
    expected = ["b.pth", "c.py", "d.pyc", "e.so", "easy-install.pth", "f", "g.py", "sitecustomize.py"]
    assert _strays(tmp_path) == expected


def test_what_makes_an_environment_is_no_exception(tmp_path: Path) -> None:
    """What `virtualenv` and uv write there themselves runs at each start of Python as any other: only caches may stay."""
    for name in ("_virtualenv.py", "_virtualenv.pth"):
        (tmp_path / name).touch()
    (tmp_path / "__pycache__").mkdir()
    assert _strays(tmp_path) == ["_virtualenv.pth", "_virtualenv.py"]


@pytest.mark.parametrize(
    ("line", "owned"),
    [
        ("we ird/a.py,sha256=x,1", "we ird"),
        ('"we ird/a.py",sha256=x,1', "we ird"),
        ("win\\a.py,sha256=x,1", "win"),
        ('"win\\a.py",sha256=x,1', "win"),
        ("single.py,,", "single.py"),
        ('"single.py",,', "single.py"),
        ('"with,comma.py",,', "with,comma.py"),
        ('"with,comma/a.py",,', "with,comma"),
        ('"with""quote.py",,', 'with"quote.py'),
        ("ü.py,,", "ü.py"),
    ],
)
def test_records_are_read_as_they_are_written(tmp_path: Path, line: str, owned: str) -> None:
    """A RECORD is a CSV file: quoted names, spaces and backslashes of Windows own what they name."""
    dist_info(tmp_path, "a", record=[line, "..\\..\\Scripts\\a.exe,,", "../../bin/a,,"])
    (tmp_path / owned).touch()
    assert _strays(tmp_path) == []


def test_a_record_owns_in_its_own_directory_alone(tmp_path: Path) -> None:
    """What purelib's RECORD names is a stray in platlib; both directories are read and the names sorted over both."""
    pure, plat = tmp_path / "pure", tmp_path / "plat"
    dist_info(pure, "b", record=["b.py,,"])
    dist_info(plat, "a")
    (plat / "b.py").touch()
    installed = read_installed([pure, plat])
    assert [found.name for found in installed.distributions] == ["a", "b"]
    assert installed.strays == (plat / "b.py",)


def test_every_copy_is_read(tmp_path: Path) -> None:
    """Two versions of a distribution side by side are both read, so that the proof can refuse them."""
    dist_info(tmp_path, "a", "1.0")
    dist_info(tmp_path, "a", "2.0")
    assert [(found.name, found.version) for found in read_installed([tmp_path]).distributions] == [
        ("a", "1.0"),
        ("a", "2.0"),
    ]


def test_what_pip_hid_away_is_read(tmp_path: Path) -> None:
    """What pip is about to remove it renames to ``~…``; killed there, it leaves what is never a whole distribution."""
    place = dist_info(tmp_path, "pyhumps", "3.8.0", record=["humps.py,,"])
    place.rename(place.with_name("~yhumps-3.8.0.dist-info"))
    found = _only(tmp_path)
    assert (found.name, found.flaw) == ("pyhumps", "its RECORD does not name its own METADATA")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """Metadata that is no UTF-8 is read as far as it goes; nothing crashes on an environment's files."""
    place = dist_info(tmp_path, "a")
    (place / "METADATA").write_bytes(b"Name: a\xff\nVersion: 1.0\n")
    (place / "RECORD").write_bytes(b"\xff.py,,\n")
    (place / "direct_url.json").write_bytes(b"\xff")
    found = _only(tmp_path)
    assert (found.version, found.origin, found.flaw != "") == ("1.0", {"url": ""}, True)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (["a.py,sha256=x,0", "a-1.0.dist-info/RECORD,,"], True),
        (["a.py,sha256=x,1", "a-1.0.dist-info/RECORD,,"], False),
        (['"a.py",,', "../bin/a,,", ""], True),
        (["a.py,,", "a/__pycache__,,", "a/b.cpython-312.pyc,,"], True),
        (["a.py,,", "b.py,,"], False),
        (["../bin/b,,"], False),
        (None, False),
    ],
)
def test_a_whole_distribution(tmp_path: Path, record: list[str] | None, *, expected: bool) -> None:
    """A distribution is whole where each file of its RECORD is there in full; byte code, which `virtualenv` lists, may not be."""
    site = tmp_path / "site"
    dist_info(site, "a", record=record)
    (site / "a.py").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "a").touch()
    assert is_complete(_only(site)) is expected


def test_names_in_another_case(tmp_path: Path) -> None:
    """Where two spellings are one file, as on macOS and Windows, either is owned; where they are two, only the named one."""
    dist_info(tmp_path, "a", record=["Pkg/x.py,,", "mod.py,,"])
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "x.py").touch()
    (tmp_path / "mod.py").touch()
    if not (tmp_path / "Pkg").exists():
        (tmp_path / "Pkg").symlink_to(tmp_path / "pkg")
        (tmp_path / "MOD.py").touch()
        assert [path.name for path in read_installed([tmp_path]).strays] == ["MOD.py"]
    else:
        assert read_installed([tmp_path]).strays == ()


@pytest.mark.parametrize(
    ("lost", "complete"),
    [("a.py", False), ("p/x.py", False), ("p/deep/x.py", False), ("p/x.pyc", True), ("../../bin/a", True)],
)
def test_what_must_be_there(tmp_path: Path, lost: str, *, complete: bool) -> None:
    """What a RECORD names in the site directory must be there, byte code apart."""
    paths = ["a.py", "p/x.py", "p/x.pyc", "p/deep/x.py", "../../bin/a"]
    site = tmp_path / "lib" / "site"
    dist_info(site, "a", record=[f"{path},," for path in paths])
    for path in paths:
        if path != lost:
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).touch()
    assert [not found.flaw for found in read_installed([site]).distributions] == [complete]


@pytest.mark.parametrize(
    ("folder", "complete"),
    [("a_b-1.0", True), ("A.b-1.0", True), ("a-b-1.0", False), ("stray-a_b-1.0", False), ("~_b-1.0", False)],
)
def test_the_name_of_the_metadata(tmp_path: Path, folder: str, *, complete: bool) -> None:
    """Metadata under another name than its own is incomplete, since no installer would find it."""
    place = dist_info(tmp_path, "a_b").rename(tmp_path / f"{folder}.dist-info")
    (place / "RECORD").write_text(f"{place.name}/METADATA,,\n{place.name}/RECORD,,\n", encoding="utf-8")
    assert [not found.flaw for found in read_installed([tmp_path]).distributions] == [complete]


def test_an_origin_that_is_no_file(tmp_path: Path) -> None:
    """A folder or a pipe in its place is an origin that cannot be read; nobody waits for the pipe."""
    place = dist_info(tmp_path, "a")
    (place / "direct_url.json").mkdir()
    assert _only(tmp_path).origin == {"url": ""}
    (place / "direct_url.json").rmdir()
    if sys.platform != "win32":
        os.mkfifo(place / "direct_url.json")
        assert _only(tmp_path).origin == {"url": ""}


def test_a_file_that_two_distributions_ship(tmp_path: Path) -> None:
    """Of two that own one file either may have written it: an empty one is damage only where none says that it is empty."""
    dist_info(tmp_path, "a", record=["tests/__init__.py,sha256=x,9"])
    dist_info(tmp_path, "b", record=["tests/__init__.py,sha256=y,0"])
    write_modules(tmp_path, {"tests/__init__.py": ""})
    assert [found.flaw for found in read_installed([tmp_path]).distributions] == ["", ""]
    shutil.rmtree(tmp_path / "b-1.0.dist-info")
    assert _only(tmp_path).flaw == "`tests/__init__.py` is empty"


PACKAGES = [
    "pkg/__init__.py,,",
    "pkg/sub/__init__.py,,",
    "pkg/data/x.txt,,",
    "ns/a/sub/__init__.py,,",
    "ns/a/__init__.py,,",
    "ns/in/b/x.py,,",
]


@pytest.mark.parametrize(
    ("path", "stray"),
    [
        ("pkg/m.py", "pkg/m.py"),
        ("pkg/m.cpython-311-x86_64-linux-gnu.so", "pkg/m.cpython-311-x86_64-linux-gnu.so"),
        ("pkg/m.pyc", "pkg/m.pyc"),
        ("pkg/more/m.py", "pkg/more"),
        ("pkg/more/deep/m.py", "pkg/more"),
        ("ns/m.py", "ns/m.py"),
        ("ns/__init__.py", "ns/__init__.py"),
        ("ns/c/m.py", "ns/c"),
        ("ns/in/c/m.py", "ns/in/c"),
        ("ns/in/m.py", "ns/in/m.py"),
        # A program may write data beside its code, and what Python cannot import is no module.
        ("pkg/data.json", ""),
        ("pkg/not-a-module.py", ""),
        ("pkg/.cache/m.py", ""),
        ("pkg/node-modules/m.py", ""),
        ("pkg/cache/data.json", ""),
        ("pkg/cache/__pycache__/m.cpython-311.pyc", ""),
        ("pkg/__pycache__/m.cpython-311.pyc", ""),
        ("ns/data.json", ""),
        # A package is looked into as deep as a stamp remembers it.
        ("pkg/sub/m.py", ""),
        ("ns/a/sub/m.py", ""),
    ],
)
def test_strays_inside(tmp_path: Path, path: str, stray: str) -> None:
    """In packages, what could be imported and nobody owns is a stray; namespaces are followed to their packages."""
    dist_info(tmp_path, "p", record=PACKAGES)
    write_modules(tmp_path, {row.removesuffix(",,"): "" for row in PACKAGES})
    assert _strays(tmp_path) == []
    write_modules(tmp_path, {path: ""})
    assert _strays(tmp_path) == ([stray] if stray else [])


@pytest.mark.parametrize(
    ("init", "regular"),
    [
        *((f"__init__.{suffix}", True) for suffix in ("py", "pyc", *(each[1:] for each in EXTENSION_SUFFIXES))),
        *((f"__init__.{suffix}", True) for suffix in ("cp312-win_amd64.pyd", "pyd", "pypy310-pp73-darwin.so")),
        *((f"__init__.{suffix}", False) for suffix in ("pyi", "md", "pxd", "txt", "py.bak", "cpython-311.pyc", "c.so")),
    ],
)
def test_what_ends_a_namespace(tmp_path: Path, init: str, *, regular: bool) -> None:
    """Only what Python imports for a folder makes it a regular package; beside a stub or a document, it is a namespace."""
    dist_info(tmp_path, "p", record=["ns/a/__init__.py,,", f"ns/{init},,"])
    write_modules(tmp_path, {"ns/a/__init__.py": "", f"ns/{init}": "", "ns/a/m.py": ""})
    assert _strays(tmp_path) == ([] if regular else ["ns/a/m.py"])


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
@pytest.mark.parametrize("folder", ["pkg", "ns"])
def test_links_inside_a_stray_folder(tmp_path: Path, folder: str) -> None:
    """A folder that holds nothing but links is a stray where one leads to a folder, or to what may be one; not to data."""
    site, outside = tmp_path / "site", tmp_path / "outside"
    dist_info(site, "p", record=PACKAGES)
    write_modules(site, {row.removesuffix(",,"): "" for row in PACKAGES})
    write_modules(outside, {"evil.py": "", "data.json": ""})
    links = {"inner": outside, "none": tmp_path / "nothing", "file": outside / "data.json", "deep/deeper": outside}
    for name, target in links.items():
        path = site / folder / f"new_{name[:4]}" / name
        path.parent.mkdir(parents=True)
        path.symlink_to(target)
    assert _strays(site) == [f"{folder}/new_{name}" for name in ("deep", "inne", "none")]
