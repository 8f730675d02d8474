"""A run as a page of a terminal or a log: what failed on which Python, why, what to do, and how much passed.

What matters comes last, beside the prompt. Nothing is longer than its news: members that passed everywhere are only
counted, and a cause, a leak or a reason is told once, whomever it stopped.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from wsnox.colour import Paint
from wsnox.runs.outline import time_taken, totals, worst_first
from wsnox.text import counted, first_of, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.colour import Meaning
    from wsnox.runs.causes import Cause
    from wsnox.runs.record import Outcome, Run

__all__ = ["summary"]

MOST = 20
"""The number of rows and of causes that are shown before the rest is counted."""

NAMES = 6
"""The number of sessions that are named as having one cause before the rest is counted."""

_MEANINGS: Mapping[str, Meaning] = {
    "failed": "bad",
    "aborted": "bad",
    "skipped": "changed",
    "unaffected": "faint",
    "passed": "good",
}


def summary(run: Run, *, again: str = "", paint: Paint | None = None, width: int | None = None) -> Iterator[str]:
    """Yield *run* in lines, with *paint*, for a terminal of this *width*, `None` where lines may have any length.

    The command *again* runs what failed once more.
    """
    paint = paint or Paint()
    sessions = worst_first(run.sessions)
    failed = [session for session in sessions if session.needs_attention]
    if failed:
        yield from _grid(sessions, paint, width)
        yield from _causes(failed, paint, width)
    yield from _skipped(sessions, paint, width)
    if failed:
        yield ""
    yield from _sum(run, paint, width)
    if failed and again:
        start, command = "run what failed again:", printable_line(again)
        fits = width is None or len(start) + 1 + len(command) <= width
        # On a line of its own it can be copied whole, however narrow the terminal is.
        yield from [f"{start} {paint(command, 'hint')}"] if fits else [start, f"  {paint(command, 'hint')}"]


# --- Which failed on which Python ---


def _grid(sessions: Sequence[Outcome], paint: Paint, width: int | None) -> Iterator[str]:
    """Yield a row for each member of which a session failed, if that tells more than the list of causes and there is room."""
    from wsnox.runs.grid import failed_rows  # noqa: PLC0415 - most runs pass

    table = failed_rows(sessions)
    if table is None:
        return
    shown = [tuple(map(printable_line, row)) for row in (table.header, *table.rows[:MOST])]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    if width is not None and sum(widths) + 2 * (len(widths) - 1) > width:
        return
    for row in shown:
        cells = (_painted(cell.ljust(room), paint) for cell, room in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    if len(table.rows) > MOST:
        yield paint(f"and {len(table.rows) - MOST} more", "faint")
    if table.others:
        yield paint(table.about_others, "faint")
    yield ""


def _painted(cell: str, paint: Paint) -> str:
    word = cell.partition(" ")[0]
    return paint(cell, _MEANINGS[word]) if word in _MEANINGS else cell


# --- Why ---


def _causes(failed: Sequence[Outcome], paint: Paint, width: int | None) -> Iterator[str]:
    """Yield why the sessions that *failed* did, each cause once."""
    from wsnox.runs.causes import causes  # noqa: PLC0415 - most runs pass

    all_causes, told = causes(failed), set[str]()
    for cause in all_causes[:MOST]:
        yield from _cause(cause, told, paint, width)
    if len(all_causes) > MOST:
        yield paint(f"and {len(all_causes) - MOST} more", "faint")


def _cause(cause: Cause, told: set[str], paint: Paint, width: int | None) -> Iterator[str]:
    """Yield the sessions that failed for *cause*, the command, and each finding that was not *told* of another one."""
    yield _named(cause.sessions, paint)
    reason, _, hint = cause.reason.partition("\n\nhint: ")
    if cause.command:
        yield f"  {paint(printable_line(cause.command), 'faint')}"
    # What nox says of a command that failed is no more than that.
    if reason and not cause.findings and not (cause.command and reason.startswith("Command ")):
        yield from _indented(reason.partition("\n")[0], paint, width)
    from wsnox.runs.causes import without_hint  # noqa: PLC0415 - as above

    for finding in cause.findings:
        sentence = without_hint(finding)
        if sentence in told:
            yield from _indented(f"{sentence.partition(' (')[0]}, as above", paint, width)
            continue
        told.add(sentence)
        yield from _indented(sentence, paint, width)
        if finding.get("fix"):
            yield f"    {paint(printable_line(finding['fix']), 'hint')}"
    if hint:
        yield from _indented(f"hint: {hint}", paint, width)


def _skipped(sessions: Iterable[Outcome], paint: Paint, width: int | None) -> Iterator[str]:
    """Yield each reason for which sessions were skipped, once."""
    reasons: dict[str, list[Outcome]] = {}
    for session in sessions:
        if session.result == "skipped":
            reasons.setdefault(session.reason, []).append(session)
    for reason, skipped in reasons.items():
        yield _named(skipped, paint)
        yield from _indented(reason.partition("\n")[0], paint, width)


def _named(sessions: Sequence[Outcome], paint: Paint) -> str:
    """Return the result of *sessions* and their titles."""
    result, titles = sessions[0].result, [session.session for session in sessions]
    return f"{paint(result, _MEANINGS[result])} {printable_line(', '.join(first_of(titles, NAMES)))}"


def _indented(text: str, paint: Paint, width: int | None) -> Iterator[str]:
    line = printable_line(text)
    lines = [line] if width is None else wrap(line, max(width - 2, 20), break_long_words=False, break_on_hyphens=False)
    yield from (f"  {paint.sentence(part)}" for part in lines)


# --- How much ---


def _sum(run: Run, paint: Paint, width: int | None) -> Iterator[str]:
    """Yield how many sessions ended how, and where the time went."""
    sessions, counts = run.sessions, totals(run.sessions)
    if not sessions:
        yield "no session ran"
        return
    head, (took, parts) = f"{counted(len(sessions), 'session')}:", time_taken(run)
    results = [(f"{count} {result}", _MEANINGS[result]) for result, count in counts.items()]
    if run.not_run:
        results.append((f"{run.not_run} not run", "changed"))
    plain = f"{head} {', '.join(text for text, _ in results)} {took} {parts}".rstrip()
    line = f"{head} {', '.join(paint(text, meaning) for text, meaning in results)} {took}"
    if width is None or len(plain) <= width:
        yield f"{line} {parts}".rstrip()
    else:
        yield line
        yield f"  {parts}"
