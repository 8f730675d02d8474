"""Read ``uv.lock``, version 1 at every revision.

1. The version is looked at first, so that a file of a later version is refused for its version.
2. Every ``[[package]]`` becomes a record, and every edge leads to one (`wsnox.lock.reader`).
3. Every wrong type is refused, with the dotted path to it.

Unknown keys are ignored (later revisions add some); unknown source kinds and conflict keys are refused.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from wsnox.errors import LockFormatError, LockMergeError, LockNotFoundError, LockVersionError
from wsnox.files import read_regular
from wsnox.lock.artifacts import read_sdist, read_wheels
from wsnox.lock.fields import (
    MalformedField,
    array,
    name_of,
    named,
    names,
    optional,
    same_version,
    shown,
    string,
    strings,
    table,
    tables,
    text,
)
from wsnox.lock.model import (
    Archive,
    ConflictItem,
    Dependency,
    Directory,
    Git,
    Lock,
    Package,
    Registry,
    Requirement,
    Url,
    Virtual,
)
from wsnox.lock.wheel_rows import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Literal

    from wsnox.lock.model import Source

__all__ = [
    "LOCKFILE",
    "Packages",
    "lock_content",
    "parse_lock",
    "read_conflicts",
    "read_declared_groups",
    "read_default_groups",
    "read_lock",
    "read_provided",
    "read_requirements",
    "read_root_groups",
    "read_source",
]

# --- The ``source`` of a package: six kinds, each known by its key; another key is a kind that wsnox does ---


_KINDS = ("registry", "git", "url", "path", "directory", "editable", "virtual")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def read_source(raw: dict[str, Any], where: str) -> Source:
    """Return the source that the table *raw* describes."""
    for kind in _KINDS:
        string(raw, kind, where)
    match raw:
        case {"registry": str(location)}:
            return Registry(location)
        case {"git": str(url)}:
            return _git(url, where)
        case {"url": str(url)}:
            return Url(url, string(raw, "subdirectory", where) or "")
        case {"path": str(path)}:
            return Archive(_clean(path))
        case {"directory": str(path)}:
            return Directory(_clean(path), editable=False)
        case {"editable": str(path)}:
            return Directory(_clean(path), editable=True)
        case {"virtual": str(path)}:
            return Virtual(_clean(path))
        case _:
            raise MalformedField(f"unknown source kind {{{', '.join(raw)}}}", where)


def _clean(path: str) -> str:
    """Return *path* without a trailing slash, doubled slashes or steps that cancel each other."""
    return posixpath.normpath(path) if path else "."


def _git(told: str, where: str) -> Git:
    """Read ``URL?subdirectory=s&path=f&lfs=true&tag=t#COMMIT``; the fragment alone decides what is installed."""
    try:
        parts = urlsplit(told)
        query = {key: text(values[-1], where) for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError as error:
        raise MalformedField(f"`{told}` is not a URL ({error})", where) from None
    commit = parts.fragment
    if not _COMMIT.fullmatch(commit):
        raise MalformedField(f"`{told}` does not end in a full commit", where)
    rev = query.get("rev", "")
    if _COMMIT.fullmatch(rev) and rev != commit:
        raise MalformedField(f"the commit of `{told}` contradicts its `rev`", where)
    return Git(
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        commit=commit,
        subdirectory=query.get("subdirectory", ""),
        path=query.get("path", ""),
        lfs=query.get("lfs") == "true",
        requested=rev or query.get("tag") or query.get("branch") or "",
    )


# --- What a lockfile says besides its edges: what manifests declared when it was locked, and which parts  ---


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
            raise MalformedField("expected an array", where)
        found = frozenset(_conflict_item(item, f"{where}[{at}]") for at, item in enumerate(items))
        if len(found) < 2:
            raise MalformedField("a conflict needs two different items", where)
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
            raise MalformedField("expected `package` with at most one of `extra` and `group`", where)


# --- The packages of a lockfile: their identities first, then the records whose edges point at them ---


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
                raise MalformedField(f"`{identity[0]}` with this version and source stands twice", f"package[{index}]")
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
            raise MalformedField("missing", f"{where}.version")
        return name, version, source

    def _source(self, wire: dict[str, Any], where: str) -> Source:
        raw = wire.get("source")
        if type(raw) is not dict:
            raise MalformedField("expected a table", f"{where}.source")
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
            raise MalformedField("the same dependency stands twice", f"{where}.{key}")
        return edges

    def _edge(self, wire: object, where: str) -> Dependency:
        if type(wire) is not dict:
            raise MalformedField("expected a table", where)
        name = name_of(wire, where)
        candidates = self.by_name.get(name, ())
        # uv names version and source only where the name is ambiguous; what it does name must agree.
        if len(candidates) != 1 or "version" in wire or "source" in wire:
            candidates = self._matching(wire, candidates, where)
        if len(candidates) != 1:
            found = "no package of the lockfile" if not candidates else f"{len(candidates)} packages"
            raise MalformedField(f"the dependency `{name}` leads to {found}", where)
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
        raise MalformedField(f"`{version}` is no version", where) from None


LOCKFILE = "uv.lock"

_MERGE = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
"""What git writes around the sides of a conflict (gitattributes, ``conflict-marker-size``)."""


def read_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` where it is absent or broken."""
    path = root / LOCKFILE
    return parse_lock(lock_content(path), path)


def lock_content(path: Path) -> bytes:
    """Return what the lockfile at *path* holds; raise a `LockError` where it is absent, or cannot be read."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise LockNotFoundError(path) from None
    except OSError as error:
        raise LockFormatError(path, "", f"cannot be read ({error.strerror or error})") from error


def parse_lock(content: bytes, path: Path) -> Lock:
    """Return the lock that *content* holds; *path* is only named in errors."""
    try:
        raw = read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LockFormatError(path, "", f"not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits is a plain `ValueError`
        if _MERGE.search(content):
            raise LockMergeError(path) from None
        raise LockFormatError(path, "", f"not TOML: {shown(str(error)) or 'nested too deeply'}") from error
    try:
        if (version := _version(raw)) == 1:
            return _lock(raw)
    except MalformedField as error:
        raise LockFormatError(path, shown(error.where), shown(error.problem)) from None
    # A hexadecimal integer may have more digits than Python writes in decimal.
    raise LockVersionError(path, shown(str(version) if abs(version) < 1 << 64 else hex(version)))


def _version(raw: dict[str, Any]) -> int:
    version = optional(raw, "version", int)
    if version is None:
        raise MalformedField("missing", "version")
    return version


def _check_excludes(manifest: dict[str, Any]) -> None:
    """Refuse an exclusion that is neither a name nor a table, which is for the dependencies of one package."""
    for index, item in enumerate(array(manifest, "excludes", "manifest")):
        key = f"excludes[{index}]"
        if not isinstance(item, dict):
            named(string({key: item}, key, "manifest") or "", f"manifest.{key}")


def _lock(raw: dict[str, Any]) -> Lock:
    wires = tables(raw, "package") or tables(raw, "distribution")
    packages = Packages(wires)
    manifest = table(raw, "manifest")
    requires_python = string(raw, "requires-python")
    if requires_python is None:
        raise MalformedField("missing", "requires-python")
    members = names(manifest, "members", "manifest") if "members" in manifest else None
    _check_excludes(manifest)
    return Lock(
        revision=optional(raw, "revision", int) or 0,
        requires_python=requires_python,
        packages=packages.records(),
        markers=strings(raw, "resolution-markers"),
        supported_markers=strings(raw, "supported-markers"),
        required_markers=strings(raw, "required-markers"),
        conflicts=read_conflicts(raw),
        members=members,
        root_groups=read_root_groups(manifest),
        root_default_groups=read_default_groups(manifest, "manifest"),
        requirements=read_requirements(manifest, "requirements", "manifest"),
        by_name=packages.by_name,
        declared={"manifest": manifest, "options": table(raw, "options")},
    )
