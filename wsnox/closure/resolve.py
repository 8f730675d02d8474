"""The traversal from a request to its closure, as uv does it at sync time.

1. The queue starts with what the request itself names (`Start`): parts of the roots, the requirements of their groups,
   and those of a virtual root.
2. With declared conflicts, a first pass finds the extras that become active through edges. An edge's own extras count
   as active while it is tested. A condition may be falsified by an item that becomes active later, so a node is visited
   again whenever the condition under which it is reached changes.
3. The second pass, with the active items now fixed, collects the nodes. A node is a package with one of its extras, or
   without: ``core[x]`` visits both.

An edge's marker has a meaning only if its package is reached: uv leaves out what that implies.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.closure.conflicts import involved, refuse_active, refuse_declared, switched_on
from wsnox.closure.model import Closure, ClosurePackage, Reason
from wsnox.errors import AmbiguousClosureError, LockError, UnknownNameError, UnsupportedTargetError
from wsnox.lock import ConflictItem
from wsnox.markers.conditions import decide
from wsnox.markers.target import Markers, refuse_out_of_range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.closure.model import Request, Root
    from wsnox.lock import Dependency, Lock, Requirement
    from wsnox.markers.conditions import Condition, Diagrams
    from wsnox.markers.target import Target

__all__ = ["Node", "Resolver", "Start", "items_of", "resolve"]

Node = tuple[int, str]
"""A package by its index, with one of its extras, or with an empty string for the package itself."""


def resolve(lock: Lock, request: Request, target: Target) -> Closure:
    """Return the closure of *request* in *lock* on *target*; raise a `RequestError` or `TargetError` to refuse."""
    return Resolver(lock, target).resolve(request)


class Resolver:
    """Answers requests on one *lock* and *target*; each marker is evaluated once for all of them.

    Raise a `TargetError` if the lockfile is not for the target. *in_resolution* is whether uv resolved for it at all.
    """

    def __init__(self, lock: Lock, target: Target, diagrams: Diagrams | None = None) -> None:
        refuse_out_of_range(target, lock.requires_python, "the lockfile")
        self.lock, self.markers = lock, Markers(target, diagrams)
        supported = lock.supported_markers
        if supported and not any(map(self.markers.may_hold, supported)):
            raise UnsupportedTargetError(supported)
        self.in_resolution = not lock.markers or any(map(self.markers.may_hold, lock.markers))

    def condition(self, marker: str) -> Condition:
        """Return when an edge with this *marker* is taken."""
        return self.markers.condition(marker) if self.in_resolution else False

    def in_fork(self, index: int) -> bool:
        """Return whether the target is in a fork of the package at *index*; one without forks is everywhere."""
        forks = self.lock.packages[index].markers
        return not forks or any(map(self.markers.may_hold, forks))

    def resolve(self, request: Request) -> Closure:
        """Return the closure of *request*."""
        conflicts = self.lock.conflicts
        if conflicts:
            refuse_declared(self.lock, involved(self.lock, request), switched_on(request))
        start = Start(self, request)
        if conflicts:
            self._activate(start)
            refuse_active(self.lock, start.active)
        nodes, packages = self._collect(start), self.lock.packages
        extras: dict[int, set[str]] = {index: set() for index, _ in nodes}
        for index, extra in nodes:
            if extra:
                extras[index].add(extra)
        requested, reasons = start.requested, start.reasons
        # In the order of the fields: a listing of a thousand members makes hundreds of thousands of these.
        entries = [
            ClosurePackage(
                position, packages[position], frozenset(names), position in requested, tuple(reasons.get(position, ()))
            )
            for position, names in extras.items()
        ]
        entries.sort(key=lambda entry: (entry.package.name, entry.package.version or "", entry.position))
        for first, second in pairwise(entries):
            # uv would install two packages of one name, one over the other; nobody can want that.
            if first.package.name == second.package.name:
                raise AmbiguousClosureError(first.package.name, [self._origin(first), self._origin(second)])
        return Closure(request=request, entries=tuple(entries))

    def _activate(self, start: Start) -> None:
        """Add to the active items of *start*, in a first pass, every extra that becomes active through edges."""
        queue, reached, active = deque(start.queue), dict(start.reached), start.active
        diagrams = self.markers.diagrams
        while queue:
            node = queue.popleft()
            for edge in self._edges_of(node):
                condition = diagrams.both(self.condition(edge.marker), reached[node])
                items = items_of(self.lock, edge)
                if condition is False or not decide(condition, active | items):
                    continue
                active |= items
                for part in ("", *edge.extras):
                    target = (edge.target, part)
                    before = reached.get(target, False)
                    after = diagrams.either(before, condition)
                    if after != before:
                        reached[target] = after
                        queue.append(target)

    def _collect(self, start: Start) -> set[Node]:
        """Return, with the active items fixed, every node that is reached, and add the reasons to those of *start*."""
        queue = deque(start.queue)
        seen = set(queue)
        condition, active, reasons = self.condition, start.active, start.reasons
        while queue:
            node = queue.popleft()
            part = f"[{node[1]}]" if node[1] else ""
            for edge in self._edges_of(node):
                marker, index = edge.marker, edge.target
                # Most edges have no marker.
                if marker or not self.in_resolution:
                    holds = condition(marker)
                    if holds is False or (holds is not True and not decide(holds, active)):
                        continue
                reason = Reason(node[0], part, edge.extras, marker)
                if index in reasons:
                    reasons[index].append(reason)
                else:
                    reasons[index] = [reason]
                for extra in ("", *edge.extras):
                    target = (index, extra)
                    if target not in seen:
                        seen.add(target)
                        queue.append(target)
        return seen

    def _edges_of(self, node: Node) -> tuple[Dependency, ...]:
        package = self.lock.packages[node[0]]
        return package.extras.get(node[1], ()) if node[1] else package.dependencies

    def _origin(self, entry: ClosurePackage) -> str:
        """Return the package of *entry* and, in a few words, its first reason."""
        if not entry.reasons or entry.reasons[0].parent is None:
            return str(entry.package)
        reason = entry.reasons[0]
        parent = self.lock.packages[reason.parent].name if reason.parent is not None else "the root"
        return f"{entry.package} (from {parent}{reason.part})"


def items_of(lock: Lock, edge: Dependency) -> frozenset[str]:
    """Return the encoded conflict items that *edge* makes active: the extras it requests."""
    if not lock.conflicts or not edge.extras:
        return frozenset()
    name = lock.packages[edge.target].name
    return frozenset(ConflictItem(name, "extra", extra).encoded for extra in edge.extras)


class Start:
    """Where the walk for *request* starts, before any edge is followed.

    The nodes are in the *queue*; each is *reached* under a condition; conflict items are *active*; packages are there
    for *reasons*, or because they are *requested*, both by index. Raise a `LockError` or `UnknownNameError` for a name
    without a package.
    """

    def __init__(self, resolver: Resolver, request: Request) -> None:
        self._resolver, self._lock = resolver, resolver.lock
        self.active: set[str] = set()
        self.queue: deque[Node] = deque()
        self.reached: dict[Node, Condition] = {}
        self.requested: set[int] = set()
        self.reasons: dict[int, list[Reason]] = {}
        roots = [(self._package_of(root), root) for root in request.roots]
        for index, root in roots:
            self._activate_root(index, root)
        for index, root in roots:
            self._start_root(index, root)
        for requirement in self._lock.requirements:
            self._start_requirement(requirement, "")
        for group in sorted(request.root_groups & self._lock.root_groups.keys()):
            for requirement in self._lock.root_groups[group]:
                self._start_requirement(requirement, f":{group}")

    def _package_of(self, root: Root) -> int:
        indexes = self._lock.by_name.get(root.name, ())
        if not indexes:
            raise UnknownNameError("package", root.name, self._lock.by_name)
        if len(indexes) > 1:
            raise LockError(f"`uv.lock` has {len(indexes)} packages named `{root.name}`")
        return indexes[0]

    def _activate_root(self, index: int, root: Root) -> None:
        package = self._lock.packages[index]
        if root.production:
            self._activate(ConflictItem(package.name, "project"))
            for extra in root.extras & package.extras.keys():
                self._activate(ConflictItem(package.name, "extra", extra))
        for group in root.groups & package.groups.keys():
            self._activate(ConflictItem(package.name, "group", group))

    def _activate(self, item: ConflictItem) -> None:
        if self._lock.conflicts:
            self.active.add(item.encoded)

    def _start_root(self, index: int, root: Root) -> None:
        package = self._lock.packages[index]
        if root.production:
            self.requested.add(index)
            self._queue(index, sorted(root.extras & package.extras.keys()), True)
        for group in sorted(root.groups & package.groups.keys()):
            for edge in package.groups[group]:
                condition, items = self._resolver.condition(edge.marker), items_of(self._lock, edge)
                if decide(condition, self.active | items):
                    self.active |= items
                    self._add_reason(edge.target, Reason(index, f":{group}", edge.extras, edge.marker))
                    self._queue(edge.target, edge.extras, condition)

    def _start_requirement(self, requirement: Requirement, part: str) -> None:
        """Queue the package that a *requirement* of the virtual root names; forks are told apart by their own markers."""
        if not decide(self._resolver.condition(requirement.marker), ()):
            return
        forks = [index for index in self._lock.by_name.get(requirement.name, ()) if self._resolver.in_fork(index)]
        if len(forks) != 1:
            count = len(forks) or "no"
            raise LockError(
                f"`{requirement.name}`, which the workspace root requires, fits {count} packages of `uv.lock`"
            )
        for extra in requirement.extras:
            self._activate(ConflictItem(requirement.name, "extra", extra))
        self._add_reason(forks[0], Reason(None, part, requirement.extras, requirement.marker))
        self._queue(forks[0], requirement.extras, True)

    def _queue(self, index: int, extras: Iterable[str], condition: Condition) -> None:
        for part in ("", *extras):
            node = (index, part)
            if node not in self.reached:
                self.queue.append(node)
            before = self.reached.get(node, False)
            self.reached[node] = self._resolver.markers.diagrams.either(before, condition)

    def _add_reason(self, index: int, reason: Reason) -> None:
        self.reasons.setdefault(index, []).append(reason)
