"""One run from several files: records of wsnox and reports of nox, of the jobs that a CI system ran side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.errors import RequestError
from wsnox.files import read_regular
from wsnox.runs.nox_report import run_of_report
from wsnox.runs.record import RESULTS, Outcome, Run, is_run_record, run_of
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["merged", "read_any"]


def read_any(path: str) -> Run:
    """Return the run of the file at *path*, a record of wsnox or a report of nox.

    Raise `RequestError` if it is neither or cannot be read, and `FileNotFoundError` if there is none.
    """
    try:
        data = json.loads(read_regular(path))
        return run_of(data) if is_run_record(data) else run_of_report(data)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RequestError(f"`{path}` cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"`{path}` is neither a report of nox nor a record of wsnox: {error}") from None


def merged(runs: Sequence[Run]) -> Run:
    """Return *runs* as one, which took as long as the longest of them; raise `RequestError` for those of several systems.

    Of records, which know when they began, the last that ran a session counts, and of reports of nox the last in their
    order. Where there is both, the record is taken, with the reason that nox gives if it has none; where they differ,
    they are of two runs, nobody knows which was first, and what needs attention counts.
    """
    platforms = sorted({run.platform for run in runs if run.platform})
    if len(platforms) > 1:
        raise RequestError(
            f"these are runs on {' and '.join(platforms)}, where sessions have the same names",
            hint="report the files of each system by themselves",
        )
    records = _last(sorted((run for run in runs if run.wsnox), key=lambda run: run.started))
    reports = _last([run for run in runs if not run.wsnox])
    sessions = [
        _both(records[title], reports[title]) if title in records and title in reports else outcome
        for title, outcome in {**reports, **records}.items()
    ]
    return Run(
        wsnox=__version__,
        started=min((run.started for run in runs if run.started), default=""),
        seconds=max((run.seconds for run in runs), default=0),
        sessions=tuple(sorted(sessions, key=lambda session: session.session)),
        # A run may be named twice.
        not_run=sum(number for _, _, number in {(run.started, run.seconds, run.not_run) for run in runs}),
        platform="".join(platforms),
    )


def _last(runs: Iterable[Run]) -> dict[str, Outcome]:
    """Return how each session of *runs* ended in the last of them that ran it, if in any, by its title."""
    outcomes: dict[str, Outcome] = {}
    for session in (session for run in runs for session in run.sessions):
        if _ran(session) or not _ran(outcomes.get(session.session, session)):
            outcomes[session.session] = session
    return outcomes


def _both(recorded: Outcome, reported: Outcome) -> Outcome:
    if recorded.result == reported.result:
        return replace(recorded, reason=recorded.reason or reported.reason)
    ran = [outcome for outcome in (recorded, reported) if _ran(outcome)]
    return min(ran or [recorded], key=lambda outcome: RESULTS.index(outcome.result))


def _ran(outcome: Outcome) -> bool:
    return outcome.result not in ("skipped", "unaffected")
