"""What tells without any closure that most sessions cannot be concerned: which packages lead to one that differs.

Two lockfiles of which the same packages, with the same edges, are reached from a session's roots give it the same closure,
whatever markers say; so closures need be computed only for sessions that reach a package that differs, along any edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.change.closures import edges_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wsnox.closure import Request
    from wsnox.lock import Dependency, Lock, Package

__all__ = ["Reach", "comparable", "differing_packages"]


class Reach:
    """Knows which packages of *lock* lead to one of those at the indexes *goals*, along any edge."""

    def __init__(self, lock: Lock, goals: Iterable[int]) -> None:
        self._lock = lock
        self._found = set(goals)
        if self._found:
            self._spread(_reversed(lock))

    def _spread(self, parents: Mapping[int, list[int]]) -> None:
        waiting = list(self._found)
        while waiting:
            for parent in parents.get(waiting.pop(), ()):
                if parent not in self._found:
                    self._found.add(parent)
                    waiting.append(parent)

    def concerns(self, request: Request) -> bool:
        """Tell whether *request* starts at a package that leads to a goal, or at a name that could mean one."""
        needs = (self._lock.root_groups.get(group, ()) for group in request.root_groups)
        names = {need.name for some in (self._lock.requirements, *needs) for need in some}
        names.update(root.name for root in request.roots)
        return any(index in self._found for name in names for index in self._lock.by_name.get(name, ()))


def comparable(old: Lock, new: Lock) -> bool:
    """Tell whether all that two lockfiles say besides their packages is the same."""
    return all(getattr(old, name) == getattr(new, name) for name in _OF_ALL)


_OF_ALL = (
    "requires_python",
    "markers",
    "supported_markers",
    "required_markers",
    "conflicts",
    "members",
    "root_groups",
    "root_default_groups",
    "requirements",
)


def differing_packages(old: Lock, new: Lock) -> set[int]:
    """Return the indexes of packages of *new* that *old* does not have just so, or has more or fewer of by that name."""
    known = {(package.name, package.version, package.source): index for index, package in enumerate(old.packages)}
    same = {
        index: known[identity]
        for index, package in enumerate(new.packages)
        if (identity := (package.name, package.version, package.source)) in known
    }
    forked = {name for name, found in new.by_name.items() if len(found) != len(old.by_name.get(name, ()))}
    return {
        index
        for index, package in enumerate(new.packages)
        if index not in same or package.name in forked or not _alike(package, old.packages[same[index]], same)
    }


def _alike(package: Package, before: Package, same: Mapping[int, int]) -> bool:
    if package == before and all(same.get(edge.target) == edge.target for edge in edges_of(package)):
        return True
    return (
        (package.sdist, package.wheels, package.markers) == (before.sdist, before.wheels, before.markers)
        and _led(package.dependencies, same) == _led(before.dependencies, None)
        and _tables(package.extras, same) == _tables(before.extras, None)
        and _tables(package.groups, same) == _tables(before.groups, None)
        and package.provided_extras == before.provided_extras
    )


def _tables(edges: Mapping[str, Collection[Dependency]], same: Mapping[int, int] | None) -> dict[str, object]:
    return {name: _led(some, same) for name, some in edges.items()}


def _led(edges: Iterable[Dependency], same: Mapping[int, int] | None) -> list[object]:
    """Return *edges* with what they lead to as an index of the lockfile before."""
    return [(edge.target if same is None else same.get(edge.target), edge.extras, edge.marker) for edge in edges]


def _reversed(lock: Lock) -> dict[int, list[int]]:
    parents: dict[int, list[int]] = {}
    for index, package in enumerate(lock.packages):
        for edge in edges_of(package):
            parents.setdefault(edge.target, []).append(index)
    return parents
