"""One member compared with its package: kind, place, version, extras, dependencies, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.errors import Doubt
from wsnox.freshness.locked_requirements import locked_groups, locked_requirements
from wsnox.freshness.messages import default_group_change, differences, group_bound_changes, group_changes, told
from wsnox.freshness.requirements import Lowering
from wsnox.freshness.sources import placed
from wsnox.lock.model import Directory, Virtual
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import parsed_version
from wsnox.workspace.globs import matched_as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wsnox.freshness.equivalence import PythonRange
    from wsnox.freshness.sources import Kinds
    from wsnox.lock.model import Lock, Package
    from wsnox.workspace.model import Manifest, Member

__all__ = ["WITHOUT_METADATA", "MemberCheck", "is_untold"]

WITHOUT_METADATA = "lock-without-metadata"
"""uv's preview feature that leaves out what members ask for; without it, uv takes such a lockfile for stale."""


def is_untold(package: Package) -> bool:
    """Return whether the lockfile leaves out what *package* asked for: it depends on something, and says nothing."""
    return not package.declared.get("metadata") and bool(package.dependencies or package.extras or package.groups)


class MemberCheck:
    """The comparison of one *member* of the workspace, which *kinds* carries, with its *package*.

    Without *told*, the lockfile leaves out what the member asked for, and nothing of that is compared.
    """

    def __init__(
        self, kinds: Kinds, lock: Lock, universe: PythonRange, member: Member, package: Package, *, told: bool = True
    ) -> None:
        self._workspace, self._kinds, self._lock, self._universe = kinds.workspace, kinds, lock, universe
        self._member, self._package = member, package
        self._manifest: Manifest = member.manifest
        self._told = told
        self._lowering = self._lowered_as(alone=member.inside == "project")
        metadata = package.declared.get("metadata", {})
        self._metadata: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {"requires-dist": metadata}

    def problems(self) -> Iterator[str]:
        """Yield what of this member the lockfile does not match."""
        yield from self._kind()
        yield from self._version()
        if not self._told:
            name = f"`{self._member.name}`"
            yield Doubt(f"`uv.lock` does not say what {name} asked for, as uv's `{WITHOUT_METADATA}` is on")
        else:
            yield from self._extras()
            if self._member.inside != "elsewhere":
                yield from self._either_way(self._requirements)
                yield from self._either_way(self._groups)
                yield from self._lowering.misplaced_sources()
        if self._lock.revision >= 5:
            yield from self._defaults()

    def _kind(self) -> Iterator[str]:
        kind, locked = self._kinds.of(self._member), _locked_kind(self._package)
        if kind != locked:
            yield f"`{self._member.name}` is {_KINDS[kind]} now, and {_KINDS[locked]} in `uv.lock`"
        path, source = placed(self._workspace, self._member.path), self._package.source
        if isinstance(source, Directory | Virtual) and placed(self._workspace, source.path) != path:
            yield f"`{self._member.name}` is in `{path}` now, and in `{source.path}` in `uv.lock`"

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

    def _extras(self) -> Iterator[str]:
        # Below revision 1 the lockfile does not tell which extras exist.
        if self._lock.revision < 1 or "optional-dependencies" in self._manifest.declared.dynamic:
            return
        if "dependencies" in self._manifest.declared.dynamic:
            return
        locked = self._package.provided_extras or frozenset()
        for extra in sorted(self._manifest.extras ^ locked):
            new = extra in self._manifest.extras
            yield f"`{self._member.name}` {'now' if new else 'no longer'} has the extra `{extra}`"

    def _lowered_as(self, *, alone: bool) -> Lowering:
        return Lowering(self._kinds, self._manifest, self._member.path, alone=alone)

    def _either_way(self, check: Callable[[Lowering], Iterator[str]]) -> Iterator[str]:
        """Yield the problems that *check* finds; nothing where it finds none for the member as a project of its own.

        To uv before 0.11, a member was one where no pattern of ``members`` matched its path as it is written, with a
        slash at the end or twice, say.
        """
        problems = [*check(self._lowering)]
        if problems and self._member.inside == "member" and not self._is_listed_as_written():
            problems = problems if [*check(self._lowered_as(alone=True))] else []
        yield from problems

    def _is_listed_as_written(self) -> bool:
        table = self._workspace.manifest.workspace
        return self._member.path == "." or (table is not None and matched_as_written(self._member.path, table.members))

    def _requirements(self, lowering: Lowering) -> Iterator[str]:
        dynamic = self._manifest.declared.dynamic
        if "dependencies" in dynamic or "optional-dependencies" in dynamic:
            return
        ours = lowering.requirements()
        theirs = locked_requirements(self._workspace, self._metadata.get("requires-dist", []))
        # With a dynamic version, what uv compares may come from a build backend, and some write out such references.
        if "version" in dynamic and any(each.name == self._member.name for each in (*ours, *theirs)):
            return
        yield from told(differences(ours, theirs, self._universe), f"`{self._member.name}`", "depends on")

    def _groups(self, lowering: Lowering) -> Iterator[str]:
        wires = self._metadata.get("requires-dev") or self._metadata.get("dependency-groups") or {}
        locked = locked_groups(self._workspace, wires)
        # Empty groups are in the lockfile from revision 1 on.
        empty = self._lock.revision >= 1
        yield from group_changes(f"`{self._member.name}`", lowering.groups(), locked, self._universe, empty=empty)

    def _defaults(self) -> Iterator[str]:
        owner = f"`{self._member.name}`"
        yield from default_group_change(owner, self._manifest.default_groups, self._package.default_groups)
        bounds = self._package.declared.get("group-requires-python", {})
        yield from group_bound_changes(owner, self._lowering.group_bounds(), bounds)


_KINDS = {
    "editable": "an editable package",
    "directory": "a package that is not editable",
    "virtual": "no package (virtual)",
    "other": "no member",
}


def _locked_kind(package: Package) -> str:
    match package.source:
        case Directory(editable=editable):
            return "editable" if editable else "directory"
        case Virtual():
            return "virtual"
        case _:
            return "other"
