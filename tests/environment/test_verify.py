"""The proof: every way in which an environment differs from a closure is told in a line, other files among them."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import git
from tests.environment.jobs import prepare, real_job, refused, site_of_job
from tests.environment.makers import COMMIT, INDEX, closure_of, installed_of, package, wheel_of
from tests.support.index import index
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_member
from wsnox.environment.model import Proof
from wsnox.environment.site_packages import Distribution, Installed
from wsnox.environment.stamp import remembered_proof
from wsnox.environment.verify import _is_same_path, compare
from wsnox.lock import Archive, Directory, Git, Registry, Url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import WorkspaceFactory
    from wsnox.closure import Closure
    from wsnox.environment.model import Job
    from wsnox.lock import Package, Source


ROOT = "/w"
SITE = Path("/env/site-packages")

EDITABLE = package("member", "1.0", Directory("packages/member", editable=True))
TREE = package("tree", "1.0", Directory("../tree", editable=False))
ARCHIVE = package("archive", "1.0", Archive("dist/archive-1.0-py3-none-any.whl"))
URL = package("url", "1.0", Url("https://host/url-1.0.zip#sha256=aa"))
GIT = package("git", "1.0", Git("https://host/git", COMMIT))


def _lines(locked: Package, **changes: Any) -> list[str]:
    """Return what the proof says of *locked* if the installed distribution has these *changes*."""
    closure = closure_of(locked)
    (distribution,) = installed_of(closure, SITE, ROOT).distributions
    return _compare(closure, replace(distribution, **changes))


def _compare(
    closure: Closure,
    *distributions: Distribution,
    strays: tuple[Path, ...] = (),
    keep: tuple[str, ...] = (),
    root: str = ROOT,
) -> list[str]:
    return compare(closure, Installed(distributions, strays), root=root, keep=keep, doubts={}).lines()


def _dist(name: str, version: str = "1.0", **more: Any) -> Distribution:
    return Distribution(name, version, f"{SITE}/{name}-{version}.dist-info", more.pop("origin", {}), **more)


def test_what_must_not_be_there_or_is_missing() -> None:
    """It is told with its version, each copy of it, and a stray with its directory; the installer itself may stay."""
    dynamic = package("dynamic", None, Directory("dynamic", editable=True))
    installed = (_dist("pip", "23.0"), _dist("b"), _dist("b", "2.0"))
    lines = _compare(closure_of(package("a"), dynamic), *installed, strays=(SITE / "humps.py",))
    assert lines == ["+ pip 23.0", "+ b 1.0", "+ b 2.0", "- a 1.0", "- dynamic", "+ humps.py in site-packages"]
    assert _compare(closure_of(), _dist("pip", "23.0"), keep=("pip",)) == []
    locked = closure_of(package("pip", "24.0"))
    assert _compare(locked, _dist("pip", "23.0"), keep=("pip",)) == ["! pip 24.0: installed as 23.0"]


def test_what_a_terminal_would_act_upon() -> None:
    """Names and versions come from files that anybody wrote: they are shown as they are spelled, each in its one line."""
    lines = _compare(closure_of(), _dist("a\x1b[31m", "1\r0\x07"), strays=(SITE / "b\n- c\x9b2J.py",))
    assert lines == ["+ a\\x1b[31m 1\\r0\\x07", "+ b\\n- c\\x9b2J.py in site-packages"]
    removed = Proof(names=(), sites=(), settings="", contents={}, removed=("a\x1b[31m 1\r0", "b\nc.py"))
    assert str(removed) == "0 distributions, exactly its locked closure (removed a\\x1b[31m 1\\r0, b\\nc.py)"


@pytest.mark.parametrize(
    ("locked", "installed"),
    [
        ("1.0", "1"),
        ("1.0", "1.0.0"),
        ("1.0.0", "1.0"),
        ("1.0a1", "1.0.alpha1"),
        ("1.0+local.1", "1.0+local-1"),
        ("1!2.0", "1!2"),
    ],
)
def test_equal_versions_are_equal(locked: str, installed: str) -> None:
    """Two spellings of one version (PEP 440) are no difference: metadata need not have uv's spelling."""
    assert _lines(package("a", locked), version=installed) == []


@pytest.mark.parametrize("installed", ["1.0.1", "1.0.post1", "1.0+cpu", "1!1.0", "", "not a version"])
def test_wrong_version(installed: str) -> None:
    """Another version, a local or post release of it, and no version at all are told."""
    assert _lines(package("a"), version=installed) == [f"! a 1.0: installed as {installed}"]


def test_a_dynamic_version_may_be_any() -> None:
    """A source tree whose version the lockfile leaves open may have any; its place still counts."""
    dynamic = package("tree", None, TREE.source)
    assert _lines(dynamic, version="3.1") == []
    assert _lines(dynamic, version="3.1", origin={}) == ["! tree: installed from an index"]


@pytest.mark.parametrize(
    ("locked", "origin", "why"),
    [
        (package("a"), {"url": "file:///w/a", "dir_info": {"editable": True}}, "installed from file:///w/a"),
        (package("a"), {"url": "https://host/a.whl", "archive_info": {}}, "installed from https://host/a.whl"),
        (package("a"), {"url": ""}, "installed from an unknown place"),
        (EDITABLE, {}, "installed from an index"),
        (EDITABLE, {"url": "file:///w/packages/member", "dir_info": {}}, "not installed editable"),
        (EDITABLE, {"url": "file:///w/packages/other", "dir_info": {"editable": True}}, "installed from file:///w/packages/other"),
        (TREE, {"url": "file:///tree", "dir_info": {"editable": True}}, "installed editable"),
        (TREE, {"url": "https://host/tree"}, "installed from https://host/tree"),
        (ARCHIVE, {}, "installed from an index"),
        (ARCHIVE, {"url": "file:///w/dist/other.whl"}, "installed from file:///w/dist/other.whl"),
        (URL, {}, "installed from an index"),
        (URL, {"url": "https://host/url-2.0.zip"}, "installed from https://host/url-2.0.zip"),
        (GIT, {}, "installed from an index at no commit"),
        (GIT, {"url": "https://host/git", "vcs_info": {"commit_id": "ff"}}, "installed from https://host/git at ff"),
    ],
)  # fmt: skip
def test_wrong_origin(locked: Package, origin: dict[str, Any], why: str) -> None:
    """The right version from another place is another distribution, and the line says from where."""
    assert _lines(locked, origin=origin) == [f"! {locked}: {why}"]


@pytest.mark.parametrize("url", [1, "file://[", "file:", "\x00", "file:///w/\x00", "file:///w/%00", "file:///w/\ud800"])
@pytest.mark.parametrize("locked", [EDITABLE, ARCHIVE, URL, GIT], ids=str)
def test_a_malformed_url_is_a_difference(locked: Package, url: object) -> None:
    """A place that no installer writes is a difference like any other: it never ends in a traceback."""
    assert len(_lines(locked, origin={"url": url})) == 1


def test_duplicates() -> None:
    """A distribution that is there twice is wrong even where one copy is right."""
    lines = _compare(closure_of(package("a", "2.0")), _dist("a", "1.0"), _dist("a", "2.0"))
    assert lines == ["! a 2.0: installed 2 times (1.0, 2.0)"]


def test_partial_and_legacy() -> None:
    """Half an install and what ``setup.py`` left count as wrong whatever they say of themselves."""
    assert _lines(package("a"), flaw="`a.py` is missing") == ["! a 1.0: installed only in part: `a.py` is missing"]
    legacy = _lines(package("a"), legacy=True, location=f"{SITE}/a.egg-link")
    assert legacy == ["! a 1.0: installed as `a.egg-link`, without a record of its files"]


@pytest.mark.parametrize(
    ("path", "root", "url"),
    [
        ("packages/a b", "/w", "file:///w/packages/a%20b"),
        ("packages/a", "/w/ü", "file:///w/%C3%BC/packages/a"),
        ("packages/a", "/w", "file:///w/packages/a/"),
        ("packages/a", "/w", "file:///w/./packages/a"),
        ("packages/a", "C:/w", "file:///C:/w/packages/a"),
        (".", "/w", "file:///w"),
    ],
)
def test_one_place_has_several_spellings(path: str, root: str, url: str) -> None:
    """Percent-encoding, a slash at the end and a drive letter in a URL do not make another place."""
    locked = closure_of(package("a", "1.0", Directory(path, editable=False)))
    assert _compare(locked, _dist("a", origin={"url": url, "dir_info": {}}), root=root) == []


def test_one_place_by_two_names(tmp_path: Path) -> None:
    """Links, and names that a file system takes for the same, are one place; what is gone is compared as text."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    (tmp_path / "same").hardlink_to(tmp_path / "file")
    assert _is_same_path(str(tmp_path / "link"), str(tmp_path / "real"))
    # As a file system that ignores case has it: one file, two spellings.
    assert _is_same_path(str(tmp_path / "file"), str(tmp_path / "same"))
    assert _is_same_path("/gone/a", "/gone/a")
    assert not _is_same_path("/gone/a", "/gone/b")
    assert not _is_same_path(None, "/gone/b")


@pytest.mark.parametrize(
    ("info", "lines"),
    [
        ({}, []),
        ({"hash": "sha256=aa"}, []),
        ({"hashes": {"sha256": "aa", "md5": "ff"}}, []),
        ({"hashes": {"md5": "ff"}}, []),
        ({"hash": 5, "hashes": ["sha256"]}, []),
        ({"hash": "sha256=bb"}, ["! a 1.0: installed from a file of another hash"]),
        ({"hash": "sha256=aa", "hashes": {"sha256": "bb"}}, ["! a 1.0: installed from a file of another hash"]),
    ],
)
@pytest.mark.parametrize("source", [Url("https://host/a.whl"), Archive("a.whl")])
def test_the_hash_that_an_installer_wrote_down(source: Source, info: dict[str, Any], lines: list[str]) -> None:
    """Of the algorithm that is locked it must be the locked one; installers need write down none."""
    locked = package("a", source=source, wheels=[wheel_of("a", digest="sha256:aa")])
    url = "https://host/a.whl" if isinstance(source, Url) else f"file://{ROOT}/a.whl"
    assert _compare(closure_of(locked), _dist("a", origin={"url": url, "archive_info": info})) == lines


def test_the_folder_in_a_repository() -> None:
    """One commit may hold several distributions; a slash at the end changes nothing."""
    locked = closure_of(package("a", source=Git("https://host/g", COMMIT, subdirectory="sub/a")))
    vcs = {"url": "https://host/g", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    assert _compare(locked, _dist("a", origin={**vcs, "subdirectory": "sub/a/"})) == []
    assert _compare(locked, _dist("a", origin=vcs)) == ["! a 1.0: installed from the folder `.`"]


# --- laws -----------------------------------------------------------------------------------------------------------

_NAMES = ("a", "b", "c-d", "e")
_SOURCES: tuple[Source, ...] = (
    *(INDEX, INDEX, Registry("../wheels"), Directory("packages/x", editable=True), Directory("../x y", editable=False)),
    *(
        Archive("dist/x.whl"),
        Url("https://host/x.zip"),
        Url("https://host/x.zip#sha256=aa", "sub"),
        Git("https://host/g", COMMIT),
    ),
)
_CLOSURES = st.dictionaries(
    st.sampled_from(_NAMES), st.tuples(st.sampled_from(["1.0", "2.0a1", "3"]), st.sampled_from(_SOURCES)), min_size=1
).map(lambda chosen: closure_of(*(package(name, version, source) for name, (version, source) in chosen.items())))
_CHANGES = (
    *("lost", "added", "version", "elsewhere", "editable", "twice", "partial", "legacy", "stray", "other-commit"),
)


@given(closure=_CLOSURES, data=st.data())
def test_an_environment_of_the_closure_has_no_difference(closure: Closure, data: st.DataObject) -> None:
    """Law: what a closure describes is proven, in whatever order a file system lists it."""
    distributions = data.draw(st.permutations(installed_of(closure, SITE, ROOT).distributions))
    assert not compare(closure, Installed(tuple(distributions), ()), root=ROOT, keep=(), doubts={})


@pytest.mark.slow
@given(closure=_CLOSURES, change=st.sampled_from(_CHANGES), data=st.data())
def test_any_single_change_is_reported(closure: Closure, change: str, data: st.DataObject) -> None:
    """Law: one change, wherever in an environment, is one line, and that line names what was changed."""
    installed = installed_of(closure, SITE, ROOT)
    victim = data.draw(st.sampled_from(installed.distributions))
    changed, named = _changed(victim, change)
    others = tuple(other for other in installed.distributions if other is not victim)
    strays = (SITE / "stray.py",) if change == "stray" else ()
    lines = _compare(closure, *others, *changed, strays=strays)
    assert len(lines) == 1
    assert named in lines[0]


def _changed(victim: Distribution, change: str) -> tuple[tuple[Distribution, ...], str]:
    """Return what stands in place of *victim* after the *change*, and the name that the report must bear."""
    origin = victim.origin
    elsewhere = {"url": "https://else/x", "vcs_info": {"commit_id": "f"}}
    editable = origin.get("dir_info", {}).get("editable", False)
    flipped = {"url": origin["url"] if "dir_info" in origin else "file:///else", "dir_info": {"editable": not editable}}
    return {
        "lost": ((), victim.name),
        "added": ((victim, _dist("zz")), "zz"),
        "version": ((replace(victim, version="9.9"),), victim.name),
        "elsewhere": ((replace(victim, origin={**origin, **elsewhere}),), victim.name),
        "editable": ((replace(victim, origin=flipped),), victim.name),
        "twice": ((victim, victim), victim.name),
        "partial": ((replace(victim, flaw="its RECORD is empty"),), victim.name),
        "legacy": ((replace(victim, legacy=True),), victim.name),
        "other-commit": ((replace(victim, origin={**elsewhere, "vcs_info": {"commit_id": "0" * 40}}),), victim.name),
        "stray": ((victim,), "stray.py"),
    }[change]


# --- the same version from other files ------------------------------------------------------------------------------
#
# uv and pip keep what has the right version. Each test prepares an environment, lets the files change behind it, and
# prepares it again; under ``nox -R`` nothing may be installed, and the difference is told.

INSTALLERS = pytest.mark.parametrize("installer", ["uv", "pip"])
OTHER_FILES = "! thing 1.0: installed from other files than are locked"


def _thing(content: str, **more: Any) -> Wheel:
    return Wheel("thing", "1.0", modules={"thing.py": f"content = '{content}'\n"}, **more)


class Environment:
    """The environment of the member of the workspace at *root*, by an installer, and what is in it."""

    def __init__(self, root: Path, installer: str) -> None:
        self._root, self._without_uv = root, installer == "pip"

    @property
    def job(self) -> Job:
        """What a run of nox would ask for now."""
        return real_job(self._root, "member", without_uv=self._without_uv)

    def prepared(self) -> tuple[str, ...]:
        """Prepare it, and return what was removed that did not come with it; it is proven then, and was not before."""
        assert remembered_proof(self.job) is None
        removed = prepare(self.job).removed
        assert remembered_proof(self.job) is not None
        return tuple(name for name in removed if not name.startswith(("setuptools ", "wheel ")))

    def refused(self) -> list[str]:
        """Return what is told where nothing may be installed."""
        return refused(self.job)

    @property
    def content(self) -> str:
        """What the module of the distribution says."""
        text = (site_of_job(self.job) / "thing.py").read_text()
        return text.removeprefix("content = '").removesuffix("'\n")


@contextmanager
def _online(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let installs ask the index on this machine, with a cache of their own."""
    with monkeypatch.context() as patch:
        patch.setattr("tests.environment.jobs.OFFLINE", {"NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never"})
        yield


def _locked_again(root: Path, old: Path, new: bytes) -> None:
    """Write *new* in the place of the file *old*, and the lockfile with its hash, as after a release that was built again."""
    text = (root / "uv.lock").read_text()
    before, after = (sha256(content).hexdigest() for content in (old.read_bytes(), new))
    assert before in text
    old.write_bytes(new)
    (root / "uv.lock").write_text(re.sub(r", size = \d+", "", text.replace(before, after)))


@pytest.mark.real
@INSTALLERS
@pytest.mark.parametrize("kind", ["registry", "url"])
def test_the_hash_of_a_release_changed(
    workspace: WorkspaceFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str, kind: str
) -> None:
    """A file of an index and an archive by URL, locked with another hash, are installed again from the locked file."""
    files, other = tmp_path / "files", tmp_path / "other"
    files.mkdir()
    other.mkdir()
    wheel = build_wheel(files, _thing("first"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with index(files) as address, _online(monkeypatch):
        requirement = "thing" if kind == "registry" else f"thing @ {address}/files/{wheel.name}"
        root = workspace(MemberSpec("member", dependencies=[requirement]), locked=False)
        manifest = tomli.loads((root / "pyproject.toml").read_text())
        manifest["tool"]["uv"]["index"] = [{"url": f"{address}/simple", "default": True}]
        (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
        assert uv(root, "lock", env={"UV_OFFLINE": "0"}).returncode == 0
        environment = Environment(root, installer)
        assert (environment.prepared(), environment.content) == ((), "first")
        _locked_again(root, wheel, build_wheel(other, _thing("second")).read_bytes())
        (told,) = environment.refused()
        # pip writes down the hash of an archive.
        assert told in (OTHER_FILES, "! thing 1.0: installed from a file of another hash")
        assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


@pytest.mark.real
@INSTALLERS
def test_a_local_wheel_was_replaced(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A wheel at a path whose locked hash changed."""
    wheel = build_wheel(tmp_path, _thing("first"))
    sources = {"thing": {"path": f"../{wheel.name}"}}
    root = workspace(MemberSpec("member", dependencies=["thing"]), uv={"sources": sources})
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "first")
    build_wheel(tmp_path, _thing("second"))
    (root / "uv.lock").unlink()
    lock(root)
    assert len(environment.refused()) == 1
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


@pytest.mark.real
@INSTALLERS
def test_a_file_without_a_locked_hash_was_replaced(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A wheel in a local folder has no hash in the lockfile: a warm session sees that the file is another."""
    wheel = build_wheel(tmp_path, _thing("first"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    assert "hash" not in (root / "uv.lock").read_text()
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "first")
    os.utime(wheel, ns=(0, 0))
    # The same content at another time is nothing to install.
    assert (environment.prepared(), environment.content) == ((), "first")
    build_wheel(tmp_path, _thing("second"))
    assert environment.refused() == [OTHER_FILES]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


@pytest.mark.real
def test_from_a_source_distribution_to_a_wheel(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Where a release gets a wheel or loses it, what the lockfile offers first is installed."""
    build_sdist(tmp_path, _thing("source"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    source = (root / "uv.lock").read_text()
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "source")
    build_wheel(tmp_path, _thing("wheel"))
    (root / "uv.lock").unlink()
    lock(root)
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "wheel")
    (root / "uv.lock").write_text(source)
    assert environment.refused() == [OTHER_FILES]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "source")


@pytest.mark.real
def test_of_several_wheels(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A wheel that fits better is installed once it is locked; one for another system changes nothing."""
    minor = "".join(map(str, sys.version_info[:2]))
    build_wheel(tmp_path, _thing("pure"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "pure")
    build_wheel(tmp_path, _thing("windows", tag="py3-none-win_amd64" if os.name != "nt" else "py3-none-linux_x86_64"))
    (root / "uv.lock").unlink()
    lock(root)
    assert (environment.prepared(), environment.content) == ((), "pure")
    build_wheel(tmp_path, _thing("better", tag=f"cp{minor}-none-any"))
    (root / "uv.lock").unlink()
    lock(root)
    assert environment.refused() == [OTHER_FILES]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "better")


@pytest.mark.real
@INSTALLERS
def test_another_folder_of_the_same_commit(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A repository may hold a distribution twice."""
    repository = tmp_path / "repository"
    for name in ("first", "second"):
        (repository / name).mkdir(parents=True)
        modules = {"thing.py": f"content = '{name}'\n"}
        write_member(repository / name, MemberSpec("thing", requires_python="", modules=modules))
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")
    member = MemberSpec("member", dependencies=["thing"])
    for name in ("first", "second"):
        source = {"git": repository.as_uri(), "subdirectory": name}
        root = workspace(member, uv={"sources": {"thing": source}})
        environment = Environment(root, installer)
        if name == "second":
            assert "! thing 1.0: installed from the folder `first`" in environment.refused()
        assert environment.prepared() == (("thing 1.0",) if name == "second" else ())
        assert environment.content == name


@pytest.mark.real
def test_how_it_is_built(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What is built from a source distribution is built again where uv's settings for builds changed, wheels are not."""
    build_sdist(tmp_path, _thing("source"))
    build_wheel(tmp_path, Wheel("num", "1.0"))
    root = workspace(MemberSpec("member", dependencies=["num", "thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert environment.prepared() == ()
    manifest = tomli.loads((root / "pyproject.toml").read_text())
    manifest["tool"]["uv"]["config-settings"] = {"key": "value"}
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
    assert environment.refused() == [OTHER_FILES]
    assert environment.prepared() == ("thing 1.0",)
    manifest["tool"]["uv"]["no-binary-package"] = ["num"]
    build_sdist(tmp_path, Wheel("num", "1.0"))
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
    (root / "uv.lock").unlink()
    lock(root)
    assert environment.prepared() == ("num 1.0",)


@pytest.mark.real
def test_what_somebody_installed_by_hand(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """The locked version from another place, put there by hand, is replaced."""
    locked, other = tmp_path / "locked", tmp_path / "other"
    locked.mkdir()
    other.mkdir()
    build_wheel(locked, _thing("locked"))
    build_wheel(other, _thing("by hand"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=locked)
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "locked")
    command = ["pip", "install", "--offline", "--reinstall", "--no-deps", "--python", str(environment.job.venv.python)]
    assert uv(root, *command, "--find-links", str(other), "--no-index", "thing").returncode == 0
    assert environment.content == "by hand"
    assert environment.refused() == [OTHER_FILES]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "locked")


@pytest.mark.real
def test_what_somebody_edited(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A module at the top that is not the one that was proven is told, and its distribution is installed again."""
    build_wheel(tmp_path, _thing("locked"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "locked")
    module = site_of_job(environment.job) / "thing.py"
    # uv may share the file with its cache.
    module.unlink()
    module.write_text("content = 'edited'\n")
    assert environment.refused() == ["! thing 1.0: it changed since it was proven"]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "locked")


@pytest.mark.real
def test_without_a_memory(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """An environment without a stamp may hold anything: all of it is installed again, or nothing is proven."""
    build_wheel(tmp_path, _thing("locked"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert environment.prepared() == ()
    environment.job.venv.stamp.unlink()
    assert environment.refused() == ["! nothing is remembered of what its distributions were installed from"]
    assert environment.prepared() == ("member 1.0", "thing 1.0")
    assert environment.content == "locked"


@pytest.mark.real
def test_what_an_environment_came_with(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A pip that is locked is the locked one, also where one of its version came with the environment and installs."""
    site = site_of_job(Environment(workspace(MemberSpec("member"), name="other", index=tmp_path), "pip").job)
    (info,) = site.glob("pip-*.dist-info")
    version = info.name.removeprefix("pip-").removesuffix(".dist-info")
    files = [file for file in (site / "pip").rglob("*") if file.suffix in (".py", ".pem", ".txt")]
    modules = {file.relative_to(site).as_posix(): file.read_text(encoding="utf-8") for file in files}
    build_wheel(tmp_path, Wheel("pip", version, modules={**modules, "pip/locked.py": ""}))
    root = workspace(MemberSpec("member", dependencies=["pip"]), index=tmp_path)
    environment = Environment(root, "pip")
    assert environment.prepared() == (f"pip {version}",)
    assert (site_of_job(environment.job) / "pip" / "locked.py").exists()
