"""Files that others may have made or named: read without blocking, written atomically, removed only inside a directory."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["atomic_write", "is_inside", "read_regular", "remove", "replaced", "write_through"]

# Opening a pipe would otherwise block until somebody writes to it.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """Return the content of the regular file that *path* leads to; raise `OSError` for a pipe, a socket or a device."""
    descriptor = os.open(path, _FLAGS)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - `Path` takes no descriptor
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            message = os.strerror(code) if stat.S_ISDIR(mode) else "not a regular file"
            raise OSError(code, message, os.fspath(path))
        return file.read()


def atomic_write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write *content* to *path* completely or not at all, so that a killed run leaves no half-written file.

    The parent directory is made if it is absent. Nobody else may read a *private* file: it may hold credentials. Raise
    `OSError`, and leave nothing new, if it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        # Left over from a killed process with the same id.
        draft.unlink(missing_ok=True)
        with open(draft, "xb", opener=_open_private if private else None) as file:
            file.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_through(path: Path, content: bytes) -> None:
    """Write *content* into the file at *path*, which somebody else keeps: wherever a link leads, whoever may read it."""
    file = type(path)(os.path.realpath(path))
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else None
    atomic_write(file, content)
    if mode is not None:
        file.chmod(mode)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def is_inside(path: str | os.PathLike[str], directory: str | os.PathLike[str]) -> bool:
    """Return whether *path*, with links resolved, is *directory* or lies in it."""
    try:
        resolved, parent = os.path.realpath(path), os.path.realpath(directory)
        return os.path.commonpath((resolved, parent)) == parent
    except ValueError:
        # On another drive, or not a path at all.
        return False


def remove(path: Path, *, inside: Path) -> None:
    """Remove the file, link or directory at *path*, if any; a link is unlinked itself and never followed.

    Names come from a RECORD, a memo or a directory that anybody can write: raise `OSError` if *path*, with links resolved,
    is not *inside* the directory that the caller owns, or cannot be removed.
    """
    if path.name in ("", "..") or not is_inside(path.parent, inside):
        raise PermissionError(errno.EPERM, f"it is not in `{inside}`", str(path))
    import shutil  # noqa: PLC0415 - only a preparation removes anything

    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        # Another run of nox that makes this environment may have removed it first.
        return


@contextmanager
def replaced(folder: Path) -> Iterator[None]:
    """Let the body make *folder*, which is renamed first if it is there: a half-deleted one looks like a half-made one."""
    if folder.exists():
        folder.rename(folder.with_name(f".{folder.name}.{os.getpid()}.old"))
    yield
    # What cannot be removed now is left for the next time.
    for old in folder.parent.glob(f".{folder.name}.*.old"):
        with suppress(OSError):
            remove(old, inside=old.parent)
