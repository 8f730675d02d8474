"""What the root's ``[tool.uv]`` says for the whole workspace, and the groups of a virtual root, compared.

Where a constraint, override or exclusion is about a name that the lockfile neither has nor lists there, it has no effect
on what is locked, and uv waits with it (crates/uv-lock, ``ManifestFilter``).

uv reads the whole of ``[tool.uv]`` in every member (crates/uv-workspace, ``pyproject.rs``), also what only counts in the
root, and the sources of each project once more (crates/uv-distribution, ``requires_dist.rs``): what of that cannot be
read, `unread_settings` tells, and the list that has it is not compared.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.errors import Doubt
from wsnox.freshness.comparison import changed, listed, same_requirements, same_to_the_letter
from wsnox.freshness.requirements import (
    LoweredRequirement,
    Lowering,
    UnreadRequirement,
    locked_groups,
    locked_requirements,
    manifest_file,
)
from wsnox.lock import ConflictItem
from wsnox.markers.equivalence import is_unsatisfiable, same_conditions
from wsnox.markers.expressions import both, parse_marker
from wsnox.markers.points import Unreadable
from wsnox.markers.requirement import parse_requirement
from wsnox.package_names import canonicalize_name, is_valid_name
from wsnox.workspace.model import GroupInclude

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wsnox.freshness.comparison import Comparison
    from wsnox.freshness.requirements import Requirements
    from wsnox.lock import Requirement
    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import Scope, SourceEntry
    from wsnox.workspace.model import Manifest

__all__ = ["RootComparison", "may_follow", "unread_settings"]

_CONSTRAINTS, _OVERRIDES, _EXCLUDES, _BUILDS = (
    f"{kind}-dependencies" for kind in ("constraint", "override", "exclude", "build-constraint")
)


def unread_settings(comparison: Comparison, manifest: Manifest, file: str) -> None:
    """Tell *comparison* what of the settings in *manifest*, at *file*, uv refuses to read."""
    declared = manifest.declared
    for key in sorted(declared.unread):
        comparison.add(Doubt(f"`{key}` in `[tool.uv]` of `{file}` has a value of another form than wsnox reads"))
    lists: tuple[tuple[str, tuple[str, ...], Callable[[str], object]], ...] = (
        (_CONSTRAINTS, declared.constraints, parse_requirement),
        (_OVERRIDES, declared.overrides, parse_requirement),
        (_BUILDS, declared.build_constraints, parse_requirement),
        (_EXCLUDES, declared.excludes, _name),
        ("environments", declared.environments, _environment),
        ("required-environments", declared.required_environments, _environment),
    )
    for key, texts, read in lists:
        for text in texts:
            with comparison.doubting(f"`tool.uv.{key}` of `{file}`"):
                read(text)
    for group in sorted(declared.group_bounds.keys() - manifest.groups.keys()):
        comparison.add(
            Doubt(f"`dependency-groups.{group}` in `[tool.uv]` of `{file}` is about a group that does not exist")
        )
    for name, entries in declared.sources.items():
        where = f"`tool.uv.sources.{name}` of `{file}`"
        for entry in entries:
            with comparison.doubting(where):
                parse_marker(entry.marker)
        with comparison.doubting(where):
            if any(map(_overlap, entries, entries[1:])):
                comparison.add(Doubt(f"{where} has entries that count in the same environments"))


def _overlap(first: SourceEntry, second: SourceEntry) -> bool:
    same_part = (first.extra, first.group) == (second.extra, second.group)
    return same_part and not is_unsatisfiable(both(parse_marker(first.marker), parse_marker(second.marker)))


def _name(text: str) -> str:
    if is_valid_name(text):
        return canonicalize_name(text)
    raise Unreadable(text, "name")


def _environment(text: str) -> Expression:
    """Return the environment *text*; unlike a marker elsewhere it must not be empty. Raise `Unreadable`."""
    if not text.strip():
        raise Unreadable(text, "marker")
    return parse_marker(text)


class RootComparison:
    """The comparison of the root's manifest with what the lockfile says beside its packages."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison, self._workspace, self._lock = comparison, comparison.workspace, comparison.lock
        self._root, self._declared = self._workspace.manifest, self._workspace.manifest.declared
        self._locked = self._lock.declared
        self._lowering = Lowering(self._workspace, comparison.kinds, self._root, ".")

    def environments(self) -> None:
        """Compare the environments that the lockfile is for, and those that it must have wheels for, one by one."""
        for key, declared, locked in (
            ("environments", self._declared.environments, self._lock.supported_markers),
            ("required-environments", self._declared.required_environments, self._lock.required_markers),
        ):
            if key in self._declared.unread:
                continue
            with self._comparison.doubting(f"`tool.uv.{key}` of `{manifest_file('.')}`"):
                now = [*map(_environment, declared)]
                with self._comparison.doubting("`uv.lock`"):
                    if not same_conditions(now, map(parse_marker, locked), self._comparison.pythons):
                        was = f"`uv.lock` was made for {listed(locked)}"
                        self._comparison.add(f"`{key}` in `[tool.uv]` is {listed(declared)}, and {was}")

    def conflicts(self, manifests: list[Manifest]) -> None:
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
            self._comparison.add("`conflicts` in `[tool.uv]` are not the ones in `uv.lock`")

    def declarations(self) -> None:
        """Compare constraints, overrides, exclusions and, where the root is virtual, its groups."""
        now, before = self._declared, self._locked
        for key, compare in (
            (_CONSTRAINTS, lambda key: self._list(key, now.constraints, before.constraints)),
            (_OVERRIDES, self._overrides),
            (_EXCLUDES, self._excludes),
            (_BUILDS, self._builds),
        ):
            if key not in now.unread:
                compare(key)
        if self._root.name is None:
            owner = "the workspace root"
            groups = locked_groups(self._workspace, self._lock.root_groups)
            self._comparison.groups(owner, self._lowering.groups(), groups, empty=False)
            self._comparison.default_groups(owner, self._root.default_groups, self._lock.root_default_groups)
            self._comparison.group_pythons(owner, self._lowering.group_pythons(), before.group_pythons)

    def _list(self, key: str, texts: tuple[str, ...], locked: Iterable[Requirement]) -> None:
        now, before = self._lowering.lowered(texts, f"tool.uv.{key}"), locked_requirements(self._workspace, locked)
        if key == _CONSTRAINTS:
            now, before = self._restricting(now), self._restricting(before)
        same = same_to_the_letter if key == _BUILDS else same_requirements
        for difference in self._comparison.differences(now, before, same):
            if key == _BUILDS or difference.before or difference.name in self._lock.by_name:
                self._comparison.add(changed(difference, f"`{key}` in `[tool.uv]`", "lists"))

    def _restricting(self, constraints: Requirements) -> Requirements:
        """Return the *constraints* that restrict anything, without extras (crates/uv-configuration, ``NormalizedConstraints``).

        A name alone, or one that can hold nowhere, does not; whether uv writes it down depends on its version.
        """
        restricting: list[LoweredRequirement | UnreadRequirement] = []
        for constraint in constraints:
            if isinstance(constraint, UnreadRequirement):
                restricting.append(constraint)
                continue
            from_index = all(not origin or origin.startswith("index ") for origin in constraint.origins)
            nowhere = False
            # What is too much to compare counts, and is told when it is compared.
            with suppress(Unreadable):
                nowhere = self._comparison.pythons.is_nowhere(constraint.condition)
            if not nowhere and (constraint.clauses or not (constraint.origins and from_index)):
                restricting.append(replace(constraint, extras=frozenset()))
        return tuple(restricting)

    def _overrides(self, key: str) -> None:
        self._list(key, self._declared.overrides, self._locked.overrides)
        now, before = self._declared.scoped_overrides, self._locked.scoped_overrides
        for scope in self._effective(now, before):
            ours = self._lowering.lowered(now.get(scope, ()), f"tool.uv.{key}")
            theirs = locked_requirements(self._workspace, before.get(scope, ()))
            count = len(self._comparison.clauses)
            self._comparison.requirements(ours, theirs, f"`{key}` for `{scope}`", "lists")
            if len(self._comparison.clauses) == count and (scope in now) != (scope in before):
                self._comparison.add(f"`{key}` in `[tool.uv]` {_lists(scope, now)} an entry for `{scope}`")

    def _excludes(self, key: str) -> None:
        names, locked_names = {*map(canonicalize_name, self._declared.excludes)}, {*self._locked.excludes}
        for name in sorted(names ^ locked_names):
            if name in self._lock.by_name or name in locked_names:
                self._comparison.add(f"`{key}` in `[tool.uv]` {_lists(name, names)} `{name}`")
        now, before = (
            {scope: listed(sorted({canonicalize_name(name) for name in names})) for scope, names in scoped.items()}
            for scoped in (self._declared.scoped_excludes, self._locked.scoped_excludes)
        )
        for scope in self._effective(now, before):
            ours, theirs = now.get(scope, "nothing"), before.get(scope, "nothing")
            if ours != theirs:
                self._comparison.add(f"`{key}` in `[tool.uv]` lists for `{scope}`: {ours}, and `uv.lock` has {theirs}")

    def _effective(self, now: Mapping[Scope, object], before: Mapping[Scope, object]) -> list[Scope]:
        """Return the scopes whose changes have an effect on what is locked."""
        locked = {*self._lock.by_name, *(scope.name for scope in before)}
        return sorted(scope for scope in {*now, *before} if scope.name in locked)

    def _builds(self, key: str) -> None:
        locked = self._locked.build_constraints
        self._list(key, self._declared.build_constraints, [constraint.requirement for constraint in locked])
        now = {
            (requirement.name, hashes)
            for text, hashes in self._declared.build_hashes.items()
            for requirement in self._lowering.lowered([text], f"tool.uv.{key}")
            if isinstance(requirement, LoweredRequirement)
        }
        before = {(constraint.requirement.name, constraint.hashes) for constraint in locked if constraint.hashes}
        for name in sorted({name for name, _ in now ^ before}):
            self._comparison.add(
                f"the hashes that `{key}` in `[tool.uv]` lists for `{name}` are not the ones in `uv.lock`"
            )


def _lists(item: object, now: Iterable[object]) -> str:
    return "lists" if item in now else "no longer lists"


ConflictSet = frozenset[ConflictItem]


def may_follow(following: set[ConflictSet], declared: Iterable[ConflictSet], root: Manifest) -> bool:
    """Return whether uv may have written the sets *following* behind the ones that are *declared*.

    A group of the root that includes a conflicting one conflicts, too (crates/uv-pypi-types,
    ``Conflicts::expand_transitive_group_includes``). Where another package has a group of the same name as one of the
    *root*, uv takes the one for the other: then any may follow.
    """
    declared = frozenset(declared)
    others = {item.name for items in declared for item in items if item.kind == "group" and item.package != root.name}
    if not others.isdisjoint(root.groups):
        return True
    inferred, waiting = set(declared), [] if root.name is None else [*declared]
    while waiting:
        items = waiting.pop()
        for item in items:
            if item.kind != "group" or item.package != root.name:
                continue
            for group, entries in root.groups.items():
                conflict = (items - {item}) | {ConflictItem(item.package, "group", group)}
                includes = any(isinstance(entry, GroupInclude) and entry.group == item.name for entry in entries)
                if includes and conflict not in inferred:
                    inferred.add(conflict)
                    waiting.append(conflict)
    return following == inferred - declared
