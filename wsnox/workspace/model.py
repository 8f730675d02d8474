"""The records of a workspace, a manifest and a member, and how members are chosen by name and by pattern."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record, field
from wsnox.errors import UnknownNameError
from wsnox.package_names import canonicalize_name
from wsnox.workspace.globs import path_matches
from wsnox.workspace.settings import NO_CONFIG, MemberPattern, NamesOrAll

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.workspace.declarations import BuildOptions, Declarations
    from wsnox.workspace.settings import Config, MemberConfig, Names, Resolution, Task
    from wsnox.workspace.tables import Table
    from wsnox.workspace.uv_settings import UvSettings

__all__ = [
    "ALL_MEMBERS",
    "CacheKey",
    "DefaultGroups",
    "GroupInclude",
    "Inside",
    "Manifest",
    "Member",
    "MemberSelection",
    "SourceKind",
    "Workspace",
    "WorkspaceTable",
    "matching",
    "select",
]

DefaultGroups = NamesOrAll
Inside = Literal["member", "project", "elsewhere"]
SourceKind = Literal["workspace", "path", "git", "url", "index"]
"""The keys that tell the kinds of sources in ``tool.uv.sources`` apart (uv docs, concepts/projects/dependencies)."""


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
    """One ``pyproject.toml``: the part of it that a listing of the sessions needs, and the rest on demand.

    *name* is `None` without a ``[project]`` table, which spells it as the *written name*; *default_groups* is `None` where the manifest does not set them, and
    *content* is that of the file. *top* is the file's top table, which `declared` reads.
    """

    path: Path
    name: NormalizedName | None = None
    written_name: str = ""
    requires_python: str = ""
    classifiers: tuple[str, ...] = ()
    extras: frozenset[NormalizedName] = frozenset()
    dynamic_extras: bool = False
    groups: Mapping[NormalizedName, tuple[str | GroupInclude, ...]] = field(default_factory=dict)
    default_groups: DefaultGroups | None = None
    managed: bool = True
    workspace: WorkspaceTable | None = None
    config: Config = NO_CONFIG
    cache_keys: tuple[CacheKey, ...] | None = None
    content: bytes = field(default=b"", repr=False)
    top: Table | None = field(default=None, compare=False, repr=False)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        from hashlib import sha256  # noqa: PLC0415 - a listing needs none of it

        return sha256(self.content).hexdigest()

    @cached_property
    def declared(self) -> Declarations:
        """Everything that the manifest declares, as text."""
        from wsnox.workspace.declarations import Declarations, read_declarations  # noqa: PLC0415 - a listing needs none

        return Declarations() if self.top is None else read_declarations(self.top)

    def uv_default_groups(self) -> DefaultGroups:
        """Return what uv takes for ``default-groups``: ``dev`` unless set (uv docs, concepts/projects/dependencies).

        As in ``uv export``, they come from the manifest at every revision of the lockfile. Raise `UnknownNameError` for a
        group that the manifest does not have.
        """
        if self.default_groups is None:
            return (canonicalize_name("dev"),)
        for group in self.default_groups if self.default_groups != "all" else ():
            if group not in self.groups:
                owner = self.name or "the workspace root"
                raise UnknownNameError("default group", group, self.groups, owner=owner)
        return self.default_groups

    def groups_by_default(self) -> Names:
        """Return the groups that uv installs unless it is told otherwise; ``dev`` counts only where it exists."""
        groups = self.uv_default_groups()
        return tuple(self.groups) if groups == "all" else self.existing_groups(groups)

    def groups_with(self, distribution: str) -> Names:
        """Return the dependency groups that name *distribution* (normalised) themselves."""
        return tuple(
            group
            for group, entries in self.groups.items()
            if any(isinstance(entry, str) and requirement_name(entry) == distribution for entry in entries)
        )

    def existing_groups(self, groups: Names) -> Names:
        """Return those *groups* that the manifest has."""
        return tuple(group for group in groups if group in self.groups)

    def existing_extras(self, extras: Names) -> Names:
        """Return those *extras* that the manifest has, all if they are dynamic: then only the lockfile knows them."""
        return tuple(extra for extra in extras if self.dynamic_extras or extra in self.extras)


def requirement_name(requirement: str) -> str:
    """Return the normalised name that *requirement* begins with, an empty text if it begins with none."""
    name = re.match(r"\s*[A-Za-z0-9._-]+", requirement)
    return canonicalize_name(name[0].strip()) if name else ""


class Member(Record, kw_only=True):
    """A workspace member; *path* is its directory relative to the root, POSIX, ``.`` for the root itself.

    *inside* says what the directory is to a uv that starts there: a ``member``, a ``project`` of its own if another
    manifest lies between it and the root, or part of something ``elsewhere``, which wsnox does not look at.
    """

    name: NormalizedName
    directory: Path
    path: str
    manifest: Manifest
    inside: Inside = "member"

    @property
    def config(self) -> MemberConfig:
        """The settings that are for this member alone: for the root's own project, its table among everybody's."""
        return self.manifest.config.project if self.path == "." else self.manifest.config


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
    def requires_fresh_lock(self) -> bool:
        """Whether the lockfile must match the manifests: unless ``WSNOX_LOCK``, or else ``lock``, is ``frozen``."""
        return (self.environ.get("WSNOX_LOCK") or self.manifest.config.lock) != "frozen"

    @property
    def uv_settings(self) -> UvSettings:
        """The settings that uv resolves this workspace with; raise `ManifestError` for a file that cannot be read."""
        from wsnox.workspace.uv_settings import read_settings  # noqa: PLC0415 - a listing needs none of it

        return read_settings(self.root, self.manifest.top, self.environ)

    @property
    def build_options(self) -> BuildOptions:
        """The packages that uv may not build, or not install as wheels; raise `ManifestError` as above."""
        from wsnox.workspace.declarations import read_build_options  # noqa: PLC0415 - a listing needs none of it
        from wsnox.workspace.tables import open_table  # noqa: PLC0415 - as above

        if self.settings_file:
            return read_build_options(open_table(self.root / "uv.toml"))
        return self.manifest.declared.build_options

    @cached_property
    def project(self) -> Member | None:
        """The root as a member, `None` for a virtual root."""
        return next((member for member in self.members if member.path == "."), None)

    @cached_property
    def by_name(self) -> Mapping[str, Member]:
        """The members by their normalised names."""
        return {member.name: member for member in self.members}

    @cached_property
    def by_path(self) -> Mapping[str, Member]:
        """The members by their paths."""
        return {member.path: member for member in self.members}

    @cached_property
    def manifest_digests(self) -> tuple[str, ...]:
        """What tells the manifests from others: their digests, and of each member where it is and what it is to uv.

        A manifest between the root and a member makes that something else. Every session of a run asks for them.
        """
        members = (f"{member.path} {member.inside} {member.manifest.digest}" for member in self.members)
        return (self.manifest.digest, *members)

    @cached_property
    def names(self) -> frozenset[str]:
        """The normalised names of the members."""
        return frozenset(self.by_name)

    def member(self, name: str) -> Member | None:
        """Return the member of this normalised *name*, `None` for an unknown one."""
        return self.by_name.get(name)

    def members_for(self, task: Task | Resolution) -> tuple[Member, ...]:
        """Return the members that *task*, or a resolution, is for: those that it chooses itself, or those that have sessions at all."""
        chosen = self.manifest.config if task.members is None and task.exclude is None else task
        return matching(self.members, chosen.members, chosen.exclude)

    def named(self, name: str) -> Member:
        """Return the member of this normalised *name*; raise `UnknownNameError` for an unknown one."""
        member = self.member(name)
        if member is None:
            raise UnknownNameError("member", name, self.by_name)
        return member


class MemberSelection(Record, kw_only=True):
    """A *member* to install: its dependencies, with those of *extras* and *groups* (`None`: uv's default groups)."""

    member: Member
    extras: NamesOrAll = ()
    groups: Names | None = None


ALL_MEMBERS = (MemberPattern("*"),)


def matching(
    members: Iterable[Member], patterns: Iterable[str] | None, exclude: Iterable[str] | None = ()
) -> tuple[Member, ...]:
    """Return those *members* that one of *patterns* matches (all for `None`) and none of those to *exclude*.

    A pattern with a slash, and ``.``, is one of paths in the dialect of ``members`` of uv; any other is one of names.
    """
    included = None if patterns is None else tuple(patterns)
    excluded = tuple(exclude or ())
    return tuple(
        member
        for member in members
        if (included is None or any(_matches(member, pattern) for pattern in included))
        and not any(_matches(member, pattern) for pattern in excluded)
    )


def _matches(member: Member, pattern: str) -> bool:
    if "/" in pattern or pattern == ".":
        return path_matches(member.path, pattern)
    return fnmatchcase(member.name, pattern)


def select(members: Iterable[Member], patterns: Iterable[MemberPattern]) -> tuple[MemberSelection, ...]:
    """Return the members that *patterns* match, in the order of the patterns, each once and with the extras that it has."""
    members = tuple(members)
    selections: dict[str, MemberSelection] = {}
    for pattern in patterns:
        for member in matching(members, [pattern.pattern]):
            earlier = selections[member.name].extras if member.name in selections else ()
            extras = tuple(dict.fromkeys((*earlier, *member.manifest.existing_extras(pattern.extras))))
            selections[member.name] = MemberSelection(member=member, extras=extras)
    return tuple(selections.values())
