"""The traversal from a request to its closure, as uv does it at sync time.

1. What is asked for starts the queue (`wsnox.closure.resolve`).
2. With declared conflicts, a first pass finds the extras that become active through edges. An edge's own extras count
   as active while it is tested. A condition may be falsified by an item that becomes active later, so a node is visited
   again whenever the condition under which it is reached changes.
3. The second pass, with the active items now fixed, collects the nodes. A node is a package with one extra of it, or
   without: ``core[x]`` visits both.

An edge's marker means something only on the way from a package that is reached: uv leaves out what that implies.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.closure.conflicts import involved, refuse_active, refuse_declared, switched_on
from wsnox.closure.model import Closure, ClosurePackage, Reason
from wsnox.errors import AmbiguousClosureError, LockError, UnknownNameError, UnsupportedTargetError
from wsnox.lock.model import ConflictItem
from wsnox.markers.conditions import decide
from wsnox.markers.evaluation import Markers
from wsnox.markers.target import in_range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.closure.model import Request, Root
    from wsnox.lock import Dependency, Lock, Requirement
    from wsnox.markers.conditions import Condition, Diagrams
    from wsnox.markers.target import Target

__all__ = ["Edges", "Node", "Resolver", "Start", "items_of", "resolve"]

# --- Which edges of a lockfile are taken on one target: what their markers mean there ---


class Edges:
    """The edges of *lock* on *target*; raise a `TargetError` where the lockfile is not for it."""

    def __init__(self, lock: Lock, target: Target, diagrams: Diagrams | None = None) -> None:
        in_range(target, lock.requires_python, "the lockfile")
        self.lock = lock
        self.markers = Markers(target, diagrams)
        supported = lock.supported_markers
        if supported and not any(map(self.markers.may_hold, supported)):
            raise UnsupportedTargetError(supported)
        self.universe = not lock.markers or any(map(self.markers.may_hold, lock.markers))

    def condition(self, marker: str) -> Condition:
        """Return when an edge with this *marker* is taken."""
        return self.markers.condition(marker) if self.universe else False

    def in_fork(self, index: int) -> bool:
        """Tell whether the target is in a fork of the package at *index*; one without forks is everywhere."""
        forks = self.lock.packages[index].markers
        return not forks or any(map(self.markers.may_hold, forks))


# --- Where a traversal starts: the parts of packages that a request asks for by itself, before any edge i ---


Node = tuple[int, str]
"""A package by its index, with one extra of it, or with an empty string for the package itself."""


def items_of(lock: Lock, edge: Dependency) -> frozenset[str]:
    """Return the encoded conflict items that *edge* makes active: the extras it asks for."""
    if not lock.conflicts or not edge.extras:
        return frozenset()
    name = lock.packages[edge.target].name
    return frozenset(ConflictItem(name, "extra", extra).encoded for extra in edge.extras)


class Start:
    """The nodes that are in the *queue*, the conditions under which each is *reached*, what is *active*, and why.

    *requested* are the roots' own packages, by index. Raise a `LockError` or `UnknownNameError` where a name leads nowhere.
    """

    def __init__(self, edges: Edges, request: Request) -> None:
        self._edges, self._lock = edges, edges.lock
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
        found = self._lock.by_name.get(root.name, ())
        if len(found) != 1:
            if not found:
                raise UnknownNameError("package", root.name, self._lock.by_name)
            raise LockError(f"`uv.lock` has {len(found)} packages named `{root.name}`")
        return found[0]

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
                self._start_group_edge(index, group, edge)

    def _start_group_edge(self, index: int, group: str, edge: Dependency) -> None:
        condition = self._edges.condition(edge.marker)
        items = items_of(self._lock, edge)
        if decide(condition, self.active | items):
            self.active |= items
            self._because(edge.target, Reason(index, f":{group}", edge.extras, edge.marker))
            self._queue(edge.target, edge.extras, condition)

    def _start_requirement(self, requirement: Requirement, part: str) -> None:
        """Queue what a *requirement* of the virtual root names; forks are told apart by their own markers."""
        if not decide(self._edges.condition(requirement.marker), ()):
            return
        found = [index for index in self._lock.by_name.get(requirement.name, ()) if self._edges.in_fork(index)]
        if len(found) != 1:
            count = len(found) or "no"
            raise LockError(
                f"`{requirement.name}`, which the workspace root requires, fits {count} packages of `uv.lock`"
            )
        for extra in requirement.extras:
            self._activate(ConflictItem(requirement.name, "extra", extra))
        self._because(found[0], Reason(None, part, requirement.extras, requirement.marker))
        self._queue(found[0], requirement.extras, True)

    def _queue(self, index: int, extras: Iterable[str], condition: Condition) -> None:
        for part in ("", *extras):
            node = (index, part)
            if node not in self.reached:
                self.queue.append(node)
            self.reached[node] = self._edges.markers.diagrams.either(self.reached.get(node, False), condition)

    def _because(self, index: int, reason: Reason) -> None:
        self.reasons.setdefault(index, []).append(reason)


def resolve(lock: Lock, request: Request, target: Target) -> Closure:
    """Return the closure of *request* in *lock* on *target*; raise a `RequestError` or `TargetError` to refuse."""
    return Resolver(lock, target).resolve(request)


class Resolver:
    """Answers requests on one lockfile and target; what the markers mean is worked out once for all of them."""

    def __init__(self, lock: Lock, target: Target, diagrams: Diagrams | None = None) -> None:
        self.lock, self.edges = lock, Edges(lock, target, diagrams)

    def resolve(self, request: Request) -> Closure:
        """Return the closure of *request*."""
        if self.lock.conflicts:
            refuse_declared(self.lock, involved(self.lock, request), switched_on(request))
        walk = _Walk(self.edges, request, Start(self.edges, request))
        if self.lock.conflicts:
            walk.activate()
            refuse_active(self.lock, walk.start.active)
        return walk.closure()


class _Walk:
    """One traversal, from its *start* on: what is active, what is reached and why."""

    def __init__(self, edges: Edges, request: Request, start: Start) -> None:
        self.edges, self.lock, self.request, self.start = edges, edges.lock, request, start

    # --- the two passes ---

    def activate(self) -> None:
        """Find, in a first pass, every extra that becomes active through edges."""
        queue = deque(self.start.queue)
        diagrams = self.edges.markers.diagrams
        reached, active = dict(self.start.reached), self.start.active
        while queue:
            node = queue.popleft()
            for edge in self._edges_of(node):
                condition = diagrams.both(self.edges.condition(edge.marker), reached[node])
                items = items_of(self.lock, edge)
                if condition is False or not decide(condition, active | items):
                    continue
                active |= items
                for part in ("", *edge.extras):
                    below = (edge.target, part)
                    before = reached.get(below, False)
                    after = diagrams.either(before, condition)
                    if after != before:
                        reached[below] = after
                        queue.append(below)

    def collect(self) -> set[Node]:
        """Collect, with the active items fixed, every node that is reached, and why."""
        queue = deque(self.start.queue)
        seen = set(queue)
        condition, active, reasons = self.edges.condition, self.start.active, self.start.reasons
        while queue:
            node = queue.popleft()
            part = f"[{node[1]}]" if node[1] else ""
            for edge in self._edges_of(node):
                holds = condition(edge.marker)
                if holds is False or (holds is not True and not decide(holds, active)):
                    continue
                reasons.setdefault(edge.target, []).append(Reason(node[0], part, edge.extras, edge.marker))
                for below in ((edge.target, extra) for extra in ("", *edge.extras)):
                    if below not in seen:
                        seen.add(below)
                        queue.append(below)
        return seen

    def _edges_of(self, node: Node) -> tuple[Dependency, ...]:
        package = self.lock.packages[node[0]]
        return package.extras.get(node[1], ()) if node[1] else package.dependencies

    # --- the answer ---

    def closure(self) -> Closure:
        """Return what is collected, by name; raise where one name would be there twice."""
        extras: dict[int, set[str]] = {}
        for index, extra in self.collect():
            extras.setdefault(index, set()).update([extra] if extra else [])
        entries = [self._entry(index, extras[index]) for index in extras]
        entries.sort(key=lambda entry: (entry.package.name, entry.package.version or "", entry.index))
        self._refuse_twice(entries)
        return Closure(request=self.request, entries=tuple(entries))

    def _entry(self, index: int, extras: set[str]) -> ClosurePackage:
        return ClosurePackage(
            index=index,
            package=self.lock.packages[index],
            extras=frozenset(extras),
            requested=index in self.start.requested,
            reasons=tuple(self.start.reasons.get(index, ())),
        )

    def _refuse_twice(self, entries: list[ClosurePackage]) -> None:
        """Uv would install both of two packages of one name, the one over the other; nobody can want that."""
        for first, second in pairwise(entries):
            if first.package.name == second.package.name:
                raise AmbiguousClosureError(first.package.name, [self._because_of(first), self._because_of(second)])

    def _because_of(self, entry: ClosurePackage) -> str:
        if not entry.reasons or entry.reasons[0].parent is None:
            return str(entry.package)
        reason = entry.reasons[0]
        parent = self.lock.packages[reason.parent].name if reason.parent is not None else "the root"
        return f"{entry.package} (from {parent}{reason.part})"
