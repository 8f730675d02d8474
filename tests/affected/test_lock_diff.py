"""Closures as sets of packages: the same as by walks, whatever the lockfile; and what they spare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsnox.affected import lock_diff
from wsnox.affected.lock_diff import Closures, Comparison, Numbers
from wsnox.closure import Closure, Request, Resolver, Root
from wsnox.errors import AmbiguousClosureError, ConflictError, WsnoxError
from wsnox.lock import Dependency, Git, Lock, Package, Registry, Requirement, Virtual, read_lock
from wsnox.lock.model import Artifact, ConflictItem
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from wsnox.closure import Target

_LAW = settings(max_examples=60)
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
    by_name: dict[str, tuple[int, ...]] = {}
    for index, package in enumerate(packages):
        by_name[package.name] = (*by_name.get(package.name, ()), index)
    return Lock(revision=3, requires_python=">=3.10", packages=packages, by_name=by_name, **more)


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


def _same_as_walks(lock: Lock, requests: list[Request], targets: tuple[Target, ...]) -> None:
    bits = Numbers(lock, lock).of_new
    closures = Closures(lock, bits)
    for request in requests:
        for target in targets:
            walked, together = _by_walk(lock, request, target), closures.set_of(request, target)
            if isinstance(walked, WsnoxError):
                assert together is None
                assert str(closures.walked(request, target)) == str(walked)
            else:
                assert closures.walked(request, target) == walked
                assert together in {None, sum(bits[entry.index] for entry in walked.entries)}
                if len({*bits}) == len(bits) and not lock.conflicts and BROKEN not in repr(lock):
                    assert together is not None


@pytest.mark.slow
@_LAW
@given(locks(), st.lists(REQUESTS, min_size=1, max_size=3))
def test_sets_are_closures(lock: Lock, requests: list[Request]) -> None:
    """A set has what the walk collects; where the walk refuses, there is none."""
    _same_as_walks(lock, requests, TARGETS)


@dataclass(frozen=True)
class _Side:
    """A side whose runs are requests, with sets or with walks alone."""

    closures: Closures
    sets: bool

    def set_of(self, request: Request, target: Target) -> int | None:
        return self.closures.set_of(request, target) if self.sets else None

    def walked(self, request: Request, target: Target) -> Closure | WsnoxError:
        return self.closures.walked(request, target)


def _differences(old: Lock, new: Lock, requests: list[Request], targets: tuple[Target, ...], *, sets: bool) -> Any:
    both = Numbers(old, new)
    sides: Any = _Side(Closures(old, both.of_old), sets), _Side(Closures(new, both.of_new), sets)
    comparison: Any = Comparison(sides[0], sides[1], both)
    return [tuple(comparison.differences(request, request, targets)) for request in requests]


@pytest.mark.slow
@_LAW
@given(locks(), locks(), st.lists(REQUESTS, min_size=1, max_size=3))
def test_sets_differ_as_walks_do(old: Lock, new: Lock, requests: list[Request]) -> None:
    """Whether the closures of two lockfiles are compared as sets or by walks, the reasons are the same."""
    # Parts of one name each, so that small lockfiles have several.
    with patch.object(lock_diff, "_TOGETHER", 1):
        told = [_differences(old, new, requests, TARGETS, sets=sets) for sets in (True, False)]
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.parametrize("state", PAIRS or [NONE], ids=lambda state: state.name if state else "none")
def test_real_lockfiles(state: Path) -> None:
    """The same of real lockfiles and their newer selves."""
    old, new = read_lock(state), read_lock(CORPUS / state.name.split("__at-")[0])
    both = [name for name in new.members or () if name in old.by_name]
    requests = [Request(roots=(Root(name=name, groups=frozenset({"dev", "test"})),)) for name in both]
    few = requests[:: max(1, len(requests) // 6)]
    targets = TARGETS[2:4]
    for lock in (old, new):
        _same_as_walks(lock, few, targets)
    told = [_differences(old, new, few, targets, sets=sets) for sets in (True, False)]
    assert told[0] == told[1]


def test_targets_that_markers_do_not_tell_apart_share_their_closures() -> None:
    """A closure is worked out once for all patch releases that no marker tells apart."""
    lock = _lock(
        (Package("p", "1", INDEX, dependencies=(Dependency(1, (), "python_full_version < '3.12.3'"),)), _leaf())
    )
    request = Request(roots=(Root(name="p"),))
    closures = Closures(lock, Numbers(lock, lock).of_new)
    one, two, three = (closures.walked(request, describe(f"3.12.{patch}", "linux")) for patch in (0, 2, 3))
    assert one is two
    assert isinstance(one, Closure)
    assert isinstance(three, Closure)
    assert (len(one.entries), len(three.entries)) == (2, 1)


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
    closures = Closures(lock, Numbers(lock, lock).of_new)
    request = Request(roots=(Root(name="root"),))
    assert closures.set_of(request, TARGETS[0]) is None
    assert isinstance(closures.walked(request, TARGETS[0]), AmbiguousClosureError)


def test_what_is_never_installed_has_no_files() -> None:
    """A virtual package is no difference, whatever stands in the lockfile for it; another package is."""
    for source, count in ((Virtual("p"), 0), (INDEX, 1)):
        old, new = (_lock((Package("p", "1", source, wheels=(wheel,)),)) for wheel in WHEELS[:2])
        (found,) = _differences(old, new, [Request(roots=(Root(name="p"),))], TARGETS[:1], sets=True)
        assert len(found) == count


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
        # What edges make active, and what excludes each other, only the walk tells.
        (("asks",), "", None),
        (("asks", "q"), "", None),
        (("p",), "xy", None),
        # An edge of a group counts from the start.
        (("tested",), "", ["leaf", "p", "q", "tested"]),
        (("tested", "p"), "y", None),
    ],
)
def test_conflicts(names: tuple[str, ...], extras: str, expected: list[str] | None) -> None:
    """What a request itself switches on decides about the edges of its set."""
    lock = _with_conflict()
    bits = Numbers(lock, lock).of_new
    roots = (Root(name=name, extras=frozenset(extras), groups=frozenset(GROUPS)) for name in names)
    request = Request(roots=tuple(roots))
    found = Closures(lock, bits).set_of(request, TARGETS[0])
    in_it = [
        package.name for package, bit in zip(lock.packages, bits, strict=True) if found is not None and found & bit
    ]
    assert (None if found is None else sorted(in_it)) == expected
    _same_as_walks(lock, [request], TARGETS)


def test_members_that_exclude_each_other() -> None:
    """A request for both of them is the walk's to refuse; one alone has its set."""
    pair = frozenset({ConflictItem("leaf", "project"), ConflictItem("other", "group", "dev")})
    groups = {"dev": (Dependency(0),)}
    lock = _lock((_leaf(), Package("other", "1", INDEX, groups=groups)), conflicts=(pair,))
    closures = Closures(lock, Numbers(lock, lock).of_new)
    one, other = Root(name="leaf"), Root(name="other", groups=frozenset(GROUPS))
    assert closures.set_of(Request(roots=(one,)), TARGETS[0])
    assert closures.set_of(Request(roots=(one, other)), TARGETS[0]) is None
    assert isinstance(closures.walked(Request(roots=(one, other)), TARGETS[0]), ConflictError)


@pytest.mark.slow
def test_a_long_circle() -> None:
    """Depth is no matter of the stack, and a circle is one component: all of it brings all of it along."""
    count = 20_000
    lock = _lock(
        tuple(Package(f"p{at}", "1", INDEX, dependencies=(Dependency((at + 1) % count),)) for at in range(count))
    )
    closures = Closures(lock, Numbers(lock, lock).of_new)
    for name in ("p0", "p777"):
        found = closures.set_of(Request(roots=(Root(name=name),)), TARGETS[0])
        assert found == (1 << count) - 1


def _leaf() -> Package:
    return Package("leaf", "1", INDEX)
