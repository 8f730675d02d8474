"""One run of nox at a time makes or prepares an environment: others that come meanwhile wait for it.

The system lets go of the lock when its holder dies, however it does.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["environment_lock"]


@contextmanager
def environment_lock(location: Path, tell: Callable[[], object]) -> Iterator[None]:
    """Hold the lock of the environment at *location*, and *tell* before a wait; who holds it already may have it again.

    Raise `OSError` where there can be no such lock.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - a warm session needs none of it, and would wait for it

    folder = location.parent / ".wsnox" / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    # One object for all that ask in this process: a preparation that makes its environment anew holds the lock already.
    lock = FileLock(folder / f"{location.name}.lock", is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
