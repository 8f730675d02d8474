"""How long sessions take, from runs of earlier days: the file of times outlives runs in which a session did not run."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from wsnox.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wsnox.runs.record import Run

__all__ = ["times_of", "write_times"]


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
    """Write *times* to *path* in the form of nox's reports, which is what they are read from."""
    sessions = [
        {"name": title, "signatures": [title], "result": "success", "duration": seconds}
        for title, seconds in sorted(times.items())
    ]
    atomic_write(path, (json.dumps({"sessions": sessions}, indent=1) + "\n").encode())
