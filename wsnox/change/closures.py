"""The closures in one lockfile, each worked out once.

1. Where it is known at the start which items of declared conflicts are active, they are sets of packages, made for all
   requests together; else, and wherever something is wrong, each is a walk.
2. All that a target decides is which markers hold: targets on which the same do have the same closures.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.closure.conflicts import refuse_active, refuse_declared, switched_on
from wsnox.closure.decisions import decide, mentioned
from wsnox.closure.starts import Start, items_of
from wsnox.closure.together import Together, edges_below
from wsnox.closure.walk import Resolver
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.closure import Closure, Request, Target
    from wsnox.lock import Dependency, Lock, Package

__all__ = ["Closures", "edges_of", "markers_of"]

_MOST = 20_000
"""The most packages of which sets are made: they grow with the square of the number, to 50 MB here."""


class Closures:
    """Answers requests in *lock*; in a set, each package has its bit of *bits*."""

    def __init__(self, lock: Lock, bits: Sequence[int]) -> None:
        self.lock, self.bits = lock, bits
        self._resolvers: dict[Target, Resolver | WsnoxError] = {}
        self._ways: dict[object, int] = {}
        self._way_of: dict[Target, int] = {}
        self._walked: dict[tuple[Request, int], Closure | WsnoxError] = {}
        self._sets: dict[tuple[Request, int], int | None] = {}
        self._together: dict[tuple[int, frozenset[str]], Together] = {}
        self._items: dict[int, tuple[frozenset[str], int]] = {}

    def resolver(self, target: Target) -> Resolver | WsnoxError:
        """Return what resolves on *target*, or why nothing does."""
        if target not in self._resolvers:
            try:
                self._resolvers[target] = Resolver(self.lock, target)
            except WsnoxError as error:
                self._resolvers[target] = error
        return self._resolvers[target]

    def walked(self, request: Request, target: Target) -> Closure | WsnoxError:
        """Return the closure of *request* on *target*, or why there is none."""
        resolver = self.resolver(target)
        if isinstance(resolver, WsnoxError):
            return resolver
        key = request, self._way(target, resolver)
        if key not in self._walked:
            try:
                self._walked[key] = resolver.resolve(request)
            except WsnoxError as error:
                self._walked[key] = error
        return self._walked[key]

    def set_of(self, request: Request, target: Target) -> int | None:
        """Return the packages of the closure of *request* on *target*, `None` where only a walk can tell."""
        resolver = self.resolver(target)
        if isinstance(resolver, WsnoxError) or not self._fit_for_sets:
            return None
        key = request, self._way(target, resolver)
        if key not in self._sets:
            self._sets[key] = self._set(request, resolver, key[1])
        return self._sets[key]

    def _set(self, request: Request, resolver: Resolver, way: int) -> int | None:
        try:
            start = Start(resolver.edges, request)
            # Whose items count would take a walk: two that are on are left to it, whoever has them.
            refuse_declared(self.lock, self.lock.by_name, switched_on(request))
            refuse_active(self.lock, start.active)
            items, activating = self._items_of(way, resolver)
            together = self._together_with(items & start.active, resolver, way)
        except WsnoxError:
            return None
        found = together.of(start.queue)
        # Of a name with forks one may be there: two are an error, which the walk explains.
        if found & activating or any((found & fork).bit_count() > 1 for fork in self._forks):
            return None
        return found

    def _together_with(self, active: frozenset[str], resolver: Resolver, way: int) -> Together:
        """Return what parts bring along where exactly the items in *active* are; raise where a marker is none."""
        key = way, active
        if key not in self._together:
            condition = resolver.edges.condition
            self._together[key] = Together(self.lock, lambda marker: decide(condition(marker), active), self.bits)
        return self._together[key]

    def _items_of(self, way: int, resolver: Resolver) -> tuple[frozenset[str], int]:
        """Return the items that some marker depends on, and the packages with an edge that makes an item active."""
        if way not in self._items:
            items = mentioned(map(resolver.edges.markers.condition, self._markers))
            self._items[way] = items, self._activating(items | self._declared)
        return self._items[way]

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(item.encoded for items in self.lock.conflicts for item in items)

    def _activating(self, items: frozenset[str]) -> int:
        """Return the packages with an edge that makes one of *items* active."""
        found = (
            self.bits[node[0]]
            for node, edges in edges_below(self.lock)
            if any(not items.isdisjoint(items_of(self.lock, edge)) for edge in edges)
        )
        return sum({*found})

    @cached_property
    def _fit_for_sets(self) -> bool:
        """Whether packages have different bits, and are not too many."""
        packages = self.lock.packages
        return len(packages) <= _MOST and len({*self.bits}) == len(packages)

    @cached_property
    def _forks(self) -> tuple[int, ...]:
        """The bits of each name that several packages have."""
        return tuple(sum(self.bits[index] for index in found) for found in self.lock.by_name.values() if len(found) > 1)

    def _way(self, target: Target, resolver: Resolver) -> int:
        """Return a number for when each marker holds on *target*: targets of one number have the same closures."""
        if target not in self._way_of:
            self._way_of[target] = self._ways.setdefault(self._conditions(target, resolver), len(self._ways))
        return self._way_of[target]

    def _conditions(self, target: Target, resolver: Resolver) -> object:
        try:
            return resolver.edges.universe, tuple(map(resolver.edges.markers.condition, self._markers))
        except WsnoxError:
            return target

    @cached_property
    def _markers(self) -> tuple[str, ...]:
        return tuple(markers_of(self.lock))


def markers_of(lock: Lock) -> list[str]:
    """Return each marker of *lock* that a closure can depend on."""
    found = {edge.marker for package in lock.packages for edge in edges_of(package)}
    found.update(marker for package in lock.packages for marker in package.markers)
    found.update(need.marker for needs in (lock.requirements, *lock.root_groups.values()) for need in needs)
    return sorted(found)


def edges_of(package: Package) -> Iterator[Dependency]:
    """Yield every edge of *package*."""
    yield from package.dependencies
    for edges in (*package.extras.values(), *package.groups.values()):
        yield from edges
