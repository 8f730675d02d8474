"""The proof: every way in which an environment differs from a closure is found and told in a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.environment.makers import COMMIT, INDEX, closure_of, installed_of, package, wheel_of
from wsnox.environment.site_packages import Distribution, Installed
from wsnox.environment.stamp import Proof
from wsnox.environment.verify import Difference, _is_same_path, compare
from wsnox.lock import Archive, Directory, Git, Registry, Url

if TYPE_CHECKING:
    from wsnox.closure import Closure
    from wsnox.lock import Package, Source


ROOT = "/w"
SITE = Path("/env/site-packages")

EDITABLE = package("member", "1.0", Directory("packages/member", editable=True))
TREE = package("tree", "1.0", Directory("../tree", editable=False))
ARCHIVE = package("archive", "1.0", Archive("dist/archive-1.0-py3-none-any.whl"))
URL = package("url", "1.0", Url("https://host/url-1.0.zip#sha256=aa"))
GIT = package("git", "1.0", Git("https://host/git", COMMIT))


def _lines(wanted: Package, **changes: Any) -> list[str]:
    """Return what the proof says of *wanted* where the installed distribution has these *changes*."""
    closure = closure_of(wanted)
    (found,) = installed_of(closure, SITE, ROOT).distributions
    return _compare(closure, replace(found, **changes))


def _compare(
    closure: Closure, *found: Distribution, strays: tuple[Path, ...] = (), keep: tuple[str, ...] = ()
) -> list[str]:
    return compare(closure, Installed(found, strays), root=ROOT, keep=keep).lines()


def _dist(name: str, version: str = "1.0", **more: Any) -> Distribution:
    return Distribution(name, version, SITE / f"{name}-{version}.dist-info", more.pop("origin", {}), **more)


@pytest.mark.parametrize("wanted", [package("a"), EDITABLE, TREE, ARCHIVE, URL, GIT], ids=str)
def test_what_is_as_locked_passes(wanted: Package) -> None:
    """Each kind of source, installed as it is locked, gives no difference."""
    assert _lines(wanted) == []
    assert not compare(closure_of(wanted), installed_of(closure_of(wanted), SITE, ROOT), root=ROOT)


def test_extraneous() -> None:
    """What the closure does not hold is told with its version, each copy of it."""
    assert _compare(closure_of(), _dist("pip", "23.0"), _dist("a"), _dist("a", "2.0")) == [
        "+ pip 23.0",
        "+ a 1.0",
        "+ a 2.0",
    ]


def test_missing() -> None:
    """What the closure holds and the environment lacks is told, without a version where it has none."""
    dynamic = package("dynamic", None, Directory("dynamic", editable=True))
    assert _compare(closure_of(package("a"), dynamic)) == ["- a 1.0", "- dynamic"]


def test_the_installer_may_stay() -> None:
    """The installer itself is kept where pip installs; a pip that is locked must still be the locked one."""
    assert _compare(closure_of(), _dist("pip", "23.0"), _dist("wheel"), keep=("pip",)) == ["+ wheel 1.0"]
    assert _compare(closure_of(package("pip", "24.0")), _dist("pip", "23.0"), keep=("pip",)) == [
        "! pip 24.0: installed as 23.0"
    ]


def test_strays() -> None:
    """A stray is told with the directory in which it is."""
    assert _compare(closure_of(), strays=(SITE / "humps.py",)) == ["+ humps.py in site-packages"]


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
    ("wanted", "origin", "why"),
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
def test_wrong_origin(wanted: Package, origin: dict[str, Any], why: str) -> None:
    """The right version from another place is another distribution, and the line says from where."""
    assert _lines(wanted, origin=origin) == [f"! {wanted}: {why}"]


@pytest.mark.parametrize("url", [1, "file://[", "file:", "\x00", "file:///w/\x00", "file:///w/%00", "file:///w/\ud800"])
@pytest.mark.parametrize("wanted", [EDITABLE, ARCHIVE, URL, GIT], ids=str)
def test_a_malformed_url_is_a_difference(wanted: Package, url: object) -> None:
    """A place that no installer writes is a difference like any other: it never ends in a traceback."""
    assert len(_lines(wanted, origin={"url": url})) == 1


def test_duplicates() -> None:
    """A distribution that is there twice is wrong even where one copy is right."""
    lines = _compare(closure_of(package("a", "2.0")), _dist("a", "1.0"), _dist("a", "2.0"))
    assert lines == ["! a 2.0: installed 2 times (1.0, 2.0)"]


def test_partial_and_legacy() -> None:
    """Half an install and what ``setup.py`` left count as wrong whatever they say of themselves."""
    assert _lines(package("a"), flaw="`a.py` is missing") == ["! a 1.0: installed only in part: `a.py` is missing"]
    legacy = _lines(package("a"), legacy=True, metadata=SITE / "a.egg-link")
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
    wanted = package("a", "1.0", Directory(path, editable=False))
    found = _dist("a", origin={"url": url, "dir_info": {}})
    assert compare(closure_of(wanted), Installed((found,), ()), root=root).lines() == []


def test_a_link_to_a_place_is_that_place(tmp_path: Path) -> None:
    """A workspace under a symbolic link (a home directory, macOS's ``/tmp``) is proven by where the link leads."""
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    wanted = package("a", "1.0", Directory("a", editable=False))
    found = _dist("a", origin={"url": (tmp_path / "real" / "a").as_uri(), "dir_info": {}})
    assert not compare(closure_of(wanted), Installed((found,), ()), root=(tmp_path / "link").as_posix())


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
    "lost",
    "added",
    "version",
    "elsewhere",
    "editable",
    "twice",
    "partial",
    "legacy",
    "stray",
    "other-commit",
)


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
    wanted = package("a", source=source, wheels=[wheel_of("a", digest="sha256:aa")])
    url = "https://host/a.whl" if isinstance(source, Url) else f"file://{ROOT}/a.whl"
    assert _compare(closure_of(wanted), _dist("a", origin={"url": url, "archive_info": info})) == lines


def test_the_folder_in_a_repository() -> None:
    """One commit may hold several distributions; a slash at the end changes nothing."""
    wanted = closure_of(package("a", source=Git("https://host/g", COMMIT, subdirectory="sub/a")))
    vcs = {"url": "https://host/g", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    assert _compare(wanted, _dist("a", origin={**vcs, "subdirectory": "sub/a/"})) == []
    assert _compare(wanted, _dist("a", origin=vcs)) == ["! a 1.0: installed from the folder `.`"]


@given(closure=_CLOSURES)
def test_an_environment_of_the_closure_has_no_difference(closure: Closure) -> None:
    """Law: what a closure describes is proven."""
    assert compare(closure, installed_of(closure, SITE, ROOT), root=ROOT) == Difference()


@pytest.mark.slow
@given(closure=_CLOSURES, change=st.sampled_from(_CHANGES), data=st.data())
def test_any_single_change_is_reported(closure: Closure, change: str, data: st.DataObject) -> None:
    """Law: one change, wherever in an environment, is one line, and that line names what was changed."""
    installed = installed_of(closure, SITE, ROOT)
    victim = data.draw(st.sampled_from(installed.distributions))
    changed, named = _changed(victim, change)
    others = tuple(each for each in installed.distributions if each is not victim)
    strays = (SITE / "stray.py",) if change == "stray" else ()
    lines = compare(closure, Installed((*others, *changed), strays), root=ROOT).lines()
    assert len(lines) == 1
    assert named in lines[0]


def _changed(victim: Distribution, change: str) -> tuple[tuple[Distribution, ...], str]:
    """Return what stands in place of *victim* after the *change*, and the name that the report must bear."""
    origin = victim.origin
    match change:
        case "lost":
            return (), victim.name
        case "added":
            return (victim, _dist("zz")), "zz"
        case "version":
            return (replace(victim, version="9.9"),), victim.name
        case "elsewhere":
            return (
                replace(victim, origin={**origin, "url": "https://else/x", "vcs_info": {"commit_id": "f"}}),
            ), victim.name
        case "editable":
            flipped = not origin.get("dir_info", {}).get("editable", False)
            url = origin.get("url", "file:///else")
            url = url if "dir_info" in origin else "file:///else"
            return (replace(victim, origin={"url": url, "dir_info": {"editable": flipped}}),), victim.name
        case "twice":
            return (victim, victim), victim.name
        case "partial":
            return (replace(victim, flaw="its RECORD is empty"),), victim.name
        case "legacy":
            return (replace(victim, legacy=True),), victim.name
        case "other-commit":
            return (
                replace(victim, origin={"url": "https://host/other", "vcs_info": {"commit_id": "0" * 40}}),
            ), victim.name
        case _:
            return (victim,), "stray.py"


@given(closure=_CLOSURES, data=st.data())
def test_the_report_does_not_depend_on_order(closure: Closure, data: st.DataObject) -> None:
    """Law: the order in which a file system lists distributions changes no verdict."""
    installed = installed_of(closure, SITE, ROOT).distributions
    shuffled = tuple(data.draw(st.permutations(installed)))
    assert compare(closure, Installed(shuffled, ()), root=ROOT) == Difference()


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
