"""What matters of a run: how many sessions ended how, what made some fail, and which ran on which Python.

Every form of the report, for browsers, CI systems and terminals, shows what is worked out here.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.runs.record import RESULTS, SAME_REASON
from wsnox.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wsnox.runs.record import Outcome

__all__ = [
    "Cause",
    "Column",
    "FailedRows",
    "Grid",
    "causes",
    "duration",
    "failed_rows",
    "grid",
    "headline",
    "rerun_command",
    "row_of",
    "totals",
    "why",
    "without_hint",
    "worst_first",
]

_SAME_REASON = re.compile(re.escape(SAME_REASON).replace(re.escape("{}"), "(.+)"))
_TESTS = "tests"


def worst_first(sessions: Iterable[Outcome]) -> list[Outcome]:
    """Return *sessions* by their results, those to look at by their names, and all others by how long they took."""
    return sorted(
        sessions,
        key=lambda session: (
            RESULTS.index(session.result),
            0 if session.needs_attention else -session.seconds,
            session.session,
        ),
    )


def totals(sessions: Iterable[Outcome]) -> dict[str, int]:
    """Return how many of *sessions* ended with each result that any of them has, the worst first."""
    counts = Counter(session.result for session in sessions)
    return {result: counts[result] for result in RESULTS if counts[result]}


def headline(sessions: Sequence[Outcome]) -> str:
    """Return in a few words how *sessions* ended."""
    counts = Counter(session.result for session in sessions)
    if failed := counts["failed"] + counts["aborted"]:
        return f"{failed} of {counted(len(sessions), 'session')} failed"
    return f"{counted(counts['passed'], 'session')} passed" if counts["passed"] else "No session ran"


def duration(seconds: float) -> str:
    """Return *seconds* as people read them."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def rerun_command(sessions: Iterable[Outcome], *, nox: Sequence[str] = ("nox",), posargs: Sequence[str] = ()) -> str:
    """Return the command that runs *sessions* again by *nox*, with *posargs* for their commands, quoted for a POSIX shell."""
    titles = dict.fromkeys(session.session for session in sessions)
    return shlex.join([*nox, "-s", *titles, *(["--", *posargs] if posargs else [])])


# --- Why sessions failed ---


class Cause(Record, kw_only=True):
    """What made *sessions* fail: the *reason*, the *command* that failed, and the *findings*, each once."""

    sessions: tuple[Outcome, ...]
    reason: str
    command: str
    findings: tuple[Mapping[str, Any], ...]


def causes(sessions: Iterable[Outcome]) -> tuple[Cause, ...]:
    """Return why *sessions* failed or were aborted, what several of them have in common once.

    That is where the findings are the same; where the same command of one session failed on several Pythons or in several
    variants; and where no command ran, for a reason that is the same in every word, as a stale lockfile.
    """
    failed = [session for session in sessions if session.needs_attention]
    by_title = {session.session: session for session in failed}
    groups: dict[tuple[object, ...], list[Outcome]] = {}
    for session in failed:
        other = _SAME_REASON.fullmatch(session.reason)
        groups.setdefault(_key(by_title.get(other[1], session) if other else session), []).append(session)
    return tuple(map(_cause, groups.values()))


def _key(session: Outcome) -> tuple[object, ...]:
    if session.findings:
        return tuple(map(_identity, session.findings))
    # nox gives the words of a command as the reason, and these may be the same for quite different tests.
    if session.command or session.reason.startswith("Command "):
        return session.name, session.command, session.reason
    return (session.result, session.reason) if session.reason else (session.session,)


def _identity(finding: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what tells *finding* from others: lines and versions may differ from one Python to the next."""
    parts = finding.get("member"), finding.get("kind"), finding.get("module")
    return parts if all(isinstance(part, str) for part in parts) else (finding["sentence"],)


def _cause(sessions: Sequence[Outcome]) -> Cause:
    findings = {_identity(finding): finding for session in sessions for finding in session.findings}
    members = {finding.get("member") for finding in findings.values()}
    # First comes the member that is to be changed, and last what only refers to another session.
    first, *others = sorted(
        sessions,
        key=lambda session: (_SAME_REASON.fullmatch(session.reason) is not None, row_of(session) not in members),
    )
    return Cause(
        sessions=(first, *others), reason=first.reason, command=first.command, findings=tuple(findings.values())
    )


def why(session: Outcome) -> str:
    """Return in one sentence why *session* ended as it did: a finding says more than that a command failed."""
    if session.findings:
        return without_hint(session.findings[0])
    return session.reason or (f"`{session.command}` failed" if session.command else "")


def without_hint(finding: Mapping[str, Any]) -> str:
    """Return the sentence of *finding* without the command at its end that it hints at."""
    return str(finding["sentence"]).removesuffix(f", hint: {finding.get('fix')}")


# --- Which ran on which Python ---


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
