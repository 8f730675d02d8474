"""The whole workspace compared with its lockfile; the package's docstring says what is compared and what is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.errors import Doubt
from wsnox.freshness.equivalence import PythonRange, same_conditions
from wsnox.freshness.member import WITHOUT_METADATA, MemberCheck, is_untold
from wsnox.freshness.messages import listed
from wsnox.freshness.refusals import environment, unread_in
from wsnox.freshness.registries import gone_registries
from wsnox.freshness.requirements import manifest_file
from wsnox.freshness.resolver_options import OptionCheck
from wsnox.freshness.root import RootCheck
from wsnox.freshness.sources import Kinds
from wsnox.lock.model import ConflictItem
from wsnox.markers.expressions import parse_marker
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import clauses, literals, same_pythons, shortest
from wsnox.workspace.model import GroupInclude

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.lock.model import Lock, Package
    from wsnox.workspace.model import Manifest, Member, Workspace

__all__ = ["may_follow", "stale_clauses"]

# --- The conflict sets that the manifests declare, and those that follow from them ---


ConflictSet = frozenset[ConflictItem]


def may_follow(found: set[ConflictSet], declared: tuple[ConflictSet, ...], root: Manifest) -> bool:
    """Tell whether uv may have written the sets *found* behind the ones that are *declared*.

    Where another package has a group of the same name as one of the *root*, uv takes the one for the other: then any.
    """
    others = {item.name for items in declared for item in items if item.kind == "group" and item.package != root.name}
    return found == _inferred(declared, root) - set(declared) or not others.isdisjoint(root.groups)


def _inferred(declared: tuple[ConflictSet, ...], root: Manifest) -> set[ConflictSet]:
    """Return *declared* with the sets that follow: a group of the root that includes a conflicting one conflicts too.

    uv: crates/uv-pypi-types, ``Conflicts::expand_transitive_group_includes``.
    """
    found = set(declared)
    if root.name is None:
        return found
    includes = {
        group: {entry.group for entry in entries if isinstance(entry, GroupInclude)}
        for group, entries in root.groups.items()
    }
    waiting = list(found)
    while waiting:
        items = waiting.pop()
        for item in items:
            for group, included in includes.items():
                if item.kind == "group" and item.package == root.name and item.name in included:
                    other = (items - {item}) | {ConflictItem(root.name, "group", group)}
                    if other not in found:
                        found.add(other)
                        waiting.append(other)
    return found


def stale_clauses(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return what of *workspace* the *lock* does not match, one clause each; nothing where the lockfile is fresh.

    A clause is a `wsnox.errors.Doubt` where it tells what cannot be read, and so may or may not match.
    """
    return tuple(dict.fromkeys(_Check(workspace, lock).problems()))


class _Check:
    """One comparison; each method yields the problems of one of uv's checks."""

    def __init__(self, workspace: Workspace, lock: Lock) -> None:
        self._workspace, self._lock = workspace, lock
        self._root = workspace.manifest
        self._kinds = Kinds(workspace)
        self._settings = workspace.uv_settings
        try:
            literals((lock.requires_python,))
            self._universe = PythonRange(lock.requires_python)
        except Unreadable:  # `_requires_python` tells of it
            self._universe = PythonRange("")

    def problems(self) -> Iterator[str]:
        """Yield the problems in the order in which they should be read."""
        yield from self._members()
        yield from self._unread()
        yield from self._requires_python()
        yield from self._environments()
        yield from self._conflicts()
        yield from OptionCheck(self._workspace, self._lock, self._settings, self._universe).problems()
        yield from gone_registries(self._workspace, self._lock, self._settings)
        for member in self._workspace.members:
            package = self._package(member)
            if package is not None:
                told = not (is_untold(package) and self._settings.previews(WITHOUT_METADATA))
                yield from MemberCheck(self._kinds, self._lock, self._universe, member, package, told=told).problems()
        yield from RootCheck(self._kinds, self._lock, self._universe).problems()

    def _manifests(self) -> Iterator[tuple[str, Manifest]]:
        """Yield each manifest with its path relative to the root."""
        if self._root.name is None:
            yield manifest_file("."), self._root
        for member in self._workspace.members:
            yield manifest_file(member.path), member.manifest

    def _unread(self) -> Iterator[str]:
        for file, manifest in self._manifests():
            for key in sorted(manifest.declared.unread):
                yield Doubt(f"`{key}` in `[tool.uv]` of `{file}` has a value of another form than wsnox reads")
            yield from unread_in(manifest, file)

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
        found = {f"`{file}`": manifest.requires_python for file, manifest in self._manifests()}
        asked = sorted({text for text in found.values() if text})
        doubts = [*_doubts(found), *_doubts({"`uv.lock`": self._lock.requires_python})]
        yield from doubts
        # Where no member sets a range, uv takes the version of the interpreter that locks.
        if not asked and not re.fullmatch(r"(>=3\.[0-9]+)?", self._lock.requires_python):
            yield f"no member sets `requires-python`, and `uv.lock` was made for `{self._lock.requires_python}`"
        if asked and not doubts and not same_pythons(asked, (self._lock.requires_python,)):
            yield f"`requires-python` is `{shortest(asked)}`, and `uv.lock` was made for `{self._lock.requires_python}`"

    def _environments(self) -> Iterator[str]:
        declared = self._root.declared
        pairs = (
            ("environments", declared.environments, self._lock.supported_markers),
            ("required-environments", declared.required_environments, self._lock.required_markers),
        )
        for key, asked, locked in pairs:
            if key not in declared.unread:
                yield from self._environment(key, asked, locked)

    def _environment(self, key: str, asked: tuple[str, ...], locked: tuple[str, ...]) -> Iterator[str]:
        try:
            ours = [environment(text) for text in asked]
        except Unreadable as unreadable:
            yield unreadable.doubt(f"`tool.uv.{key}` of `{manifest_file('.')}`")
            return
        try:
            same = same_conditions(ours, map(parse_marker, locked), self._universe)
        except Unreadable as unreadable:
            yield unreadable.doubt("`uv.lock`")
            return
        if not same:
            yield f"`{key}` in `[tool.uv]` is {listed(asked)}, and `uv.lock` was made for {listed(locked)}"

    def _conflicts(self) -> Iterator[str]:
        manifests = [manifest for _, manifest in self._manifests()]
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


def _doubts(specifiers: Mapping[str, str]) -> Iterator[Doubt]:
    """Yield which ``requires-python`` in *specifiers*, by file, cannot be read."""
    for file, text in specifiers.items():
        yield from _doubt(file, text)


def _doubt(file: str, text: str) -> Iterator[Doubt]:
    try:
        clauses(text)
    except Unreadable as unreadable:
        yield unreadable.doubt(f"`requires-python` of {file}")
