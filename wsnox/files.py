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

__all__ = ["atomic_write", "is_inside", "path_inside", "read_regular", "remove", "replaced", "write_through"]

# Opening a pipe would otherwise block until somebody writes to it.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """Return the content of the regular file that *path* leads to; raise `OSError` for a pipe, a socket or a device."""
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
            message = os.strerror(code) if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise OSError(code, message, os.fspath(path))
        # Without a file object, which asks the system four times more: sessions and manifests are many.
        content = os.read(descriptor, status.st_size + 1)
        if len(content) != status.st_size:
            # It has just grown, or its size is none, as of files that the system makes when they are read.
            while chunk := os.read(descriptor, 1 << 16):
                content += chunk
        return content
    finally:
        os.close(descriptor)


def atomic_write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write *content* to *path* completely or not at all, so that a killed run leaves no half-written file.

    The parent directory is made if it is absent. Nobody else may read a *private* file: it may hold credentials. Raise
    `OSError`, and leave nothing new, if it cannot be written.
    """
    draft = f"{path}.{_own_id()}"
    opener = _open_private if private else None
    try:
        try:
            file = open(draft, "xb", opener=opener)  # noqa: SIM115 - closed below
        except (FileNotFoundError, FileExistsError):
            # The first file in its directory, or one left over from a killed process with the same number.
            path.parent.mkdir(parents=True, exist_ok=True)
            type(path)(draft).unlink(missing_ok=True)
            file = open(draft, "xb", opener=opener)  # noqa: SIM115 - as above
        with file:
            file.write(content)
        os.replace(draft, path)  # noqa: PTH105 - text is quicker, here and below
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)  # noqa: PTH108 - as above
        raise


def _own_id() -> int:
    """Return what tells this thread from all others of the system, of this process and of others."""
    from threading import get_native_id  # noqa: PLC0415 - most commands write nothing

    return get_native_id()


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
    return path_inside(path, directory) is not None


def path_inside(path: str | os.PathLike[str], directory: str | os.PathLike[str]) -> str | None:
    """Return *path* relative to *directory*, with links of both resolved, empty for itself; `None` if it lies outside."""
    written = _without_links(os.fspath(path), os.fspath(directory))
    if written is not None:
        return written
    try:
        resolved, parent = os.path.realpath(path), os.path.realpath(directory)
        if os.path.commonpath((resolved, parent)) != parent:
            return None
    except ValueError:
        # On another drive, or not a path at all.
        return None
    return "" if resolved == parent else os.path.relpath(resolved, parent)


def _without_links(path: str, directory: str) -> str | None:
    """Return *path* relative to *directory* if it is written below that, and nothing between the two leads elsewhere.

    That takes a look at these folders, and none at all those above, twice.
    """
    below = path[len(directory) + 1 :]
    # Windows has more than links that lead elsewhere.
    if os.name == "nt" or not directory or path[: len(directory) + 1] != f"{directory}/" or "\0" in below:
        return None
    folder = directory
    for name in below.split("/"):
        folder = f"{folder}/{name}"
        if name in ("", ".", "..") or os.path.islink(folder):  # noqa: PTH114 - as text, of each session
            return None
    return below


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
        folder.rename(folder.with_name(f".{folder.name}.{_own_id()}.old"))
    yield
    # What cannot be removed now is left for the next time.
    for old in folder.parent.glob(f".{folder.name}.*.old"):
        with suppress(OSError):
            remove(old, inside=old.parent)
