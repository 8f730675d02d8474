"""Read one ``pyproject.toml`` into a `Manifest`.

Refused here is what stops uv even when it only reads a lockfile: a ``[project]`` without a name or version, names that
are one after normalisation, malformed dependency groups and sources. Unknown keys are errors in ``[tool.uv.workspace]`` and in
``[tool.wsnox]``; everywhere else they belong to other tools.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import InvalidName, canonicalize_name, canonicalize_version

from wsnox.workspace.build_options import read_build_options
from wsnox.workspace.config import read_config
from wsnox.workspace.model import (
    CacheKey,
    ConflictEntry,
    Declarations,
    GroupInclude,
    Manifest,
    SourceEntry,
    SourceKind,
    WorkspaceTable,
)
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.workspace.tables import Table

__all__ = ["Scope", "read_declarations", "read_manifest", "scope_of"]

# The start of a requirement (PEP 508): name, extras, and what may follow. Parsing each whole costs a listing too much.
_REQUIREMENT = re.compile(
    r"\s*[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?\s*(?:\[[^\]]*\]\s*)?(?:\Z|[(;@<>]|[=!~]=)", re.ASCII | re.IGNORECASE
)
_SOURCE_KINDS = frozenset({"git", "url", "path", "index", "workspace"})

Groups = dict["NormalizedName", tuple[str | GroupInclude, ...]]


def read_manifest(path: Path) -> Manifest:
    """Return the manifest at *path*; raise `ManifestError` with everything that is wrong with it."""
    top = open_table(path)
    project, tool = top.table("project"), top.table("tool")
    uv, wsnox = tool.table("uv"), tool.table("wsnox")
    name = _project_name(project) if "project" in top else None
    extras = project.table("optional-dependencies")
    groups = _groups(top.table("dependency-groups"), uv)
    _refuse_malformed_sources(uv.table("sources"))
    for key, table in [("dependencies", project), *((extra, extras) for extra in extras)]:
        table.strings(key)

    def declare() -> Declarations:

        return read_declarations(top, project, extras, uv)

    manifest = Manifest(
        path=path,
        name=name,
        requires_python=project.string("requires-python") or "",
        classifiers=project.strings("classifiers") or (),
        extras=frozenset(normal for _, normal in extras.normal_keys()),
        dynamic_extras="optional-dependencies" in (project.strings("dynamic") or ()),
        groups=groups,
        default_groups=uv.names_or_all("default-groups"),
        managed=uv.boolean("managed") is not False,
        workspace=_workspace(uv),
        config=read_config(wsnox),
        cache_keys=_cache_keys(uv),
        digest=top.digest,
        declare=cache(declare),
    )
    # uv skips an unmanaged member whatever else its manifest says.
    if manifest.managed:
        top.close()
    return manifest


def _project_name(project: Table) -> NormalizedName | None:
    name = project.string("name")
    if name is None:
        project.problem("missing `name`")
        return None
    dynamic = project.strings("dynamic") or ()
    if project.string("version") is None and "version" not in dynamic:
        project.problem('missing `version`, and `dynamic` does not list "version"')
    return project.normal(name, "name")


def _groups(table: Table, uv: Table) -> Groups:
    """Return the groups of *table* with uv's legacy ``dev-dependencies`` merged into ``dev``."""
    groups = {name: tuple(_entries(table, key)) for key, name in table.normal_keys()}
    for name, entries in groups.items():
        for entry in entries:
            if isinstance(entry, GroupInclude) and entry.group not in groups:
                table.problem(f"includes the group `{entry.group}`, which does not exist,", name)
    _refuse_cycles(table, groups)
    legacy = uv.strings("dev-dependencies")
    if legacy is not None:
        for index, item in enumerate(legacy):
            _refuse_malformed(item, uv, f"dev-dependencies[{index}]")
        dev = canonicalize_name("dev")
        groups[dev] = (*groups.get(dev, ()), *legacy)
    return groups


def _entries(table: Table, key: str) -> list[str | GroupInclude]:
    entries: list[str | GroupInclude] = []
    for index, item in enumerate(table.array(key) or ()):
        match item:
            case str():
                _refuse_malformed(item, table, f"{key}[{index}]")
                entries.append(item)
            case {"include-group": str(group), **rest} if not rest:
                name = table.normal(group, f"{key}[{index}]")
                entries.extend([GroupInclude(group=name)] if name else [])
            case _:
                table.problem('expected a requirement or `{include-group = "…"}`', f"{key}[{index}]")
    return entries


def _refuse_malformed(requirement: str, table: Table, key: str) -> None:
    if not _REQUIREMENT.match(requirement):
        table.problem(f"`{requirement}` is not a requirement", key)


def _refuse_cycles(table: Table, groups: Groups) -> None:
    includes = {
        name: [entry.group for entry in entries if isinstance(entry, GroupInclude)] for name, entries in groups.items()
    }
    if not any(includes.values()):
        return
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - few manifests include a group

    try:
        TopologicalSorter(includes).prepare()
    except CycleError as error:
        table.problem(f"the groups {' -> '.join(reversed(error.args[1]))} include each other")


def _refuse_malformed_sources(table: Table) -> None:
    """Refuse a value that is neither one source nor an array of them (uv docs, concepts/projects/dependencies)."""
    for key, _ in table.normal_keys():
        value = table.peek(key)
        entries = value if isinstance(value, list) else [value]
        if not entries or not all(isinstance(entry, dict) and _SOURCE_KINDS & entry.keys() for entry in entries):
            table.problem("expected a source or an array of sources", key)


def _workspace(uv: Table) -> WorkspaceTable | None:
    if "workspace" not in uv:
        return None
    table = uv.table("workspace")
    table.known_keys(("members", "exclude"))
    return WorkspaceTable(members=table.strings("members") or (), exclude=table.strings("exclude") or ())


def _cache_keys(uv: Table) -> tuple[CacheKey, ...] | None:
    """Return ``tool.uv.cache-keys`` (uv docs, concepts/cache), `None` where absent; uv itself refuses other entries."""
    items = uv.array("cache-keys")
    if items is None:
        return None
    return tuple(key for item in items for key in _cache_key(item))


def _cache_key(item: object) -> Iterator[CacheKey]:
    match item:
        case str(value) | {"file": str(value)}:
            yield CacheKey("file", value)
        case {"dir": str(value)}:
            yield CacheKey("dir", value)
        case {"env": str(value)}:
            yield CacheKey("env", value)
        case {"git": True}:
            yield CacheKey("git", "commit")
        case {"git": dict(parts)}:
            yield from (CacheKey("git", part) for part in ("commit", "tags") if parts.get(part))


# --- What a manifest declares that uv compares with the lockfile, kept as written: no requirement is pars ---


BUILD = (
    *("build-constraint-dependencies", "config-settings", "config-settings-package", "extra-build-dependencies"),
    *("extra-build-variables", "no-build-isolation", "no-build-isolation-package"),
)


class Scope(NamedTuple):
    """A package whose dependencies an override or an exclusion is for; *version* is empty where it is for any."""

    name: str
    version: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


def read_declarations(top: Table, project: Table, extras: Table, uv_table: Table) -> Declarations:
    """Return what a manifest declares, from four of its tables; a wrong type in ``[project]`` is noted in its table."""
    uv = _Uv(uv_table)
    dynamic = _dynamic(top, project)
    return Declarations(
        version=_version(project, dynamic),
        dynamic=dynamic,
        dependencies=project.strings("dependencies") or (),
        extras={canonicalize_name(key): extras.strings(key) or () for key in extras},
        legacy_group=uv.texts("dev-dependencies"),
        group_bounds=uv.group_bounds(),
        build_system="build-system" in top,
        package=uv.boolean("package"),
        sources=uv.sources(),
        no_sources=uv.boolean("no-sources") is True,
        no_sources_package=frozenset(map(canonicalize_name, uv.texts("no-sources-package"))),
        indexes=uv.indexes(),
        index_urls=uv.index_urls(),
        constraints=uv.texts("constraint-dependencies"),
        overrides=uv.texts("override-dependencies", mixed=True),
        excludes=uv.texts("exclude-dependencies", mixed=True),
        scoped_overrides=uv.scoped("override-dependencies"),
        scoped_excludes=uv.scoped("exclude-dependencies"),
        build_constraints=uv.build_constraints(),
        build_hashes=uv.build_hashes(),
        build_settings=uv.build_settings(),
        build_options=read_build_options(uv_table),
        environments=uv.text_or_texts("environments"),
        required_environments=uv.text_or_texts("required-environments"),
        conflicts=uv.conflicts(),
        minimum_libc=uv_table.peek("minimum-libc-version"),
        uv_table=_raw(top),
        unread=frozenset(uv.unread),
    )


def _raw(top: Table) -> Mapping[str, Any] | None:
    match top.peek("tool"):
        case {"uv": dict(table)}:
            return table
        case _:
            return None


def _dynamic(top: Table, project: Table) -> frozenset[str]:
    value = project.peek("dynamic")
    fields = {item for item in value if isinstance(item, str)} if isinstance(value, list) else set()
    tool = top.peek("tool")
    if "dependencies" not in project and isinstance(tool, dict) and "poetry" in tool:
        fields.add("dependencies")
    return frozenset(fields)


def _version(project: Table, dynamic: frozenset[str]) -> str | None:
    value = project.peek("version")
    return value if isinstance(value, str) and "version" not in dynamic else None


class _Uv:
    """The table ``[tool.uv]``, read leniently."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.unread: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def boolean(self, key: str) -> bool | None:
        """Return the boolean at *key*, `None` where absent."""
        value = self._table.peek(key)
        if value is None or isinstance(value, bool):
            return value
        self.unread.add(key)
        return None

    def text_or_texts(self, key: str) -> tuple[str, ...]:
        """Return the array of strings at *key*, or the one string that uv takes in its place."""
        value = self._table.peek(key)
        return (value,) if isinstance(value, str) else self.texts(key)

    def texts(self, key: str, *, mixed: bool = False) -> tuple[str, ...]:
        """Return the array of strings at *key*; where it may be *mixed*, tables in it are left to others."""
        match self._table.peek(key):
            case None:
                return ()
            case list(items) if all(isinstance(item, str) or (mixed and isinstance(item, dict)) for item in items):
                return tuple(item for item in items if isinstance(item, str))
            case _:
                self.unread.add(key)
                return ()

    def _tables(self, key: str) -> list[Any]:
        value = self._table.peek(key)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        if value is not None:
            self.unread.add(key)
        return []

    def _mapping(self, key: str) -> dict[str, Any]:
        value = self._table.peek(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.unread.add(key)
        return {}

    def group_bounds(self) -> Mapping[NormalizedName, str]:
        """Return ``requires-python`` of each group that ``tool.uv.dependency-groups`` names, empty where it has none."""
        bounds: dict[NormalizedName, str] = {}
        for name, settings in self._mapping("dependency-groups").items():
            match settings:
                case {"requires-python": str(text)}:
                    bounds[canonicalize_name(name)] = text
                case dict() if "requires-python" not in settings:
                    bounds[canonicalize_name(name)] = ""
                case _:
                    self.unread.add("dependency-groups")
        return bounds

    def sources(self) -> Mapping[NormalizedName, tuple[SourceEntry, ...]]:
        """Return the entries of ``tool.uv.sources`` by normalised name; one entry may stand without its array."""
        found: dict[NormalizedName, tuple[SourceEntry, ...]] = {}
        for name, value in self._mapping("sources").items():
            entries = tuple(_source(entry) for entry in (value if isinstance(value, list) else [value]))
            found[canonicalize_name(name)] = entries
            # Of several entries uv wants to know when each of them counts.
            vague = [entry for entry in entries if not (entry.marker or entry.extra or entry.group)]
            if any(entry.kind == "unknown" for entry in entries) or (vague and len(entries) > 1):
                self.unread.add(f"sources.{name}")
        return found

    def indexes(self) -> Mapping[str, str]:
        """Return the URL of each named index; of two with one name the first counts."""
        urls: dict[str, str] = {}
        for entry in self._tables("index"):
            match entry:
                case {"name": str(name), "url": str(url)}:
                    urls.setdefault(name, url)
                case {"url": str()} if "name" not in entry:
                    pass
                case _:
                    self.unread.add("index")
        return urls

    def index_urls(self) -> tuple[str, ...]:
        """Return the URLs of all indexes, those without a name and of the older settings included."""
        urls = [entry["url"] for entry in self._tables("index") if isinstance(entry.get("url"), str)]
        return (*urls, *self.texts("index-url"), *self.texts("extra-index-url"))

    def conflicts(self) -> tuple[frozenset[ConflictEntry], ...]:
        """Return the conflict sets in their order."""
        value = self._table.peek("conflicts")
        sets = [_conflict_set(items) for items in value] if isinstance(value, list) else []
        if value is not None and (not isinstance(value, list) or not all(sets)):
            self.unread.add("conflicts")
            return ()
        return tuple(frozenset(entries) for entries in sets)

    def build_settings(self) -> str:
        """Return the settings that decide how uv builds, as text."""
        return repr([(key, self._table.peek(key)) for key in BUILD if key in self._table])

    def scoped(self, key: str) -> Mapping[Scope, tuple[str, ...]]:
        """Return what the array at *key* says for the dependencies of one package alone; several entries add up."""
        found: dict[Scope, tuple[str, ...]] = {}
        for item in self._items(key):
            match item:
                case {"package": {"name": str(name), **rest}, "dependencies": list(texts)}:
                    scope = scope_of(name, rest.get("version"))
                    found[scope] = (*found.get(scope, ()), *map(str, texts))
                case dict():
                    self.unread.add(key)
        return found

    def build_constraints(self) -> tuple[str, ...]:
        """Return the constraints for builds, whether they have hashes or not."""
        found = [item["requirement"] if _has_hashes(item) else item for item in self._items(_BUILD_CONSTRAINTS)]
        if not all(isinstance(text, str) for text in found):
            self.unread.add(_BUILD_CONSTRAINTS)
        return tuple(text for text in found if isinstance(text, str))

    def build_hashes(self) -> Mapping[str, frozenset[str]]:
        """Return the hashes of each constraint for builds that has some."""
        items = (item for item in self._items(_BUILD_CONSTRAINTS) if _has_hashes(item))
        return {str(item["requirement"]): frozenset(map(str, item["hashes"])) for item in items}

    def _items(self, key: str) -> list[Any]:
        value = self._table.peek(key)
        if value is None or isinstance(value, list):
            return value or []
        self.unread.add(key)
        return []


_BUILD_CONSTRAINTS = "build-constraint-dependencies"


def scope_of(name: str, version: object) -> Scope:
    """Return the scope of the package *name* in *version*, if there is one; versions are compared by what they mean."""
    return Scope(canonicalize_name(name), canonicalize_version(version) if isinstance(version, str) else "")


def _has_hashes(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("requirement"), str) and isinstance(item.get("hashes"), list)


# What may stand beside the key that tells the kind of a source (crates/uv-workspace, ``pyproject.rs``).
_BESIDE = {
    "git": frozenset({"rev", "tag", "branch", "subdirectory", "path"}),
    "url": frozenset({"subdirectory"}),
    "path": frozenset({"editable", "package", "subdirectory"}),
    "index": frozenset({"subdirectory"}),
    "workspace": frozenset({"editable", "subdirectory"}),
}
_ANYWHERE = frozenset({"lfs", "marker", "extra", "group"})
_FLAGS = frozenset({"editable", "lfs", "package", "workspace"})


def _source(entry: Any) -> SourceEntry:
    kinds: tuple[SourceKind, ...] = ("git", "url", "path", "index", "workspace")
    kind = next((each for each in kinds if isinstance(entry, dict) and each in entry), None)
    if kind is None or entry.keys() - {kind} - _BESIDE[kind] - _ANYWHERE:
        return SourceEntry(kind="unknown")
    typed = all(
        isinstance(value, bool if key in _FLAGS else str) or (key == "workspace" and isinstance(value, str))
        for key, value in entry.items()
    )
    if not typed or len(entry.keys() & {"rev", "tag", "branch"}) > 1 or entry.get("workspace") is False:
        return SourceEntry(kind="unknown")
    return _entry(entry, kind, "" if entry[kind] is True else entry[kind])


def _entry(raw: dict[str, Any], kind: SourceKind, value: str) -> SourceEntry:
    extra, group = _text(raw, "extra"), _text(raw, "group")
    references = [f"{key}={raw[key]}" for key in ("rev", "tag", "branch") if key in raw]
    return SourceEntry(
        kind=kind,
        value=value,
        reference=references[0] if references else "",
        subdirectory=_text(raw, "subdirectory"),
        file=_text(raw, "path") if kind == "git" else "",
        lfs=_flag(raw, "lfs"),
        editable=_flag(raw, "editable"),
        package=_flag(raw, "package"),
        marker=_text(raw, "marker"),
        extra=canonicalize_name(extra) if extra else None,
        group=canonicalize_name(group) if group else None,
    )


def _text(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def _flag(raw: dict[str, Any], key: str) -> bool | None:
    value = raw.get(key)
    return value if isinstance(value, bool) else None


def _conflict_set(items: object) -> list[ConflictEntry]:
    """Return the items of one set, nothing where one of them has a form that wsnox does not know, or there are not two."""
    entries = [_conflict(item) for item in items] if isinstance(items, list) else []
    return [entry for entry in entries if entry is not None] if all(entries) and len(set(entries)) > 1 else []


def _conflict(item: Any) -> ConflictEntry | None:
    try:
        match item:
            case {"extra": str(extra), **rest} if set(rest) <= {"package"}:
                return ConflictEntry(_package(rest), "extra", canonicalize_name(extra, validate=True))
            case {"group": str(group), **rest} if set(rest) <= {"package"}:
                return ConflictEntry(_package(rest), "group", canonicalize_name(group, validate=True))
            case {"package": str(package), **rest} if not rest:
                return ConflictEntry(canonicalize_name(package, validate=True), "project")
    except InvalidName:
        pass
    return None


def _package(rest: Mapping[Any, Any]) -> str:
    return canonicalize_name(str(rest["package"]), validate=True) if "package" in rest else ""
