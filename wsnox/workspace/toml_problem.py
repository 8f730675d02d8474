"""Why a file is no TOML: where the parser stopped, what stands there, and what was probably meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.text import abbreviated, toml_array

if TYPE_CHECKING:
    import tomli

__all__ = ["MERGE_MARKER", "toml_problem"]

MERGE_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
"""What git writes around the sides of a conflict (gitattributes, ``conflict-marker-size``)."""


def toml_problem(error: tomli.TOMLDecodeError) -> tuple[str, str]:
    """Return the sentence about *error*, with the line where the parser stopped, and a hint, empty if nothing is likely."""
    line = error.doc.split("\n")[error.lineno - 1]
    shown = f": `{abbreviated(line.strip())}`" if line.strip() else ""
    return f"not TOML: {error}{shown}", _hint(error, line)


def _hint(error: tomli.TOMLDecodeError, line: str) -> str:
    if MERGE_MARKER.search(error.doc):
        return "it has the conflict markers of an unfinished merge: take one side, and remove them"
    if re.search(r"[\u2018-\u201f\xab\xbb]", line):
        return 'TOML has straight quotes: `"`'
    word = re.match(r"[A-Za-z][\w.*/-]*", error.doc[error.pos :])
    if word and error.msg == "Invalid value":
        return _OF_PYTHON.get(word[0]) or f"a string is written in quotes: `{toml_array([word[0]])[1:-1]}`"
    return next((hint for part, hint in _HINTS.items() if part in error.msg), "")


_OF_PYTHON = {"True": "TOML writes `true`", "False": "TOML writes `false`", "None": "leave the key out"}
_BACKSLASH = "double the backslash, or write the string in single quotes"
_HINTS = {
    "Unescaped": _BACKSLASH,
    "hex value": _BACKSLASH,
    "Unicode scalar": _BACKSLASH,
    "Illegal character '\\n'": "a string ends on its line, with the quote that it began with",
    "Unterminated string": "a string ends with the quote that it began with",
    "Unclosed array": "separate the values by commas, and end the array with `]`",
    "Unclosed inline table": "separate the keys by commas, and end the table with `}`",
    "Cannot declare": "a table may appear once in a file: put the keys of both into one",
    "Cannot overwrite": "a key may appear once in a table",
    "Expected '='": "a line is `key = value`, or `[table]`",
}
"""What is likely, by a part of the parser's message."""
