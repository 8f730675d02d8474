"""What nox says of a session and what wsnox saw of it, as one outcome; and those that the children of ``nox -j`` noted.

Of nox, the fields of a result and of its session are read that nox's own ``--report`` consists of, the function with its
Python, and the options of the run.
"""

from __future__ import annotations

import json
import platform
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wsnox._record import replace
from wsnox.files import atomic_write
from wsnox.runs.record import Outcome, outcome_of
from wsnox.workspace.sessions import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.runs.record import Result
    from wsnox.workspace.sessions import Session

__all__ = ["interrupted", "key_of", "leave_note", "outcome_of_result", "unaffected", "with_notes"]

_RESULTS: dict[str, Result] = {"SUCCESS": "passed", "FAILED": "failed", "ABORTED": "aborted", "SKIPPED": "skipped"}
"""The results by the names of `nox.sessions.Status`."""

_INTERRUPTED = "interrupted"
"""The reason of a session of which nox has no result; under ``-j``, it takes the end of the child for a failure."""


def outcome_of_result(result: Any, proven: float, seen: Mapping[str, Any]) -> Outcome:
    """Return the outcome that nox's *result* of a session stands for, which was made just now.

    The environment was *proven* at that time of the performance counter, 0 if it never was; *seen* are other fields.
    """
    runner, seconds = result.session, float(result.duration)
    # Of a session that is the noxfile's own, wsnox prepares nothing.
    commands = _since(proven, seconds) if proven or _session_of(runner) else seconds
    return _outcome(
        runner,
        _RESULTS[result.status.name],
        preparation=round(seconds - commands, 4),
        commands=round(commands, 4),
        **{"reason": result.reason or "", **seen},
    )


def interrupted(runner: Any, began: float, proven: float, seen: Mapping[str, Any]) -> Outcome:
    """Return the outcome of the session of *runner*, which *began* then and is interrupted, so that nox has no result."""
    seconds = time.perf_counter() - began
    commands = _since(proven, seconds)
    times = {"preparation": round(seconds - commands, 4), "commands": round(commands, 4)}
    return _outcome(runner, "aborted", **times, **{**seen, "reason": _INTERRUPTED})


def _since(proven: float, seconds: float) -> float:
    """Return how many of the *seconds* that end now have passed since *proven*; none if that is 0."""
    return min(time.perf_counter() - proven, seconds) if proven else 0.0


def unaffected(sessions: Iterable[Session], config: Any) -> Iterator[Outcome]:
    """Yield the outcomes of *sessions* that were left out, if nox, by its *config*, ran what it runs by default."""
    if not any((config.sessions, config.keywords, config.tags)):
        for run in runs_of(sessions):
            if not config.pythons or run.python in config.pythons:
                yield _outcome_of(run.title, "unaffected", run.session, run.python, run.variant)


def key_of(runner: Any) -> str:
    """Return the name that no other session has than that of *runner*: with ``--force-python`` several have one title."""
    return str(max(runner.signatures, key=len, default=runner.name))


def _session_of(runner: Any) -> Session | None:
    """Return the session of wsnox that *runner* runs, `None` for one that is the noxfile's own."""
    return getattr(runner.func.venv_params, "session", None)


def _outcome(runner: Any, result: Result, **more: Any) -> Outcome:
    """Return that the session of *runner* ended with *result*, and what *more* is known."""
    function, session = runner.func, _session_of(runner)
    python = function.python if isinstance(function.python, str) else ""
    if session is None:
        return Outcome(session=runner.friendly_name, name=runner.name, python=python, result=result, **more)
    variant = getattr(function, "call_spec", {}).get("variant", "")
    return _outcome_of(runner.friendly_name, result, session, python, variant, **more)


def _outcome_of(title: str, result: Result, session: Session, python: str, variant: str, **more: Any) -> Outcome:
    """Return that the run called *title* of *session* ended with *result*."""
    return Outcome(
        session=title,
        name=session.name,
        kind=session.kind,
        members=tuple(member.name for member in session.members),
        task=session.name.partition(":")[2] if session.kind == "task" else "",
        python=python or platform.python_version().rpartition(".")[0],
        variant=variant,
        result=result,
        **more,
    )


# --- between processes ---


def leave_note(folder: Path, key: str, outcome: Outcome) -> None:
    """Leave the *outcome* of the session called *key* in *folder*, for the process that began the run."""
    atomic_write(folder / _note_name(key), json.dumps(vars(outcome)).encode())


def with_notes(outcomes: Mapping[str, Outcome], folder: Path, *, interrupted: bool = False) -> Iterator[Outcome]:
    """Yield *outcomes*, by their keys, with what was noted of them in *folder*; nox has the last word on the result.

    But not on that of a session that was interrupted; *interrupted* says that the whole run was.
    """
    for key, outcome in outcomes.items():
        note = outcome
        if outcome.needs_attention and not (outcome.reason or outcome.seconds):
            # It did not come to note anything, or to report to nox: it was killed.
            note = replace(outcome, reason=_INTERRUPTED if interrupted else "its process was ended")
        # What cannot be read was not noted.
        with suppress(OSError, ValueError):
            note = outcome_of(json.loads((folder / _note_name(key)).read_bytes()))
        yield replace(note, result="aborted" if note.reason == _INTERRUPTED else outcome.result)


def _note_name(key: str) -> str:
    return f"{sha256(key.encode(errors='replace')).hexdigest()[:16]}.json"
