"""Closures of two lockfiles by bits: what walks and comparisons package by package find, whatever the lockfiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsnox.affected import lock_diff
from wsnox.affected.lock_diff import LockDiff, same_artifacts
from wsnox.affected.model import NoClosure, PackagesChanged
from wsnox.closure import Closure, Request, Resolver, Root
from wsnox.closure.model import compare
from wsnox.errors import AmbiguousClosureError, ConflictError, PythonRangeError, WsnoxError
from wsnox.lock import Artifact, ConflictItem, Dependency, Git, Lock, Package, Registry, Requirement, Virtual, read_lock
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.affected.lock_closures import LockClosures
    from wsnox.affected.model import Reason
    from wsnox.closure import Target

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NONE = pytest.param(None, marks=pytest.mark.skip(reason="there is no corpus beside this checkout"))
PAIRS = sorted(folder for folder in CORPUS.glob("*__at-*") if (CORPUS / folder.name.split("__at-")[0]).exists())
INDEX = Registry("https://index.example")
SOURCES = (
    INDEX,
    INDEX,
    Virtual("virtual"),
    Git("https://git.example/p", "c1", requested="v1"),
    Git("https://git.example/p", "c1", requested="main"),
)
EXTRAS, GROUPS = ("x", "y"), ("dev",)
MARKERS = ("", "", "", "sys_platform == 'win32'", "python_full_version < '3.12'", "python_full_version < '3.12.3'")
BROKEN = "sys_platform ="
ITEMS = tuple(
    item
    for name in ("p0", "p1", "p2")
    for item in (
        *(ConflictItem(name, "extra", extra) for extra in ("x", "y")),
        ConflictItem(name, "group", "dev"),
        ConflictItem(name, "project"),
    )
)
OF_ITEMS = tuple(f"extra {op} '{item.encoded}'" for item in ITEMS[:6] for op in ("==", "!="))
WHEELS = (
    Artifact("p-1-py3-none-any.whl", hash="a"),
    Artifact("p-1-py3-none-any.whl", hash="b"),
    Artifact("p-1-cp311-cp311-any.whl", hash="c"),
)
TARGETS = tuple(
    describe(python, platform) for python in ("3.11", "3.12", "3.12.3") for platform in ("linux", "windows")
)
COUNT = 6


@st.composite
def edges(draw: Any) -> tuple[Dependency, ...]:
    """Draw edges, circles and what is no extra included; seldom one whose marker is none."""
    edge = st.builds(
        Dependency,
        st.integers(0, COUNT - 1),
        st.lists(st.sampled_from(EXTRAS), max_size=2, unique=True).map(tuple),
        st.sampled_from(MARKERS * 6 + OF_ITEMS + (BROKEN,)),
    )
    return tuple(draw(st.lists(edge, max_size=2, unique=True)))


@st.composite
def locks(draw: Any) -> Lock:
    """Draw a lockfile of the names ``p0`` to ``p4``, the last of which has two packages at times."""
    names = [*(f"p{number}" for number in range(COUNT - 1)), draw(st.sampled_from(("p4", "q")))]
    packages = tuple(
        Package(
            name=name,
            version=str(number) if name == "p4" else draw(st.sampled_from(("1", "1", "2"))),
            source=draw(st.sampled_from(SOURCES)),
            markers=draw(st.sampled_from(((), (), ("sys_platform == 'win32'",)))) if name == "p4" else (),
            dependencies=draw(edges()),
            extras=draw(st.dictionaries(st.sampled_from(EXTRAS), edges(), max_size=1)),
            groups=draw(st.dictionaries(st.sampled_from(GROUPS), edges())),
            wheels=tuple(draw(st.lists(st.sampled_from(WHEELS), max_size=1))),
        )
        for number, name in enumerate(names)
    )
    return _lock(
        packages,
        root_groups={"dev": tuple(Requirement(name) for name in draw(st.sets(st.sampled_from(names))))},
        conflicts=tuple(draw(st.lists(st.frozensets(st.sampled_from(ITEMS), min_size=2, max_size=3), max_size=2))),
    )


def _lock(packages: tuple[Package, ...], **more: Any) -> Lock:
    return Lock(revision=3, requires_python=">=3.10", packages=packages, **more)


REQUESTS = st.builds(
    Request,
    roots=st.lists(
        st.builds(
            Root,
            name=st.sampled_from([f"p{number}" for number in range(COUNT - 1)]),
            production=st.booleans(),
            extras=st.frozensets(st.sampled_from(EXTRAS)),
            groups=st.frozensets(st.sampled_from(GROUPS)),
        ),
        max_size=2,
        unique_by=lambda root: root.name,
    ).map(tuple),
    root_groups=st.frozensets(st.sampled_from(GROUPS)),
)


def _by_walk(lock: Lock, request: Request, target: Target) -> Closure | WsnoxError:
    try:
        return Resolver(lock, target).resolve(request)
    except WsnoxError as error:
        return error


def _closures(lock: Lock) -> LockClosures:
    return LockDiff(lock, lock).new


def _same_as_walks(lock: Lock, requests: list[Request], targets: tuple[Target, ...]) -> None:
    closures = _closures(lock)
    for request in requests:
        for target in targets:
            walked, closure = _by_walk(lock, request, target), closures.closure(request, target)
            if isinstance(walked, WsnoxError):
                assert str(closure) == str(walked)
            else:
                assert closure == sum(closures.bits[entry.position] for entry in walked.entries)


@pytest.mark.slow
@settings(max_examples=40)
@given(locks(), st.lists(REQUESTS, min_size=1, max_size=3))
def test_closures_are_walks(lock: Lock, requests: list[Request]) -> None:
    """A closure has what the walk collects, or its words; where no items conflict, it comes without a walk."""
    _same_as_walks(lock, requests, TARGETS)
    lock = replace(lock, conflicts=())
    closures = _closures(lock)
    for request in requests:
        if BROKEN not in repr(lock) and isinstance(_by_walk(lock, request, TARGETS[0]), Closure):
            with patch.object(Resolver, "resolve", side_effect=AssertionError):
                assert isinstance(closures.closure(request, TARGETS[0]), int)


def _differences_of_walks(old: Lock, new: Lock, request: Request, targets: tuple[Target, ...]) -> list[Reason]:
    """Return the differences of the closures of *request*, computed package by package."""
    reasons: list[Reason] = []
    for target in targets:
        was, now = _by_walk(old, request, target), _by_walk(new, request, target)
        if isinstance(was, PythonRangeError) and isinstance(now, PythonRangeError):
            continue
        if isinstance(now, WsnoxError):
            reasons.append(NoClosure(target.python, now.sentence))
        elif isinstance(was, WsnoxError):
            reasons.append(NoClosure(target.python, f"before, {was.sentence}"))
        else:
            changes, minor = compare(was, now), int(target.python.split(".")[1])
            old_packages = {package.name: package for package in was.packages}
            kept = [package for package in now.packages if package.name not in {change.name for change in changes}]
            files = tuple(
                package.name for package in kept if not same_artifacts(old_packages[package.name], package, minor)
            )
            if changes or files:
                reasons.append(PackagesChanged(target.python, changes, files))
    return reasons


def _differ_as_walks_do(old: Lock, new: Lock, requests: list[Request], targets: tuple[Target, ...]) -> None:
    diff = LockDiff(old, new)
    for request in requests:
        differences = list(diff.differences(request, request, "3.12", targets))
        assert differences == _differences_of_walks(old, new, request, targets)


@pytest.mark.slow
@settings(max_examples=40)
@given(locks(), locks(), st.lists(REQUESTS, min_size=1, max_size=3))
def test_closures_differ_as_walks_do(old: Lock, new: Lock, requests: list[Request]) -> None:
    """Whether the closures of two lockfiles are compared by bits or package by package, the reasons are the same."""
    # Blocks of one name each, so that small lockfiles have several.
    with patch.object(lock_diff, "_BLOCK_SIZE", 1):
        _differ_as_walks_do(old, new, requests, TARGETS)


@pytest.mark.slow
@settings(max_examples=40)
@given(locks(), st.data())
def test_small_changes_are_found(old: Lock, data: st.DataObject) -> None:
    """A lockfile with packages in another order, one of them another, differs for those requests that lead to it."""
    order = data.draw(st.permutations(range(COUNT)))
    at, version = data.draw(st.integers(0, COUNT - 1)), data.draw(st.sampled_from(("1", "9")))
    packages = [
        replace(old.packages[number], version=version) if number == at else old.packages[number] for number in order
    ]

    def moved(some: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
        return tuple(edge._replace(target=order.index(edge.target)) for edge in some)

    def moved_tables(tables: Mapping[str, tuple[Dependency, ...]]) -> dict[str, tuple[Dependency, ...]]:
        return {name: moved(some) for name, some in tables.items()}

    new = _lock(
        tuple(
            replace(
                package,
                dependencies=moved(package.dependencies),
                extras=moved_tables(package.extras),
                groups=moved_tables(package.groups),
            )
            for package in packages
        ),
        root_groups=old.root_groups,
        conflicts=old.conflicts,
    )
    _differ_as_walks_do(old, new, data.draw(st.lists(REQUESTS, min_size=1, max_size=3)), TARGETS[:2])


@pytest.mark.parametrize("state", PAIRS or [NONE], ids=lambda state: state.name if state else "none")
def test_real_lockfiles(state: Path) -> None:
    """The same of real lockfiles and their newer selves."""
    old, new = read_lock(state), read_lock(CORPUS / state.name.split("__at-")[0])
    both = [name for name in new.members or () if name in old.by_name]
    requests = [Request(roots=(Root(name=name, groups=frozenset({"dev", "test"})),)) for name in both]
    few = requests[:: max(1, len(requests) // 6)]
    for lock in (old, new):
        _same_as_walks(lock, few, TARGETS[2:4])
    _differ_as_walks_do(old, new, few, TARGETS[2:4])


def test_targets_that_markers_do_not_tell_apart_share_their_closures() -> None:
    """A closure is worked out once for all patch releases that no marker tells apart."""
    lock = _lock(
        (Package("p", "1", INDEX, dependencies=(Dependency(1, (), "python_full_version < '3.12.3'"),)), _leaf())
    )
    request = Request(roots=(Root(name="p"),))
    closures = _closures(lock)
    first, second, third = (closures.on(describe(f"3.12.{patch}", "linux")) for patch in (0, 2, 3))
    assert first is second is not third
    counts = [closures.closure(request, describe(f"3.12.{patch}", "linux")) for patch in (0, 2, 3)]
    assert counts == [0b11, 0b11, 0b10]


@pytest.mark.parametrize(
    "twice",
    [
        (Package("p", "1", INDEX), Package("p", "2", INDEX)),
        (Package("p", "1", SOURCES[3]), Package("p", "1", SOURCES[4])),
    ],
    ids=["versions", "one commit by two names"],
)
def test_forks_that_meet_are_told_by_the_walk(twice: tuple[Package, Package]) -> None:
    """Two packages of one name in one closure are an error, even where they are one distribution."""
    lock = _lock((Package("root", "1", INDEX, dependencies=(Dependency(1), Dependency(2))), *twice))
    request = Request(roots=(Root(name="root"),))
    assert isinstance(_closures(lock).closure(request, TARGETS[0]), AmbiguousClosureError)


def test_what_is_never_installed_has_no_files() -> None:
    """A virtual package is no difference, whatever stands in the lockfile for it; another package is."""
    for source, count in ((Virtual("p"), 0), (INDEX, 1)):
        old, new = (_lock((Package("p", "1", source, wheels=(wheel,)),)) for wheel in WHEELS[:2])
        request = Request(roots=(Root(name="p"),))
        assert len(list(LockDiff(old, new).differences(request, request, "3.11", TARGETS[:1]))) == count


def _with_conflict() -> Lock:
    """Return a lockfile in which ``p[x]`` and ``p[y]`` exclude each other, and ``q`` needs the one or the other leaf."""
    items = [ConflictItem("p", "extra", extra) for extra in EXTRAS]
    either = tuple(Dependency(at, (), f"extra == '{item.encoded}'") for at, item in enumerate(items, 3))
    return _lock(
        (
            Package("p", "1", INDEX, dependencies=(Dependency(1),), extras=dict.fromkeys(EXTRAS, ())),
            Package("q", "1", INDEX, dependencies=either),
            Package("asks", "1", INDEX, dependencies=(Dependency(0, ("x",)),)),
            *(_leaf(), replace(_leaf(), name="other")),
            Package("tested", "1", INDEX, groups={"dev": (Dependency(0, ("x",)),)}),
        ),
        conflicts=(frozenset(items),),
    )


@pytest.mark.parametrize(
    ("names", "extras", "expected"),
    [
        (("p",), "", ["p", "q"]),
        (("p",), "x", ["leaf", "p", "q"]),
        (("p",), "y", ["other", "p", "q"]),
        (("q",), "", ["q"]),
        # An edge makes an item active, or two items exclude each other.
        (("asks",), "", None),
        (("asks", "q"), "", None),
        (("p",), "xy", None),
        # An edge of a group counts from the start.
        (("tested",), "", ["leaf", "p", "q", "tested"]),
        (("tested", "p"), "y", None),
    ],
)
def test_conflicts(names: tuple[str, ...], extras: str, expected: list[str] | None) -> None:
    """What a request itself switches on decides about its edges without a walk; what edges switch on needs one (`None`)."""
    lock = _with_conflict()
    roots = (Root(name=name, extras=frozenset(extras), groups=frozenset(GROUPS)) for name in names)
    request, closures = Request(roots=tuple(roots)), _closures(lock)
    with patch.object(Resolver, "resolve", autospec=True, side_effect=Resolver.resolve) as walk:
        closure = closures.closure(request, TARGETS[0])
    assert walk.called == (expected is None)
    if expected is not None:
        assert isinstance(closure, int)
        packages = zip(lock.packages, closures.bits, strict=True)
        assert sorted(package.name for package, bit in packages if closure & bit) == expected
    _same_as_walks(lock, [request], TARGETS)


def test_members_that_exclude_each_other() -> None:
    """A request for both of them is refused; one alone has its closure."""
    pair = frozenset({ConflictItem("leaf", "project"), ConflictItem("other", "group", "dev")})
    groups = {"dev": (Dependency(0),)}
    lock = _lock((_leaf(), Package("other", "1", INDEX, groups=groups)), conflicts=(pair,))
    closures = _closures(lock)
    one, other = Root(name="leaf"), Root(name="other", groups=frozenset(GROUPS))
    assert isinstance(closures.closure(Request(roots=(one,)), TARGETS[0]), int)
    assert isinstance(closures.closure(Request(roots=(one, other)), TARGETS[0]), ConflictError)


@pytest.mark.slow
def test_a_long_circle() -> None:
    """Depth is no matter of the stack, and a circle is one component: all of it brings all of it along."""
    count = 20_000
    lock = _lock(
        tuple(Package(f"p{at}", "1", INDEX, dependencies=(Dependency((at + 1) % count),)) for at in range(count))
    )
    closures = _closures(lock)
    for name in ("p0", "p777"):
        assert closures.closure(Request(roots=(Root(name=name),)), TARGETS[0]) == (1 << count) - 1


def _leaf() -> Package:
    return Package("leaf", "1", INDEX)
