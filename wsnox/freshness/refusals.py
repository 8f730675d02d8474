"""What uv refuses to read in a manifest, though nothing of it is compared with the lockfile.

uv reads the whole of ``[tool.uv]`` in every member (crates/uv-workspace, ``pyproject.rs``), also what only counts in the
root, and the sources of each project once more (crates/uv-distribution, ``requires_dist.rs``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import InvalidName, canonicalize_name

from wsnox.errors import Doubt
from wsnox.freshness.equivalence import is_unsatisfiable
from wsnox.markers.expressions import both, parse_marker
from wsnox.markers.requirement import parse_requirement
from wsnox.markers.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Manifest

__all__ = ["environment", "unread_in"]


def unread_in(manifest: Manifest, file: str) -> Iterator[Doubt]:
    """Yield what of the settings in *manifest*, at *file*, uv refuses to read."""
    declared = manifest.declared
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
            yield from _doubt(text, read, f"`tool.uv.{key}` of `{file}`")
    for group in sorted(declared.group_bounds.keys() - manifest.groups.keys()):
        yield Doubt(f"`dependency-groups.{group}` in `[tool.uv]` of `{file}` is about a group that does not exist")
    yield from _sources(manifest, file)


def _sources(manifest: Manifest, file: str) -> Iterator[Doubt]:
    for name, entries in manifest.declared.sources.items():
        where = f"`tool.uv.sources.{name}` of `{file}`"
        doubts = [doubt for entry in entries for doubt in _doubt(entry.marker, parse_marker, where)]
        yield from doubts
        if not doubts and any(map(_overlap, entries, entries[1:])):
            yield Doubt(f"{where} has entries that count in the same environments")


def _overlap(first: SourceEntry, second: SourceEntry) -> bool:
    same = (first.extra, first.group) == (second.extra, second.group)
    return same and not is_unsatisfiable(both(parse_marker(first.marker), parse_marker(second.marker)))


def _doubt(text: str, read: Callable[[str], object], where: str) -> Iterator[Doubt]:
    try:
        read(text)
    except Unreadable as unreadable:
        yield unreadable.doubt(where)


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
