"""What the manifests declared when the lockfile was written, read only to compare it with what they declare today.

uv writes the lowered form (crates/uv-distribution-types, ``requirement.rs``): one table for each requirement, in which
one of seven keys tells where it comes from. The root's declarations and uv's own options stand beside the packages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args

from wsnox._record import Record, field
from wsnox.lock.fields import (
    MalformedField,
    array,
    at,
    items,
    keyed,
    name_of,
    named,
    names,
    required,
    string,
    string_table,
    strings,
    table,
    tables,
    text,
)
from wsnox.workspace.declarations import scope_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.workspace.declarations import Scope

__all__ = [
    "BuildConstraint",
    "ConflictItem",
    "DefaultGroups",
    "Options",
    "Requirement",
    "RequirementKind",
    "RequirementSource",
    "RootDeclarations",
    "StaticMetadata",
    "groups_key",
    "read_conflict_item",
    "read_default_groups",
    "read_options",
    "read_requirements",
    "read_root_declarations",
    "read_static_metadata",
]

T = TypeVar("T")

DefaultGroups = Literal["all"] | tuple[str, ...]


class ConflictItem(Record):
    """A part of a package that a conflict set names: an extra, a group, or its production part (``project``)."""

    package: str
    kind: Literal["extra", "group", "project"]
    name: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "extra":
                return f"{self.package}[{self.name}]"
            case "group":
                return f"{self.package}:{self.name}"
            case _:
                return self.package

    @property
    def encoded(self) -> str:
        """The item as uv writes it in markers, as a value of ``extra``; the length makes the parts separable."""
        stem = f"{self.kind}-{len(self.package.encode())}-{self.package}"
        return f"{stem}-{self.name}" if self.name else stem


RequirementKind = Literal["git", "url", "path", "directory", "editable", "virtual", "index"]


class RequirementSource(Record):
    """The source of a requirement that does not come from just any index: a URL or path, and its *subdirectory*.

    *conflict* is the only extra or group that a named index is for.
    """

    kind: RequirementKind
    location: str
    subdirectory: str = ""
    conflict: ConflictItem | None = None


class Requirement(NamedTuple):
    """A requirement that a manifest had when it was locked, lowered through ``tool.uv.sources``.

    *name* with *extras* in a version of *specifier*, where *marker* holds; *source* is `None` for any index.
    """

    name: str
    extras: tuple[str, ...] = ()
    marker: str = ""
    specifier: str = ""
    source: RequirementSource | None = None


class BuildConstraint(Record):
    """A *requirement* that constrains builds, and the *hashes* that it allows; none for any."""

    requirement: Requirement
    hashes: frozenset[str] = frozenset()


class StaticMetadata(Record):
    """An entry of ``dependency-metadata``: the metadata that uv takes for *name* in *version*, or in any if `None`."""

    name: str
    version: str | None = None
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    provides_extras: tuple[str, ...] = ()


class RootDeclarations(Record, kw_only=True):
    """The root manifest's declarations for the whole workspace (``[manifest]``); *scoped* ones are for one package."""

    constraints: tuple[Requirement, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    scoped_overrides: Mapping[Scope, tuple[Requirement, ...]] = field(default_factory=dict)
    excludes: tuple[str, ...] = ()
    scoped_excludes: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    build_constraints: tuple[BuildConstraint, ...] = ()
    dependency_metadata: tuple[StaticMetadata, ...] = ()
    group_pythons: Mapping[str, str] = field(default_factory=dict)


class Options(Record, kw_only=True):
    """The options that uv resolved with (``[options]``); `None` is uv's default.

    *exclude_newer* is a time or a span; for a package in *exclude_newer_package*, `None` lifts it.
    """

    resolution: str | None = None
    prerelease: str | None = None
    fork_strategy: str | None = None
    prerelease_package: Mapping[str, str] = field(default_factory=dict)
    exclude_newer: str | None = None
    exclude_newer_package: Mapping[str, str | None] = field(default_factory=dict)
    minimum_libc: Mapping[str, str] | None = None


def read_requirements(wire: dict[str, Any], key: str) -> tuple[Requirement, ...]:
    """Return the requirements in the array at *key*."""
    return items(tables(wire, key), _requirement, key)


def _requirement(wire: dict[str, Any]) -> Requirement:
    return Requirement(
        name=name_of(wire),
        extras=names(wire, "extras"),
        marker=string(wire, "marker") or "",
        specifier=string(wire, "specifier") or "",
        source=_requirement_source(wire),
    )


def _requirement_source(wire: dict[str, Any]) -> RequirementSource | None:
    for kind in get_args(RequirementKind):
        if (location := string(wire, kind)) is not None:
            conflict = at("conflict", read_conflict_item, wire["conflict"]) if "conflict" in wire else None
            return RequirementSource(kind, location, string(wire, "subdirectory") or "", conflict)
    return None


def read_conflict_item(item: object) -> ConflictItem:
    """Return the part of a package that the table *item* names."""
    match item:
        case {"package": str(package), "extra": str(extra), **rest} if not rest:
            return ConflictItem(named(package), "extra", named(extra))
        case {"package": str(package), "group": str(group), **rest} if not rest:
            return ConflictItem(named(package), "group", named(group))
        case {"package": str(package), **rest} if not rest:
            return ConflictItem(named(package), "project")
        case _:
            raise MalformedField("expected `package` with at most one of `extra` and `group`")


def read_default_groups(wire: dict[str, Any]) -> DefaultGroups | None:
    """Return the groups that are installed by default, `None` if *wire* does not say."""
    if "default-groups" not in wire:
        return None
    return "all" if wire["default-groups"] == "all" else names(wire, "default-groups")


def read_root_declarations(manifest: dict[str, Any]) -> RootDeclarations:
    """Return what the root declared for the whole workspace, in the table *manifest* of the lockfile."""
    overrides, scoped_overrides = _by_scope(items(tables(manifest, "overrides"), _override, "overrides"))
    excludes, scoped_excludes = _by_scope(items(array(manifest, "excludes"), _exclusion, "excludes"))
    return RootDeclarations(
        constraints=read_requirements(manifest, "constraints"),
        overrides=overrides,
        scoped_overrides=scoped_overrides,
        excludes=excludes,
        scoped_excludes=scoped_excludes,
        build_constraints=items(tables(manifest, "build-constraints"), _build_constraint, "build-constraints"),
        dependency_metadata=items(tables(manifest, "dependency-metadata"), read_static_metadata, "dependency-metadata"),
        group_pythons=string_table(manifest, "group-requires-python"),
    )


def _by_scope(
    entries: tuple[tuple[Scope | None, tuple[T, ...]], ...],
) -> tuple[tuple[T, ...], Mapping[Scope, tuple[T, ...]]]:
    """Return the values for everywhere, and those for the dependencies of one package; several entries add up."""
    everywhere: tuple[T, ...] = ()
    scoped: dict[Scope, tuple[T, ...]] = {}
    for scope, values in entries:
        if scope is None:
            everywhere += values
        else:
            scoped[scope] = (*scoped.get(scope, ()), *values)
    return everywhere, scoped


def _override(wire: dict[str, Any]) -> tuple[Scope | None, tuple[Requirement, ...]]:
    if "package" not in wire:
        return None, (_requirement(wire),)
    return _scope(wire), read_requirements(wire, "dependencies")


def _exclusion(wire: object) -> tuple[Scope | None, tuple[str, ...]]:
    if isinstance(wire, dict):
        return _scope(wire), names(wire, "dependencies")
    return None, (named(string({"": wire}, "") or ""),)


def _scope(wire: dict[str, Any]) -> Scope:
    return at("package", lambda package: scope_of(name_of(package), string(package, "version")), table(wire, "package"))


def _build_constraint(wire: dict[str, Any]) -> BuildConstraint:
    return BuildConstraint(_requirement(wire), frozenset(strings(wire, "hashes")))


def read_static_metadata(wire: dict[str, Any]) -> StaticMetadata:
    """Return the entry of ``dependency-metadata`` in *wire*, which has one form in settings and lockfiles."""
    return StaticMetadata(
        name=required(wire, "name", str),
        version=string(wire, "version"),
        requires_dist=strings(wire, "requires-dist"),
        requires_python=string(wire, "requires-python"),
        provides_extras=strings(wire, "provides-extra" if "provides-extra" in wire else "provides-extras"),
    )


def read_options(wire: dict[str, Any]) -> Options:
    """Return the options that uv resolved with."""
    span = string(wire, "exclude-newer-span")
    return Options(
        resolution=string(wire, "resolution-mode"),
        prerelease=string(wire, "prerelease-mode"),
        fork_strategy=string(wire, "fork-strategy"),
        prerelease_package=string_table(wire, "prerelease-package"),
        exclude_newer=string(wire, "exclude-newer") if span is None else span,
        exclude_newer_package=keyed(wire, "exclude-newer-package", _cutoff),
        minimum_libc=string_table(wire, "minimum-libc-version") if "minimum-libc-version" in wire else None,
    )


def _cutoff(wire: dict[str, Any], name: str) -> str | None:
    match wire[name]:
        case False:
            return None
        case {"span": str(cutoff)} | {"timestamp": str(cutoff)} | str(cutoff):
            return text(cutoff, name)
        case _:
            raise MalformedField("expected a time, a span or `false`", name)


def groups_key(metadata: dict[str, Any]) -> str:
    """Return the key of *metadata* that has its dependency groups: ``requires-dev``, or its alias."""
    return "requires-dev" if "requires-dev" in metadata else "dependency-groups"
