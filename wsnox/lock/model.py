"""The records of a lockfile. Markers, versions and URLs stay text: a lockfile has thousands, a request needs few.

Records of which there are thousands are tuples, which are made three times as quickly.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.workspace.declarations import Scope

__all__ = [
    "Archive",
    "Artifact",
    "BuildConstraint",
    "ConflictItem",
    "Dependency",
    "Directory",
    "Git",
    "HashRule",
    "Lock",
    "Options",
    "Package",
    "Registry",
    "Requirement",
    "RequirementKind",
    "RequirementSource",
    "RootDeclarations",
    "Source",
    "StaticMetadata",
    "Url",
    "Virtual",
]


HashRule = Literal["required", "forbidden", "optional"]
"""Whether a lockfile has hashes for what comes from a source (crates/uv-lock, ``Source::requires_hash``)."""


class Registry(Record):
    """An index at *location*: a URL, or a path relative to the lockfile."""

    location: str

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "optional"
    immutable: ClassVar[bool] = True
    kind: ClassVar[str] = "registry"

    def __str__(self) -> str:
        return ""


class Git(Record):
    """A repository at *url*, at *commit*; the tree in *subdirectory*, or the archive at *path* in it."""

    url: str
    commit: str
    subdirectory: str = ""
    path: str = ""
    lfs: bool = False
    requested: str = ""

    immutable: ClassVar[bool] = True
    kind: ClassVar[str] = "git"

    @property
    def archive(self) -> str:
        """The archive in the repository, empty for a source tree."""
        return self.path

    @property
    def hash_rule(self) -> HashRule:
        """A source tree has no hash."""
        return "optional" if self.path else "forbidden"

    def __str__(self) -> str:
        tree = f"#{self.subdirectory}" if self.subdirectory else ""
        return f"git {self.url}@{self.commit[:7]}{tree}"


class Url(Record):
    """An archive at *url*."""

    url: str
    subdirectory: str = ""

    hash_rule: ClassVar[HashRule] = "required"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "url"

    @property
    def archive(self) -> str:
        """The URL itself."""
        return self.url

    def __str__(self) -> str:
        tree = f"#{self.subdirectory}" if self.subdirectory else ""
        return f"url {self.url}{tree}"


class Archive(Record):
    """A local archive at *path*, relative to the lockfile unless absolute."""

    path: str

    hash_rule: ClassVar[HashRule] = "required"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "archive"

    @property
    def archive(self) -> str:
        """The path itself."""
        return self.path

    def __str__(self) -> str:
        return f"archive {self.path}"


class Directory(Record):
    """A source tree at *path*, installed in place where *editable*."""

    path: str
    editable: bool

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "forbidden"
    immutable: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """A tree that is installed in place is a kind of its own."""
        return "editable" if self.editable else "directory"

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class Virtual(Record):
    """A source tree at *path* that is never built or installed; only its dependencies are."""

    path: str

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "forbidden"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "virtual"

    def __str__(self) -> str:
        return f"virtual {self.path}"


Source = Registry | Git | Url | Archive | Directory | Virtual
"""Each has a text for people (empty for a registry), and a *kind*.

It says where its *archive* is, so that artifacts need not repeat it, whether there are hashes (*hash_rule*), and whether it is
*immutable*: then its content stays the same as long as the lockfile does.
"""


class Artifact(NamedTuple):
    """A wheel or source distribution, at *url* or *path*; at neither where it is the archive that the source names."""

    filename: str
    url: str = ""
    path: str = ""
    hash: str = ""
    size: int | None = None


class Dependency(NamedTuple):
    """An edge to the package at index *target* of `Lock.packages`, with *extras* of it, where *marker* holds."""

    target: int
    extras: tuple[str, ...] = ()
    marker: str = ""


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


class RequirementSource(NamedTuple):
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
    declared_groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    default_groups: Literal["all"] | tuple[str, ...] | None = None
    sdist: Artifact | None = None
    wheels: tuple[Artifact, ...] = ()
    requires_dist: tuple[Requirement, ...] = field(default=(), repr=False, compare=False)
    group_pythons: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else self.name


class BuildConstraint(NamedTuple):
    """A *requirement* that constrains builds, and the *hashes* that it allows; none for any."""

    requirement: Requirement
    hashes: frozenset[str] = frozenset()


class StaticMetadata(NamedTuple):
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


class Lock(Record, kw_only=True):
    """A lockfile of version 1; *revision* only tells what else it may hold.

    *members* is `None` where the workspace is a single project. *root_groups* are the dependency groups of a virtual
    root, *requirements* its requirements in lockfiles of early 2025 and before. Only the check of freshness reads
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
    root_default_groups: Literal["all"] | tuple[str, ...] | None = None
    requirements: tuple[Requirement, ...] = ()
    by_name: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    declared: RootDeclarations = field(default=RootDeclarations(), repr=False, compare=False)
    options: Options = field(default=Options(), repr=False, compare=False)

    def trees_beside(self, members: Iterable[str]) -> Mapping[str, Package]:
        """Return the packages that are source trees and none of the *members*, by their paths."""
        names = frozenset(members)
        return {
            package.source.path: package
            for package in self.packages
            if isinstance(package.source, (Directory, Virtual)) and package.name not in names
        }
