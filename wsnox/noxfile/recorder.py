"""How each session of this run of nox ended, whichever process ran it: noted here, and put together when the run ends.

nox has no hook for the end of a session, or of a run. But of each session that ended, was skipped or could not begin, it
makes a `nox.sessions.Result`, in the process that ran the session and, under ``-j``, from the report of a child, in the
process that began the run. Each new one is handed to wsnox as well, for which the constructor of that class is wrapped;
checked with nox 2026.8 to 2026.10. Where there is no such class, or a result is not as expected, nothing is recorded.

A result does not say what wsnox knows besides, so a child leaves that in the folder of the run. The process that began
the run puts it all together as it ends: after all that nox prints, and with no say in the exit code.
"""

from __future__ import annotations

import atexit
import logging
import os
import shlex
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox
import nox.sessions

from wsnox.noxfile.interrupts import interrupts
from wsnox.noxfile.this_run import end_run, is_child, run_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wsnox.runs.record import Outcome
    from wsnox.workspace.sessions import Session

__all__ = ["recorder"]


class _Recorder:
    """What this process knows of the run: how sessions ended, what it saw in the current one, and which are left out."""

    def __init__(self) -> None:
        self._began = 0.0
        self._outcomes: dict[str, Outcome] = {}
        self._left_out: list[Session] = []
        self._last: Any = None
        """nox's runner of the session that ran last."""
        self._runs = 0.0
        """When that session began, 0 if it has ended."""
        self._proven = 0.0
        self._words: Sequence[str | os.PathLike[str]] = ()
        self._seen: dict[str, Any] = {}

    def watch(self) -> None:
        """Have nox hand over results from now on, and put them together when this process ends."""
        if not self._began:
            self._began = time.time()
            interrupts.watch()
            _hand_over_results(_quietly(self._end))
            atexit.register(_quietly(self._close))

    def leave_out(self, session: Session) -> None:
        """Note that plain nox would run *session*, too, if the change that is looked at affected it."""
        self._left_out.append(session)

    def begin(self, nox_session: nox.Session) -> None:
        """Note that *nox_session* runs now; in GitHub Actions, what it prints from here on is a group."""
        self._last, self._runs = next(iter(vars(nox_session).values())), time.perf_counter()
        _tell_github(f"::group::{nox_session.name}")

    def prove(self, size: int, *, unchanged: bool) -> None:
        """Note that the environment of the current session has so many distributions, and whether it had them before."""
        self._proven = time.perf_counter()
        self._seen.update(size=size, unchanged=unchanged)

    def start(self, words: Sequence[str | os.PathLike[str]]) -> None:
        """Note that a command of the current session, *words*, starts."""
        self._words = words

    def fail(self) -> None:
        """Note that the session fails with the last command that it started; what follows is only cleaned up."""
        self._seen.setdefault("command", shlex.join(map(str, self._words)))

    def explain(self, reason: str) -> None:
        """Note the *reason* for which the current session fails, where nox itself gives none."""
        self._seen["reason"] = reason

    def find(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """Note *findings* of the current session, as data."""
        self._seen["findings"] = (*self._seen.get("findings", ()), *findings)

    def _end(self, result: Any) -> None:
        """Note the *result* of a session, and forget what was seen of the current one."""
        # What an interrupt ended has no result.
        interrupts.refuse_to_go_on()
        from wsnox.noxfile.outcomes import key_of, leave_note, outcome_of_result  # noqa: PLC0415 - nox may only list sessions

        self._end_group()
        self._last = result.session
        key, outcome = key_of(self._last), outcome_of_result(result, self._proven, self._seen)
        self._outcomes[key], self._proven, self._words, self._seen = outcome, 0.0, (), {}
        if is_child(os.environ):
            leave_note(run_folder(self._shared), key, outcome)

    def _end_group(self) -> float:
        """End the group of the session that runs now, and return when that began, 0 if none runs."""
        began, self._runs = self._runs, 0.0
        if began:
            _tell_github("::endgroup::")
        return began

    @property
    def _shared(self) -> Path:
        return Path(os.fspath(self._last.global_config.envdir)).absolute() / ".wsnox"

    def _close(self) -> None:
        """Put the run together, if this process began it and a session ran; a child only notes one that is interrupted."""
        began, of_run = self._end_group(), not is_child(os.environ)
        if self._last is None or not (began or of_run):
            return
        from wsnox.noxfile import outcomes  # noqa: PLC0415 - nox may only list sessions

        key, folder, config = outcomes.key_of(self._last), run_folder(self._shared), self._last.global_config
        if began:
            self._outcomes[key] = outcomes.interrupted(self._last, began, self._proven, self._seen)
        if not of_run:
            outcomes.leave_note(folder, key, self._outcomes[key])
            return
        from wsnox.noxfile.closing import close_run  # noqa: PLC0415 - as above

        ended = tuple(outcomes.with_notes(self._outcomes, folder, interrupted=interrupts.came))
        end_run(self._shared)
        left_out = outcomes.unaffected(self._left_out, config)
        close_run(config, self._began, (*ended, *left_out), not_run=len(self._last.manifest) - len(ended))


recorder = _Recorder()
"""That of this process."""


def _quietly(act: Callable[..., object]) -> Callable[..., None]:
    """Return a function that does as *act*, whose failure is no failure of nox, and only logged."""

    def act_quietly(*arguments: object) -> None:
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 - a nox that is not as expected must still run
            logging.getLogger("nox").debug("wsnox cannot record this run: %r", error)

    return act_quietly


def _hand_over_results(take: Callable[[Any], None]) -> None:
    """Have each new result of nox handed to *take*."""
    results: Any = getattr(nox.sessions, "Result", None)
    if results is None:
        return
    construct = results.__init__

    def construct_and_hand_over(result: Any, *arguments: Any, **options: Any) -> None:
        construct(result, *arguments, **options)
        take(result)

    results.__init__ = construct_and_hand_over


def _tell_github(command: str) -> None:
    """Print a workflow command where GitHub Actions reads it."""
    if os.environ.get("GITHUB_ACTIONS"):
        from wsnox.annotations import print_annotations  # noqa: PLC0415 - other places need none of it

        # Whoever reads no output misses nothing.
        with suppress(OSError, ValueError):
            print_annotations([command], os.environ)
