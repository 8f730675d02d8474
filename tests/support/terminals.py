"""Run a program at a pseudo-terminal, and return what it shows."""

from __future__ import annotations

import os
import struct
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["at_terminal"]


def at_terminal(command: Sequence[str], *, cwd: Path, columns: int, environ: Mapping[str, str] | None = None) -> str:
    """Return what *command* prints at a terminal of so many *columns*, with *environ* on top of the environment."""
    import fcntl  # only POSIX systems have these
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    variables = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen(
        command, cwd=cwd, env={**variables, "TERM": "xterm", **(environ or {})}, stdin=theirs, stdout=theirs, stderr=theirs
    ):  # fmt: skip
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:
            # Linux has no end of a file here, but an error.
            pass
        finally:
            os.close(ours)
    return shown.decode().replace("\r\n", "\n")
