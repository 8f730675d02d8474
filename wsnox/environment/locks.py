"""Locks of files, which one process has at a time: the system lets go of a lock when its holder dies, however it does.

filelock does the same with the same calls, and more; loading it takes 12 of the 60 ms that a cold session loads for,
and under ``nox -j`` each session is a process.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["file_lock"]

PAUSE = 0.05
"""The seconds between two tries where the system has no call that waits."""

_held: set[tuple[Path, int]] = set()


@contextmanager
def file_lock(path: Path, on_wait: Callable[[], object] | None = None) -> Iterator[None]:
    """Hold the lock of the file at *path*, which is made with its folder; call *on_wait* before a wait.

    A thread that holds it already goes on. Raise `OSError` where there can be no such lock.
    """
    hold = path.absolute(), get_ident()
    if hold in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _take(descriptor):
            if on_wait is not None:
                on_wait()
            _take(descriptor, wait=True)
        _held.add(hold)
        yield
    finally:
        _held.discard(hold)
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int, *, wait: bool = False) -> bool:
        """Return whether the lock of the open file is ours now."""
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except PermissionError:
                if not wait:
                    return False
                time.sleep(PAUSE)
            else:
                return True
else:
    import fcntl

    def _take(descriptor: int, *, wait: bool = False) -> bool:
        """Return whether the lock of the open file is ours now."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
