"""Read ``uv.lock``, version 1 at every revision, into records in which every edge leads to a package.

1. The version is looked at first, so that a file of a later version is refused for its version.
2. Every ``[[package]]`` becomes a `Package`, and every entry of its dependency arrays an edge to one.
3. Every wrong type is refused, with the dotted path to it.

Unknown keys are ignored (later revisions add some); unknown source kinds and conflict keys are refused.

Markers, versions and URLs stay text: a lockfile has thousands, and a request needs few. Records of which there are
thousands are tuples, which are made three times as quickly.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

from wsnox._record import Record, field, replace
from wsnox.errors import LockFormatError, LockMergeError, LockNotFoundError, LockVersionError
from wsnox.files import read_regular
from wsnox.lock.artifacts import read_sdist, read_wheels
from wsnox.lock.fields import (
    MalformedField,
    array,
    at,
    items,
    keyed,
    name_of,
    names,
    optional,
    required,
    string,
    string_table,
    strings,
    table,
    tables,
    text,
)
from wsnox.lock.locked_declarations import (
    Options,
    RootDeclarations,
    groups_key,
    read_conflict_item,
    read_default_groups,
    read_options,
    read_requirements,
    read_root_declarations,
)
from wsnox.lock.plain_packages import PlainEdges
from wsnox.lock.sources import Directory, Registry, Virtual, read_source
from wsnox.lock.wheel_rows import read_toml
from wsnox.markers.points import Unreadable
from wsnox.text import abbreviated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from wsnox.lock.artifacts import Artifact
    from wsnox.lock.locked_declarations import ConflictItem, DefaultGroups, Requirement
    from wsnox.lock.sources import Source

__all__ = ["LOCKFILE", "Dependency", "Lock", "Package", "lock_content", "parse_lock", "read_lock"]

LOCKFILE = "uv.lock"


class Dependency(NamedTuple):
    """An edge to the package at index *target* of `Lock.packages`, with *extras* of it, where *marker* holds."""

    target: int
    extras: tuple[str, ...] = ()
    marker: str = ""


class Package(Record):
    """One ``[[package]]``; *version* is `None` for a source tree whose version is dynamic.

    *extras* and *groups* map to edges. What its manifest declared is *provided_extras* (`None` where the lockfile's
    revision does not say), *declared_groups* and *requires_dist*; *default_groups* is `None` where the lockfile does not
    say, and *group_pythons* the ``requires-python`` of groups.
    """

    name: str
    version: str | None
    source: Source
    markers: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    extras: Mapping[str, tuple[Dependency, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Dependency, ...]] = field(default_factory=dict)
    provided_extras: frozenset[str] | None = None
    declared_groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict, repr=False, compare=False)
    default_groups: DefaultGroups | None = None
    sdist: Artifact | None = None
    wheels: Sequence[Artifact] = ()
    requires_dist: tuple[Requirement, ...] = field(default=(), repr=False, compare=False)
    group_pythons: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else self.name

    @property
    def files(self) -> tuple[Artifact, ...]:
        """Its wheels and then its source distribution."""
        return (*self.wheels, *([] if self.sdist is None else [self.sdist]))


class Lock(Record, kw_only=True):
    """A lockfile of version 1; *revision* only tells what else it may hold.

    *members* is `None` where the workspace is a single project. *root_groups* are the dependency groups of a virtual
    root, *requirements* its requirements in lockfiles of early 2025 and before. One of a session alone is *partial*: it has
    no other members. Only the check of freshness reads
    *declared* and *options*.
    """

    revision: int
    requires_python: str
    packages: tuple[Package, ...]
    markers: tuple[str, ...] = ()
    supported_markers: tuple[str, ...] = ()
    required_markers: tuple[str, ...] = ()
    conflicts: tuple[frozenset[ConflictItem], ...] = ()
    members: tuple[str, ...] | None = None
    root_groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    root_default_groups: DefaultGroups | None = None
    partial: bool = False
    requirements: tuple[Requirement, ...] = ()
    declared: RootDeclarations = field(default=RootDeclarations(), repr=False, compare=False)
    options: Options = field(default=Options(), repr=False, compare=False)

    @cached_property
    def unambiguous(self) -> frozenset[str]:
        """The names that exactly one package has."""
        return frozenset(name for name, indexes in self.by_name.items() if len(indexes) == 1)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[int, ...]]:
        """The indexes of the packages of each name, in the order of the file."""
        return _by_name(package.name for package in self.packages)

    @cached_property
    def trees(self) -> Mapping[str, Package]:
        """The packages that are source trees, by their paths."""
        sources = ((package.source, package) for package in self.packages)
        return {source.path: package for source, package in sources if isinstance(source, Directory | Virtual)}

    @cached_property
    def _names_of_trees(self) -> frozenset[str]:
        return frozenset(package.name for package in self.trees.values())

    def trees_beside(self, members: AbstractSet[str]) -> Mapping[str, Package]:
        """Return the packages that are source trees and none of the *members*, by their paths."""
        if self._names_of_trees <= members:
            return {}
        return {path: package for path, package in self.trees.items() if package.name not in members}


# --- the file --------------------------------------------------------------------------------------------------------


def read_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` if it is absent or malformed."""
    path = root / LOCKFILE
    return parse_lock(lock_content(path), path)


def lock_content(path: Path) -> bytes:
    """Return the content of the lockfile at *path*; raise a `LockError` if it is absent or cannot be read."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise LockNotFoundError(path) from None
    except OSError as error:
        raise LockFormatError(path, "", f"cannot be read ({error.strerror or error})") from error


def parse_lock(content: bytes, path: Path, *, declarations: bool = True) -> Lock:
    """Return the lock in *content*; *path* is only named in errors.

    Without *declarations*, `Package.requires_dist` and what `Package.declared_groups` have in them is left out: for content
    that was read before.
    """
    try:
        raw = read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LockFormatError(path, "", f"not UTF-8 (byte {error.start})") from error
    except tomli.TOMLDecodeError as error:
        from wsnox.workspace.toml_problem import MERGE_MARKER, toml_problem  # noqa: PLC0415 - most lockfiles are TOML

        if MERGE_MARKER.search(error.doc):
            raise LockMergeError(path) from None
        raise LockFormatError(path, "", toml_problem(error)[0]) from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits is a plain `ValueError`
        raise LockFormatError(path, "", f"not TOML: {abbreviated(str(error)) or 'nested too deeply'}") from error
    try:
        if (version := required(raw, "version", int)) == 1:
            return _lock(raw, declarations=declarations)
    except MalformedField as error:
        raise LockFormatError(path, abbreviated(error.where), abbreviated(error.problem)) from None
    # A hexadecimal integer may have more digits than Python writes in decimal.
    raise LockVersionError(path, abbreviated(str(version) if abs(version) < 1 << 64 else hex(version)))


def _lock(raw: dict[str, Any], *, declarations: bool) -> Lock:
    packages = _Packages(tables(raw, "package") or tables(raw, "distribution"), declarations=declarations)
    top_level = Lock(
        revision=optional(raw, "revision", int) or 0,
        requires_python=text(required(raw, "requires-python", str), "requires-python"),
        packages=packages.records(),
        markers=strings(raw, "resolution-markers"),
        supported_markers=strings(raw, "supported-markers"),
        required_markers=strings(raw, "required-markers"),
        conflicts=items(array(raw, "conflicts"), _conflict_set, "conflicts"),
        options=at("options", read_options, table(raw, "options")),
    )
    return at("manifest", lambda manifest: _with_manifest(top_level, manifest), table(raw, "manifest"))


def _with_manifest(lock: Lock, manifest: dict[str, Any]) -> Lock:
    return replace(
        lock,
        members=names(manifest, "members") if "members" in manifest else None,
        root_groups=keyed(manifest, "dependency-groups", read_requirements),
        root_default_groups=read_default_groups(manifest),
        requirements=read_requirements(manifest, "requirements"),
        declared=read_root_declarations(manifest),
    )


def _conflict_set(wire: object) -> frozenset[ConflictItem]:
    if type(wire) is not list:
        raise MalformedField("expected an array")
    conflict = frozenset(items(wire, read_conflict_item, ""))
    if len(conflict) < 2:
        raise MalformedField("a conflict needs two different items")
    return conflict


# --- packages and their edges ----------------------------------------------------------------------------------------

# How uv writes versions (PEP 440, normal form): only one in another form is worth parsing.
_VERSION = re.compile(
    r"([0-9]+!)?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?(\+[a-z0-9]+(\.[a-z0-9]+)*)?"
)
_MAX_LENGTH = 1000
_NO_EDGES: Mapping[str, tuple[Dependency, ...]] = {}


class _Packages:
    """The packages of one file: first their identities, then the records whose edges point at them."""

    def __init__(self, wires: list[dict[str, Any]], *, declarations: bool) -> None:
        self._wires, self._declarations = wires, declarations
        self._sources: dict[tuple[tuple[str, Any], ...], Source] = {}
        self._identities = items(wires, self._identity, "package")
        seen: set[tuple[str, str | None, Source]] = set()
        for index, identity in enumerate(self._identities):
            if identity in seen:
                raise MalformedField(f"`{identity[0]}` with this version and source stands twice", f"package[{index}]")
            seen.add(identity)
        self._by_name = _by_name(name for name, _, _ in self._identities)
        self._unambiguous = {name: indexes[0] for name, indexes in self._by_name.items() if len(indexes) == 1}

    def _identity(self, wire: dict[str, Any]) -> tuple[str, str | None, Source]:
        name, version = name_of(wire), string(wire, "version")
        if version is not None and (len(version) > _MAX_LENGTH or not _VERSION.fullmatch(version)):
            from wsnox.markers.versions import parsed_version  # noqa: PLC0415 - uv writes hardly any

            try:
                parsed_version(version)
            except Unreadable:
                raise MalformedField(f"`{version}` is not a version", "version") from None
        source = self._source(wire)
        if version is None and isinstance(source, Registry):
            raise MalformedField("no value", "version")
        return name, version, source

    def _source(self, wire: dict[str, Any]) -> Source:
        raw = wire.get("source")
        if type(raw) is not dict:
            raise MalformedField("expected a table", "source")
        # Nearly all packages of a lockfile share one source: read each distinct one once.
        key = tuple(raw.items())
        try:
            source = self._sources.get(key)
        except TypeError:  # a table or an array in it
            return at("source", read_source, raw)
        if source is None:
            source = self._sources[key] = at("source", read_source, raw)
        return source

    def records(self) -> tuple[Package, ...]:
        """Return the packages in the order of the file."""
        return items(range(len(self._wires)), self._record, "package")

    def _record(self, index: int) -> Package:
        wire = self._wires[index]
        name, version, source = self._identities[index]
        groups_key = "dev-dependencies" if "dev-dependencies" in wire else "dependency-groups"
        package = Package(
            name=name,
            version=version,
            source=source,
            markers=strings(wire, "resolution-markers") if "resolution-markers" in wire else (),
            dependencies=self._edges(wire, "dependencies") if "dependencies" in wire else (),
            extras=keyed(wire, "optional-dependencies", self._edges) if "optional-dependencies" in wire else _NO_EDGES,
            groups=keyed(wire, groups_key, self._edges) if groups_key in wire else _NO_EDGES,
            default_groups=read_default_groups(wire),
            sdist=read_sdist(wire, source),
            wheels=read_wheels(wire, source, version),
            group_pythons=string_table(wire, "group-requires-python"),
        )
        if "metadata" not in wire:
            return package
        complete = _with_declarations if self._declarations else _with_names
        return at("metadata", lambda metadata: complete(package, metadata), table(wire, "metadata"))

    def _edges(self, wire: dict[str, Any], key: str) -> tuple[Dependency, ...]:
        wires = wire[key]
        edges = self._plain_edges(wires) if type(wires) is PlainEdges else None
        if edges is None:
            edges = items(wires.tables if type(wires) is PlainEdges else array(wire, key), self._edge, key)
        if len(set(edges)) != len(edges):
            raise MalformedField("the same dependency stands twice", key)
        return edges

    def _plain_edges(self, pairs: PlainEdges) -> tuple[Dependency, ...] | None:
        """Return the edges of these *pairs*, `None` where a name is not that of exactly one package."""
        unambiguous = self._unambiguous
        try:
            return tuple([Dependency(unambiguous[name], (), marker) for name, marker in pairs])
        except KeyError:
            return None

    def _edge(self, wire: object) -> Dependency:
        if type(wire) is not dict:
            raise MalformedField("expected a table")
        name = wire.get("name")
        # A name that a package has was looked at with that package.
        candidates = self._by_name.get(name) if type(name) is str else None
        if candidates is None:
            name, candidates = name_of(wire), ()
        # uv names version and source only where the name is ambiguous; what it does name must agree.
        if len(candidates) != 1 or "version" in wire or "source" in wire:
            candidates = self._matching(wire, candidates)
        if len(candidates) != 1:
            targets = f"{len(candidates)} packages" if candidates else "no package of the lockfile"
            raise MalformedField(f"the dependency `{name}` leads to {targets}")
        target = candidates[0]
        extras = strings(wire, "extra") if "extra" in wire else ()
        if extras:
            # If that is not a table, the record of the target is refused for it.
            provided = self._wires[target].get("optional-dependencies")
            extras = tuple(extra for extra in extras if isinstance(provided, dict) and extra in provided)
        return Dependency(target, extras, (string(wire, "marker") or "") if "marker" in wire else "")

    def _matching(self, wire: dict[str, Any], candidates: tuple[int, ...]) -> tuple[int, ...]:
        """Return the *candidates* with the version and source that the edge *wire* names; a dynamic version is `None`."""
        if "source" in wire:
            source = self._source(wire)
            candidates = tuple(index for index in candidates if self._identities[index][2] == source)
        if "version" not in wire and len(candidates) == 1:
            return candidates
        version = string(wire, "version")
        locked = [(index, self._identities[index][1]) for index in candidates]
        exact = tuple(index for index, other in locked if other == version)
        if exact or version is None:
            return exact
        from wsnox.markers.versions import same_version  # noqa: PLC0415 - uv writes a version in one form

        return tuple(index for index, other in locked if other is not None and same_version(other, version))


def _by_name(names: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    by_name: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        by_name.setdefault(name, []).append(index)
    return {name: tuple(indexes) for name, indexes in by_name.items()}


def _with_names(package: Package, metadata: dict[str, Any]) -> Package:
    """Return *package* with the names of its extras and groups, which requests are checked against."""
    return replace(
        package,
        provided_extras=frozenset(names(metadata, "provides-extras")) if "provides-extras" in metadata else None,
        declared_groups=dict.fromkeys(table(metadata, groups_key(metadata)), ()),
    )


def _with_declarations(package: Package, metadata: dict[str, Any]) -> Package:
    return replace(
        _with_names(package, metadata),
        requires_dist=read_requirements(metadata, "requires-dist"),
        declared_groups=keyed(metadata, groups_key(metadata), read_requirements),
    )
