"""The conflict sets that the manifests declare, and those that follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.lock.records import ConflictItem
from wsnox.workspace.records import GroupInclude

if TYPE_CHECKING:
    from wsnox.workspace.records import Manifest

__all__ = ["may_follow"]


ConflictSet = frozenset[ConflictItem]


def may_follow(found: set[ConflictSet], declared: tuple[ConflictSet, ...], root: Manifest) -> bool:
    """Tell whether uv may have written the sets *found* behind the ones that are *declared*.

    Where another package has a group of the same name as one of the *root*, uv takes the one for the other: then any.
    """
    others = {item.name for items in declared for item in items if item.kind == "group" and item.package != root.name}
    return found == _inferred(declared, root) - set(declared) or not others.isdisjoint(root.groups)


def _inferred(declared: tuple[ConflictSet, ...], root: Manifest) -> set[ConflictSet]:
    """Return *declared* with the sets that follow: a group of the root that includes a conflicting one conflicts too.

    uv: crates/uv-pypi-types, ``Conflicts::expand_transitive_group_includes``.
    """
    found = set(declared)
    if root.name is None:
        return found
    includes = {
        group: {entry.group for entry in entries if isinstance(entry, GroupInclude)}
        for group, entries in root.groups.items()
    }
    waiting = list(found)
    while waiting:
        items = waiting.pop()
        for item in items:
            for group, included in includes.items():
                if item.kind == "group" and item.package == root.name and item.name in included:
                    other = (items - {item}) | {ConflictItem(root.name, "group", group)}
                    if other not in found:
                        found.add(other)
                        waiting.append(other)
    return found
