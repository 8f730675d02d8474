"""Paths: those that a text names, and where a path leads through symbolic links.

A path is followed as the system does it (POSIX, 4.13 Pathname Resolution): component by component, each link replaced by
its text, ``..`` taken from the folder reached by then.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "Trail",
    "above",
    "absolute",
    "climbing_paths",
    "follow",
    "is_below",
    "joined",
    "may_read",
    "paths_in",
    "relative",
]


def above(path: str) -> Iterator[str]:
    """Yield *path* and the folders above it."""
    while path not in ("", "/", "."):
        yield path
        end = path.rfind("/")
        path = path[:end] if end > 0 else path[: end + 1]
    if path:
        yield path


def absolute(path: str, root: str) -> str:
    """Return the absolute form of *path*, which is relative to *root*."""
    return posixpath.normpath(posixpath.join(root, path)) if path.startswith(".") else f"{root}/{path}"


def relative(path: str, folder: str) -> str:
    """Return *path* as it is reached from *folder*: both are absolute, or both start where the workspace does."""
    if folder == "." and not path.startswith("../"):
        return path
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else posixpath.relpath(path, folder)


def is_below(path: str, folder: str) -> bool:
    """Return whether *path* is *folder* or something in it."""
    return folder in (path, ".", "/") or path.startswith(f"{folder}/")


# --- links ---


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


# --- paths in a text ---


_SEPARATOR = re.compile(r"[\s\"'`,;:=()\[\]{}<>|&!]+")
_QUOTE = re.compile(r"[\"'`]+")
_STEP_UP = re.compile(r"\.\.(?=/|$)")
_WILDCARD = re.compile(r"[*?]")


@lru_cache(maxsize=10_000)
def paths_in(text: str, mark: str = "\0") -> tuple[str, ...]:
    """Return what may be a path in *text*, up to a wildcard: all of it, what is quoted, each piece between separators.

    In a word a path may begin behind an option of one letter, at *mark*, or at its first ``..``.
    """
    # A lone `/` between other words is an operator, not a folder.
    pieces = (text, *_QUOTE.split(text), *(piece for piece in _SEPARATOR.split(text) if piece != "/"))
    paths: dict[str, None] = {}
    for piece in dict.fromkeys(pieces):
        step_up = _STEP_UP.search(piece)
        starts = 0, 2 if re.match(r"-\w", piece) else 0, max(piece.find(mark), 0), step_up.start() if step_up else 0
        for start in starts:
            path = piece[start:]
            wildcard = _WILDCARD.search(path)
            if path := path[: path.rfind("/", 0, wildcard.start()) + 1] if wildcard else path:
                paths[path] = None
    return tuple(paths)


_JOINED = re.compile(r"[\"']\s*[,/]\s*[\"']")
_URL = re.compile(r"\w[\w+.-]*://\S+|\]\([^)\s]*\)")
"""A URL, or the target of a link in Markdown, of which docstrings are full."""


@lru_cache(maxsize=10_000)
def joined(line: str) -> str:
    """Return *line* with the components of paths that code joins (``"a" / "b"``, ``"a", "b"``) joined, and no URLs."""
    return _JOINED.sub("/", _URL.sub("", line).replace("\\", "/"))


_INCLUSION = re.compile(r"include|--8<--|snippet", re.IGNORECASE)


def may_read(file: str, line: str) -> bool:
    """Return whether *file* may read what its *line* names: a text for people does not, unless it includes it."""
    return not file.endswith((".md", ".rst")) or _INCLUSION.search(line) is not None


SETTINGS = (".toml", ".cfg", ".ini", ".in", ".txt")
_REPOSITORY = re.compile(r"\s*[\"']?(root|search_parent_directories)[\"']?\s*=")
"""Settings of setuptools-scm and the like: they say where the repository is, and read no file of it."""


def climbing_paths(file: str, line: str) -> tuple[str, ...]:
    """Return the paths with ``..`` that a *line* of *file* names; other than in settings, ``..`` alone is none."""
    is_settings = file.endswith(SETTINGS)
    text = joined(line)
    if ".." not in text or (is_settings and _REPOSITORY.match(text)):
        return ()
    return tuple(
        path
        for path in paths_in(text)
        if ".." in path.split("/") and not path.startswith("/") and (is_settings or re.search(r"\w", path))
    )
