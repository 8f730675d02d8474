"""The whole workspace compared with its lockfile; the package's docstring says what is compared and what is not."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.lock.freshness.clauses import (
    change,
    default_group_change,
    differences,
    group_bound_changes,
    group_changes,
    listed,
)
from wsnox.lock.freshness.conflicts import may_follow
from wsnox.lock.freshness.declared import locked_groups, locked_requirements
from wsnox.lock.freshness.equivalence import Universe, same_conditions
from wsnox.lock.freshness.formulas import formula
from wsnox.lock.freshness.lowering import Lowering, Unreadable
from wsnox.lock.freshness.member import MemberCheck
from wsnox.lock.freshness.origins import Kinds
from wsnox.lock.freshness.ranges import same_pythons, shortest
from wsnox.lock.records import ConflictItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wsnox.lock.records import Lock, Package
    from wsnox.workspace.records import Member, Workspace

__all__ = ["stale"]


def stale(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return what of *workspace* the *lock* does not match, one clause each; nothing where the lockfile is fresh."""
    check = _Check(workspace, lock)
    return tuple(dict.fromkeys(problem for part in check.parts() for problem in _readable(part)))


def _readable(part: Callable[[], Iterator[str]]) -> Iterator[str]:
    """Yield the problems of one *part* of the check, up to where it meets something that wsnox cannot read."""
    try:
        yield from part()
    except (Unreadable, ValueError, TypeError, RecursionError):
        return


class _Check:
    """One comparison; each method yields the problems of one of uv's checks."""

    def __init__(self, workspace: Workspace, lock: Lock) -> None:
        self._workspace, self._lock = workspace, lock
        self._root = workspace.manifest
        self._universe, self._kinds = Universe(lock.requires_python), Kinds(workspace)
        self._said = lock.declared.get("manifest", {})

    def parts(self) -> Iterator[Callable[[], Iterator[str]]]:
        """Yield the checks in the order in which their problems should be read."""
        yield self._members
        yield self._requires_python
        yield self._environments
        yield self._conflicts
        yield self._options
        for member in self._workspace.members:
            package = self._package(member)
            if package is not None:
                yield from MemberCheck(self._kinds, self._lock, self._universe, member, package).parts()
        yield from self._root_parts()

    def _package(self, member: Member) -> Package | None:
        found = self._lock.by_name.get(member.name, ())
        return self._lock.packages[found[0]] if len(found) == 1 else None

    def _members(self) -> Iterator[str]:
        for member in self._workspace.members:
            if not self._lock.by_name.get(member.name):
                yield f"`{member.name}` is a member, and `uv.lock` has no package for it"
        present = [member.name for member in self._workspace.members]
        alone = len(present) == 1 and self._workspace.project is not None
        locked = self._lock.members or ()
        for name in locked:
            if name not in present:
                yield f"`{name}` is a member in `uv.lock`, but not in the workspace"
        if alone and present[0] in locked:
            yield f"`{present[0]}` is the only project now, and `uv.lock` lists it as a member of a workspace"
        for name in [] if alone else present:
            if name not in locked and name in self._lock.by_name:
                yield f"`{name}` is a member, and `uv.lock` does not list it as one"

    def _requires_python(self) -> Iterator[str]:
        texts = [member.manifest.requires_python for member in self._workspace.members]
        asked = sorted({text for text in texts if text})
        # Where no member sets a range, uv takes the interpreter that locks.
        if asked and not same_pythons(asked, (self._lock.requires_python,)):
            yield f"`requires-python` is `{shortest(asked)}`, and `uv.lock` was made for `{self._lock.requires_python}`"

    def _environments(self) -> Iterator[str]:
        declared = self._root.declared
        pairs = (
            ("environments", declared.environments, self._lock.supported_markers),
            ("required-environments", declared.required_environments, self._lock.required_markers),
        )
        for key, asked, locked in pairs:
            same = same_conditions(map(formula, asked), map(formula, locked), self._universe)
            if key not in declared.unread and not same:
                yield f"`{key}` in `[tool.uv]` is {listed(asked)}, and `uv.lock` was made for {listed(locked)}"

    def _conflicts(self) -> Iterator[str]:
        manifests = [*(() if self._root.name else (self._root,)), *(each.manifest for each in self._workspace.members)]
        if any("conflicts" in manifest.declared.unread for manifest in manifests):
            return
        declared = tuple(
            frozenset(ConflictItem(item.package or manifest.name or "", item.kind, item.name) for item in items)
            for manifest in manifests
            for items in manifest.declared.conflicts
        )
        locked = self._lock.conflicts
        follow = set(locked[len(declared) :])
        if locked[: len(declared)] != declared or not may_follow(follow, declared, self._root):
            yield "`conflicts` in `[tool.uv]` are not the ones in `uv.lock`"

    def _options(self) -> Iterator[str]:
        # With a `uv.toml` beside it, uv takes no such option from the manifest.
        if self._workspace.settings_file:
            return
        locked = self._lock.declared.get("options", {})
        for key, field, default in _OPTIONS:
            asked = self._root.declared.options.get(key)
            known = locked.get(field, default)
            if asked is not None and isinstance(known, str) and asked != known:
                yield f"`{key}` in `[tool.uv]` is `{asked}`, and `uv.lock` was made with `{known}`"
        yield from self._exclude_newer(locked)

    def _exclude_newer(self, locked: Mapping[str, object]) -> Iterator[str]:
        asked, known = self._root.declared.options.get("exclude-newer"), locked.get("exclude-newer")
        # A date without time means its end where uv runs, a span moves: only a full time can be compared.
        if asked is None or "T" not in asked.upper() or not asked[:1].isdigit() or "exclude-newer-span" in locked:
            return
        if known is None:
            yield f"`exclude-newer` in `[tool.uv]` is `{asked}`, and `uv.lock` was made without it"
        elif isinstance(known, str) and _moment(asked) != _moment(known):
            yield f"`exclude-newer` in `[tool.uv]` is `{asked}`, and `uv.lock` was made with `{known}`"

    def _root_parts(self) -> Iterator[Callable[[], Iterator[str]]]:
        lowering = Lowering(self._kinds, self._root, ".")
        declared = self._root.declared
        lists = (
            ("constraint-dependencies", declared.constraints, "constraints"),
            ("override-dependencies", declared.overrides, "overrides"),
            ("build-constraint-dependencies", declared.build_constraints, "build-constraints"),
        )
        for key, texts, field in lists:
            if key not in declared.unread:
                yield partial(self._root_list, lowering, key, texts, field)
        yield self._excludes
        if self._root.name is None:
            yield partial(self._root_groups, lowering)

    def _root_list(self, lowering: Lowering, key: str, texts: tuple[str, ...], field: str) -> Iterator[str]:
        """Compare one list of requirements; what it says of names that the lockfile lacks has no effect on it."""
        ours = lowering.lowered(texts)
        theirs = locked_requirements(self._workspace, self._said.get(field, []))
        known = self._lock.by_name if field != "build-constraints" else None
        for name, now, before in differences(ours, theirs, self._universe):
            if known is None or name in known:
                yield f"`{key}` in `[tool.uv]` {change(name, now, before, 'lists')}"

    def _excludes(self) -> Iterator[str]:
        locked = self._said.get("excludes", [])
        if not isinstance(locked, list) or "exclude-dependencies" in self._root.declared.unread:
            return
        now, before = ({canonicalize_name(name) for name in names} for names in (self._root.declared.excludes, locked))
        for name in sorted(now ^ before):
            if name in self._lock.by_name or name in before:
                verb = "lists" if name in now else "no longer lists"
                yield f"`exclude-dependencies` in `[tool.uv]` {verb} `{name}`"

    def _root_groups(self, lowering: Lowering) -> Iterator[str]:
        locked = locked_groups(self._workspace, self._said.get("dependency-groups", {}))
        yield from group_changes("the workspace root", lowering.groups(), locked, self._universe, empty=False)
        if self._lock.revision >= 5:
            yield from default_group_change(
                "the workspace root", self._root.default_groups, self._lock.root_default_groups
            )
            bounds = self._said.get("group-requires-python", {})
            yield from group_bound_changes("the workspace root", lowering.group_bounds(), bounds)


_OPTIONS = (
    ("resolution", "resolution-mode", "highest"),
    ("prerelease", "prerelease-mode", "if-necessary-or-explicit"),
    ("fork-strategy", "fork-strategy", "requires-python"),
)


def _moment(text: str) -> datetime:
    """Return a time of RFC 3339; raise `Unreadable` where it leaves its zone to the machine."""
    moment = datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise Unreadable(text)
    return moment
