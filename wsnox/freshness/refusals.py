"""What neither uv nor wsnox can read in a manifest: never taken for fresh, and hiding no other change.

It is raised where reading fails, caught for one requirement, one marker or one setting, and told as a `Doubt` beside the
differences. That refuses the session, with a hint of its own, for three reasons:

- Nearly all of it uv refuses as well, so ``uv lock`` would not go on either. Where uv cannot read ``[project]``, it asks
  the build backend, and one that keeps to PEP 621 refuses.
- A lockfile says what a requirement was lowered to and not how it was written, so its text does not tell that it is
  unchanged.
- After a warning, a session would run with a closure of which nobody knows whether the manifests ask for it. Who wants
  that says so, with ``lock = "frozen"``.

uv reads the whole of ``[tool.uv]`` in every member (crates/uv-workspace, ``pyproject.rs``), also what only counts in the
root, and the sources of each project once more (crates/uv-distribution, ``requires_dist.rs``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import InvalidName, canonicalize_name

from wsnox._record import Record
from wsnox.errors import Doubt
from wsnox.markers.equivalence import is_unsatisfiable
from wsnox.markers.expressions import both, parse_marker
from wsnox.markers.requirement import parse_requirement
from wsnox.markers.versions import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Manifest

__all__ = ["UnreadRequirement", "environment", "unread_requirement", "unread_settings"]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


class UnreadRequirement(Record):
    """In place of a requirement that cannot be read: the *name* that it may be on, empty where nobody knows, and why."""

    name: str
    doubt: Doubt


def unread_requirement(unreadable: Unreadable, where: str, *, name: str = "") -> UnreadRequirement:
    """Return what stands for the *unreadable* requirement *where*; its text begins with the *name* unless that is given."""
    if not name and (start := _NAME.match(unreadable.text)):
        name = canonicalize_name(start[1])
    return UnreadRequirement(name, unreadable.doubt(where))


def unread_settings(manifest: Manifest, file: str) -> Iterator[Doubt]:
    """Yield what of the settings in *manifest*, at *file*, uv refuses to read."""
    declared = manifest.declared
    for key in sorted(declared.unread):
        yield Doubt(f"`{key}` in `[tool.uv]` of `{file}` has a value of another form than wsnox reads")
    lists: tuple[tuple[str, tuple[str, ...], Callable[[str], object]], ...] = (
        ("constraint-dependencies", declared.constraints, parse_requirement),
        ("override-dependencies", declared.overrides, parse_requirement),
        ("build-constraint-dependencies", declared.build_constraints, parse_requirement),
        ("exclude-dependencies", declared.excludes, _name),
        ("environments", declared.environments, environment),
        ("required-environments", declared.required_environments, environment),
    )
    for key, texts, read in lists:
        for text in texts:
            yield from _doubts(text, read, f"`tool.uv.{key}` of `{file}`")
    for group in sorted(declared.group_bounds.keys() - manifest.groups.keys()):
        yield Doubt(f"`dependency-groups.{group}` in `[tool.uv]` of `{file}` is about a group that does not exist")
    for name, entries in declared.sources.items():
        where = f"`tool.uv.sources.{name}` of `{file}`"
        doubts = [doubt for entry in entries for doubt in _doubts(entry.marker, parse_marker, where)]
        yield from doubts
        if not doubts and any(map(_overlap, entries, entries[1:])):
            yield Doubt(f"{where} has entries that count in the same environments")


def _doubts(text: str, read: Callable[[str], object], where: str) -> Iterator[Doubt]:
    try:
        read(text)
    except Unreadable as unreadable:
        yield unreadable.doubt(where)


def _overlap(first: SourceEntry, second: SourceEntry) -> bool:
    same_part = (first.extra, first.group) == (second.extra, second.group)
    return same_part and not is_unsatisfiable(both(parse_marker(first.marker), parse_marker(second.marker)))


def _name(text: str) -> str:
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName:
        raise Unreadable(text, "name") from None


def environment(text: str) -> Expression:
    """Return the environment *text*; unlike a marker elsewhere it must not be empty. Raise `Unreadable`."""
    if not text.strip():
        raise Unreadable(text, "marker")
    return parse_marker(text)
