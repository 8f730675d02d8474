"""How long sessions take, from runs of earlier days: the file of times outlives runs in which a session did not run."""

from __future__ import annotations

import json
from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING, Any

from wsnox.files import atomic_write
from wsnox.runs.record import Outcome, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["are_times", "run_of_times", "times_of", "write_times"]


def times_of(runs: Iterable[Run]) -> dict[str, float]:
    """Return the seconds that each session took, by its title: in the last of *runs* where it passed, if in any.

    One that was skipped took no time, and one that failed early is no measure. The name of a session stands for all its
    Pythons and variants together.
    """
    times: dict[str, float] = {}
    for run in runs:
        together = defaultdict[str, float](float)
        for session in run.sessions:
            if session.seconds > 0:
                together[session.name] += session.seconds
                if session.result == "passed" or session.session not in times:
                    times[session.session] = session.seconds
        titles = {session.session for session in run.sessions}
        times.update({name: seconds for name, seconds in together.items() if name not in titles})
    return times


def write_times(path: Path, times: Mapping[str, float]) -> None:
    """Write *times* to *path*, as a file of times."""
    atomic_write(path, (json.dumps({"times": dict(sorted(times.items()))}, indent=1) + "\n").encode())


def are_times(data: Any) -> bool:
    """Return whether the JSON *data* are those of a file of times."""
    return isinstance(data, dict) and "times" in data


def run_of_times(data: Any) -> Run:
    """Return a run that took the times of *data*, and says nothing else; raise `ValueError` with what is wrong with them."""
    times = data["times"]
    if not isinstance(times, dict):
        raise ValueError("its `times` are no table")  # noqa: TRY004 - data from a file, as what follows
    for title, seconds in times.items():
        if not isinstance(seconds, (int, float)) or not 0 <= seconds < inf:
            raise ValueError(f"`{title}` takes `{seconds}` seconds")
    sessions = (
        Outcome(session=title, name=title, result="passed", commands=seconds) for title, seconds in times.items()
    )
    return Run(wsnox="", started="", seconds=0, sessions=tuple(sessions))
