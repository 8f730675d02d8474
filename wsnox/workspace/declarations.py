"""What a manifest declares that uv compares with the lockfile, kept as written: no requirement is parsed here.

uv refuses ``[tool.uv]`` where a value has another form than it knows; wsnox does not read every form that uv may know
one day. So the table is read leniently: what has an unknown form counts for nothing, and `Declarations.unread` names it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from packaging.utils import InvalidName, canonicalize_name, canonicalize_version

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.utils import NormalizedName

    from wsnox.workspace.tables import Table

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

Packages = Literal["all"] | frozenset[str]


class BuildOptions(Record, kw_only=True):
    """Of which packages no wheel may be installed (*binary*), and which may not be built (*build*).

    Where one names all packages, those that the other names are excepted (uv's crates/uv-configuration).
    """

    binary: Packages = frozenset()
    build: Packages = frozenset()

    def no_binary(self, name: str) -> bool:
        """Return whether no wheel of the package *name* may be installed."""
        return _holds(self.binary, self.build, name)

    def no_build(self, name: str) -> bool:
        """Return whether the package *name* may not be built."""
        return _holds(self.build, self.binary, name)


def _holds(forbidden: Packages, other: Packages, name: str) -> bool:
    if forbidden == "all":
        return other == "all" or name not in other
    return name in forbidden


def read_build_options(table: Table) -> BuildOptions:
    """Return what *table* says; what has a form that uv refuses counts for nothing here."""
    return BuildOptions(binary=_packages(table, "no-binary"), build=_packages(table, "no-build"))


def _packages(table: Table, key: str) -> Packages:
    value, named = table.peek(key), table.peek(f"{key}-package")
    if isinstance(value, bool):
        return "all" if value else frozenset()
    names = named if isinstance(named, list) else []
    return frozenset(canonicalize_name(name) for name in names if isinstance(name, str))


SourceKind = Literal["workspace", "path", "git", "url", "index", "unknown"]


class SourceEntry(Record, kw_only=True):
    """One entry of ``tool.uv.sources``; *value* is the path, URL or name of the index, empty for this workspace.

    *reference* is what a git source asks for, such as ``tag=v1``. *extra* and *group* limit the entry to one of them.
    """

    kind: SourceKind
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


class Declarations(Record, kw_only=True):
    """The declarations of one manifest.

    *version* is `None` where another tool provides it; *dynamic* names the fields that are not static, which includes
    the dependencies where they may stand in a table of Poetry's. *legacy_group* is uv's ``dev-dependencies``,
    *group_bounds* the ``requires-python`` of dependency groups. *build_settings* is text that differs where what decides
    how uv builds does, *build_options* what they forbid. *build_constraints* have their hashes in *build_hashes*, where
    they have any. *index_urls* are those of all indexes. *uv_table* is ``[tool.uv]`` as it stands, `None` where there is
    none. *unread* names its keys whose value has a form that wsnox does not know.
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
    minimum_libc: object = None
    uv_table: Mapping[str, Any] | None = None
    unread: frozenset[str] = frozenset()


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


def read_declarations(top: Table) -> Declarations:
    """Return what the manifest with this *top* table declares."""
    project, uv_table = top.table("project"), top.table("tool").table("uv")
    extras, uv = project.table("optional-dependencies"), _Uv(uv_table)
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
        index_url = self._table.peek("index-url")
        if isinstance(index_url, str):
            urls.append(index_url)
        elif index_url is not None:
            self.unread.add("index-url")
        return (*urls, *self.texts("extra-index-url"))

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
