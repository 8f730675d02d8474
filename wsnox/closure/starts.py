"""Where a traversal starts: the parts of packages that a request asks for by itself, before any edge is followed.

1. The production part and the extras of each root, then the edges of its groups.
2. What the virtual root requires, and the edges of its groups; of a name with forks, the one that lives on the target.

An item of a declared conflict that this switches on is active from here on, so that a later group's edge sees it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from wsnox.closure.decisions import decide, either
from wsnox.closure.records import Reason
from wsnox.errors import LockError, UnknownNameError
from wsnox.lock.records import ConflictItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.closure.decisions import Condition
    from wsnox.closure.edges import Edges
    from wsnox.closure.records import Request, Root
    from wsnox.lock import Dependency, Lock, Requirement

__all__ = ["Node", "Start", "items_of"]

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

    *asked* are the roots' own packages, by index. Raise a `LockError` or `UnknownNameError` where a name leads nowhere.
    """

    def __init__(self, edges: Edges, request: Request) -> None:
        self._edges, self._lock = edges, edges.lock
        self.active: set[str] = set()
        self.queue: deque[Node] = deque()
        self.reached: dict[Node, Condition] = {}
        self.asked: set[int] = set()
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
            self.asked.add(index)
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
        found = [index for index in self._lock.by_name.get(requirement.name, ()) if self._edges.lives(index)]
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
            self.reached[node] = either(self.reached.get(node, False), condition)

    def _because(self, index: int, reason: Reason) -> None:
        self.reasons.setdefault(index, []).append(reason)
