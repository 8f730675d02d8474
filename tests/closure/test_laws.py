"""Laws that closures, markers and decisions obey, whatever the lockfile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from wsnox.closure import Request, Root, resolve
from wsnox.lock import Dependency, Lock, Package, Registry
from wsnox.markers.conditions import both, decide, either, item, negated
from wsnox.markers.evaluation import Markers
from wsnox.markers.target import PLATFORMS, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from wsnox.closure import Closure
    from wsnox.markers.conditions import Condition

_LAW = settings(max_examples=60)

EXTRAS = ("x", "y")
GROUPS = ("dev", "docs")
MARKERS = ("", "", "sys_platform == 'linux'", "sys_platform == 'win32'", "python_full_version < '3.12'")
LINUX = describe("3.12", "linux")

# --- lockfiles -------------------------------------------------------------------------------------------------------


def _edges(count: int) -> st.SearchStrategy[tuple[Dependency, ...]]:
    edge = st.builds(
        Dependency,
        st.integers(0, count - 1),
        st.lists(st.sampled_from(EXTRAS), max_size=2, unique=True).map(tuple),
        st.sampled_from(MARKERS),
    )
    return st.lists(edge, max_size=2, unique=True).map(tuple)


@st.composite
def locks(draw: Any) -> Lock:
    """Draw a lockfile without forks or conflicts, cycles included."""
    count = draw(st.integers(1, 5))
    packages = [
        Package(
            name=f"p{index}",
            version="1",
            source=Registry("https://index.example/simple"),
            dependencies=draw(_edges(count)),
            extras=draw(st.dictionaries(st.sampled_from(EXTRAS), _edges(count))),
            groups=draw(st.dictionaries(st.sampled_from(GROUPS), _edges(count))),
        )
        for index in range(count)
    ]
    return _lock(packages)


def _lock(packages: list[Package]) -> Lock:
    return Lock(
        revision=5,
        requires_python=">=3.9",
        packages=tuple(packages),
        by_name={package.name: (index,) for index, package in enumerate(packages)},
    )


@st.composite
def requests(draw: Any, lock: Lock) -> Request:
    """Draw a request of some packages, each with some of the extras and groups."""
    names = draw(
        st.lists(st.sampled_from([package.name for package in lock.packages]), min_size=1, max_size=3, unique=True)
    )
    parts = [st.frozensets(st.sampled_from(known)) for known in (EXTRAS, GROUPS)]
    return Request(roots=tuple(Root(name=name, extras=draw(parts[0]), groups=draw(parts[1])) for name in names))


def _names(closure: Closure) -> set[str]:
    return {package.name for package in closure.packages}


@pytest.mark.slow
@_LAW
@given(st.data())
def test_order_of_packages_means_nothing(data: st.DataObject) -> None:
    """A lockfile whose packages stand in another order means the same: names, extras and number of reasons."""
    lock = data.draw(locks())
    request = data.draw(requests(lock))
    order = data.draw(st.permutations(range(len(lock.packages))))
    place = {old: new for new, old in enumerate(order)}

    def moved(edges: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
        return tuple(edge._replace(target=place[edge.target]) for edge in reversed(edges))

    def told(closure: Closure) -> list[tuple[str, frozenset[str], int]]:
        return [(entry.package.name, entry.extras, len(entry.reasons)) for entry in closure.entries]

    packages = [
        replace(
            package,
            dependencies=moved(package.dependencies),
            extras={name: moved(edges) for name, edges in package.extras.items()},
            groups={name: moved(edges) for name, edges in package.groups.items()},
        )
        for package in (lock.packages[old] for old in order)
    ]
    assert told(resolve(_lock(packages), request, LINUX)) == told(resolve(lock, request, LINUX))


@pytest.mark.slow
@_LAW
@given(st.data())
def test_closure_of_a_union_is_the_union(data: st.DataObject) -> None:
    """Where nothing conflicts, several packages together need what each needs alone, and nothing else."""
    lock = data.draw(locks())
    request = data.draw(requests(lock))
    alone = [_names(resolve(lock, Request(roots=(root,)), LINUX)) for root in request.roots]
    assert _names(resolve(lock, request, LINUX)) == set().union(*alone)


@pytest.mark.slow
@_LAW
@given(st.data())
def test_more_extras_and_groups_remove_nothing(data: st.DataObject) -> None:
    """Asking for all extras and groups keeps whatever fewer of them gave."""
    lock = data.draw(locks())
    request = data.draw(requests(lock))
    roots = tuple(replace(root, extras=frozenset(EXTRAS), groups=frozenset(GROUPS)) for root in request.roots)
    assert _names(resolve(lock, request, LINUX)) <= _names(resolve(lock, Request(roots=roots), LINUX))


@pytest.mark.slow
@_LAW
@given(st.data())
def test_every_live_edge_lands_in_the_closure(data: st.DataObject) -> None:
    """An edge of an entry, or of an extra that is on, leads to an entry where its marker holds, and is its reason."""
    lock = data.draw(locks())
    closure = resolve(lock, data.draw(requests(lock)), LINUX)
    by_index = {entry.index: entry for entry in closure.entries}
    for entry in closure.entries:
        edges = [*entry.package.dependencies]
        edges += [edge for extra in entry.extras for edge in entry.package.extras.get(extra, ())]
        for edge in edges:
            if not edge.marker or Marker(edge.marker).evaluate(dict(LINUX.values)):
                assert any(reason.parent == entry.index for reason in by_index[edge.target].reasons)
                assert set(edge.extras) <= by_index[edge.target].extras


@pytest.mark.slow
@_LAW
@given(st.data())
def test_every_entry_has_a_reason(data: st.DataObject) -> None:
    """Nothing is in a closure that neither was asked for nor is needed by something in it."""
    lock = data.draw(locks())
    closure = resolve(lock, data.draw(requests(lock)), LINUX)
    indexes = {entry.index for entry in closure.entries}
    for entry in closure.entries:
        assert entry.requested or entry.reasons
        assert {reason.parent for reason in entry.reasons} <= indexes


# --- decisions -------------------------------------------------------------------------------------------------------

ITEMS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class _Function:
    """A Boolean function of items twice: as a condition, and as the plain truth about a set of active items."""

    condition: Condition
    truth: Callable[[Collection[str]], bool]


def _leaf(name: str) -> _Function:
    return _Function(item(name), lambda active: name in active)


def _not(inner: _Function) -> _Function:
    return _Function(negated(inner.condition), lambda active: not inner.truth(active))


def _and(left: _Function, right: _Function) -> _Function:
    return _Function(both(left.condition, right.condition), lambda active: left.truth(active) and right.truth(active))


def _or(left: _Function, right: _Function) -> _Function:
    return _Function(either(left.condition, right.condition), lambda active: left.truth(active) or right.truth(active))


def _functions() -> st.SearchStrategy[_Function]:
    leaves = st.sampled_from(ITEMS).map(_leaf) | st.booleans().map(lambda value: _Function(value, lambda _: value))
    return st.recursive(
        leaves,
        lambda inner: inner.map(_not) | st.builds(_and, inner, inner) | st.builds(_or, inner, inner),
        max_leaves=12,
    )


def _table(truth: Callable[[Collection[str]], bool]) -> list[bool]:
    rows = product((True, False), repeat=len(ITEMS))
    return [truth({name for name, on in zip(ITEMS, row, strict=True) if on}) for row in rows]


@given(_functions())
def test_decisions_agree_with_truth_tables(function: _Function) -> None:
    """A condition holds for exactly the sets of active items for which the formula it was built from does."""
    assert _table(lambda active: decide(function.condition, active)) == _table(function.truth)


@given(_functions(), _functions())
def test_equal_functions_are_equal_conditions(left: _Function, right: _Function) -> None:
    """Two conditions are equal if, and only if, they mean the same."""
    assert (left.condition == right.condition) == (_table(left.truth) == _table(right.truth))


# --- markers ---------------------------------------------------------------------------------------------------------

VALUES: Mapping[str, tuple[str, ...]] = {
    "sys_platform": ("linux", "win32", "darwin", "cygwin"),
    "os_name": ("posix", "nt"),
    "platform_system": ("Linux", "Windows", "Darwin"),
    "platform_machine": ("x86_64", "arm64", "AMD64", "aarch64"),
    "implementation_name": ("cpython", "pypy"),
    "platform_python_implementation": ("CPython", "PyPy"),
}
RELEASES = ("3.9", "3.10", "3.11", "3.11.5", "3.12.0", "3.13.2", "4")


def _atoms() -> st.SearchStrategy[str]:
    texts = st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.builds(
            lambda op, value: f"{name} {op} '{value}'", st.sampled_from(("==", "!=")), st.sampled_from(VALUES[name])
        )
    )
    contained = st.builds(
        lambda op, values: f"sys_platform {op} '{' '.join(values)}'",
        st.sampled_from(("in", "not in")),
        st.lists(st.sampled_from(VALUES["sys_platform"]), min_size=1, max_size=3),
    )
    versions = st.builds(
        lambda name, op, release: f"{name} {op} '{release}'",
        st.sampled_from(("python_version", "python_full_version")),
        st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
        st.sampled_from(RELEASES),
    )
    wild = st.builds(
        lambda op, release: f"python_full_version {op} '{release}.*'",
        st.sampled_from(("==", "!=")),
        st.sampled_from(("3", "3.11", "3.12")),
    )
    turned = st.builds(
        lambda op, value: f"'{value}' {op} sys_platform", st.sampled_from(("==", "in")), st.just("linux")
    )
    return texts | contained | versions | wild | turned


def _markers() -> st.SearchStrategy[str]:
    return st.recursive(
        _atoms(),
        lambda inner: st.builds(
            lambda left, word, right, closed: f"({left} {word} {right})" if closed else f"{left} {word} {right}",
            inner,
            st.sampled_from(("and", "or")),
            inner,
            st.booleans(),
        ),
        max_leaves=6,
    )


@given(
    _markers(), st.sampled_from(("3.9.0", "3.10.4", "3.11.5", "3.12.0", "3.13.2")), st.sampled_from(sorted(PLATFORMS))
)
def test_markers_agree_with_packaging(marker: str, python: str, platform: str) -> None:
    """Without conflict items and on a final release of Python, a marker holds where packaging says so."""
    target = describe(python, platform)
    assert Markers(target).condition(marker) is Marker(marker).evaluate(dict(target.values))
