"""The patterns of build settings: git's ignore dialect, and shell patterns as a way to find files."""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.leaks.wheels.project import Project

__all__ = ["Patterns", "expand", "read_patterns"]

_TOKEN = re.compile(r"\\(?P<escaped>.)|\[(?P<not>[!^])?(?P<class>\]?[^\]]*)\]|\*+|.", re.DOTALL)


class Patterns(Record):
    """Patterns of git's ignore dialect (git docs, gitignore), as one test each for a run of lines of the same sense."""

    runs: tuple[tuple[bool, re.Pattern[str]], ...]

    def match(self, path: str) -> bool:
        """Tell whether the last pattern that matches *path*, or a folder that it lies in, is not a negated one."""
        return next((sense for sense, regex in reversed(self.runs) if regex.match(path)), False)

    @property
    def is_final(self) -> bool:
        """Whether what is matched stays so: no pattern takes anything back."""
        return all(sense for sense, _ in self.runs)


def read_patterns(lines: Iterable[str]) -> Patterns:
    """Return the *lines* of an ignore file, or of a setting in its dialect, read; what does not parse is left out."""
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        text = line.rstrip("\n\r")
        text = text if text.endswith("\\ ") else text.rstrip()
        sense, pattern = not text.startswith("!"), text.removeprefix("!")
        regex = _regex(pattern)
        if not pattern or text.startswith("#") or not regex:
            continue
        if not runs or runs[-1][0] is not sense:
            runs.append((sense, []))
        runs[-1][1].append(regex)
    return Patterns(tuple((sense, re.compile("|".join(parts), re.DOTALL)) for sense, parts in runs))


def _regex(pattern: str) -> str:
    """Return the regular expression of *pattern* for a path from the project, empty where it does not parse."""
    only_folders, pattern = pattern.endswith("/"), pattern.rstrip("/")
    anchored = "/" in pattern
    parts = pattern.removeprefix("/").split("/")
    # A pattern speaks of all that lies in the folder which it matches.
    end = "/" if only_folders else "(?:/|$)"
    regex = "".join(_part(part, last=index == len(parts) - 1) for index, part in enumerate(parts))
    # What ends in `**` is about all that lies below, or all folders there.
    end = ("[^/]*/" if only_folders else "") if parts[-1] == "**" else end
    whole = f"(?:{'' if anchored else '(?:.*/)?'}{regex}{end})"
    try:
        re.compile(whole)
    except re.error:
        return ""
    return whole if pattern else ""


def _part(part: str, *, last: bool) -> str:
    if part == "**":
        return "[^/]" if last else "(?:.*/)?"
    return "".join(map(_token, _TOKEN.finditer(part))) + ("" if last else "/")


def _token(found: re.Match[str]) -> str:
    match found[0][0]:
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case "[" if found["class"]:
            return f"(?!/)[{'^' if found['not'] else ''}{found['class']}]".replace("\\", r"\\")
        case "\\" if found["escaped"]:
            return re.escape(found["escaped"])
        case text:
            return re.escape(text)


def expand(project: Project, pattern: str, start: str = "") -> Iterator[str]:
    """Yield what the shell *pattern* matches in *start*, by its path from there, in name order."""
    root = os.path.join(project.directory, start)  # noqa: PTH118 - the pattern is text for the standard library
    found = glob.iglob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - `Path.glob` refuses what this takes
    yield from sorted({os.path.normpath(path).replace(os.sep, "/") for path in found})
