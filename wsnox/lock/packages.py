"""The packages of a lockfile: their identities first, then the records whose edges point at them.

1. Name, version and source together must be unique.
2. Every edge is resolved: uv leaves out version and source where the name alone is unambiguous. An edge that leads
   nowhere, or to more than one package, is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsnox.lock.artifacts import read_sdist, read_wheels
from wsnox.lock.records import Dependency, Package, Registry
from wsnox.lock.sources import read_source
from wsnox.lock.statements import read_declared_groups, read_default_groups, read_provided
from wsnox.lock.wire import Broken, array, name_of, named, same_version, string, strings, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.lock.records import Source

__all__ = ["Packages"]

# How uv writes versions (PEP 440, normal form).
_VERSION = re.compile(
    r"([0-9]+!)?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?(\+[a-z0-9]+(\.[a-z0-9]+)*)?"
)
_LONG = 1000

Identity = tuple[str, "str | None", "Source"]
_NOTHING: Mapping[str, tuple[Dependency, ...]] = {}


class Packages:
    """The packages of one file: first their identities, then the records whose edges point at them."""

    def __init__(self, wires: list[dict[str, Any]]) -> None:
        self._wires = wires
        self._identities: list[Identity] = []
        self._sources: dict[tuple[tuple[str, Any], ...], Source] = {}
        by_name: dict[str, list[int]] = {}
        seen: set[Identity] = set()
        for index, wire in enumerate(wires):
            identity = self._identity(wire, f"package[{index}]")
            if identity in seen:
                raise Broken(f"`{identity[0]}` with this version and source stands twice", f"package[{index}]")
            seen.add(identity)
            self._identities.append(identity)
            by_name.setdefault(identity[0], []).append(index)
        self.by_name: Mapping[str, tuple[int, ...]] = {name: tuple(found) for name, found in by_name.items()}

    def _identity(self, wire: dict[str, Any], where: str) -> Identity:
        name = name_of(wire, where)
        version = string(wire, "version", where)
        if version is not None and (len(version) > _LONG or not _VERSION.fullmatch(version)):
            _refuse_non_version(version, f"{where}.version")
        source = self._source(wire, where)
        if version is None and isinstance(source, Registry):
            raise Broken("missing", f"{where}.version")
        return name, version, source

    def _source(self, wire: dict[str, Any], where: str) -> Source:
        raw = wire.get("source")
        if type(raw) is not dict:
            raise Broken("expected a table", f"{where}.source")
        # Nearly all packages of a lockfile share one source: read each distinct one once.
        key = tuple(raw.items())
        try:
            known = self._sources.get(key)
        except TypeError:  # a table or an array in it
            return read_source(raw, f"{where}.source")
        if known is None:
            known = self._sources[key] = read_source(raw, f"{where}.source")
        return known

    def records(self) -> tuple[Package, ...]:
        """Return the packages in the order of the file."""
        return tuple(self._record(index, wire) for index, wire in enumerate(self._wires))

    def _record(self, index: int, wire: dict[str, Any]) -> Package:
        where = f"package[{index}]"
        name, version, source = self._identities[index]
        metadata = table(wire, "metadata", where)
        groups_key = "dev-dependencies" if "dev-dependencies" in wire else "dependency-groups"
        return Package(
            name=name,
            version=version,
            source=source,
            markers=strings(wire, "resolution-markers", where),
            dependencies=self._edges(wire, "dependencies", where),
            extras=self._edge_table(wire, "optional-dependencies", where),
            groups=self._edge_table(wire, groups_key, where),
            provided_extras=read_provided(metadata, where),
            declared_groups=read_declared_groups(metadata, where),
            default_groups=read_default_groups(wire, where),
            sdist=read_sdist(wire, source, where),
            wheels=read_wheels(wire, source, version, where),
            declared=wire if metadata or "group-requires-python" in wire else _NOTHING,
        )

    def _edge_table(self, wire: dict[str, Any], key: str, where: str) -> Mapping[str, tuple[Dependency, ...]]:
        if key not in wire:
            return _NOTHING
        raw = table(wire, key, where)
        return {named(name, f"{where}.{key}"): self._edges(raw, name, f"{where}.{key}") for name in raw}

    def _edges(self, wire: dict[str, Any], key: str, where: str) -> tuple[Dependency, ...]:
        items = array(wire, key, where)
        if not items:
            return ()
        edges = tuple(self._edge(item, f"{where}.{key}[{index}]") for index, item in enumerate(items))
        if len(set(edges)) != len(edges):
            raise Broken("the same dependency stands twice", f"{where}.{key}")
        return edges

    def _edge(self, wire: object, where: str) -> Dependency:
        if type(wire) is not dict:
            raise Broken("expected a table", where)
        name = name_of(wire, where)
        candidates = self.by_name.get(name, ())
        # uv names version and source only where the name is ambiguous; what it does name must agree.
        if len(candidates) != 1 or "version" in wire or "source" in wire:
            candidates = self._matching(wire, candidates, where)
        if len(candidates) != 1:
            found = "no package of the lockfile" if not candidates else f"{len(candidates)} packages"
            raise Broken(f"the dependency `{name}` leads to {found}", where)
        target = candidates[0]
        extras = strings(wire, "extra", where) if "extra" in wire else ()
        if extras:
            known = table(self._wires[target], "optional-dependencies", f"package[{target}]")
            extras = tuple(extra for extra in extras if extra in known)
        return Dependency(target, extras, string(wire, "marker", where) or "")

    def _matching(self, wire: dict[str, Any], candidates: tuple[int, ...], where: str) -> tuple[int, ...]:
        if "source" in wire:
            source = self._source(wire, where)
            candidates = tuple(index for index in candidates if self._identities[index][2] == source)
        if "version" in wire or len(candidates) > 1:
            version = string(wire, "version", where)
            candidates = tuple(index for index in candidates if _is_version(self._identities[index][1], version))
        return candidates


def _is_version(locked: str | None, wanted: str | None) -> bool:
    """Tell whether a package's version is the one that an edge names; a dynamic one has none, nor has its edge."""
    return locked == wanted if locked is None or wanted is None else same_version(locked, wanted)


def _refuse_non_version(version: str, where: str) -> None:
    # Only what uv would have written otherwise is worth parsing.
    from packaging.version import Version  # noqa: PLC0415 - see above

    try:
        Version(version)
    except ValueError:  # a number of more digits than Python converts is no `InvalidVersion`
        raise Broken(f"`{version}` is no version", where) from None
