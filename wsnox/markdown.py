"""Markdown as GitHub and GitLab show it: names and sentences in which nothing is markup, and nobody is mentioned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.text import printable_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cell", "code", "prose"]

_PART = re.compile(r"`(?P<code>[^`\n]+)`|[^\s`]+|`")
_BARE = re.compile(r"\(?([^()]+?)[),.;:]*")
"""A word between the marks of its sentence; one with parentheses of its own keeps all that it has."""

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|@~!&]|://|www\.")


def code(text: str) -> str:
    """Return *text* as code on one line."""
    text = printable_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    # A blank at both ends belongs to the fence.
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(sentence: str) -> str:
    """Return a *sentence*, whose values stand in backticks, with whatever else could be markup as code, too."""

    def part(match: re.Match[str]) -> str:
        word = match[0]
        if match["code"] or not _MARKUP.search(word):
            return code(match["code"]) if match["code"] else word
        start, end = bare.span(1) if (bare := _BARE.fullmatch(word)) else (0, len(word))
        return f"{word[:start]}{code(word[start:end])}{word[end:]}"

    return _PART.sub(part, printable_line(sentence))


def cell(lines: Sequence[str]) -> str:
    """Return *lines* of Markdown as the cell of a table, in which a bar is escaped even in code (GFM, Tables)."""
    return "<br>".join(lines).replace("|", "\\|")
