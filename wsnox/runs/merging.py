"""One run from several files: records of wsnox and reports of nox, of the jobs that a CI system ran side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wsnox.errors import RequestError
from wsnox.files import read_regular
from wsnox.runs.nox_report import run_of_report
from wsnox.runs.record import RESULTS, Outcome, Run, is_run_record, run_of
from wsnox.runs.times import are_times, run_of_times
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["merged", "read_any"]


def read_any(path: str, *, times: bool = False) -> Run:
    """Return the run of the file at *path*, a record of wsnox or a report of nox, or with *times* a file of times.

    Raise `RequestError` if it is none of these or cannot be read, and `FileNotFoundError` if there is none.
    """
    try:
        data = _json_of(path)
        if not are_times(data):
            return run_of(data) if is_run_record(data) else run_of_report(data)
        if times:
            return run_of_times(data)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RequestError(f"`{path}` cannot be read: {error.strerror}") from None
    except ValueError as error:
        sentence = f"`{path}` is neither a report of nox nor a record of wsnox: {error}"
        raise RequestError(sentence, hint="name a file that `nox --report FILE` wrote") from None
    raise RequestError(
        f"`{path}` has the times of earlier runs, and not how sessions ended",
        hint="give it to `--times`, and name files that `nox --report FILE` wrote, or none for the last run here",
    )


def _json_of(path: str) -> Any:
    """Return what is in the file at *path*; raise `ValueError` if it is no JSON that can be read."""
    content = read_regular(path)
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON (line {error.lineno})" if content.strip() else "it is empty") from None
    except UnicodeDecodeError:
        raise ValueError("it is no JSON, nor any other text") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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
