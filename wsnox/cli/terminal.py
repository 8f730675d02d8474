"""What the terminal takes: colours, a width, and an error as a person reads it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wsnox.colour import Paint, wanted

if TYPE_CHECKING:
    from typing import TextIO

    from wsnox.colour import Choice
    from wsnox.errors import WsnoxError

__all__ = ["paint_for", "print_error", "width_of"]


def paint_for(stream: TextIO, choice: Choice) -> Paint:
    """Return the paint for *stream*, by the *choice* of ``--color``, the environment, and what the stream is."""
    return Paint(wanted(choice, os.environ, terminal=stream.isatty()))


def width_of(stream: TextIO) -> int | None:
    """Return how wide the terminal is to which *stream* goes, `None` where it goes elsewhere: nothing is cut there."""
    if not stream.isatty():
        return None
    from shutil import get_terminal_size  # noqa: PLC0415 - pipes do without

    return get_terminal_size().columns


def print_error(error: WsnoxError, choice: Choice) -> None:
    """Print *error* to stderr, with its hint."""
    paint = paint_for(sys.stderr, choice)
    print(f"{paint('error:', 'error')} {paint.quoted(error.sentence)}", file=sys.stderr)
    if error.hint:
        print(f"\n{paint('hint:', 'hint')} {paint.quoted(error.hint)}", file=sys.stderr)
