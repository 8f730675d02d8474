"""What ``nox --report`` writes, as a run: nox knows when each session ended and how, and nothing of members."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from wsnox.runs.record import Outcome, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.runs.record import Result

__all__ = ["run_of_report"]

_RESULTS: Mapping[str, Result] = {
    "success": "passed",
    "failed": "failed",
    "aborted": "aborted",
    "skipped": "skipped",
}  # nox, `sessions.Status`
_AFTER_NAME = re.compile(r"(?:-([^()\s]+))?(?:\((.*)\))?")


def run_of_report(data: Any) -> Run:
    """Return the run that the JSON *data* of a report describe; raise `ValueError` with what is wrong with them."""
    sessions = data.get("sessions") if isinstance(data, dict) else None
    if not isinstance(sessions, list):
        raise ValueError("it has no list of `sessions`")  # noqa: TRY004 - data from a file, as all that follows
    return Run(wsnox="", started="", seconds=0, sessions=tuple(map(_outcome, sessions)))


def _outcome(data: Any) -> Outcome:
    try:
        # nox calls a session by the first of its names.
        name, title = str(data["name"]), str([*data["signatures"], data["name"]][0])
        seconds = float(data["duration"])
        result, reason = _RESULTS[data["result"]], str(data.get("reason") or "")
    except KeyError as error:
        raise ValueError(f"a session has no {error}") from None
    except (AttributeError, TypeError) as error:
        raise ValueError(f"a session is not what nox writes: {error}") from None
    if not isfinite(seconds):
        raise ValueError(f"a session has the `duration` {seconds}")
    rest = _AFTER_NAME.fullmatch(title.removeprefix(name))
    python, variant = rest.groups(default="") if rest else ("", "")
    return Outcome(
        session=title, name=name, result=result, reason=reason, commands=seconds, python=python, variant=variant
    )
