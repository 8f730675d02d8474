"""A run as Markdown, for a page of the CI system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.markdown import cell, code, prose
from wsnox.runs.causes import causes, without_hint
from wsnox.runs.grid import failed_rows
from wsnox.runs.outline import duration, headline, rerun_command, time_taken, totals, worst_first
from wsnox.text import counted, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.runs.causes import Cause
    from wsnox.runs.grid import FailedRows
    from wsnox.runs.record import Outcome, Run

__all__ = ["markdown"]

_BAD = ("failed", "aborted")


def _sum(run: Run) -> str:
    counts = {**totals(run.sessions), **({"not run": run.not_run} if run.not_run else {})}
    results = ", ".join(f"{count} {result}" for result, count in counts.items())
    sessions = counted(len(run.sessions), "session")
    return " ".join(filter(None, (f"{sessions}: {results}", *time_taken(run)))) if results else sessions


def markdown(run: Run) -> str:
    """Return *run* as a section of a page: what failed in sight, where, and what to do, and all sessions behind a click."""
    sessions = worst_first(run.sessions)
    failed = [session for session in sessions if session.needs_attention]
    lines = [f"### {headline(sessions)}", "", _sum(run), ""]
    if failed and (table := failed_rows(sessions)):
        lines += [*_grid(table), ""]
    for cause in causes(failed):
        lines += _cause_item(cause)
    if failed:
        lines += ["", "Run what failed again:", "", *_block(rerun_command(failed)), ""]
    if sessions:
        lines += ["<details><summary>All sessions</summary>", "", *_table(sessions), "", "</details>"]
    return "\n".join([*lines, ""])


def _grid(table: FailedRows) -> Iterator[str]:
    """Yield the rows of members of which a session failed."""
    yield _row(table.header)
    yield _row(["---"] * len(table.header))
    for name, *results in table.rows:
        yield _row([code(name), *(f"**{prose(text)}**" if text.startswith(_BAD) else prose(text) for text in results)])
    if table.others:
        yield from ("", table.about_others)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell([text]) for text in cells)} |"


def _cause_item(cause: Cause) -> Iterator[str]:
    names = ", ".join(f"**{code(session.session)}**" for session in cause.sessions)
    reason = f": {prose(' '.join(cause.reason.split()))}" if cause.reason else ""
    yield f"- {names} {cause.sessions[0].result}{reason}"
    if cause.command:
        yield f"  - command: {code(cause.command)}"
    for finding in cause.findings:
        fix = f": {code(finding['fix'])}" if finding.get("fix") else ""
        yield f"  - {prose(without_hint(finding))}{fix}"


def _block(command: str) -> Iterator[str]:
    """Yield *command* in a block, which GitHub and GitLab show with a button that copies it."""
    yield from ("```console", printable_line(command), "```")


def _table(sessions: Iterable[Outcome]) -> Iterator[str]:
    yield from ("| session | result | preparation | commands | |", "| --- | --- | ---: | ---: | --- |")
    for session in sessions:
        spent = (duration(seconds) if seconds else "" for seconds in (session.preparation, session.commands))
        reason = prose(" ".join(session.reason.split()))
        cells = (code(session.session), session.result, *spent, reason)
        yield _row(cells)
