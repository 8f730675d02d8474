"""Begin a preparation while nox still waits for the tool that makes the environment: it takes about as long."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_ahead"]


def read_ahead(root: Path) -> None:
    """Load in a thread what a preparation needs, and the lockfile of the workspace at *root*."""
    Thread(target=_read, args=(root,), name="wsnox-ahead").start()


def _read(root: Path) -> None:
    # Whatever is wrong, the preparation meets it again, and says so.
    with suppress(Exception):
        import wsnox.environment.job  # noqa: F401, PLC0415 - what takes the time
        from wsnox.lock import read_lock  # noqa: PLC0415 - see above

        read_lock(root)
