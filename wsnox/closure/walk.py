"""The traversal from a request to its closure, as uv does it at sync time.

1. The target must be inside the lockfile's ``requires-python`` and in one of its supported environments.
2. Roots start the queue: production part and extras, then the edges of their groups; then the virtual root's groups.
3. With declared conflicts, a first pass finds the extras that become active through edges. An edge's own extras count
   as active while it is tested. A condition may be falsified by an item that becomes active later, so a node is visited
   again whenever the condition under which it is reached changes.
4. The second pass, with the active items now fixed, collects the nodes. A node is a package with one extra of it, or
   without: ``core[x]`` visits both.

An edge's marker means something only on the way from a package that is reached: uv leaves out what that implies.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.closure.conflicts import involved, refuse_active, refuse_declared, switched_on
from wsnox.closure.decisions import both, decide, either
from wsnox.closure.markers import Markers
from wsnox.closure.records import Closure, Entry, Reason
from wsnox.closure.target import in_range
from wsnox.errors import AmbiguousClosureError, LockError, UnknownNameError, UnsupportedTargetError
from wsnox.lock.records import ConflictItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.closure.decisions import Condition
    from wsnox.closure.records import Request, Root
    from wsnox.closure.target import Target
    from wsnox.lock import Dependency, Lock, Requirement

__all__ = ["Resolver", "resolve"]

Node = tuple[int, str]
"""A package by its index, with one extra of it, or with an empty string for the package itself."""


def resolve(lock: Lock, request: Request, target: Target) -> Closure:
    """Return the closure of *request* in *lock* on *target*; raise a `RequestError` or `TargetError` to refuse."""
    return Resolver(lock, target).resolve(request)


class Resolver:
    """Answers requests on one lockfile and target; what the markers mean is worked out once for all of them."""

    def __init__(self, lock: Lock, target: Target) -> None:
        in_range(target, lock.requires_python, "the lockfile")
        self.lock = lock
        self.markers = Markers(target)
        supported = lock.supported_markers
        if supported and not any(map(self.markers.ignoring_items, supported)):
            raise UnsupportedTargetError(supported)
        # The union of the forks is the universe of every edge; uv leaves out of markers what it implies.
        self.universe = not lock.markers or any(map(self.markers.ignoring_items, lock.markers))

    def resolve(self, request: Request) -> Closure:
        """Return the closure of *request*."""
        refuse_declared(self.lock, involved(self.lock, request), switched_on(request))
        walk = _Walk(self, request)
        walk.start()
        if self.lock.conflicts:
            walk.activate()
            refuse_active(self.lock, walk.active)
        walk.collect()
        return walk.closure()

    def condition(self, marker: str) -> Condition:
        """Return when an edge with this *marker* is taken."""
        return self.markers.condition(marker) if self.universe else False


class _Walk:
    """One traversal: the queue, what is active, what is installed and why."""

    def __init__(self, resolver: Resolver, request: Request) -> None:
        self.resolver, self.lock, self.request = resolver, resolver.lock, request
        self.active: set[str] = set()
        self.queue: deque[Node] = deque()
        self.reached: dict[Node, Condition] = {}
        self.asked: set[int] = set()
        self.reasons: dict[int, list[Reason]] = {}
        self.roots = [(self._package_of(root), root) for root in request.roots]

    def _package_of(self, root: Root) -> int:
        found = self.lock.by_name.get(root.name, ())
        if len(found) != 1:
            if not found:
                raise UnknownNameError("package", root.name, self.lock.by_name)
            raise LockError(f"`uv.lock` has {len(found)} packages named `{root.name}`")
        return found[0]

    # --- the start ---

    def start(self) -> None:
        """Queue the roots with what is asked of each, then the groups of the virtual root."""
        for index, root in self.roots:
            self._activate_root(index, root)
        for index, root in self.roots:
            if root.production:
                self.asked.add(index)
                self._queue(index, sorted(root.extras & self.lock.packages[index].extras.keys()), True)
            for group in sorted(root.groups & self.lock.packages[index].groups.keys()):
                for edge in self.lock.packages[index].groups[group]:
                    self._start_group_edge(index, group, edge)
        for requirement in self.lock.requirements:
            self._start_requirement(requirement, "")
        for group in sorted(self.request.root_groups & self.lock.root_groups.keys()):
            for requirement in self.lock.root_groups[group]:
                self._start_requirement(requirement, f":{group}")

    def _activate_root(self, index: int, root: Root) -> None:
        package = self.lock.packages[index]
        if root.production:
            self._activate(ConflictItem(package.name, "project"))
            for extra in root.extras & package.extras.keys():
                self._activate(ConflictItem(package.name, "extra", extra))
        for group in root.groups & package.groups.keys():
            self._activate(ConflictItem(package.name, "group", group))

    def _activate(self, item: ConflictItem) -> None:
        if self.lock.conflicts:
            self.active.add(item.encoded)

    def _start_group_edge(self, index: int, group: str, edge: Dependency) -> None:
        condition = self.resolver.condition(edge.marker)
        items = self._items(edge)
        if decide(condition, self.active | items):
            self.active |= items
            self._because(edge.target, Reason(index, f":{group}", edge.extras, edge.marker))
            self._queue(edge.target, edge.extras, condition)

    def _start_requirement(self, requirement: Requirement, part: str) -> None:
        """Queue what a *requirement* of the virtual root names; forks are told apart by their own markers."""
        if not decide(self.resolver.condition(requirement.marker), ()):
            return
        found = [index for index in self.lock.by_name.get(requirement.name, ()) if self._lives(index)]
        if len(found) != 1:
            count = len(found) or "no"
            raise LockError(
                f"`{requirement.name}`, which the workspace root requires, fits {count} packages of `uv.lock`"
            )
        for extra in requirement.extras:
            self._activate(ConflictItem(requirement.name, "extra", extra))
        self._because(found[0], Reason(None, part, requirement.extras, requirement.marker))
        self._queue(found[0], requirement.extras, True)

    def _lives(self, index: int) -> bool:
        markers = self.lock.packages[index].markers
        return not markers or any(map(self.resolver.markers.ignoring_items, markers))

    def _queue(self, index: int, extras: Iterable[str], condition: Condition) -> None:
        for part in ("", *extras):
            node = (index, part)
            if node not in self.reached:
                self.queue.append(node)
            self.reached[node] = either(self.reached.get(node, False), condition)

    # --- the two passes ---

    def activate(self) -> None:
        """Find, in a first pass, every extra that becomes active through edges."""
        queue = deque(self.queue)
        reached = dict(self.reached)
        while queue:
            node = queue.popleft()
            for edge in self._edges(node):
                condition = both(self.resolver.condition(edge.marker), reached[node])
                items = self._items(edge)
                if condition is False or not decide(condition, self.active | items):
                    continue
                self.active |= items
                for part in ("", *edge.extras):
                    below = (edge.target, part)
                    before = reached.get(below, False)
                    after = either(before, condition)
                    if after != before:
                        reached[below] = after
                        queue.append(below)

    def collect(self) -> None:
        """Collect, with the active items fixed, every node that is reached, and why."""
        seen = set(self.queue)
        condition, active = self.resolver.condition, self.active
        while self.queue:
            node = self.queue.popleft()
            part = f"[{node[1]}]" if node[1] else ""
            for edge in self._edges(node):
                holds = condition(edge.marker)
                if holds is False or (holds is not True and not decide(holds, active)):
                    continue
                self._because(edge.target, Reason(node[0], part, edge.extras, edge.marker))
                for below in ((edge.target, extra) for extra in ("", *edge.extras)):
                    if below not in seen:
                        seen.add(below)
                        self.queue.append(below)
        self.seen = seen

    def _edges(self, node: Node) -> tuple[Dependency, ...]:
        package = self.lock.packages[node[0]]
        return package.extras.get(node[1], ()) if node[1] else package.dependencies

    def _items(self, edge: Dependency) -> frozenset[str]:
        """Return the encoded conflict items that *edge* makes active: the extras it asks for."""
        if not self.lock.conflicts or not edge.extras:
            return frozenset()
        name = self.lock.packages[edge.target].name
        return frozenset(ConflictItem(name, "extra", extra).encoded for extra in edge.extras)

    def _because(self, index: int, reason: Reason) -> None:
        self.reasons.setdefault(index, []).append(reason)

    # --- the answer ---

    def closure(self) -> Closure:
        """Return what was collected, by name; raise where one name would be there twice."""
        extras: dict[int, set[str]] = {}
        for index, extra in self.seen:
            extras.setdefault(index, set()).update([extra] if extra else [])
        entries = [
            Entry(
                index=index,
                package=self.lock.packages[index],
                extras=frozenset(extras.get(index, ())),
                asked=index in self.asked,
                reasons=tuple(self.reasons.get(index, ())),
            )
            for index in {*self.asked, *self.reasons}
        ]
        entries.sort(key=lambda entry: (entry.package.name, entry.package.version or "", entry.index))
        self._refuse_twice(entries)
        return Closure(request=self.request, entries=tuple(entries))

    def _refuse_twice(self, entries: list[Entry]) -> None:
        """Uv would install both of two packages of one name, the one over the other; nobody can want that."""
        for first, second in pairwise(entries):
            if first.package.name == second.package.name:
                raise AmbiguousClosureError(first.package.name, [self._because_of(first), self._because_of(second)])

    def _because_of(self, entry: Entry) -> str:
        if not entry.reasons or entry.reasons[0].parent is None:
            return str(entry.package)
        reason = entry.reasons[0]
        parent = self.lock.packages[reason.parent].name if reason.parent is not None else "the root"
        return f"{entry.package} (from {parent}{reason.part})"
