"""The declarations of a manifest that uv compares with the lockfile, kept as written: no requirement is parsed here.

uv refuses a ``[tool.uv]`` with a value of an unknown form; wsnox does not read every form that uv may know one day. So
the table is read leniently: a value of an unknown form counts for nothing, and `Declarations.unread` names its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from wsnox._record import Record, field
from wsnox.package_names import canonicalize_name, is_valid_name
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from packaging.utils import NormalizedName

    from wsnox.workspace.model import SourceKind

__all__ = [
    "BuildOptions",
    "ConflictEntry",
    "Declarations",
    "Scope",
    "SourceEntry",
    "read_build_options",
    "read_declarations",
    "scope_of",
]


class SourceEntry(Record, kw_only=True):
    """One entry of ``tool.uv.sources``; *value* is the path, URL or name of the index, empty for this workspace.

    *reference* is the revision of a git source, such as ``tag=v1``, and *file* its ``path``. *extra* and *group* limit the entry to one of them.
    """

    kind: SourceKind | Literal["unknown"]
    value: str = ""
    reference: str = ""
    subdirectory: str = ""
    file: str = ""
    lfs: bool | None = None
    editable: bool | None = None
    package: bool | None = None
    marker: str = ""
    extra: NormalizedName | None = None
    group: NormalizedName | None = None


class ConflictEntry(Record):
    """An item of a conflict set; *package* is empty where the manifest means its own project."""

    package: str
    kind: Literal["extra", "group", "project"]
    name: str = ""


class Scope(NamedTuple):
    """A package whose dependencies an override or an exclusion is for; *version* is empty if it is for any."""

    name: str
    version: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


def scope_of(name: str, version: object) -> Scope:
    """Return the scope of the package *name*, in *version* if that is a string, both normalised."""
    if not isinstance(version, str):
        return Scope(canonicalize_name(name))
    from packaging.utils import canonicalize_version  # noqa: PLC0415 - hardly any manifest has such a scope

    return Scope(canonicalize_name(name), canonicalize_version(version))


Packages = Literal["all"] | frozenset[str]


class BuildOptions(Record, kw_only=True):
    """The packages whose wheels may not be installed (*binary*), and those that may not be built (*build*).

    If one names all packages, those that the other names are excepted (uv's crates/uv-configuration).
    """

    binary: Packages = frozenset()
    build: Packages = frozenset()

    def no_binary(self, name: str) -> bool:
        """Return whether no wheel of the package *name* may be installed."""
        return _forbids(self.binary, self.build, name)

    def no_build(self, name: str) -> bool:
        """Return whether the package *name* may not be built."""
        return _forbids(self.build, self.binary, name)


def _forbids(forbidden: Packages, other: Packages, name: str) -> bool:
    if forbidden == "all":
        return other == "all" or name not in other
    return name in forbidden


class Declarations(Record, kw_only=True):
    """The declarations of one manifest.

    *version* is `None` where another tool provides it; *dynamic* names the fields that are not static, which includes
    the dependencies where they may stand in a table of Poetry's. *legacy_group* is uv's ``dev-dependencies``,
    *group_bounds* the ``requires-python`` of dependency groups. *build_settings* is text that differs where what decides
    how uv builds does, *build_options* what they forbid. *build_constraints* have their hashes in *build_hashes*, where
    they have any. *indexes* are the URLs of named indexes, *index_urls* those of all. *unread* names the keys of ``[tool.uv]``
    whose value has a form that wsnox does not know.
    """

    version: str | None = None
    dynamic: frozenset[str] = frozenset()
    dependencies: tuple[str, ...] = ()
    extras: Mapping[NormalizedName, tuple[str, ...]] = field(default_factory=dict)
    legacy_group: tuple[str, ...] = ()
    group_bounds: Mapping[NormalizedName, str] = field(default_factory=dict)
    build_system: bool = False
    package: bool | None = None
    sources: Mapping[NormalizedName, tuple[SourceEntry, ...]] = field(default_factory=dict)
    no_sources: bool = False
    no_sources_package: frozenset[NormalizedName] = frozenset()
    indexes: Mapping[str, str] = field(default_factory=dict)
    index_urls: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    scoped_overrides: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    scoped_excludes: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    build_constraints: tuple[str, ...] = ()
    build_hashes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    build_settings: str = ""
    build_options: BuildOptions = BuildOptions()
    environments: tuple[str, ...] = ()
    required_environments: tuple[str, ...] = ()
    conflicts: tuple[frozenset[ConflictEntry], ...] = ()
    minimum_libc: Mapping[str, str] | None = None
    unread: frozenset[str] = frozenset()


T = TypeVar("T")

# The settings that decide how uv builds. Their meaning is uv's matter: here it only matters whether they differ.
_BUILD_SETTINGS = (
    *("build-constraint-dependencies", "config-settings", "config-settings-package", "extra-build-dependencies"),
    *("extra-build-variables", "no-build-isolation", "no-build-isolation-package"),
)


def read_declarations(top: Table) -> Declarations:
    """Return what the manifest with this *top* table declares."""
    project, tool = top.table("project"), top.table("tool")
    extras, uv = project.table("optional-dependencies"), tool.table("uv")
    unread: set[str] = set()

    def read(key: str, reader: Callable[[Table, str], T]) -> T:
        problems: list[str] = []
        value = reader(uv.apart(problems), key)
        if problems:
            unread.add(key)
        return value

    dynamic = frozenset(project.strings("dynamic") or ())
    if "dependencies" not in project and "poetry" in tool:
        dynamic |= {"dependencies"}
    sources = {}
    table = read("sources", Table.table)
    for name in table:
        value = table.peek(name)
        entries = tuple(map(_source, value if isinstance(value, list) else [value]))
        sources[canonicalize_name(name)] = entries
        # uv requires each of several entries to say when it applies.
        unconditional = [entry for entry in entries if not (entry.marker or entry.extra or entry.group)]
        if any(entry.kind == "unknown" for entry in entries) or (unconditional and len(entries) > 1):
            unread.add(f"sources.{name}")
    indexes, index_urls = read("index", _indexes)
    overrides, scoped_overrides = read("override-dependencies", _with_scopes)
    excludes, scoped_excludes = read("exclude-dependencies", _with_scopes)
    build_constraints = read("build-constraint-dependencies", _build_constraints)
    return Declarations(
        version=None if "version" in dynamic else project.string("version"),
        dynamic=dynamic,
        dependencies=project.strings("dependencies") or (),
        extras={canonicalize_name(key): extras.strings(key) or () for key in extras},
        legacy_group=read("dev-dependencies", _strings),
        group_bounds=read("dependency-groups", _group_bounds),
        build_system="build-system" in top,
        package=read("package", Table.boolean),
        sources=sources,
        no_sources=read("no-sources", Table.boolean) is True,
        no_sources_package=frozenset(map(canonicalize_name, read("no-sources-package", _strings))),
        indexes=indexes,
        index_urls=(*index_urls, *read("index-url", _string_or_strings), *read("extra-index-url", _strings)),
        constraints=read("constraint-dependencies", _strings),
        overrides=overrides,
        excludes=excludes,
        scoped_overrides=scoped_overrides,
        scoped_excludes=scoped_excludes,
        build_constraints=tuple(text for text, _ in build_constraints),
        build_hashes={text: hashes for text, hashes in build_constraints if hashes},
        build_settings=repr([(key, uv.peek(key)) for key in _BUILD_SETTINGS if key in uv]),
        build_options=read_build_options(uv),
        environments=read("environments", _string_or_strings),
        required_environments=read("required-environments", _string_or_strings),
        conflicts=read("conflicts", _conflicts),
        minimum_libc=read("minimum-libc-version", _minimum_libc),
        unread=frozenset(unread),
    )


def _strings(uv: Table, key: str) -> tuple[str, ...]:
    return uv.strings(key) or ()


def _string_or_strings(uv: Table, key: str) -> tuple[str, ...]:
    """Return the array of strings at *key*, or the one string that uv takes in its place."""
    value = uv.peek(key)
    return (value,) if isinstance(value, str) else _strings(uv, key)


def _with_scopes(uv: Table, key: str) -> tuple[tuple[str, ...], Mapping[Scope, tuple[str, ...]]]:
    """Return the strings of the array, and the entries for the dependencies of one package alone; several add up."""
    strings: list[str] = []
    scoped: dict[Scope, tuple[str, ...]] = {}
    for item in uv.array(key) or ():
        match item:
            case str():
                strings.append(item)
            case {"package": {"name": str(name), **rest}, "dependencies": list(texts)}:
                scope = scope_of(name, rest.get("version"))
                scoped[scope] = (*scoped.get(scope, ()), *map(str, texts))
            case _:
                uv.problem("expected strings, or a package and its dependencies", key)
    return tuple(strings), scoped


def _group_bounds(uv: Table, key: str) -> Mapping[NormalizedName, str]:
    """Return ``requires-python`` of each group that ``tool.uv.dependency-groups`` names, empty where it has none."""
    groups = uv.table(key)
    return {canonicalize_name(name): groups.table(name).string("requires-python") or "" for name in groups}


def _minimum_libc(uv: Table, key: str) -> Mapping[str, str] | None:
    versions = uv.table(key)
    return {name: versions.string(name) or "" for name in versions} if key in uv else None


def _indexes(uv: Table, key: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the URL of each named index, of two with one name the first, and the URLs of all."""
    named: dict[str, str] = {}
    urls: list[str] = []
    for index in uv.tables(key):
        name, url = index.string("name"), index.string("url")
        if not url:
            index.problem("missing `url`")
            continue
        urls.append(url)
        if name is not None:
            named.setdefault(name, url)
    return named, tuple(urls)


def _build_constraints(uv: Table, key: str) -> list[tuple[str, frozenset[str]]]:
    """Return each constraint for builds, with its hashes."""
    constraints: list[tuple[str, frozenset[str]]] = []
    for item in uv.array(key) or ():
        match item:
            case str(text):
                constraints.append((text, frozenset()))
            case {"requirement": str(text), "hashes": list(hashes)}:
                constraints.append((text, frozenset(map(str, hashes))))
            case _:
                uv.problem("expected a requirement, or one with its hashes", key)
    return constraints


# The keys of each kind of source, the first of which tells the kind, and those of all (crates/uv-workspace, ``pyproject.rs``).
_SOURCES: Mapping[SourceKind, Mapping[str, type | tuple[type, ...]]] = {
    "git": {"git": str, "rev": str, "tag": str, "branch": str, "subdirectory": str, "path": str},
    "url": {"url": str, "subdirectory": str},
    "path": {"path": str, "editable": bool, "package": bool, "subdirectory": str},
    "index": {"index": str, "subdirectory": str},
    # A string is the name of a workspace.
    "workspace": {"workspace": (bool, str), "editable": bool, "subdirectory": str},
}
_OF_ALL_SOURCES = {"lfs": bool, "marker": str, "extra": str, "group": str}


def _source(entry: Any) -> SourceEntry:
    """Return the source that *entry* describes, one of unknown kind where uv would refuse it."""
    unknown = SourceEntry(kind="unknown")
    kind = next((kind for kind in _SOURCES if isinstance(entry, dict) and kind in entry), None)
    if kind is None or entry.get("workspace") is False:
        return unknown
    types = {**_SOURCES[kind], **_OF_ALL_SOURCES}
    references = [f"{key}={entry[key]}" for key in ("rev", "tag", "branch") if key in entry]
    if len(references) > 1 or not all(isinstance(value, types.get(key, ())) for key, value in entry.items()):
        return unknown
    extra, group = entry.get("extra"), entry.get("group")
    return SourceEntry(
        kind=kind,
        value="" if entry[kind] is True else entry[kind],
        reference="".join(references),
        subdirectory=entry.get("subdirectory", ""),
        file=entry.get("path", "") if kind == "git" else "",
        lfs=entry.get("lfs"),
        editable=entry.get("editable"),
        package=entry.get("package"),
        marker=entry.get("marker", ""),
        extra=canonicalize_name(extra) if extra else None,
        group=canonicalize_name(group) if group else None,
    )


def _conflicts(uv: Table, key: str) -> tuple[frozenset[ConflictEntry], ...]:
    """Return the conflict sets in their order, none if one of them has an unknown form, or fewer than two items."""
    sets = [[*map(_conflict, items)] if isinstance(items, list) else [] for items in uv.array(key) or ()]
    readable = [frozenset(entry for entry in entries if entry is not None) for entries in sets if all(entries)]
    if len(readable) < len(sets) or not all(len(entries) > 1 for entries in readable):
        uv.problem("expected sets of two or more items", key)
        return ()
    return tuple(readable)


def _conflict(item: Any) -> ConflictEntry | None:
    if not isinstance(item, dict) or not all(isinstance(name, str) and is_valid_name(name) for name in item.values()):
        return None
    names = {key: canonicalize_name(name) for key, name in item.items()}
    package = names.pop("package", "")
    match names:
        case {"extra": extra} if len(names) == 1:
            return ConflictEntry(package, "extra", extra)
        case {"group": group} if len(names) == 1:
            return ConflictEntry(package, "group", group)
        case {} if package and not names:
            return ConflictEntry(package, "project")
        case _:
            return None


def read_build_options(table: Table) -> BuildOptions:
    """Return the packages that *table* forbids to build, or to install as wheels; a form that uv refuses is ignored."""
    return BuildOptions(binary=_packages(table, "no-binary"), build=_packages(table, "no-build"))


def _packages(table: Table, key: str) -> Packages:
    value, names = table.peek(key), table.peek(f"{key}-package")
    if isinstance(value, bool):
        return "all" if value else frozenset()
    entries = names if isinstance(names, list) else []
    return frozenset(canonicalize_name(name) for name in entries if isinstance(name, str))
