"""Symbolic links: which paths opening a path passes through, and which links change with what they lead to.

A path is followed as the system does it (POSIX, 4.13 Pathname Resolution): component by component, each link replaced by
its text, ``..`` taken from the folder reached by then. Every path on the trail counts: where the trails of one link in two
states part, the last path that they share is one that changed.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Trail", "above", "follow", "is_below", "with_changed_links"]

_MAX_LINKS = 40
"""How many links Linux follows for one path (path_resolution(7)): a loop ends there."""


class Trail(NamedTuple):
    """Every path that is *passed* from a path to its *end*, both and the folders above them included."""

    passed: frozenset[str]
    end: str


def follow(path: str, text_of: Callable[[str], str | None]) -> Trail:
    """Return the trail of the absolute *path*; *text_of* gives the text of a link, `None` for anything else."""
    components = path.split("/")[::-1]
    reached, passed, followed = "/", set[str](), 0
    while components:
        component = components.pop()
        if component in ("", ".", ".."):
            reached = posixpath.dirname(reached) if component == ".." else reached
            continue
        entry = posixpath.join(reached, component)
        passed.add(entry)
        text = text_of(entry) if followed < _MAX_LINKS else None
        if text is None:
            reached = entry
        else:
            followed += 1
            components += text.split("/")[::-1]
            reached = "/" if text.startswith("/") else reached
    return Trail(frozenset(passed), reached)


def with_changed_links(paths: Iterable[str], links: Mapping[str, str]) -> set[str]:
    """Return the changed *paths* with each of *links* (path to text) whose trail or end is one of them, or holds one.

    So is a link whose end lies below one of them. All paths are absolute. A link that counts as changed is a changed path
    to the other links.
    """
    trails = {link: follow(link, links.get) for link in links}
    changed = set(paths)
    while True:
        folders = {folder for path in changed for folder in above(path)}
        more = {
            link
            for link, trail in trails.items()
            if link not in changed
            and (trail.passed & changed or trail.end in folders or not changed.isdisjoint(above(trail.end)))
        }
        if not more:
            return changed
        changed |= more


def above(path: str) -> Iterator[str]:
    """Yield *path* and the folders above it."""
    while path not in ("", "/", "."):
        yield path
        path = posixpath.dirname(path)
    if path:
        yield path


def is_below(path: str, folder: str) -> bool:
    """Return whether *path* is *folder* or something in it."""
    return folder in (path, ".", "/") or path.startswith(f"{folder}/")
