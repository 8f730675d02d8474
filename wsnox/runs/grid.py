"""Which sessions ran on which Python: a row for each member, a column for each task and Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.runs.record import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.runs.record import Outcome

__all__ = ["Column", "FailedRows", "Grid", "failed_rows", "grid", "row_of"]

_TESTS = "tests"


class Column(Record):
    """A column of the grid: what the sessions run, and the Python they run it on (empty: the one that runs nox)."""

    task: str
    python: str


class Grid(Record, kw_only=True):
    """The *rows* by their names, and in each the sessions of every one of the *columns*: several are variants."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[tuple[Outcome, ...], ...]], ...]

    @property
    def tells_more_than_a_list(self) -> bool:
        """Whether there are several Pythons, tasks or variants."""
        return len(self.columns) > 1 or any(len(cell) > 1 for _, cells in self.rows for cell in cells)


def row_of(session: Outcome) -> str:
    """Return the row of *session*: its member, as in ``MEMBER:TASK``, or the name that several members share."""
    return session.name.partition(":")[0]


def grid(sessions: Iterable[Outcome]) -> Grid:
    """Return *sessions* as a grid: rows of members first, and of each task its Pythons in their order."""
    cells: dict[str, dict[Column, list[Outcome]]] = {}
    members = set()
    for session in sorted(sessions, key=lambda session: session.session):
        column = Column(session.name.partition(":")[2] or _TESTS, session.python)
        cells.setdefault(row_of(session), {}).setdefault(column, []).append(session)
        if session.kind in ("test", "task", "imports"):
            members.add(row_of(session))
    columns = sorted({column for row in cells.values() for column in row}, key=_column_order)
    names = sorted(cells, key=lambda name: (name not in members, name))
    return Grid(
        columns=tuple(columns),
        rows=tuple((name, tuple(tuple(cells[name].get(column, ())) for column in columns)) for name in names),
    )


def _column_order(column: Column) -> tuple[bool, str, list[int], str]:
    return (
        column.task != _TESTS,
        column.task,
        [int(number) for number in re.findall(r"\d+", column.python)],
        column.python,
    )


class FailedRows(Record, kw_only=True):
    """The *header* and the *rows* of a grid in words, without the *others*, so many, in which nothing failed."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    others: int

    @property
    def about_others(self) -> str:
        """What is to say of the other rows, if there are any."""
        return f"nothing failed in the other {self.others if self.others > 1 else 'one'}" if self.others else ""


def failed_rows(sessions: Sequence[Outcome]) -> FailedRows | None:
    """Return the rows of the grid of *sessions* in which something failed, with the columns that these use.

    It is `None` where they would say no more than a list: for one column, and where nothing but failures is left.
    """
    whole = grid(sessions)
    rows = [(name, cells) for name, cells in whole.rows if any(s.needs_attention for cell in cells for s in cell)]
    used = [index for index in range(len(whole.columns)) if any(cells[index] for _, cells in rows)]
    if len(used) < 2 or all(session.needs_attention for session in sessions):
        return None
    return FailedRows(
        header=("", *(_column_title(whole.columns[index], whole.columns) for index in used)),
        rows=tuple((name, *(_cell_text(cells[index]) for index in used)) for name, cells in rows),
        others=len(whole.rows) - len(rows),
    )


def _column_title(column: Column, columns: Sequence[Column]) -> str:
    """Return *column* in as few words as tell it from the other *columns*."""
    task = column.task if len({other.task for other in columns}) > 1 else ""
    python = column.python if len({other.python for other in columns}) > 1 else ""
    return f"{task} {python}".strip()


def _cell_text(sessions: Sequence[Outcome]) -> str:
    """Return the worst result of *sessions*, which are variants, and which of them have it."""
    if not sessions:
        return "-"
    worst = min(sessions, key=lambda session: RESULTS.index(session.result)).result
    variants = [session.variant for session in sessions if session.result == worst and len(sessions) > 1]
    return f"{worst} ({', '.join(variants)})" if 0 < len(variants) < len(sessions) else worst
