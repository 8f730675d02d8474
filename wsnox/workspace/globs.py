"""The pattern dialect of ``[tool.uv.workspace]`` in its three uses (uv docs, concepts/projects/workspaces).

The dialect is that of Rust's ``glob`` crate: ``*``, ``?``, classes, and ``**`` as a whole path component. A pattern of
``members`` is expanded on disk, one component at a time, and from inside a project matched as text against its path. A
pattern of ``exclude`` is matched as text too, and there ``*``, ``?`` and classes cross ``/``.
"""

from __future__ import annotations

import os
import posixpath
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from wsnox.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "bad_pattern",
    "excluded",
    "expand",
    "first_included",
    "included",
    "matched_as_written",
    "path_matches",
]

# A text, as most workspaces have no pattern that takes it.
_PART = (
    r"(?s)(?P<depth>(?:^|(?<=/))\*\*(?:/|\Z))"
    # The first character of a class belongs to it even if it is `]`.
    r"|\[!(?P<not_in>.[^\]]*)\]|\[(?P<in>[^!][^\]]*)\]"
    r"|(?P<broken>\*\*+|\[)"
    r"|."
)
_WILD = frozenset("*?[")


def bad_pattern(root: Path, pattern: str, *, by_component: bool) -> str:
    """Return what is wrong with *pattern*, or an empty string.

    It has to parse as it is written and as it is cleaned, and *by_component* where it is to be expanded. That differs
    only for a class with a ``/`` in it.
    """
    components = _components(root, pattern)
    for text in (pattern, *components) if by_component else (pattern, "/".join(components)):
        for token in re.finditer(_PART, text) if "[" in text or "**" in text else ():
            if token["broken"]:
                return "`[` without its `]`" if token[0] == "[" else "`**` must be a whole path component"
    return ""


def included(root: Path, path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether one of the *patterns* of ``members`` matches the *path* of a project as text."""
    return any(_regex("/".join(_components(root, pattern)), character="[^/]").fullmatch(path) for pattern in patterns)


def first_included(path: str, patterns: tuple[str, ...]) -> str:
    """Return the first of the relative *patterns*, in the dialect of ``members``, that matches *path*, else an empty text."""
    match = _any_of(patterns).fullmatch(path)
    return "" if match is None else patterns[(match.lastindex or 0) - 1]


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a regular expression with a group for each of *patterns*."""
    regexes = (_regex(posixpath.normpath(pattern), character="[^/]").pattern for pattern in patterns)
    return re.compile("|".join(f"({regex})" for regex in regexes) or "(?!)", re.DOTALL)


def matched_as_written(path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether one of the *patterns* of ``members``, uncleaned, matches the *path* of a project as text."""
    return any(_regex(pattern, character=".").fullmatch(path) for pattern in patterns)


def path_matches(path: str, pattern: str) -> bool:
    """Return whether *pattern*, as ``[tool.wsnox]`` has them, matches the *path* of a member; only ``.`` names the root."""
    cleaned = posixpath.normpath(pattern)
    return cleaned == path if path == "." else _regex(cleaned, character="[^/]").fullmatch(path) is not None


def excluded(root: Path, path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether one of the *patterns* of ``exclude`` matches the *path* of a member as text."""
    text = "" if path == "." else path
    cleaned = ("/".join(_components(root, pattern)) for pattern in patterns)
    # `.` as a pattern names no member: only `*` and `**` exclude the root itself.
    return any(_regex(pattern, character=".").fullmatch(text) for pattern in cleaned if pattern)


@lru_cache(maxsize=4096)
def _components(root: Path, pattern: str) -> tuple[str, ...]:
    """Return the components of *pattern* relative to *root*, cleaned by text as uv cleans them, none for the root."""
    relative = posixpath.relpath(pattern, root.as_posix()) if pattern.startswith("/") else pattern
    return tuple(part for part in posixpath.normpath(relative).split("/") if part != ".")


@cache
def _regex(pattern: str, *, character: str) -> re.Pattern[str]:
    """Translate *pattern*; *character* is the regular expression of one that ``?``, ``*`` or a class may match."""
    texts: list[str] = []
    for token in re.finditer(_PART, pattern):
        body = token["in"] or token["not_in"]
        if token["depth"]:
            texts.append("(?:.*/)?" if token[0].endswith("/") else ".*")
        elif body:
            texts.append(f"(?={character}){_character_class(body, negated=token['not_in'] is not None)}")
        else:
            texts.append({"*": f"{character}*", "?": character}.get(token[0], re.escape(token[0])))
    return re.compile("".join(texts), re.DOTALL)


def _character_class(body: str, *, negated: bool) -> str:
    """Return the regular expression of a class with this *body*; a range that ends before it starts has no characters."""
    ranges = re.findall(r"(.)-(.)|(.)", body, re.DOTALL)
    parts = [re.escape(single) or f"{re.escape(low)}-{re.escape(high)}" for low, high, single in ranges if low <= high]
    if not parts:
        return "." if negated else "(?!)"
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def expand(root: Path, pattern: str) -> Iterator[str]:
    """Yield the paths (relative to *root*, POSIX) that a *pattern* of ``members`` matches on disk, in name order.

    The algorithm is that of the ``glob`` crate; with the first component of the pattern in the directory reached:

    1. No component is left: the directory matches.
    2. ``**``: the rest applies at any depth; with no rest all directories below match, this one does not.
    3. A component with wildcards matches the names in the directory, and ``.`` and ``..`` where it starts with a dot.
    4. Any other has to exist, a broken link included.
    """
    for path in _expand(root, "", _components(root, pattern)):
        yield path or "."


def _expand(root: Path, base: str, parts: tuple[str, ...]) -> Iterator[str]:
    if not parts:
        yield base
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _expand_any_depth(root, base, rest, (os.path.realpath(root / base),))
    elif not _WILD.isdisjoint(part):
        directory = root / base
        special = ("..", ".") if part.startswith(".") and directory.is_dir() else ()
        names = (*special, *_names_in(directory))
        for name in names if part == "*" else filter(_regex(part, character=".").fullmatch, names):
            yield from _expand(root, base if name == "." else posixpath.join(base, name), rest)
    elif _exists(root, path := posixpath.join(base, part)):
        yield from _expand(root, path, rest)


def _expand_any_depth(root: Path, base: str, rest: tuple[str, ...], entered: tuple[str, ...]) -> Iterator[str]:
    """Match ``**`` and the *rest* below *base*; *entered* are the real paths of the directories on the way down.

    Links to directories are followed. One that leads back up is entered once more, so that every member below it is a
    duplicate as in uv, but not again and again.
    """
    if rest[:1] == ("**",):
        yield from _expand_any_depth(root, base, rest[1:], entered)
        return
    for name in _names_in(root / base):
        path = posixpath.join(base, name)
        is_directory = (root / path).is_dir()
        if not rest and is_directory:
            yield path
        elif rest and _regex(rest[0], character=".").fullmatch(name):
            yield from _expand(root, path, rest[1:])
        real = os.path.realpath(root / path) if (root / path).is_symlink() else posixpath.join(entered[-1], name)
        if is_directory and entered.count(real) < 2:
            yield from _expand_any_depth(root, path, rest, (*entered, real))


def _exists(root: Path, path: str) -> bool:
    # As text, here and below: a workspace may list a thousand members by their paths, and a `Path` for each step costs more.
    try:
        os.lstat(os.path.join(root, path))  # noqa: PTH118 - see above
    except PermissionError as error:
        raise _unreadable((root / path).parent) from error
    except (OSError, ValueError):
        return False
    return True


def _names_in(directory: Path) -> list[str]:
    try:
        return sorted(os.listdir(directory))  # noqa: PTH208 - see above
    except PermissionError as error:
        raise _unreadable(directory) from error
    except (OSError, ValueError):
        return []


def _unreadable(directory: Path) -> WorkspaceError:
    """Return the error for a *directory* that may hold members: without them a smaller workspace would pass.

    uv refuses it where a pattern has wildcards, even below a directory that ``exclude`` lists.
    """
    return WorkspaceError(f"`{directory}` cannot be read (permission denied), and may hold workspace members")
