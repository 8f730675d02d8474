"""Declared conflicts: parts of packages that one environment must never hold together (uv docs, ``tool.uv.conflicts``).

A request is refused before it is walked where it switches on two items of one set, and after the first pass of the
walk where extras that exclude each other turned out to be reached through dependencies.
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
    """Return the names of the packages whose items count: what is selected, and every member reached, markers ignored.

    As in uv (``InstallTarget::packages``), a root that lends its groups counts only where it is reached, and what the
    groups of a virtual root reach does not count.
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
                queue += _ends(lock.packages[index].groups.get(group, ()))
    while queue:
        node = queue.pop()
        if node not in reached:
            reached.add(node)
            package = lock.packages[node[0]]
            queue += _ends(package.extras.get(node[1], ()) if node[1] else package.dependencies)
    roots = frozenset(root.name for root in request.roots if not root.lends)
    return roots | (members & {lock.packages[index].name for index, _ in reached})


def _ends(edges: Iterable[Dependency]) -> Iterator[tuple[int, str]]:
    return ((edge.target, part) for edge in edges for part in ("", *edge.extras))


def switched_on(request: Request) -> Callable[[ConflictItem], bool]:
    """Return the test whether *request* itself asks for a conflict item of one of its roots."""
    roots = {root.name: root for root in request.roots}
    production = any(root.production for root in request.roots)

    def test(item: ConflictItem) -> bool:
        root = roots.get(item.package)
        match item.kind:
            case "project":
                return production if root is None else root.production
            case "extra":
                return root is not None and root.production and item.name in root.extras
            case "group":
                return root is not None and item.name in root.groups

    return test


def refuse_declared(lock: Lock, packages: Collection[str], is_on: Callable[[ConflictItem], bool]) -> None:
    """Raise `ConflictError` where two items of one set, of the given *packages*, are on."""
    for declared in lock.conflicts:
        on = sorted(str(item) for item in declared if item.package in packages and is_on(item))
        if len(on) > 1:
            raise ConflictError(on, sorted(map(str, declared)))


def refuse_active(lock: Lock, active: Collection[str]) -> None:
    """Raise `ConflictError` where two extras of one set became active, as named by their encoded forms in *active*."""
    for declared in lock.conflicts:
        on = sorted(str(item) for item in declared if item.kind == "extra" and item.encoded in active)
        if len(on) > 1:
            raise ConflictError(on, sorted(map(str, declared)))
