"""Reading what is installed from the files of site directories, and what there and among the scripts is nobody's."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import dist_info
from tests.support.projects import write_modules
from wsnox.environment.integrity import Scripts
from wsnox.environment.site_packages import read_installed
from wsnox.environment.snapshot import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.site_packages import Distribution

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links and the layout of POSIX")


def _only(site: Path) -> Distribution:
    (distribution,) = read_installed([site]).distributions
    return distribution


def _strays(site: Path) -> list[str]:
    return [path.relative_to(site).as_posix() for path in read_installed([site]).strays]


def test_nothing_is_installed_where_nothing_is(tmp_path: Path) -> None:
    """A site directory that does not exist, and an empty one, hold nothing."""
    installed = read_installed([tmp_path, tmp_path / "missing"])
    assert (installed.distributions, installed.strays) == ((), ())


def test_every_directory_and_every_copy(tmp_path: Path) -> None:
    """Distributions of all directories, each copy, sorted by name; what purelib's RECORD names is a stray in platlib."""
    pure, plat = tmp_path / "pure", tmp_path / "plat"
    dist_info(pure, "b", record=["b.py,,"])
    dist_info(plat, "a", "2.0")
    dist_info(plat, "a", "1.0")
    write_modules(plat, {"b.py": ""})
    installed = read_installed([pure, plat])
    assert [f"{item.name} {item.version}" for item in installed.distributions] == ["a 1.0", "a 2.0", "b 1.0"]
    assert installed.strays == (plat / "b.py",)


def test_what_is_read_of_a_distribution(tmp_path: Path) -> None:
    """What its metadata says, with where that is; an `.egg-link` is legacy, and its path file a stray."""
    origin = {"url": "file:///w/a", "dir_info": {"editable": True}}
    path = dist_info(tmp_path, "A.b", origin=origin)
    distribution = _only(tmp_path)
    assert (distribution.name, distribution.version, distribution.metadata) == ("a-b", "1.0", path)
    assert (distribution.origin, distribution.legacy, distribution.flaw) == (origin, False, "")
    shutil.rmtree(path)
    (tmp_path / "Old-Thing.egg-link").write_text("/src/old\n.")
    (tmp_path / "easy-install.pth").write_text("/src/old\n")
    assert (_only(tmp_path).name, _only(tmp_path).legacy, _only(tmp_path).flaw) == ("old-thing", True, "")
    assert _strays(tmp_path) == ["easy-install.pth"]


def test_what_pip_hid_away(tmp_path: Path) -> None:
    """What pip is about to remove it renames to ``~…``; killed there, it leaves what is never a whole distribution."""
    path = dist_info(tmp_path, "pyhumps", "3.8.0", record=["humps.py,,"])
    path.rename(path.with_name("~yhumps-3.8.0.dist-info"))
    assert (_only(tmp_path).name, _only(tmp_path).flaw) == ("pyhumps", "its RECORD does not name its own METADATA")


@POSIX
def test_what_changed(tmp_path: Path) -> None:
    """A distribution changed where its metadata, a file of it at the top, or a script is not as in the fingerprint before."""
    site, bin_ = tmp_path / "lib" / "site", tmp_path / "bin"
    write_modules(site, {"a.py": "", "b.py": "", "p/c.py": ""})
    write_modules(bin_, {"tool": ""})
    dist_info(site, "a", record=["a.py,,"])
    dist_info(site, "b", record=["b.py,,"])
    dist_info(site, "c", record=["p/c.py,,", "../../bin/tool,,"])
    scripts = Scripts(bin_, bin_ / "python", tmp_path)
    before = fingerprint(read_installed([site], scripts).sites)

    def changed() -> list[str]:
        return [item.name for item in read_installed([site], scripts, before).distributions if item.changed]

    assert changed() == []
    for path, name in ((site / "a.py", "a"), (site / "b-1.0.dist-info" / "METADATA", "b"), (bin_ / "tool", "c")):
        status = path.stat()
        os.utime(path, ns=(1, 1))
        assert changed() == [name]
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("lost", "complete"),
    [("a.py", False), ("p/x.py", False), ("p/deep/x.py", False), ("p/x.pyc", True), ("../../bin/a", True)],
)
def test_what_must_be_there(tmp_path: Path, lost: str, *, complete: bool) -> None:
    """What a RECORD names in the site directory must be there, byte code apart."""
    paths = ["a.py", "p/x.py", "p/x.pyc", "p/deep/x.py", "../../bin/a"]
    site = tmp_path / "lib" / "site"
    dist_info(site, "a", record=[f"{path},," for path in paths])
    write_modules(site, {path: "" for path in paths if path != lost})
    assert (_only(site).flaw == "") is complete


@POSIX
@pytest.mark.parametrize("path", ["a.py", "p/x.py", "p/deep/x.py", "ns/q/x.py", "a-1.0.dist-info/x y"])
def test_links_in_place_of_files(tmp_path: Path, path: str) -> None:
    """With uv's `link-mode = "symlink"` all files are links: those that lead to a file are there, and to nothing are not."""
    dist_info(
        tmp_path, "a", record=["a.py,,", "p/__init__.py,,", "p/x.py,,", "p/deep/x.py,,", "ns/q/x.py,,", f'"{path}",,']
    )
    write_modules(tmp_path, dict.fromkeys(["a.py", "p/__init__.py", "p/x.py", "p/deep/x.py", "ns/q/x.py", "kept"], ""))
    (tmp_path / path).unlink(missing_ok=True)
    (tmp_path / path).symlink_to(tmp_path / "kept")
    assert _only(tmp_path).flaw == ""
    (tmp_path / "kept").unlink()
    assert _only(tmp_path).flaw == f"`{path}` is missing"


def test_names_with_spaces_in_metadata(tmp_path: Path) -> None:
    """A file whose name begins with that of another does not stand in for it."""
    metadata = dist_info(tmp_path, "a", record=["a-1.0.dist-info/x,,"])
    (metadata / "x 1").touch()
    assert _only(tmp_path).flaw == "`a-1.0.dist-info/x` is missing"
    (metadata / "x").touch()
    assert _only(tmp_path).flaw == ""


def test_one_record_twice(tmp_path: Path) -> None:
    """What was read from a RECORD holds for another one of the same text alone, and says nothing of what is there."""
    for site in ("one", "two"):
        dist_info(tmp_path / site, "a", record=["a.py,,"])
    write_modules(tmp_path, {"one/a.py": ""})
    assert (_only(tmp_path / "one").flaw, _only(tmp_path / "two").flaw) == ("", "`a.py` is missing")
    dist_info(tmp_path / "three", "a", record=["b.py,,"])
    assert _only(tmp_path / "three").flaw == "`b.py` is missing"


def test_a_file_that_two_distributions_ship(tmp_path: Path) -> None:
    """Of two that own one file either may have written it: an empty one is damage only where none says that it is empty."""
    dist_info(tmp_path, "a", record=["tests/__init__.py,sha256=x,9"])
    dist_info(tmp_path, "b", record=["tests/__init__.py,sha256=y,0"])
    write_modules(tmp_path, {"tests/__init__.py": ""})
    assert [item.flaw for item in read_installed([tmp_path]).distributions] == ["", ""]
    shutil.rmtree(tmp_path / "b-1.0.dist-info")
    assert _only(tmp_path).flaw == "`tests/__init__.py` is empty"


# --- strays ---------------------------------------------------------------------------------------------------------


def test_strays_at_the_top(tmp_path: Path) -> None:
    """Whatever no RECORD names: modules, byte code, folders, path files, links, and what `virtualenv` writes there itself."""
    dist_info(tmp_path, "a", record=["a/__init__.py,,", "a_1.py,,"])
    strays = ["_virtualenv.pth", "_virtualenv.py", "b.pth", "c.py", "d.pyc", "e.so", "f", "g.py", "sitecustomize.py"]
    for name in ("a", "f", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "g.py").symlink_to("nowhere")
    for name in ("a_1.py", *strays):
        if not os.path.lexists(tmp_path / name):
            (tmp_path / name).touch()
    assert _strays(tmp_path) == strays


@pytest.mark.parametrize(
    ("line", "owned"),
    [
        ('"we ird/a.py",sha256=x,1', "we ird"),
        ("win\\a.py,sha256=x,1", "win"),
        ("single.py,,", "single.py"),
        ('"with,comma/a.py",,', "with,comma"),
        ('"with""quote.py",,', 'with"quote.py'),
        ("ü.py,,", "ü.py"),
    ],
)
def test_a_record_owns_what_it_names(tmp_path: Path, line: str, owned: str) -> None:
    """A RECORD is a CSV file: quoted names, spaces and backslashes of Windows own what they name."""
    dist_info(tmp_path, "a", record=[line, "..\\..\\Scripts\\a.exe,,", "../../bin/a,,"])
    (tmp_path / owned).touch()
    assert _strays(tmp_path) == []


def test_names_in_another_case(tmp_path: Path) -> None:
    """Where two spellings are one file, as on macOS and Windows, either is owned; where they are two, only the named one."""
    dist_info(tmp_path, "a", record=["Pkg/x.py,,", "mod.py,,"])
    write_modules(tmp_path, {"pkg/x.py": "", "mod.py": ""})
    if (tmp_path / "Pkg").exists():
        assert _strays(tmp_path) == []
    else:
        (tmp_path / "Pkg").symlink_to(tmp_path / "pkg")
        (tmp_path / "MOD.py").touch()
        assert _strays(tmp_path) == ["MOD.py"]


PACKAGES = [
    *("pkg/__init__.py", "pkg/sub/__init__.py", "pkg/data/x.txt"),
    *("ns/a/sub/__init__.py", "ns/a/__init__.py", "ns/in/b/x.py"),
]


def _packages(site: Path) -> None:
    dist_info(site, "p", record=[f"{path},," for path in PACKAGES])
    write_modules(site, dict.fromkeys(PACKAGES, ""))
    assert _strays(site) == []


@pytest.mark.parametrize(
    ("path", "stray"),
    [
        *((path, path) for path in ("pkg/m.py", "pkg/m.cpython-311-x86_64-linux-gnu.so", "pkg/m.pyc", "ns/m.py")),
        *((path, path) for path in ("ns/__init__.py", "ns/in/m.py")),
        *(("pkg/more/m.py", "pkg/more"), ("pkg/more/deep/m.py", "pkg/more"), ("ns/c/m.py", "ns/c")),
        ("ns/in/c/m.py", "ns/in/c"),
        # A program may write data beside its code, and what Python cannot import is no module.
        *((path, "") for path in ("pkg/data.json", "pkg/not-a-module.py", "pkg/.cache/m.py", "pkg/node-modules/m.py")),
        *((path, "") for path in ("pkg/cache/data.json", "pkg/cache/__pycache__/m.cpython-311.pyc", "ns/data.json")),
        ("pkg/__pycache__/m.cpython-311.pyc", ""),
        # A package is looked into as deep as a stamp remembers it.
        *((path, "") for path in ("pkg/sub/m.py", "ns/a/sub/m.py")),
    ],
)
def test_strays_inside(tmp_path: Path, path: str, stray: str) -> None:
    """In packages, what could be imported and nobody owns is a stray; namespaces are followed to their packages."""
    _packages(tmp_path)
    write_modules(tmp_path, {path: ""})
    assert _strays(tmp_path) == ([stray] if stray else [])


@pytest.mark.parametrize(
    ("init", "regular"),
    [
        *((f"__init__.{suffix}", True) for suffix in ("py", "pyc", *(suffix[1:] for suffix in EXTENSION_SUFFIXES))),
        *((f"__init__.{suffix}", True) for suffix in ("cp312-win_amd64.pyd", "pyd", "pypy310-pp73-darwin.so")),
        *((f"__init__.{suffix}", False) for suffix in ("pyi", "md", "pxd", "txt", "py.bak", "cpython-311.pyc", "c.so")),
        *(("x__init__.py", False), ("__init__.py.so.txt", False)),
    ],
)
def test_what_ends_a_namespace(tmp_path: Path, init: str, *, regular: bool) -> None:
    """Only what Python imports for a folder makes it a regular package; beside a stub or a document, it is a namespace."""
    dist_info(tmp_path, "p", record=["ns/a/__init__.py,,", f"ns/{init},,"])
    write_modules(tmp_path, {"ns/a/__init__.py": "", f"ns/{init}": "", "ns/a/m.py": ""})
    assert _strays(tmp_path) == ([] if regular else ["ns/a/m.py"])


@POSIX
@pytest.mark.parametrize("folder", ["pkg", "ns"])
def test_links_inside_a_stray_folder(tmp_path: Path, folder: str) -> None:
    """A folder that holds nothing but links is a stray where one leads to a folder, or to what may be one; not to data."""
    site, outside = tmp_path / "site", tmp_path / "outside"
    _packages(site)
    write_modules(outside, {"evil.py": "", "data.json": ""})
    links = {"inner": outside, "none": tmp_path / "nothing", "file": outside / "data.json", "deep/deeper": outside}
    for name, target in links.items():
        path = site / folder / f"new_{name[:4]}" / name
        path.parent.mkdir(parents=True)
        path.symlink_to(target)
    assert _strays(site) == [f"{folder}/new_{name}" for name in ("deep", "inne", "none")]


@POSIX
def test_stray_scripts(tmp_path: Path) -> None:
    """Owned are the scripts of distributions, what starts this very Python, and what is for shells; nothing else."""
    directory, site = tmp_path / "bin", tmp_path / "lib" / "site"
    directory.mkdir()
    (directory / "python").symlink_to(sys.executable)
    (directory / "python3").symlink_to("python")
    (directory / "𝜋thon").symlink_to("python")
    shutil.copy(sys.executable, directory / "python3.99")
    for name in ("activate", "activate.fish", "Activate.ps1", "deactivate.bat", "pydoc.bat", "tool", "listed"):
        (directory / name).touch()
    strays = ["activate.py", "activate_this.py", "python.py", "python3.so", "python4", "stray", "tool.py", "tool2"]
    for name in strays:
        (directory / name).write_text("stray\n")
    (directory / "activate.sh").mkdir()
    (directory / "python3.5").symlink_to("/bin/sh")
    metadata = dist_info(site, "a", record=["../../bin/listed,,"])
    (metadata / "entry_points.txt").write_text("[console_scripts]\ntool = a:main\ngone = a:main\n")
    installed = read_installed([site], Scripts(directory, directory / "python", tmp_path))
    assert [path.name for path in installed.strays] == sorted([*strays, "activate.sh", "python3.5"])
