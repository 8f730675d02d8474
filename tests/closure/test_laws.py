"""Laws that closures obey, whatever the lockfile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from tests.lock.samples import lock_with
from wsnox.closure import Request, Root, resolve
from wsnox.lock import Dependency, Lock, Package, Registry
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from wsnox.closure import Closure

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
    return lock_with(*packages)


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


def _reordered(lock: Lock, order: list[int]) -> Lock:
    """Return *lock* with its packages in this *order*, and their edges the other way round."""
    place = {old: new for new, old in enumerate(order)}

    def moved(edges: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
        return tuple(edge._replace(target=place[edge.target]) for edge in reversed(edges))

    packages = [
        replace(
            package,
            dependencies=moved(package.dependencies),
            extras={name: moved(edges) for name, edges in package.extras.items()},
            groups={name: moved(edges) for name, edges in package.groups.items()},
        )
        for package in (lock.packages[old] for old in order)
    ]
    return lock_with(*packages)


def _told(closure: Closure) -> list[tuple[str, frozenset[str], int]]:
    return [(entry.package.name, entry.extras, len(entry.reasons)) for entry in closure.entries]


@pytest.mark.slow
@settings(max_examples=80)
@given(st.data())
def test_laws(data: st.DataObject) -> None:
    """What holds of every closure, whatever was asked of whatever lockfile."""
    lock = data.draw(locks())
    request = data.draw(requests(lock))
    closure = resolve(lock, request, LINUX)

    # The order of packages and edges means nothing: names, extras and number of reasons stay.
    order = data.draw(st.permutations(range(len(lock.packages))))
    assert _told(resolve(_reordered(lock, order), request, LINUX)) == _told(closure)

    # Where nothing conflicts, several packages together need what each needs alone, and nothing else.
    alone = [_names(resolve(lock, Request(roots=(root,)), LINUX)) for root in request.roots]
    assert _names(closure) == set().union(*alone)

    # Whoever asks for all extras and groups keeps whatever fewer of them gave.
    roots = tuple(replace(root, extras=frozenset(EXTRAS), groups=frozenset(GROUPS)) for root in request.roots)
    assert _names(closure) <= _names(resolve(lock, Request(roots=roots), LINUX))

    by_index = {entry.position: entry for entry in closure.entries}
    for entry in closure.entries:
        # Nothing is there that neither was asked for nor is needed by something that is.
        assert entry.requested or entry.reasons
        assert {reason.parent for reason in entry.reasons} <= by_index.keys()
        # An edge of an entry, or of an extra that is on, leads to an entry where its marker holds, and is its reason.
        edges = [*entry.package.dependencies]
        edges += [edge for extra in entry.extras for edge in entry.package.extras.get(extra, ())]
        for edge in edges:
            if not edge.marker or Marker(edge.marker).evaluate(dict(LINUX.values)):
                assert any(reason.parent == entry.position for reason in by_index[edge.target].reasons)
                assert set(edge.extras) <= by_index[edge.target].extras
