"""The end of the output of a session's commands, kept while it is passed on: it shows why a command failed.

nox hands its own standard output to each command. While a command or function of a session runs, wsnox puts a pipe in
the place of the file descriptor 1 of nox's process, so whatever is started inherits it, and a thread copies the output.
Nothing in nox itself is changed; checked with nox 2026.8 to 2026.10. A terminal stays the command's own, for a
debugger or a progress bar: there nothing is kept.
"""

from __future__ import annotations

import _thread
import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Tail", "tee_stdout"]

STDOUT = 1

KEPT = 1 << 20
"""How many bytes of the end are kept."""

PATIENCE = 2.0
"""Seconds to wait for the rest of the output, if a process that the command left behind holds the pipe open."""


class Tail:
    """The end of the output of commands."""

    def __init__(self) -> None:
        self.content = bytearray()

    @property
    def text(self) -> str:
        """The output, without colours."""
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.content.decode(errors="replace"))


@contextmanager
def tee_stdout() -> Iterator[Tail | None]:
    """Keep the end of the output written to stdout in the body; `None` if that is a terminal, or closed."""
    if os.isatty(STDOUT) or not _is_open(STDOUT):
        yield None
        return
    sys.stdout.flush()
    source, sink = os.pipe()
    stdout = os.dup(STDOUT)
    tail = Tail()
    # A `Thread` would first wait for its beginning, and each command takes one.
    copied = _thread.allocate_lock()
    copied.acquire()
    # The thread closes its own descriptor, and early if nobody reads standard output any more.
    _thread.start_new_thread(_copy, (source, os.dup(stdout), tail, copied))
    os.dup2(sink, STDOUT)
    os.close(sink)
    try:
        yield tail
    finally:
        # A reader that is gone is no error here: the failure of a command counts.
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        # The last descriptor of the pipe but those that commands may have left open.
        os.dup2(stdout, STDOUT)
        os.close(stdout)
        copied.acquire(timeout=PATIENCE)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _copy(source: int, target: int, tail: Tail, copied: _thread.LockType) -> None:
    """Copy from *source* to *target* until it is closed, and keep the end in *tail*; close both and release *copied*."""
    try:
        while chunk := os.read(source, 1 << 16):
            tail.content += chunk
            del tail.content[:-KEPT]
            written = 0
            while written < len(chunk):
                written += os.write(target, chunk[written:])
    except OSError:
        # Nobody reads standard output any more, which the command learns when the pipe closes.
        pass
    finally:
        os.close(source)
        os.close(target)
        copied.release()
