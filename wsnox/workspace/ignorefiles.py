"""Read one ignore file into rules: git's dialect (git docs, gitignore), to which uv's walk adds ``{a,b}`` for either.

The rules of the Rust crate ``ignore``, whose ``*``, ``?`` and classes are those of ``globset``.
"""

from __future__ import annotations

import re
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Rule", "read_rules"]

_TOKEN = re.compile(
    r"(?P<depth>(?:^|(?<=/))\*\*(?:/|\Z))"
    r"|\\(?P<escaped>.)"
    # The first character of a class belongs to it even where it is `]`.
    r"|\[[!^](?P<not_in>.[^\]]*)\]|\[(?P<in>[^!^][^\]]*)\]"
    r"|\*+|.",
    re.DOTALL,
)
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)
_ALTERNATIVES = {"{": "(?:", ",": "|", "}": ")"}


class Rule(Record, kw_only=True):
    """One line of an ignore file in *folder*; a rule that does not hide takes back what one above it hid."""

    folder: Path
    regex: re.Pattern[str]
    hides: bool
    directories_only: bool

    def matches(self, entry: Path, *, is_directory: bool) -> bool:
        """Tell whether the rule is about the path of *entry* itself, whatever it says of a directory above."""
        if self.directories_only and not is_directory:
            return False
        return self.regex.fullmatch(entry.relative_to(self.folder).as_posix()) is not None


def read_rules(folder: Path, file: Path, *, strict: bool) -> Iterator[Rule]:
    """Yield the rules of *file* for *folder*, the last line first, nothing where there is no such file.

    A line that does not parse raises `re.error` where *strict*, and is left out otherwise.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError:
        return
    for line in reversed(lines):
        text = line if line.endswith("\\ ") else line.rstrip()
        if not text or text.startswith("#"):
            continue
        with nullcontext() if strict else suppress(re.error):
            yield _rule(folder, text)


def _rule(folder: Path, text: str) -> Rule:
    pattern = text.removeprefix("!").removesuffix("/")
    glob = pattern.removeprefix("/") if "/" in pattern else f"**/{pattern}"
    # What ends in `/**` matches all that lies below a directory, but not the directory.
    glob = f"{glob}/*" if glob.endswith("/**") else glob
    return Rule(
        folder=folder,
        regex=re.compile(_translated(glob), re.DOTALL),
        hides=not text.startswith("!"),
        directories_only=text.endswith("/"),
    )


def _translated(glob: str) -> str:
    parts, opened = [], 0
    for found in _TOKEN.finditer(glob):
        opened += (found[0] == "{") - (found[0] == "}")
        special = _ALTERNATIVES.get(found[0]) if opened or found[0] == "}" else None
        parts.append(special or _token(found))
    return "".join(parts)


def _token(found: re.Match[str]) -> str:
    match found[0][0]:
        case "*" if found["depth"]:
            return "(?:.*/)?" if found[0].endswith("/") else ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case "[" if body := found["in"] or found["not_in"]:
            # A range that ends before it starts does not compile, which is what is to be told of it.
            ranges = _RANGE.sub(lambda part: "-".join(map(re.escape, filter(None, part.groups()))), body)
            return f"[{'^' if found['not_in'] else ''}{ranges}]"
        case "\\":
            # Likewise a backslash at the very end, which escapes nothing.
            return re.escape(found["escaped"]) if found["escaped"] else found[0]
        case text:
            return re.escape(text)
