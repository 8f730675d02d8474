"""Colour in what is printed: who wants it, and what it says.

A tenth of what `rich` takes to load (see `wsnox.cli.columns`), and no more than a terminal of sixteen colours has: what is
painted keeps its meaning without it, and a reader's theme decides what it looks like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    Choice = Literal["auto", "always", "never"]
    Meaning = Literal["heading", "name", "error", "warning", "hint", "good", "bad", "changed", "faint"]

__all__ = ["Paint", "wanted"]

_CODES = {
    "heading": "1;32",
    "name": "1;36",
    "error": "1;31",
    "warning": "1;33",
    "hint": "1;36",
    "good": "32",
    "bad": "31",
    "changed": "33",
    "faint": "2",
}
_QUOTED = re.compile(r"`[^`\n]+`")


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

    def quoted(self, text: str) -> str:
        """Return *text* with the values in it that stand in backticks painted as names."""
        return _QUOTED.sub(lambda match: self(match[0], "name"), text) if self.wanted else text
