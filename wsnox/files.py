"""Read files that somebody else wrote: a pipe, a socket or a device in the place of one is refused, and never waited for."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["atomic_write", "read_regular"]

# Opening a pipe would wait for somebody who writes into it.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_regular(path: Path) -> bytes:
    """Return the content of the regular file that *path* leads to; raise `OSError` for whatever else stands there."""
    descriptor = os.open(path, _FLAGS)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - `Path` takes no descriptor
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            words = os.strerror(code) if stat.S_ISDIR(mode) else "not a regular file"
            raise OSError(code, words, str(path))
        return file.read()


# --- Files that are written at once or not at all: a killed run leaves no half of one ---


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def atomic_write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write *content* to *path*, whose folder is made where there is none; raise `OSError` and leave nothing new.

    A *private* file nobody else may read: it may hold credentials.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        # Of a killed process of the same number.
        draft.unlink(missing_ok=True)
        with open(draft, "xb", opener=_private if private else None) as file:
            file.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
