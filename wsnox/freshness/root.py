"""What the root's ``[tool.uv]`` says for the whole workspace, and the groups of a virtual root, compared.

Where a constraint, override or exclusion is about a name that the lockfile neither has nor lists there, it has no effect
on what is locked, and uv waits with it (crates/uv-lock, ``ManifestFilter``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.errors import Doubt
from wsnox.freshness.comparison import changed, listed
from wsnox.freshness.normalized_requirements import same_requirements, same_to_the_letter
from wsnox.freshness.refusals import UnreadRequirement, environment
from wsnox.freshness.requirements import Lowering, locked_groups, locked_requirements, manifest_file
from wsnox.lock import ConflictItem
from wsnox.markers.equivalence import same_conditions
from wsnox.markers.expressions import parse_marker
from wsnox.markers.versions import Unreadable
from wsnox.workspace.model import GroupInclude

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.freshness.comparison import Comparison, Requirements
    from wsnox.freshness.normalized_requirements import LoweredRequirement
    from wsnox.lock import Requirement
    from wsnox.workspace.declarations import Scope
    from wsnox.workspace.model import Manifest

__all__ = ["RootCheck", "may_follow"]

_CONSTRAINTS, _OVERRIDES, _EXCLUDES, _BUILDS = (
    f"{kind}-dependencies" for kind in ("constraint", "override", "exclude", "build-constraint")
)


class RootCheck:
    """The comparison of the root's manifest with what the lockfile says beside its packages.

    A list whose form cannot be read is left out: the refusals of the manifests name it.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison, self._workspace, self._lock = comparison, comparison.workspace, comparison.lock
        self._root, self._declared = self._workspace.manifest, self._workspace.manifest.declared
        self._locked = self._lock.declared
        self._lowering = Lowering(self._workspace, comparison.kinds, self._root, ".")

    def environments(self) -> Iterator[str]:
        """Compare the environments that the lockfile is for, and those that it must have wheels for, one by one."""
        for key, declared, locked in (
            ("environments", self._declared.environments, self._lock.supported_markers),
            ("required-environments", self._declared.required_environments, self._lock.required_markers),
        ):
            if key in self._declared.unread:
                continue
            where = f"`tool.uv.{key}` of `{manifest_file('.')}`"
            try:
                now = [environment(text) for text in declared]
                where = "`uv.lock`"
                same = same_conditions(now, map(parse_marker, locked), self._comparison.pythons)
            except Unreadable as unreadable:
                yield unreadable.doubt(where)
                continue
            if not same:
                yield f"`{key}` in `[tool.uv]` is {listed(declared)}, and `uv.lock` was made for {listed(locked)}"

    def conflicts(self, manifests: list[Manifest]) -> Iterator[str]:
        """Compare the conflicts that the *manifests* declare, in their order, and those that follow from them."""
        if any("conflicts" in manifest.declared.unread for manifest in manifests):
            return
        declared = tuple(
            frozenset(ConflictItem(item.package or manifest.name or "", item.kind, item.name) for item in items)
            for manifest in manifests
            for items in manifest.declared.conflicts
        )
        locked, following = self._lock.conflicts[: len(declared)], set(self._lock.conflicts[len(declared) :])
        if locked != declared or not may_follow(following, declared, self._root):
            yield "`conflicts` in `[tool.uv]` are not the ones in `uv.lock`"

    def declarations(self) -> Iterator[str]:
        """Compare constraints, overrides, exclusions and, where the root is virtual, its groups."""
        unread = self._declared.unread
        if _CONSTRAINTS not in unread:
            yield from self._list(_CONSTRAINTS, self._declared.constraints, self._locked.constraints)
        if _OVERRIDES not in unread:
            yield from self._list(_OVERRIDES, self._declared.overrides, self._locked.overrides)
        if _BUILDS not in unread:
            builds = [constraint.requirement for constraint in self._locked.build_constraints]
            yield from self._list(_BUILDS, self._declared.build_constraints, builds)
        if _OVERRIDES not in unread:
            yield from self._scoped_overrides()
        if _EXCLUDES not in unread:
            yield from self._excludes()
        if _BUILDS not in unread:
            yield from self._build_hashes()
        if self._root.name is None:
            owner, locked = "the workspace root", locked_groups(self._workspace, self._lock.root_groups)
            yield from self._comparison.groups(owner, self._lowering.groups(), locked, empty=False)
            defaults = self._root.default_groups, self._lock.root_default_groups
            yield from self._comparison.default_groups(owner, *defaults)
            yield from self._comparison.group_pythons(owner, self._lowering.group_pythons(), self._locked.group_pythons)

    def _list(self, key: str, texts: tuple[str, ...], locked: Iterable[Requirement]) -> Iterator[str]:
        now, before = self._lowering.lowered(texts, f"tool.uv.{key}"), locked_requirements(self._workspace, locked)
        if key == _CONSTRAINTS:
            now, before = self._restricting(now), self._restricting(before)
        same = same_to_the_letter if key == _BUILDS else same_requirements
        for difference in self._comparison.differences(now, before, same):
            if isinstance(difference, Doubt):
                yield difference
            elif key == _BUILDS or difference.before or difference.name in self._lock.by_name:
                yield changed(difference, f"`{key}` in `[tool.uv]`", "lists")

    def _restricting(self, constraints: Requirements) -> Requirements:
        """Return the *constraints* that restrict anything, without extras (crates/uv-configuration, ``NormalizedConstraints``).

        A name alone, or one that can hold nowhere, does not; whether uv writes it down depends on its version.
        """

        def restricts(constraint: LoweredRequirement) -> bool:
            from_index = all(not origin or origin.startswith("index ") for origin in constraint.origins)
            if not constraint.clauses and constraint.origins and from_index:
                return False
            try:
                return not same_conditions((constraint.condition,), (False,), self._comparison.pythons)
            except Unreadable:
                return True

        return tuple(
            constraint if isinstance(constraint, UnreadRequirement) else replace(constraint, extras=frozenset())
            for constraint in constraints
            if isinstance(constraint, UnreadRequirement) or restricts(constraint)
        )

    def _scoped_overrides(self) -> Iterator[str]:
        now, before = self._declared.scoped_overrides, self._locked.scoped_overrides
        for scope in self._effective(now, before):
            ours = self._lowering.lowered(now.get(scope, ()), f"tool.uv.{_OVERRIDES}")
            theirs = locked_requirements(self._workspace, before.get(scope, ()))
            changes = [*self._comparison.requirements(ours, theirs, f"`{_OVERRIDES}` for `{scope}`", "lists")]
            yield from changes
            if not changes and (scope in now) != (scope in before):
                yield f"`{_OVERRIDES}` in `[tool.uv]` {_lists(scope, now)} an entry for `{scope}`"

    def _excludes(self) -> Iterator[str]:
        names, locked_names = {*map(canonicalize_name, self._declared.excludes)}, {*self._locked.excludes}
        for name in sorted(names ^ locked_names):
            if name in self._lock.by_name or name in locked_names:
                yield f"`{_EXCLUDES}` in `[tool.uv]` {_lists(name, names)} `{name}`"
        now, before = (
            {scope: listed(sorted({canonicalize_name(name) for name in names})) for scope, names in scoped.items()}
            for scoped in (self._declared.scoped_excludes, self._locked.scoped_excludes)
        )
        for scope in self._effective(now, before):
            if now.get(scope) != before.get(scope):
                texts = now.get(scope, "nothing"), before.get(scope, "nothing")
                yield "`{}` in `[tool.uv]` lists for `{}`: {}, and `uv.lock` has {}".format(_EXCLUDES, scope, *texts)

    def _effective(self, now: Mapping[Scope, object], before: Mapping[Scope, object]) -> list[Scope]:
        """Return the scopes whose changes have an effect on what is locked."""
        locked = {*self._lock.by_name, *(scope.name for scope in before)}
        return sorted(scope for scope in {*now, *before} if scope.name in locked)

    def _build_hashes(self) -> Iterator[str]:
        now: dict[str, set[frozenset[str]]] = {}
        for text, hashes in self._declared.build_hashes.items():
            for requirement in self._lowering.lowered([text], f"tool.uv.{_BUILDS}"):
                if hashes and not isinstance(requirement, UnreadRequirement):
                    now.setdefault(requirement.name, set()).add(hashes)
        before: dict[str, set[frozenset[str]]] = {}
        for constraint in self._locked.build_constraints:
            if constraint.hashes:
                before.setdefault(constraint.requirement.name, set()).add(constraint.hashes)
        for name in sorted({*now, *before}):
            if now.get(name) != before.get(name):
                yield f"the hashes that `{_BUILDS}` in `[tool.uv]` lists for `{name}` are not the ones in `uv.lock`"


def _lists(item: object, now: Iterable[object]) -> str:
    return "lists" if item in now else "no longer lists"


ConflictSet = frozenset[ConflictItem]


def may_follow(following: set[ConflictSet], declared: tuple[ConflictSet, ...], root: Manifest) -> bool:
    """Return whether uv may have written the sets *following* behind the ones that are *declared*.

    A group of the root that includes a conflicting one conflicts, too (crates/uv-pypi-types,
    ``Conflicts::expand_transitive_group_includes``). Where another package has a group of the same name as one of the
    *root*, uv takes the one for the other: then any may follow.
    """
    others = {item.name for items in declared for item in items if item.kind == "group" and item.package != root.name}
    if not others.isdisjoint(root.groups):
        return True
    inferred = set(declared)
    waiting = [] if root.name is None else list(inferred)
    while waiting:
        items = waiting.pop()
        for item in items:
            for group, entries in root.groups.items():
                includes = any(isinstance(entry, GroupInclude) and entry.group == item.name for entry in entries)
                if includes and item.kind == "group" and item.package == root.name:
                    conflict = (items - {item}) | {ConflictItem(item.package, "group", group)}
                    if conflict not in inferred:
                        inferred.add(conflict)
                        waiting.append(conflict)
    return following == inferred - set(declared)
