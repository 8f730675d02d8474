"""Colour in what is printed: who wants it, and what it says.

Only the sixteen colours that every terminal has are used, so that the theme of the reader decides what they look like, and
nothing is said by colour alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    Choice = Literal["auto", "always", "never"]
    Meaning = Literal["heading", "head", "name", "error", "hint", "note", "good", "bad", "changed", "faint"]

__all__ = ["Paint", "wanted"]

_CODES = {
    "heading": "1;32",
    "head": "1",
    "name": "36",
    "error": "1;31",
    "hint": "1;36",
    "note": "1;33",
    "good": "32",
    "bad": "31",
    "changed": "33",
    "faint": "2",
}
# Compiled where something is painted: most output goes to a file or another program.
_PART = r"(?m)^(?P<space> *)(?P<label>error|hint|note):|(?P<value>`[^`\n]+`)"


def wanted(choice: Choice, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Return whether to colour what goes to a stream, which may be a *terminal*.

    The *choice* of ``--color`` counts first, then ``NO_COLOR``, ``FORCE_COLOR`` and ``CLICOLOR_FORCE``, as in uv
    (no-color.org, force-color.org, bixense.com/clicolors), and then whether it is a terminal that is not dumb.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return terminal and environ.get("TERM") != "dumb"


class Paint:
    """A function from a text and what it is to the text in its colour, or, where colour is not *wanted*, as it is."""

    __slots__ = ("wanted",)

    def __init__(self, wanted: bool = False) -> None:  # noqa: FBT001, FBT002 - the one thing that it knows
        self.wanted = wanted

    def __call__(self, text: str, meaning: Meaning) -> str:
        """Return *text*, painted for its *meaning*."""
        return f"\x1b[{_CODES[meaning]}m{text}\x1b[0m" if self.wanted and text else text

    def sentence(self, text: str) -> str:
        """Return *text* with its values, which stand in backticks, painted as names, and a label at the start of a line."""
        return re.sub(_PART, self._part, text) if self.wanted else text

    def _part(self, match: re.Match[str]) -> str:
        if match["value"]:
            return self(match["value"], "name")
        return f"{match['space']}{self(match['label'] + ':', match['label'])}"  # type: ignore[arg-type] # one of the three
