"""What a lockfile says besides its edges: what manifests declared when it was locked, and which parts exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.lock.records import ConflictItem, Requirement
from wsnox.lock.wire import Broken, array, name_of, named, names, string, table, tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

__all__ = [
    "read_conflicts",
    "read_declared_groups",
    "read_default_groups",
    "read_provided",
    "read_requirements",
    "read_root_groups",
]


def read_provided(metadata: dict[str, Any], where: str) -> frozenset[str] | None:
    """Return the extras that *metadata* says the package provides, `None` where it does not say."""
    if "provides-extras" not in metadata:
        return None
    return frozenset(names(metadata, "provides-extras", f"{where}.metadata"))


def read_declared_groups(metadata: dict[str, Any], where: str) -> frozenset[str]:
    """Return the names of the groups in *metadata*."""
    if not metadata:
        return frozenset()
    # What a manifest declared matters to the check of freshness alone, which names it to the user.
    _check_declared(metadata, "requires-dist", f"{where}.metadata")
    key = "requires-dev" if "requires-dev" in metadata else "dependency-groups"
    groups = table(metadata, key, f"{where}.metadata")
    for group in groups:
        _check_declared(groups, named(group, f"{where}.metadata.{key}"), f"{where}.metadata.{key}")
    return frozenset(groups)


def _check_declared(wire: dict[str, Any], key: str, where: str) -> None:
    for index, item in enumerate(tables(wire, key, where)):
        name_of(item, f"{where}.{key}[{index}]")


def read_default_groups(wire: dict[str, Any], where: str) -> Literal["all"] | tuple[str, ...] | None:
    """Return the groups that are on by default, `None` where *wire* does not say."""
    if "default-groups" not in wire:
        return None
    return "all" if wire["default-groups"] == "all" else names(wire, "default-groups", where)


def read_root_groups(manifest: dict[str, Any]) -> Mapping[str, tuple[Requirement, ...]]:
    """Return the dependency groups of a virtual root."""
    groups = table(manifest, "dependency-groups", "manifest")
    where = "manifest.dependency-groups"
    return {named(name, where): read_requirements(groups, name, where) for name in groups}


def read_requirements(wire: dict[str, Any], key: str, where: str) -> tuple[Requirement, ...]:
    """Return the requirements in the array *key* of *wire*."""
    return tuple(
        Requirement(
            name_of(item, f"{where}.{key}[{index}]"),
            names(item, "extras", f"{where}.{key}[{index}]"),
            string(item, "marker", f"{where}.{key}[{index}]") or "",
        )
        for index, item in enumerate(tables(wire, key, where))
    )


def read_conflicts(raw: dict[str, Any]) -> tuple[frozenset[ConflictItem], ...]:
    """Return the declared conflicts, each a set of at least two items."""
    sets: list[frozenset[ConflictItem]] = []
    for index, items in enumerate(array(raw, "conflicts")):
        where = f"conflicts[{index}]"
        if type(items) is not list:
            raise Broken("expected an array", where)
        found = frozenset(_conflict_item(item, f"{where}[{at}]") for at, item in enumerate(items))
        if len(found) < 2:
            raise Broken("a conflict needs two different items", where)
        sets.append(found)
    return tuple(sets)


def _conflict_item(item: object, where: str) -> ConflictItem:
    match item:
        case {"package": str(package), "extra": str(extra), **rest} if not rest:
            return ConflictItem(named(package, where), "extra", named(extra, where))
        case {"package": str(package), "group": str(group), **rest} if not rest:
            return ConflictItem(named(package, where), "group", named(group, where))
        case {"package": str(package), **rest} if not rest:
            return ConflictItem(named(package, where), "project")
        case _:
            raise Broken("expected `package` with at most one of `extra` and `group`", where)
