"""Read ``uv.lock``, version 1 at every revision: the file, its top level, its packages, then what manifests declared.

1. The version is looked at first, so that a file of a later version is refused for its version.
2. Every ``[[package]]`` becomes a record, and every edge leads to one.
3. Every wrong type is refused, with the dotted path to it.

Unknown keys are ignored (later revisions add some); unknown source kinds and conflict keys are refused.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

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
    strings,
    table,
    tables,
    text,
)
from wsnox.lock.locked_declarations import (
    read_conflict_item,
    read_default_groups,
    read_metadata,
    read_options,
    read_requirements,
    read_root_declarations,
    string_table,
)
from wsnox.lock.model import Archive, Dependency, Directory, Git, Lock, Package, Registry, Url, Virtual
from wsnox.lock.wheel_rows import read_toml
from wsnox.markers.versions import same_version
from wsnox.text import abbreviated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.lock.model import ConflictItem, Source

__all__ = ["LOCKFILE", "lock_content", "parse_lock", "read_lock", "read_source"]

LOCKFILE = "uv.lock"

_MERGE = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
"""What git writes around the sides of a conflict (gitattributes, ``conflict-marker-size``)."""


def read_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` where it is absent or broken."""
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


def parse_lock(content: bytes, path: Path) -> Lock:
    """Return the lock in *content*; *path* is only named in errors."""
    try:
        raw = read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LockFormatError(path, "", f"not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits is a plain `ValueError`
        if _MERGE.search(content):
            raise LockMergeError(path) from None
        raise LockFormatError(path, "", f"not TOML: {abbreviated(str(error)) or 'nested too deeply'}") from error
    try:
        if (version := required(raw, "version", int)) == 1:
            return _lock(raw)
    except MalformedField as error:
        raise LockFormatError(path, abbreviated(error.where), abbreviated(error.problem)) from None
    # A hexadecimal integer may have more digits than Python writes in decimal.
    raise LockVersionError(path, abbreviated(str(version) if abs(version) < 1 << 64 else hex(version)))


def _lock(raw: dict[str, Any]) -> Lock:
    packages = _Packages(tables(raw, "package") or tables(raw, "distribution"))
    requires_python = text(required(raw, "requires-python", str), "requires-python")
    top_level = Lock(
        revision=optional(raw, "revision", int) or 0,
        requires_python=requires_python,
        packages=packages.records(),
        by_name=packages.by_name,
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


# --- packages ------------------------------------------------------------------------------------------------------------

# How uv writes versions (PEP 440, normal form).
_VERSION = re.compile(
    r"([0-9]+!)?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?(\+[a-z0-9]+(\.[a-z0-9]+)*)?"
)
_MAX_LENGTH = 1000
_NO_EDGES: Mapping[str, tuple[Dependency, ...]] = {}

Identity = tuple[str, "str | None", "Source"]


class _Packages:
    """The packages of one file: first their identities, then the records whose edges point at them."""

    def __init__(self, wires: list[dict[str, Any]]) -> None:
        self._wires = wires
        self._sources: dict[tuple[tuple[str, Any], ...], Source] = {}
        self._identities = items(wires, self._identity, "package")
        by_name: dict[str, list[int]] = {}
        seen: set[Identity] = set()
        for index, identity in enumerate(self._identities):
            if identity in seen:
                raise MalformedField(f"`{identity[0]}` with this version and source stands twice", f"package[{index}]")
            seen.add(identity)
            by_name.setdefault(identity[0], []).append(index)
        self.by_name: Mapping[str, tuple[int, ...]] = {name: tuple(indexes) for name, indexes in by_name.items()}

    def _identity(self, wire: dict[str, Any]) -> Identity:
        name, version = name_of(wire), string(wire, "version")
        if version is not None and (len(version) > _MAX_LENGTH or not _VERSION.fullmatch(version)):
            _check_version(version)
        source = self._source(wire)
        if version is None and isinstance(source, Registry):
            raise MalformedField("missing", "version")
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
        requires_dist, provided_extras, declared_groups = (
            at("metadata", read_metadata, table(wire, "metadata")) if "metadata" in wire else ((), None, {})
        )
        return Package(
            name=name,
            version=version,
            source=source,
            markers=strings(wire, "resolution-markers"),
            dependencies=self._edges(wire, "dependencies"),
            extras=keyed(wire, "optional-dependencies", self._edges) if "optional-dependencies" in wire else _NO_EDGES,
            groups=keyed(wire, groups_key, self._edges) if groups_key in wire else _NO_EDGES,
            provided_extras=provided_extras,
            declared_groups=declared_groups,
            default_groups=read_default_groups(wire),
            sdist=read_sdist(wire, source),
            wheels=read_wheels(wire, source, version),
            requires_dist=requires_dist,
            group_pythons=string_table(wire, "group-requires-python"),
        )

    def _edges(self, wire: dict[str, Any], key: str) -> tuple[Dependency, ...]:
        wires = array(wire, key)
        if not wires:
            return ()
        edges = items(wires, self._edge, key)
        if len(set(edges)) != len(edges):
            raise MalformedField("the same dependency stands twice", key)
        return edges

    def _edge(self, wire: object) -> Dependency:
        if type(wire) is not dict:
            raise MalformedField("expected a table")
        name = name_of(wire)
        candidates = self.by_name.get(name, ())
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
        return Dependency(target, extras, string(wire, "marker") or "")

    def _matching(self, wire: dict[str, Any], candidates: tuple[int, ...]) -> tuple[int, ...]:
        """Return the *candidates* with the version and source that the edge *wire* names."""
        if "source" in wire:
            source = self._source(wire)
            candidates = tuple(index for index in candidates if self._identities[index][2] == source)
        if "version" in wire or len(candidates) > 1:
            version = string(wire, "version")
            candidates = tuple(index for index in candidates if _is_version(self._identities[index][1], version))
        return candidates


def _is_version(locked: str | None, named_version: str | None) -> bool:
    """Return whether *locked* is the version that an edge names; for a dynamic version both are `None`."""
    if locked is None or named_version is None:
        return locked == named_version
    return same_version(locked, named_version)


def _check_version(version: str) -> None:
    # Only a version in another form than uv writes is worth parsing.
    from packaging.version import Version  # noqa: PLC0415 - see above

    try:
        Version(version)
    except ValueError:  # a number of more digits than Python converts is no `InvalidVersion`
        raise MalformedField(f"`{version}` is no version", "version") from None


# --- sources -------------------------------------------------------------------------------------------------------------

_SOURCE_KEYS = ("registry", "git", "url", "path", "directory", "editable", "virtual")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def read_source(raw: dict[str, Any]) -> Source:
    """Return the source that the table *raw* describes; its key tells the kind."""
    for key in _SOURCE_KEYS:
        string(raw, key)
    match raw:
        case {"registry": str(location)}:
            return Registry(location)
        case {"git": str(url)}:
            return _git(url)
        case {"url": str(url)}:
            return Url(url, string(raw, "subdirectory") or "")
        case {"path": str(path)}:
            return Archive(_normal(path))
        case {"directory": str(path)}:
            return Directory(_normal(path), editable=False)
        case {"editable": str(path)}:
            return Directory(_normal(path), editable=True)
        case {"virtual": str(path)}:
            return Virtual(_normal(path))
        case _:
            raise MalformedField(f"unknown source kind {{{', '.join(raw)}}}")


def _normal(path: str) -> str:
    """Return *path* without a trailing slash, doubled slashes or steps that cancel each other."""
    return posixpath.normpath(path) if path else "."


def _git(url: str) -> Git:
    """Read ``URL?subdirectory=s&path=f&lfs=true&tag=t#COMMIT``; the fragment alone decides what is installed."""
    try:
        parts = urlsplit(url)
        query = {key: text(values[-1]) for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError as error:
        raise MalformedField(f"`{url}` is not a URL ({error})") from None
    commit = parts.fragment
    if not _COMMIT.fullmatch(commit):
        raise MalformedField(f"`{url}` does not end in a full commit")
    rev = query.get("rev", "")
    if _COMMIT.fullmatch(rev) and rev != commit:
        raise MalformedField(f"the commit of `{url}` contradicts its `rev`")
    return Git(
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        commit=commit,
        subdirectory=query.get("subdirectory", ""),
        path=query.get("path", ""),
        lfs=query.get("lfs") == "true",
        requested=rev or query.get("tag") or query.get("branch") or "",
    )
