"""What goes to the terminal: tables and sentences, in its colours and as wide as it is, and errors."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wsnox.cli.columns import aligned
from wsnox.colour import Paint, wanted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from wsnox.colour import Choice, Meaning
    from wsnox.errors import WsnoxError

__all__ = ["Terminal", "paint_for", "print_error", "width_of"]


def paint_for(stream: TextIO, choice: Choice) -> Paint:
    """Return the paint for *stream*, by the *choice* of ``--color``, the environment, and what the stream is."""
    paint = Paint(wanted(choice, os.environ, terminal=stream.isatty()))
    if sys.platform == "win32" and paint.wanted:
        from colorama import just_fix_windows_console  # noqa: PLC0415 - other systems have none

        # Some consoles of Windows show the codes until they are told not to.
        just_fix_windows_console()
    return paint


def width_of(stream: TextIO) -> int | None:
    """Return how wide the terminal is to which *stream* goes, `None` where it goes elsewhere: nothing is cut there.

    ``COLUMNS`` counts first, as for other programs, and a terminal that does not know its width has 80.
    """
    if not stream.isatty():
        return None
    wanted_width = os.environ.get("COLUMNS", "")
    if wanted_width.isdecimal() and int(wanted_width):
        return int(wanted_width)
    return os.get_terminal_size(stream.fileno()).columns or 80


class Terminal:
    """Stdout for data and stderr for everything else, as the options of a command want them."""

    def __init__(self, args: Namespace) -> None:
        self.width = width_of(sys.stdout)
        self._out, self._err = paint_for(sys.stdout, args.color), paint_for(sys.stderr, args.color)

    def data(self, text: str) -> None:
        """Print *text* to stdout."""
        print(self._out.sentence(text))

    def note(self, text: str) -> None:
        """Print *text* to stderr, behind what was printed before."""
        sys.stdout.flush()
        print(self._err.sentence(text), file=sys.stderr)

    def marked(self, text: str, meaning: Meaning) -> str:
        """Return *text*, painted for a `note`."""
        return self._err(text, meaning)

    def table(
        self, rows: Iterable[Sequence[str]], head: Sequence[str] = (), meanings: Mapping[str, Meaning] | None = None
    ) -> None:
        """Print *rows* to stdout, in columns."""
        for line in aligned(rows, head, width=self.width, paint=self._out, meanings=meanings):
            print(line)


def print_error(error: WsnoxError, choice: Choice) -> None:
    """Print *error* to stderr, with its hint."""
    print(paint_for(sys.stderr, choice).sentence(f"error: {error}"), file=sys.stderr)
