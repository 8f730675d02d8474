"""One run of nox, which may be several processes: its name, and the folder in which they leave each other notes.

The children of ``nox -j`` share no memory. nox loads the noxfile before it starts them, and they inherit the variables that
name the run and whom to ask in it. Nothing that they start does: a nox that a command starts is a run of its own.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.files import remove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FOR_COMMANDS", "PREPARER", "RUN", "begin_run", "end_run", "is_child", "is_worker", "run_folder"]

RUN = "WSNOX_RUN"

PREPARER = "WSNOX_PREPARER"
"""The variable with the path of the socket of who prepares for the children (`wsnox.noxfile.preparer`)."""

FOR_COMMANDS: Mapping[str, None] = dict.fromkeys((RUN, PREPARER))
"""How a command or an install has these variables otherwise than nox: not at all."""

_KEPT = 24 * 60 * 60


def begin_run() -> None:
    """Name the run that this process begins, unless it is a child of one; a process may begin several.

    The folder that `WSNOX_CACHE_DIR` names stays where it is from the noxfile.
    """
    if named := os.environ.get("WSNOX_CACHE_DIR"):
        # As seen from here, wherever commands run while something is prepared.
        os.environ["WSNOX_CACHE_DIR"] = os.path.abspath(named)  # noqa: PTH100 - links may lead to another disk
    if not is_child(os.environ):
        os.environ[RUN] = f"{os.getpid()}-{os.urandom(4).hex()}"


def is_child(environ: Mapping[str, str]) -> bool:
    """Return whether *environ* names a run that another process began."""
    return RUN in environ and not environ[RUN].startswith(f"{os.getpid()}-")


def is_worker(environ: Mapping[str, str]) -> bool:
    """Return whether the process that began the run that *environ* names has started this one, and no other between them."""
    return environ.get(RUN, "").startswith(f"{os.getppid()}-")


def run_folder(shared: Path) -> Path:
    """Return the folder of this run, in wsnox's own folder *shared* beside the environments; it need not be there."""
    return shared / "runs" / os.environ.get(RUN, "0")


def end_run(shared: Path) -> None:
    """Remove the folder of this run, and those of runs that were killed long ago: others may go on at the same time."""
    own = run_folder(shared)
    with suppress(OSError):
        for folder in own.parent.iterdir():
            if folder == own or time.time() - folder.stat().st_mtime > _KEPT:
                remove(folder, inside=own.parent)
