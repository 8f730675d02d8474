"""Text that wsnox cannot read."""

from __future__ import annotations

import re

from wsnox.errors import Doubt

__all__ = ["Unreadable"]

_WIDTH = 100
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


class Unreadable(Exception):  # noqa: N818 - never leaves this floor
    """The *text* is not a valid *kind*, such as ``marker``, or not one that wsnox reads."""

    def __init__(self, text: str, kind: str) -> None:
        self.text, self.kind = text, kind
        super().__init__(f"`{_short(text)}` is not a valid {kind}")

    def doubt(self, where: str) -> Doubt:
        """Return the clause that reports it, with *where* the text stands: a key and a file."""
        return Doubt(f"{self} in {where}")


def _short(text: str) -> str:
    """Return *text* as a clause may quote it: a long one cut, and without credentials."""
    text = _CREDENTIALS.sub("****@", text)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"
