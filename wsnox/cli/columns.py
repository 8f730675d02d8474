"""Rows in columns, as wide as the terminal, and whole where there is none: a pipe gets a line for each row.

What does not fit is never cut. The last column of a line goes on below itself, and columns that have no room beside the
others follow below their row, each with its head: first those that say least. `rich` would do most of this, and takes 79 ms
of CPU to load with its tables, where Python itself starts in 14 and ``wsnox --help`` ends after 39.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.colour import Paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.colour import Meaning

__all__ = ["aligned"]

_GAP = "  "
_LEAST = 24
"""A column that goes on below itself is read badly if it is narrower than this."""
_NOTHING = ("", "-")


class _Column(Record, kw_only=True):
    """A column: its *head* (empty if there is none), its *cells*, and whether it is the *first*."""

    head: str
    cells: tuple[str, ...]
    first: bool

    @property
    def width(self) -> int:
        """The width of its widest cell."""
        return max(map(len, (self.head, *self.cells)))

    @property
    def silent(self) -> int:
        """How many of its cells say nothing; the first column names the row and says something always."""
        return -1 if self.first else sum(cell in _NOTHING for cell in self.cells)


def aligned(
    rows: Iterable[Sequence[str]],
    head: Sequence[str] = (),
    *,
    width: int | None = None,
    paint: Paint | None = None,
    meanings: Mapping[str, Meaning] | None = None,
) -> list[str]:
    """Return the lines of *rows*, below the *head* of the columns if there is one, within *width*, `None` for any.

    A column that is empty everywhere takes no room. The first column is painted as names, and cells by their *meanings*.
    """
    cells_of = [*zip(*rows, strict=True)]
    columns = [
        _Column(head=head[at] if head else "", cells=cells, first=at == 0)
        for at, cells in enumerate(cells_of)
        if any(cells)
    ]
    if not columns:
        return []
    beside, paint = _beside(columns, width), paint or Paint()
    widths = [column.width for column in beside]
    if width is not None:
        widths[-1] = min(widths[-1], max(width - _taken(widths[:-1]), 1))
    below = [column for column in columns if column not in beside]
    of_label = max((len(column.head) for column in below), default=0)
    lines = [*_line([(column.head, "head") for column in beside], widths, paint)] if head else []
    for at in range(len(columns[0].cells)):
        cells = [column.cells[at] for column in beside]
        painted = [(cell, (meanings or {}).get(cell, None if number else "name")) for number, cell in enumerate(cells)]
        lines += _line(painted, widths, paint)
        for column in below:
            lines += _below(column.head.ljust(of_label), column.cells[at], width or 0, paint)
    return lines


def _taken(widths: Sequence[int]) -> int:
    """Return how much of a line columns of these *widths* take, with the gap behind each."""
    return sum(width + len(_GAP) for width in widths)


def _beside(columns: Sequence[_Column], width: int | None) -> list[_Column]:
    """Return those of *columns* that have room beside each other: at least the first, whatever its width."""
    beside = [*columns]
    while width is not None and len(beside) > 1:
        *start, last = [column.width for column in beside]
        if _taken(start) + min(last, _LEAST) <= width:
            break
        # Of two that say as much, the one on the right.
        beside.remove(max(reversed(beside), key=lambda column: column.silent))
    return beside


def _line(cells: Sequence[tuple[str, Meaning | None]], widths: Sequence[int], paint: Paint) -> Iterator[str]:
    """Yield the line of *cells*, each painted for what it means, and those with what the last one has left."""
    *start, (last, meaning) = cells
    text, *more = _wrapped(last, widths[-1])
    line = ""
    for (cell, of_cell), width in zip((*start, (text, meaning)), widths, strict=True):
        # A painted cell is longer than it looks.
        line += f"{paint(cell, of_cell) if of_cell else cell}{' ' * (width - len(cell))}{_GAP}"
    yield line.rstrip()
    yield from (f"{' ' * _taken(widths[:-1])}{text}" for text in more)


def _below(label: str, cell: str, width: int, paint: Paint) -> Iterator[str]:
    """Yield the lines of a *cell* that has no room beside the others, with its *label*; nothing for one that says nothing."""
    if cell not in _NOTHING:
        indent = f"  {' ' * len(label)}{_GAP}"
        first, *more = _wrapped(cell, max(width - len(indent), len(_GAP)))
        yield f"  {paint(label, 'faint')}{_GAP}{first}"
        yield from (f"{indent}{text}" for text in more)


def _wrapped(text: str, width: int) -> list[str]:
    if len(text) <= width:
        return [text]
    from textwrap import wrap  # noqa: PLC0415 - a pipe does without

    return wrap(text, width, break_on_hyphens=False)
