"""Symbolic links: what somebody who opens a path goes through, and which links change with what they lead to.

A path is followed as the system does (POSIX, 4.13 Pathname Resolution): component by component, each link replaced by
its text, ``..`` taken from where one stands by then. Everything stood on counts: where two states first part on the way
of one link, the path stood on last before is one that changed.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Way", "above", "is_below", "way_of", "with_links"]

_MOST = 40
"""How many links Linux follows for one path (path_resolution(7)): a loop ends there."""


class Way(NamedTuple):
    """What is *passed* on the way from a path to its *end*, itself and every folder included."""

    passed: frozenset[str]
    end: str


def way_of(path: str, text_of: Callable[[str], str | None]) -> Way:
    """Return the way of the absolute *path*; *text_of* gives the text of a link, `None` for what is none."""
    waiting = path.split("/")[::-1]
    place, passed, followed = "/", set[str](), 0
    while waiting:
        part = waiting.pop()
        if part in ("", ".", ".."):
            place = posixpath.dirname(place) if part == ".." else place
            continue
        reached = posixpath.join(place, part)
        passed.add(reached)
        text = text_of(reached) if followed < _MOST else None
        if text is None:
            place = reached
        else:
            followed += 1
            waiting += text.split("/")[::-1]
            place = "/" if text.startswith("/") else place
    return Way(frozenset(passed), place)


def with_links(paths: Iterable[str], links: Mapping[str, str]) -> set[str]:
    """Return *paths* with each of *links* (path to text) whose way or end is one of them, or holds or is in one.

    All paths are absolute. A link that so counts as changed is a path for the others, too.
    """
    ways = {link: way_of(link, links.get) for link in links}
    found = set(paths)
    while more := set(_reaching(found, ways)):
        found |= more
    return found


def _reaching(found: set[str], ways: Mapping[str, Way]) -> Iterator[str]:
    folders = {folder for path in found for folder in above(path)}
    for link, way in ways.items():
        if link not in found and (
            way.passed & found or way.end in folders or any(each in found for each in above(way.end))
        ):
            yield link


def above(path: str) -> Iterator[str]:
    """Yield *path* and the folders above it."""
    while path not in ("", "/", "."):
        yield path
        path = posixpath.dirname(path)
    if path:
        yield path


def is_below(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or something in it."""
    return folder in {path, ".", "/"} or path.startswith(f"{folder}/")
