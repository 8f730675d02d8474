"""The members compared with those of the lockfile, and each with its package: kind, path, version, extras, requirements.

A project that is no member, on which some member depends by its path, is compared likewise, but for kind and path: they
stand in the requirements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.errors import Doubt
from wsnox.freshness.requirements import Lowering, locked_groups, locked_requirements
from wsnox.freshness.sources import relative
from wsnox.lock import Directory, Virtual
from wsnox.markers.versions import Unreadable, parsed_version
from wsnox.workspace.discovery import project_at
from wsnox.workspace.globs import matched_as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wsnox.freshness.comparison import Comparison
    from wsnox.lock import Lock, Package
    from wsnox.workspace.model import Member, Workspace

__all__ = ["MemberCheck", "member_changes", "project_changes"]

_WITHOUT_METADATA = "lock-without-metadata"
"""uv's preview feature that leaves out what members ask for; without it, uv takes such a lockfile for stale."""

_KINDS = {
    "editable": "an editable package",
    "directory": "a package that is not editable",
    "virtual": "no package (virtual)",
    "other": "no member",
}


def member_changes(workspace: Workspace, lock: Lock) -> Iterator[str]:
    """Yield which members came and went; a project that is the only one is no member of a workspace."""
    names: list[str] = [member.name for member in workspace.members]
    for name in names:
        if name not in lock.by_name:
            yield f"`{name}` is a member, and `uv.lock` has no package for it"
    locked = lock.members or ()
    for name in locked:
        if name not in names:
            yield f"`{name}` is a member in `uv.lock`, but not in the workspace"
    if len(names) == 1 and workspace.project is not None:
        if names[0] in locked:
            yield f"`{names[0]}` is the only project now, and `uv.lock` lists it as a member of a workspace"
        return
    for name in names:
        if name not in locked and name in lock.by_name:
            yield f"`{name}` is a member, and `uv.lock` does not list it as one"


def project_changes(comparison: Comparison) -> Iterator[str]:
    """Yield what of the projects that are no members the lockfile does not match; raise `ManifestError`.

    One whose metadata stand in the settings is not asked. One that is not there, a submodule that nobody checked out, say,
    is a matter of those who install it.
    """
    workspace = comparison.workspace
    described = comparison.settings.first("dependency-metadata")
    others = {member.name for member in workspace.members}
    if described is not None and isinstance(described.value, list):
        others |= {canonicalize_name(str(table.get("name"))) for table in described.value if isinstance(table, dict)}
    for path, package in comparison.lock.trees_beside(others).items():
        if project := project_at(workspace.root, path):
            yield from MemberCheck(comparison, project, package).metadata()


class MemberCheck:
    """The comparison of one *member*, or another project, with its *package*."""

    def __init__(self, comparison: Comparison, member: Member, package: Package) -> None:
        self._comparison, self._workspace, self._lock = comparison, comparison.workspace, comparison.lock
        self._member, self._manifest, self._package = member, member.manifest, package
        self._lowering = self._lowered_as(alone=member.inside == "project")

    def problems(self) -> Iterator[str]:
        """Yield what of this member the lockfile does not match."""
        name = f"`{self._member.name}`"
        yield from self._kind()
        yield from self.metadata()
        yield from self._comparison.default_groups(name, self._manifest.default_groups, self._package.default_groups)
        yield from self._comparison.group_pythons(name, self._lowering.group_pythons(), self._package.group_pythons)

    def metadata(self) -> Iterator[str]:
        """Yield what of this member's metadata, groups among them, the lockfile does not match."""
        yield from self._version()
        if self._is_without_metadata():
            name = self._member.name
            yield Doubt(f"`uv.lock` does not say what `{name}` asked for, as uv's `{_WITHOUT_METADATA}` is on")
        else:
            yield from self._extras()
            if self._member.inside != "elsewhere":
                yield from self._either_way(self._requirements)
                yield from self._either_way(self._groups)
                yield from self._lowering.misplaced_sources()

    def _kind(self) -> Iterator[str]:
        kind, path = self._comparison.kinds.of(self._member), relative(self._workspace, self._member.path)
        match self._package.source:
            case Directory(path=locked_path, editable=editable):
                locked = "editable" if editable else "directory"
            case Virtual(path=locked_path):
                locked = "virtual"
            case _:
                locked, locked_path = "other", path
        if kind != locked:
            yield f"`{self._member.name}` is {_KINDS[kind]} now, and {_KINDS[locked]} in `uv.lock`"
        if relative(self._workspace, locked_path) != path:
            yield f"`{self._member.name}` is in `{path}` now, and in `{locked_path}` in `uv.lock`"

    def _version(self) -> Iterator[str]:
        version, locked, name = self._manifest.declared.version, self._package.version, self._member.name
        if "version" in self._manifest.declared.dynamic:
            if locked is not None:
                yield f"the version of `{name}` is dynamic now, and `{locked}` in `uv.lock`"
        elif version is not None and locked is None:
            yield f"the version of `{name}` is `{version}` now, and dynamic in `uv.lock`"
        elif version is not None and locked is not None:
            try:
                same = parsed_version(version) == parsed_version(locked)
            except Unreadable as unreadable:
                yield unreadable.doubt(f"the version of `{name}`")
            else:
                if not same:
                    yield f"the version of `{name}` is `{version}` now, and `{locked}` in `uv.lock`"

    def _is_without_metadata(self) -> bool:
        """Return whether the lockfile leaves out what the member asked for, as uv was set to."""
        package = self._package
        metadata = package.requires_dist or package.provided_extras or package.declared_groups
        depends = package.dependencies or package.extras or package.groups
        return bool(depends) and not metadata and self._comparison.settings.previews(_WITHOUT_METADATA)

    def _extras(self) -> Iterator[str]:
        # Below revision 1 the lockfile does not tell which extras exist.
        if self._lock.revision < 1 or not self._manifest.declared.dynamic.isdisjoint(_DEPENDENCIES):
            return
        for extra in sorted(self._manifest.extras ^ (self._package.provided_extras or frozenset())):
            now = "now" if extra in self._manifest.extras else "no longer"
            yield f"`{self._member.name}` {now} has the extra `{extra}`"

    def _lowered_as(self, *, alone: bool) -> Lowering:
        return Lowering(self._workspace, self._comparison.kinds, self._manifest, self._member.path, alone=alone)

    def _either_way(self, check: Callable[[Lowering], Iterator[str]]) -> Iterator[str]:
        """Yield the problems that *check* finds; nothing where it finds none for the member as a project of its own.

        To uv before 0.11, a member was one where no pattern of ``members`` matched its path as it is written, with a
        slash at the end or twice, say.
        """
        problems = [*check(self._lowering)]
        if problems and self._member.inside == "member" and self._member.path != ".":
            table = self._workspace.manifest.workspace
            as_written = table is not None and matched_as_written(self._member.path, table.members)
            if not as_written and not [*check(self._lowered_as(alone=True))]:
                return
        yield from problems

    def _requirements(self, lowering: Lowering) -> Iterator[str]:
        dynamic, name = self._manifest.declared.dynamic, self._member.name
        if not dynamic.isdisjoint(_DEPENDENCIES):
            return
        now, before = lowering.requirements(), locked_requirements(self._workspace, self._package.requires_dist)
        # With a dynamic version, what uv compares may come from a build backend, and some write out such references.
        if "version" in dynamic and any(requirement.name == name for requirement in (*now, *before)):
            return
        yield from self._comparison.requirements(now, before, f"`{name}`", "depends on")

    def _groups(self, lowering: Lowering) -> Iterator[str]:
        before = locked_groups(self._workspace, self._package.declared_groups)
        # Empty groups are in the lockfile from revision 1 on.
        empty = self._lock.revision >= 1
        yield from self._comparison.groups(f"`{self._member.name}`", lowering.groups(), before, empty=empty)


_DEPENDENCIES = ("dependencies", "optional-dependencies")
