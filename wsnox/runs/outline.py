"""How many sessions of a run ended how, what comes first, and how that is put in every form of the report."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from wsnox.runs.record import RESULTS
from wsnox.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.runs.record import Outcome, Run

__all__ = ["duration", "headline", "rerun_command", "time_taken", "totals", "worst_first"]


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


def time_taken(run: Run) -> tuple[str, str]:
    """Return how long *run* took (of several jobs, the longest), and where the time of its sessions went, if it is known."""
    preparation = sum(session.preparation for session in run.sessions)
    commands = sum(session.commands for session in run.sessions)
    took = f"in {duration(run.seconds or preparation + commands)}"
    environments = sum(session.size > 0 for session in run.sessions)
    if not environments:
        return took, ""
    unchanged = sum(session.unchanged for session in run.sessions)
    state = f", {unchanged if unchanged < environments else 'all'} unchanged" if unchanged else ""
    return took, f"(environments {duration(preparation)}{state}; commands {duration(commands)})"


def rerun_command(sessions: Iterable[Outcome], *, nox: Sequence[str] = ("nox",), posargs: Sequence[str] = ()) -> str:
    """Return the command that runs *sessions* again by *nox*, with *posargs* for their commands, quoted for a POSIX shell."""
    titles = dict.fromkeys(session.session for session in sessions)
    return shlex.join([*nox, "-s", *titles, *(["--", *posargs] if posargs else [])])
