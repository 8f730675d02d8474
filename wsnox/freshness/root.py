"""What the root's ``[tool.uv]`` says for the whole workspace, and the groups of a virtual root, compared.

Where a constraint, override or exclusion is about a name that the lockfile neither has nor lists there, it has no effect
on what is locked, and uv waits with it (crates/uv-lock, ``ManifestFilter``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from wsnox.errors import Doubt
from wsnox.freshness.equivalence import same_conditions, same_requirements, same_to_the_letter
from wsnox.freshness.locked_requirements import locked_groups, locked_requirements
from wsnox.freshness.messages import default_group_change, differences, group_bound_changes, group_changes, listed, told
from wsnox.freshness.requirements import Lowering
from wsnox.freshness.unreadable import Unread
from wsnox.markers.unreadable import Unreadable
from wsnox.workspace.declarations import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.freshness.equivalence import LoweredRequirement, PythonRange
    from wsnox.freshness.sources import Kinds
    from wsnox.lock.model import Lock
    from wsnox.workspace.declarations import Scope

__all__ = ["RootCheck"]

_CONSTRAINTS, _OVERRIDES, _EXCLUDES, _BUILDS = (
    f"{kind}-dependencies" for kind in ("constraint", "override", "exclude", "build-constraint")
)


class RootCheck:
    """The comparison of the root's manifest, in the workspace that *kinds* carries, with ``[manifest]`` of *lock*."""

    def __init__(self, kinds: Kinds, lock: Lock, universe: PythonRange) -> None:
        self._workspace, self._lock, self._universe = kinds.workspace, lock, universe
        self._root = kinds.workspace.manifest
        self._lowering = Lowering(kinds, self._root, ".")
        self._said: Mapping[str, Any] = lock.declared.get("manifest", {})

    def problems(self) -> Iterator[str]:
        """Yield what of the root's manifest the lockfile does not match; what has another form is told by others."""
        declared = self._root.declared
        lists = (
            (_CONSTRAINTS, declared.constraints, "constraints"),
            (_OVERRIDES, declared.overrides, "overrides"),
            (_BUILDS, declared.build_constraints, "build-constraints"),
        )
        for key, texts, field in lists:
            if key not in declared.unread:
                yield from self._list(key, texts, field)
        if _OVERRIDES not in declared.unread:
            yield from self._scoped_overrides()
        if _EXCLUDES not in declared.unread:
            yield from self._excludes()
            yield from self._scoped_excludes()
        if _BUILDS not in declared.unread:
            yield from self._build_hashes()
        if self._root.name is None:
            yield from self._groups()

    def _entries(self, field: str) -> list[Any]:
        """Return the entries of the lockfile's *field*; what is no list is left to the one who compares them."""
        entries = self._said.get(field, [])
        return entries if isinstance(entries, list) else [entries]

    def _list(self, key: str, texts: tuple[str, ...], field: str) -> Iterator[str]:
        ours = self._lowering.lowered(texts, f"tool.uv.{key}")
        plain = [entry for entry in self._entries(field) if not isinstance(entry, dict) or "package" not in entry]
        theirs: Iterable[LoweredRequirement | Unread] = locked_requirements(self._workspace, plain)
        sides = (ours, theirs)
        if key == _CONSTRAINTS:
            sides = (_restricting(ours, self._universe), _restricting(theirs, self._universe))
        same = same_to_the_letter if key == _BUILDS else same_requirements
        found = differences(*sides, self._universe, same)
        counting = [
            each
            for each in found
            if isinstance(each, Doubt) or key == _BUILDS or each[2] or each[0] in self._lock.by_name
        ]
        yield from told(counting, f"`{key}` in `[tool.uv]`", "lists")

    def _scoped_overrides(self) -> Iterator[str]:
        now = self._root.declared.scoped_overrides
        before = _scoped(self._entries("overrides"))
        for scope in self._changeable(now, before):
            ours = self._lowering.lowered(now.get(scope, ()), f"tool.uv.{_OVERRIDES}")
            theirs = locked_requirements(self._workspace, before.get(scope, []))
            changes = [*told(differences(ours, theirs, self._universe), f"`{_OVERRIDES}` for `{scope}`", "lists")]
            yield from changes
            if not changes and (scope in now) != (scope in before):
                yield f"`{_OVERRIDES}` in `[tool.uv]` {_verb(scope in now)} an entry for `{scope}`"

    def _excludes(self) -> Iterator[str]:
        locked = [name for name in self._entries("excludes") if isinstance(name, str)]
        now, before = ({canonicalize_name(name) for name in names} for names in (self._root.declared.excludes, locked))
        for name in sorted(now ^ before):
            if name in self._lock.by_name or name in before:
                yield f"`{_EXCLUDES}` in `[tool.uv]` {_verb(name in now)} `{name}`"

    def _scoped_excludes(self) -> Iterator[str]:
        ours, theirs = self._root.declared.scoped_excludes, _scoped(self._entries("excludes"))
        for scope in self._changeable(ours, theirs):
            left, right = (
                None if scope not in side else sorted({canonicalize_name(str(name)) for name in side[scope]})
                for side in (ours, theirs)
            )
            if left != right:
                texts = ("nothing" if names is None else listed(names) for names in (left, right))
                yield "`{}` in `[tool.uv]` lists for `{}`: {}, and `uv.lock` has {}".format(_EXCLUDES, scope, *texts)

    def _changeable(self, now: Mapping[Scope, object], before: Mapping[Scope, object]) -> list[Scope]:
        """Return the scopes whose changes count."""
        listed_names = {scope.name for scope in before}
        return sorted(
            scope for scope in {*now, *before} if scope.name in self._lock.by_name or scope.name in listed_names
        )

    def _build_hashes(self) -> Iterator[str]:
        now: dict[str, set[frozenset[str]]] = {}
        for text, hashes in self._root.declared.build_hashes.items():
            for asked in self._lowering.lowered([text], f"tool.uv.{_BUILDS}"):
                if hashes and not isinstance(asked, Unread):
                    now.setdefault(asked.name, set()).add(hashes)
        before: dict[str, set[frozenset[str]]] = {}
        for wire in filter(_is_table, self._entries("build-constraints")):
            if hashes := frozenset(map(str, wire.get("hashes", ()))):
                before.setdefault(str(wire.get("name")), set()).add(hashes)
        for name in sorted({*now, *before}):
            if now.get(name) != before.get(name):
                yield f"the hashes that `{_BUILDS}` in `[tool.uv]` lists for `{name}` are not the ones in `uv.lock`"

    def _groups(self) -> Iterator[str]:
        owner = "the workspace root"
        locked = locked_groups(self._workspace, self._said.get("dependency-groups", {}))
        yield from group_changes(owner, self._lowering.groups(), locked, self._universe, empty=False)
        if self._lock.revision >= 5:
            yield from default_group_change(owner, self._root.default_groups, self._lock.root_default_groups)
            bounds = self._said.get("group-requires-python", {})
            yield from group_bound_changes(owner, self._lowering.group_bounds(), bounds)


def _restricting(
    constraints: Iterable[LoweredRequirement | Unread], universe: PythonRange
) -> Iterator[LoweredRequirement | Unread]:
    """Yield the *constraints* that restrict anything, without extras (crates/uv-configuration, ``NormalizedConstraints``).

    One that is a name alone, or that can hold nowhere, does not; whether it is written down depends on the uv that locks.
    """
    for each in constraints:
        if isinstance(each, Unread):
            yield each
            continue
        from_index = all(not origin or origin.startswith("index ") for origin in each.origins)
        if (each.clauses or not (each.origins and from_index)) and not _is_nowhere(each, universe):
            yield replace(each, extras=frozenset())


def _is_nowhere(asked: LoweredRequirement, universe: PythonRange) -> bool:
    try:
        return same_conditions((asked.condition,), (False,), universe)
    except Unreadable:
        return False


def _is_table(entry: object) -> bool:
    return isinstance(entry, dict)


def _scoped(entries: object) -> Mapping[Scope, list[Any]]:
    """Return the entries that are for the dependencies of one package; several for one add up."""
    found: dict[Scope, list[Any]] = {}
    for entry in entries if isinstance(entries, list) else []:
        match entry:
            case {"package": {"name": str(name), **rest}, "dependencies": list(dependencies)}:
                found.setdefault(scope_of(name, rest.get("version")), []).extend(dependencies)
    return found


def _verb(listed_now: bool) -> str:  # noqa: FBT001 - a word for it
    return "lists" if listed_now else "no longer lists"
