"""The records of a lockfile. Markers, versions and URLs stay text: a lockfile has thousands, a request needs few.

Records of which there are thousands are tuples, which are made three times as quickly.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Archive",
    "Artifact",
    "ConflictItem",
    "Dependency",
    "Directory",
    "Git",
    "Lock",
    "Package",
    "Registry",
    "Requirement",
    "Source",
    "Url",
    "Virtual",
]


class Registry(Record):
    """An index at *location*: a URL, or a path relative to the lockfile."""

    location: str


class Git(Record):
    """A repository at *url*, at *commit*; the tree in *subdirectory*, or the archive at *path* in it."""

    url: str
    commit: str
    subdirectory: str = ""
    path: str = ""
    lfs: bool = False
    requested: str = ""


class Url(Record):
    """An archive at *url*."""

    url: str
    subdirectory: str = ""


class Archive(Record):
    """A local archive at *path*, relative to the lockfile unless absolute."""

    path: str


class Directory(Record):
    """A source tree at *path*, installed in place where *editable*."""

    path: str
    editable: bool


class Virtual(Record):
    """A source tree at *path* that is never built or installed; only what it depends on is."""

    path: str


Source = Registry | Git | Url | Archive | Directory | Virtual


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


class Requirement(NamedTuple):
    """A requirement of the virtual root: a *name* to look up, with *extras*, where *marker* holds."""

    name: str
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


class Package(Record):
    """One ``[[package]]``; *version* is `None` for a source tree whose version is dynamic.

    *extras* and *groups* map to edges; *provided_extras* and *declared_groups* are what the metadata declares, `None`
    where the lockfile's revision does not say. *default_groups* is `None` where the lockfile does not say, too.
    *declared* is what the manifest of a source tree said when it was locked (``metadata`` and ``group-requires-python``
    as they stand): only the check of freshness reads it.
    """

    name: str
    version: str | None
    source: Source
    markers: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    extras: Mapping[str, tuple[Dependency, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Dependency, ...]] = field(default_factory=dict)
    provided_extras: frozenset[str] | None = None
    declared_groups: frozenset[str] = frozenset()
    default_groups: Literal["all"] | tuple[str, ...] | None = None
    sdist: Artifact | None = None
    wheels: tuple[Artifact, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else self.name


class Lock(Record, kw_only=True):
    """A lockfile of version 1; *revision* only tells what else it may hold.

    *members* is `None` where the workspace is a single project. *root_groups* are the dependency groups of a virtual
    root, *requirements* its requirements in lockfiles of early 2025 and before. *declared* is what the root's manifest
    said when it was locked (``manifest`` and ``options`` as they stand).
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
    declared: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
