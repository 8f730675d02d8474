"""The traversal on lockfiles of any shape and size: forks, conflicts, cycles, depth and width."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lock.samples import FORKED, INDEX, MEMBERS, lock_of, lock_with, member
from wsnox.closure import Closure, Request, Resolver, Root, resolve
from wsnox.errors import (
    AmbiguousClosureError,
    ConflictError,
    LockError,
    PythonRangeError,
    UnknownNameError,
    UnsupportedTargetError,
)
from wsnox.lock import Dependency, Lock, Package, Registry, Requirement, parse_lock
from wsnox.markers.target import describe

LINUX = describe("3.12", "linux")
OLD = describe("3.11", "linux")


def _request(*names: str, **more: Any) -> Request:
    return Request(roots=tuple(Root(name=name, **more) for name in names))


def _names(closure: Closure) -> list[str]:
    return [str(package) for package in closure.packages]


def _package(name: str, *edges: Dependency, version: str = "1", **more: Any) -> Package:
    return Package(name=name, version=version, source=Registry(INDEX), dependencies=edges, **more)


def _raw(*packages: dict[str, Any], **more: Any) -> Lock:
    return lock_of({"version": 1, "revision": 5, "requires-python": ">=3.9", "package": list(packages), **more})


# --- size ------------------------------------------------------------------------------------------------------------

MANY = 20_000


@pytest.mark.slow
def test_a_long_chain_of_packages() -> None:
    """Depth is a matter of memory, not of the stack: a chain twenty times as long is walked, with its conflicts too."""
    packages = [_package(f"p{index:06}", Dependency(index + 1)) for index in range(MANY - 1)]
    packages.append(_package("last"))
    lock = lock_with(*packages, conflicts=lock_of(FORKED).conflicts, members=("p000000",))
    assert len(resolve(lock, _request("p000000"), LINUX).entries) == MANY


@pytest.mark.slow
def test_many_packages_from_text() -> None:
    """A large lockfile is read, each edge resolved, and walked in one go."""
    head = 'version = 1\nrequires-python = ">=3.9"\n'
    source = f'version = "1"\nsource = {{ registry = "{INDEX}" }}\n'
    parts = [
        f'[[package]]\nname = "p{index}"\n{source}dependencies = [{{ name = "p{(index * 7 + 1) % MANY}" }}]\n'
        for index in range(MANY)
    ]
    lock = parse_lock((head + "".join(parts)).encode(), Path("uv.lock"))
    assert [edge.target for package in lock.packages[:3] for edge in package.dependencies] == [1, 8, 15]
    resolver = Resolver(lock, LINUX)
    closure = resolver.resolve(Request(roots=tuple(Root(name=f"p{index}") for index in range(MANY))))
    assert len(closure.packages) == MANY


def test_a_ring() -> None:
    """Packages that need each other in a ring, and themselves, are each there once."""
    packages = [_package(f"p{index}", Dependency((index + 1) % 50), Dependency(index)) for index in range(50)]
    closure = resolve(lock_with(*packages), _request("p7"), LINUX)
    assert len(closure.entries) == 50
    assert {len(entry.reasons) for entry in closure.entries} == {2}


class _Counting(Resolver):
    """A resolver that counts how often it looks at an edge."""

    looks = 0

    def condition(self, marker: str) -> Any:
        self.looks += 1
        return super().condition(marker)


@pytest.mark.parametrize("length", [50, 200])
def test_revisits_are_bounded(length: int) -> None:
    """A node is visited again when its condition changes: with k items at most k times, not once for each path."""
    items = 20
    ladder = []
    for step in range(length):
        ways = [f"extra == 'x{step % items:02}'", f"extra != 'x{step % items:02}'"]
        ladder.append(_package(f"p{step:04}", *(Dependency(step + 1, (), way) for way in ways)))
    ladder.append(_package("end"))
    lock = lock_with(*ladder, conflicts=lock_of(FORKED).conflicts)
    resolver = _Counting(lock, LINUX)
    assert len(resolver.resolve(_request("p0000")).entries) == length + 1
    assert length < resolver.looks <= 2 * length * (items + 1)


def test_wide_conflicts() -> None:
    """A set of 100 extras that exclude each other, on edges that mention them all: the one asked for decides."""
    count = 100
    extras = [f"e{number:02}" for number in range(count)]
    others = " or ".join(f"(extra == 'extra-3-app-e00' and extra == 'extra-3-app-{extra}')" for extra in extras[1:])
    app = member(
        "app",
        optional_dependencies={
            extra: [
                {
                    "name": "num",
                    "version": f"{number}",
                    "source": {"registry": INDEX},
                    "marker": f"extra == 'extra-3-app-{extra}' or {others}",
                }
            ]
            for number, extra in enumerate(extras)
        },
    )
    nums = [{"name": "num", "version": f"{number}", "source": {"registry": INDEX}} for number in range(count)]
    lock = _raw(app, *nums, conflicts=[[{"package": "app", "extra": extra} for extra in extras]])
    resolver = Resolver(lock, LINUX)
    for number in (0, 41, 99):
        request = _request("app", extras=frozenset({extras[number]}))
        assert _names(resolver.resolve(request)) == ["app 1.0", f"num {number}"]
    with pytest.raises(ConflictError) as caught:
        resolver.resolve(_request("app", extras=frozenset(extras[:2])))
    assert str(caught.value).startswith(
        "`app[e00]` and `app[e01]` are incompatible with the declared conflict {app[e00]"
    )


# --- what it means ---------------------------------------------------------------------------------------------------


def test_members_with_extras_and_groups() -> None:
    """Extras of edges, groups that name the member itself, and markers that do not hold."""
    lock = lock_of({**MEMBERS, "manifest": {"members": ["app", "core"]}})
    assert _names(resolve(lock, _request("app"), LINUX)) == ["app 1.0", "core 1.0", "leaf 1.0", "num 1.0"]
    only = resolve(lock, _request("app", production=False, groups=frozenset({"dev"})), LINUX)
    assert only.entries[0].extras == {"x"}
    assert [entry.requested for entry in only.entries] == [False] * 4


def test_forks() -> None:
    """Which of two packages of one name is taken follows from the markers of the edges alone."""
    edges = (Dependency(1, (), "python_full_version < '3.12'"), Dependency(2, (), "python_full_version >= '3.12'"))
    lock = lock_with(_package("app", *edges), _package("num"), _package("num", version="2"))
    assert _names(resolve(lock, _request("app"), OLD)) == ["app 1", "num 1"]
    assert _names(resolve(lock, _request("app"), LINUX)) == ["app 1", "num 2"]


def test_two_of_one_name() -> None:
    """A closure that would hold one distribution twice is refused, with what brings each."""
    lock = lock_with(_package("app", Dependency(1), Dependency(2)), _package("num"), _package("num", version="2"))
    with pytest.raises(AmbiguousClosureError) as caught:
        resolve(lock, _request("app"), LINUX)
    assert str(caught.value) == (
        "the lockfile gives `num` twice for this request:\n  num 1 (from app)\n  num 2 (from app)\n\n"
        "hint: declare what excludes each other under `conflicts` in `[tool.uv]`, and do not request both"
    )


def test_refused_roots() -> None:
    """A root that the lockfile lacks, or has twice, is no root."""
    lock = lock_with(_package("num"), _package("num", version="2"))
    with pytest.raises(UnknownNameError) as unknown:
        resolve(lock, _request("nun"), LINUX)
    assert str(unknown.value) == "unknown package `nun`\n\nhint: did you mean `num`?"
    with pytest.raises(LockError) as twice:
        resolve(lock, _request("num"), LINUX)
    assert str(twice.value) == "`uv.lock` has 2 packages named `num`"


def test_targets_outside() -> None:
    """The lockfile's range of Pythons comes first, then its supported environments."""
    lock = lock_with(_package("num"), supported_markers=("sys_platform == 'darwin'", "os_name == 'nt'"))
    with pytest.raises(PythonRangeError):
        Resolver(lock, describe("3.8", "macos"))
    with pytest.raises(UnsupportedTargetError) as caught:
        Resolver(lock, LINUX)
    assert caught.value.sentence == (
        "this platform is not among the lockfile's supported environments: `sys_platform == 'darwin'`, `os_name == 'nt'`"
    )
    assert Resolver(lock, describe("3.12", "windows")).in_resolution


def test_outside_of_every_fork() -> None:
    """Where no fork was resolved for the target, no edge holds; what is asked for stays."""
    lock = lock_with(_package("app", Dependency(1)), _package("num"), markers=("sys_platform == 'win32'",))
    assert _names(resolve(lock, _request("app"), LINUX)) == ["app 1"]


@pytest.mark.parametrize(("markers", "fits"), [(((), ()), "2"), ((("os_name == 'nt'",), ("os_name == 'java'",)), "no")])
def test_requirement_of_the_root_that_fits_not_one(markers: tuple[tuple[str, ...], ...], fits: str) -> None:
    """A requirement of a virtual root must fit exactly one package on the target, by the markers of the forks."""
    packages = [_package("num", version=f"{number}", markers=each) for number, each in enumerate(markers)]
    lock = lock_with(*packages, requirements=(Requirement("num"),))
    with pytest.raises(LockError) as caught:
        resolve(lock, Request(roots=()), LINUX)
    assert str(caught.value) == f"`num`, which the workspace root requires, fits {fits} packages of `uv.lock`"


def test_requirements_of_the_root() -> None:
    """Groups of a virtual root count where asked for and where their markers hold, with the extras they name."""
    dev = (Requirement("num", ("x",)), Requirement("gone", (), "os_name == 'nt'"))
    packages = [_package("num", extras={"x": (Dependency(1),)}), _package("leaf")]
    lock = lock_with(*packages, root_groups={"dev": dev, "docs": (Requirement("leaf"),)})
    assert _names(resolve(lock, Request(roots=(), root_groups=frozenset({"dev"})), LINUX)) == ["leaf 1", "num 1"]
    assert _names(resolve(lock, Request(roots=()), LINUX)) == []


def test_edge_that_switches_itself_on() -> None:
    """An edge's own extras count as active while it is tested, and from then on."""
    edge = Dependency(1, ("x",), "extra == 'extra-1-m-x'")
    packages = [_package("app", edge), _package("m", extras={"x": (Dependency(2),)}), _package("num")]
    lock = lock_with(*packages, conflicts=lock_of(FORKED).conflicts)
    assert _names(resolve(lock, _request("app"), LINUX)) == ["app 1", "m 1", "num 1"]


def test_an_item_that_rules_out_a_package_rules_out_what_it_would_switch_on() -> None:
    """`n[x]` becomes active after `m` was reached without it: what `m` would switch on stays off."""
    edges = (
        Dependency(1, (), "extra != 'extra-1-n-x'"),
        Dependency(2, ("x",)),
        Dependency(4, (), "extra == 'extra-1-z-y'"),
    )
    lock = lock_with(
        _package("app", *edges),
        _package("m", Dependency(3, ("y",))),
        _package("n", extras={"x": ()}),
        _package("z", extras={"y": ()}),
        _package("w"),
        conflicts=lock_of(FORKED).conflicts,
    )
    assert _names(resolve(lock, _request("app"), LINUX)) == ["app 1", "n 1"]


def test_malformed_marker_is_met_where_it_is_walked() -> None:
    """A broken marker refuses the requests that come by it, in either pass, and no others."""
    packages = [_package("app", Dependency(1, (), "nonsense")), _package("num")]
    for lock in (lock_with(*packages), lock_with(*packages, conflicts=lock_of(FORKED).conflicts)):
        assert _names(resolve(lock, _request("num"), LINUX)) == ["num 1"]
        with pytest.raises(LockError, match=r"`nonsense` in `uv\.lock` is not a marker"):
            resolve(lock, _request("app"), LINUX)
