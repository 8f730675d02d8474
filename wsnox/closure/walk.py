"""The traversal from a request to its closure, as uv does it at sync time.

1. What is asked for starts the queue (`wsnox.closure.starts`).
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
from wsnox.closure.decisions import both, decide, either
from wsnox.closure.edges import Edges
from wsnox.closure.records import Closure, Entry, Reason
from wsnox.closure.starts import Start, items_of
from wsnox.errors import AmbiguousClosureError

if TYPE_CHECKING:
    from wsnox.closure.records import Request
    from wsnox.closure.starts import Node
    from wsnox.closure.target import Target
    from wsnox.lock import Dependency, Lock

__all__ = ["Resolver", "resolve"]


def resolve(lock: Lock, request: Request, target: Target) -> Closure:
    """Return the closure of *request* in *lock* on *target*; raise a `RequestError` or `TargetError` to refuse."""
    return Resolver(lock, target).resolve(request)


class Resolver:
    """Answers requests on one lockfile and target; what the markers mean is worked out once for all of them."""

    def __init__(self, lock: Lock, target: Target) -> None:
        self.lock, self.edges = lock, Edges(lock, target)

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
        reached, active = dict(self.start.reached), self.start.active
        while queue:
            node = queue.popleft()
            for edge in self._edges_of(node):
                condition = both(self.edges.condition(edge.marker), reached[node])
                items = items_of(self.lock, edge)
                if condition is False or not decide(condition, active | items):
                    continue
                active |= items
                for part in ("", *edge.extras):
                    below = (edge.target, part)
                    before = reached.get(below, False)
                    after = either(before, condition)
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

    def _entry(self, index: int, extras: set[str]) -> Entry:
        return Entry(
            index=index,
            package=self.lock.packages[index],
            extras=frozenset(extras),
            asked=index in self.start.asked,
            reasons=tuple(self.start.reasons.get(index, ())),
        )

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
