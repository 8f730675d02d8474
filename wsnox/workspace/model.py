"""The records of this floor: a manifest as written, a member, the workspace."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.errors import UnknownNameError
from wsnox.workspace.build_options import BuildOptions
from wsnox.workspace.settings import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.workspace.pyproject import Scope
    from wsnox.workspace.uv_settings import UvSettings

__all__ = [
    "CacheKey",
    "ConflictEntry",
    "Declarations",
    "DefaultGroups",
    "GroupInclude",
    "Inside",
    "Manifest",
    "Member",
    "SourceEntry",
    "Workspace",
    "WorkspaceTable",
]

DefaultGroups = Literal["all"] | tuple["NormalizedName", ...]
Inside = Literal["member", "project", "elsewhere"]


class GroupInclude(Record, kw_only=True):
    """An ``{include-group = "…"}`` entry of a dependency group (PEP 735)."""

    group: NormalizedName


class CacheKey(Record):
    """An entry of ``tool.uv.cache-keys``: a ``file`` pattern, a ``dir``, an ``env`` variable, or a part of ``git``."""

    kind: Literal["file", "dir", "env", "git"]
    value: str


class WorkspaceTable(Record, kw_only=True):
    """``[tool.uv.workspace]``: the patterns as written."""

    members: tuple[str, ...]
    exclude: tuple[str, ...]


class Manifest(Record, kw_only=True):
    """One ``pyproject.toml``; *name* is `None` where there is no ``[project]``, and *declare* reads the rest of it."""

    path: Path
    name: NormalizedName | None = None
    requires_python: str = ""
    classifiers: tuple[str, ...] = ()
    extras: frozenset[NormalizedName] = frozenset()
    dynamic_extras: bool = False
    groups: Mapping[NormalizedName, tuple[str | GroupInclude, ...]] = field(default_factory=dict)
    default_groups: DefaultGroups | None = None
    managed: bool = True
    workspace: WorkspaceTable | None = None
    config: Config = Config()
    cache_keys: tuple[CacheKey, ...] | None = None
    digest: str = ""
    declare: Callable[[], Declarations] | None = field(default=None, compare=False, repr=False)

    @property
    def declared(self) -> Declarations:
        """Everything that the manifest declares, as text; read when somebody asks, which a listing does not."""
        return Declarations() if self.declare is None else self.declare()

    def groups_with(self, distribution: str) -> tuple[NormalizedName, ...]:
        """Return the dependency groups that name *distribution* (normalised) themselves."""
        return tuple(
            group
            for group, entries in self.groups.items()
            if any(isinstance(entry, str) and _requirement_name(entry) == distribution for entry in entries)
        )


def _requirement_name(requirement: str) -> str:
    found = re.match(r"\s*[A-Za-z0-9._-]+", requirement)
    return canonicalize_name(found[0].strip()) if found else ""


class Member(Record, kw_only=True):
    """A workspace member; *path* is its directory relative to the root, POSIX, ``.`` for the root itself.

    *inside* is what the directory is to uv where it starts there: a ``member``, a ``project`` of its own where another
    manifest lies between it and the root, or something ``elsewhere`` that wsnox does not look at.
    """

    name: NormalizedName
    directory: Path
    path: str
    manifest: Manifest
    inside: Inside = "member"


class Workspace(Record, kw_only=True):
    """A root directory, its manifest, and the members in name order (a root with ``[project]`` is one of them).

    *settings_file* tells whether a ``uv.toml`` stands beside the manifest, in place of some of its ``[tool.uv]``.
    *environ* are the variables that uv would see.
    """

    root: Path
    manifest: Manifest
    members: tuple[Member, ...]
    settings_file: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def uv_settings(self) -> UvSettings:
        """What uv would resolve this workspace with here; raise `ManifestError` for a file that cannot be read."""
        from wsnox.workspace.uv_settings import read_settings  # noqa: PLC0415 - a listing needs none of it

        return read_settings(self.root, self.manifest.declared.uv_table, self.environ)

    @property
    def project(self) -> Member | None:
        """The root as a member, `None` where the root is virtual."""
        return next((member for member in self.members if member.path == "."), None)

    def member(self, name: str) -> Member | None:
        """Return the member of this normalised *name*, `None` where there is none."""
        return next((member for member in self.members if member.name == name), None)

    def named(self, name: str) -> Member:
        """Return the member of this normalised *name*; raise `UnknownNameError` where there is none."""
        member = self.member(name)
        if member is None:
            raise UnknownNameError("member", name, [each.name for each in self.members])
        return member


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
