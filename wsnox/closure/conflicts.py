"""Declared conflicts: parts of packages that one environment must never hold together (uv docs, ``tool.uv.conflicts``).

A request is refused before it is walked if it switches on two items of one set, and after the first pass of the walk if
extras that exclude each other turned out to be reached through dependencies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from wsnox.closure.model import Request
    from wsnox.lock import ConflictItem, Dependency, Lock

__all__ = ["involved", "refuse_active", "refuse_declared", "switched_on"]


def involved(lock: Lock, request: Request) -> frozenset[str]:
    """Return the names of the packages whose items count: the selected, and every member reached, markers ignored.

    As in uv (``InstallTarget::packages``), a root that lends its groups counts only if it is reached, and members that
    only the groups of a virtual root reach do not count.
    """
    members = frozenset(lock.members or ())
    if request.involved_all:
        return members
    reached: set[tuple[int, str]] = set()
    queue: list[tuple[int, str]] = []
    for root in request.roots:
        for index in lock.by_name.get(root.name, ()):
            queue += ((index, part) for part in ("", *root.extras) if root.production)
            for group in root.groups:
                queue += _targets(lock.packages[index].groups.get(group, ()))
    while queue:
        node = queue.pop()
        if node not in reached:
            reached.add(node)
            package = lock.packages[node[0]]
            queue += _targets(package.extras.get(node[1], ()) if node[1] else package.dependencies)
    roots = frozenset(root.name for root in request.roots if not root.lends)
    return roots | (members & {lock.packages[index].name for index, _ in reached})


def _targets(edges: Iterable[Dependency]) -> Iterator[tuple[int, str]]:
    return ((edge.target, part) for edge in edges for part in ("", *edge.extras))


def switched_on(request: Request) -> Callable[[ConflictItem], bool]:
    """Return the test whether *request* itself names a conflict item of one of its roots."""
    roots = {root.name: root for root in request.roots}
    production = any(root.production for root in request.roots)

    def is_on(item: ConflictItem) -> bool:
        root = roots.get(item.package)
        match item.kind:
            case "project":
                return production if root is None else root.production
            case "extra":
                return root is not None and root.production and item.name in root.extras
            case "group":
                return root is not None and item.name in root.groups

    return is_on


def refuse_declared(lock: Lock, packages: Collection[str], is_on: Callable[[ConflictItem], bool]) -> None:
    """Raise `ConflictError` if two items of one set, of the given *packages*, are on."""
    for declared in lock.conflicts:
        items = sorted(str(item) for item in declared if item.package in packages and is_on(item))
        if len(items) > 1:
            raise ConflictError(items, sorted(map(str, declared)))


def refuse_active(lock: Lock, active: Collection[str]) -> None:
    """Raise `ConflictError` if two extras of one set became active; *active* has the encoded forms of active items."""
    for declared in lock.conflicts:
        items = sorted(str(item) for item in declared if item.kind == "extra" and item.encoded in active)
        if len(items) > 1:
            raise ConflictError(items, sorted(map(str, declared)))
