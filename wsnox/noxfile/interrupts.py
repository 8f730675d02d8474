"""Ctrl-C and SIGTERM, with which CI systems cancel: both interrupt the run of nox, which ends what it started and is recorded.

nox does that for an interrupt alone. SIGTERM would end nox where it stands, and leave the command that runs to itself. It
counts once: who repeats it, as ``timeout`` does, would interrupt what ends the command. nox goes on with the next session
if an interrupted command ends with 0; that is right for a server at Ctrl-C, but no answer to SIGTERM.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["interrupts", "without_interrupts"]


class _Interrupts:
    """Whether this process was interrupted, or told to end."""

    def __init__(self) -> None:
        self.came = False
        """Whether there was an interrupt, of either kind."""
        self._must_end = False

    def watch(self) -> None:
        """Note interrupts from now on, and take SIGTERM for one, unless somebody else handles these signals."""
        if threading.current_thread() is not threading.main_thread():
            return
        # A signal that is ignored stays so: whoever started nox wants that.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._interrupt)

    def _interrupt(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM and self._must_end:
            return
        self.came, self._must_end = True, self._must_end or number == signal.SIGTERM
        raise KeyboardInterrupt

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Interrupt this process again after the body if it was told to end in there and goes on all the same."""
        # What cleans up after that is not stopped.
        before = self._must_end
        yield
        if not before:
            self.refuse_to_go_on()

    def refuse_to_go_on(self) -> None:
        """Interrupt this process again if it was told to end and goes on all the same."""
        # Under `-j`, threads take the results of children that were ended, and these are not to be lost.
        if self._must_end and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt


interrupts = _Interrupts()
"""Those of this process."""


def without_interrupts(end: Callable[..., None]) -> Callable[..., None]:
    """Return *end*, which waits for what ends by itself, for the end of the process: who repeats Ctrl-C does not wait.

    Python would show where it was, and go on with the same end.
    """

    def end_or_leave(*arguments: object) -> None:
        with suppress(KeyboardInterrupt):
            end(*arguments)

    return end_or_leave
