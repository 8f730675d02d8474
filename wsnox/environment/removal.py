"""Removing what belongs to nobody, and never anything outside: the one place where wsnox deletes what others may have named.

Names come from a RECORD, a memo or a directory that anybody can write. What is removed lies, links resolved, inside the
directory that the caller owns; a link is unlinked itself and never followed.
"""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_inside", "remove"]


def is_inside(place: str | os.PathLike[str], home: str | os.PathLike[str]) -> bool:
    """Return whether *place*, links resolved, lies in the directory *home* or is it."""
    try:
        found, own = os.path.realpath(place), os.path.realpath(home)
        return os.path.commonpath((found, own)) == own
    except ValueError:
        # Another drive, or no path at all.
        return False


def remove(place: Path, *, home: Path) -> None:
    """Remove the file, link or directory at *place*, if any; raise `OSError` where it cannot be or is not in *home*."""
    if place.name in ("", "..") or not is_inside(place.parent, home):
        raise PermissionError(errno.EPERM, f"it is not in `{home}`", str(place))
    try:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
    except FileNotFoundError:
        # Another run of nox that makes this environment may have been there first.
        return
