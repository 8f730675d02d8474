"""Processes that end with nox: it runs one after the other, and lets go of them, or is gone, killed or not.

The `supervisor` of a command in the background does the same in Python, which takes longer to start than an installation
from uv's cache. This one is a shell that waits beside the process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["GRACE", "Guard", "ReleasedError"]

GRACE = 3
"""How many seconds a process, with all that it has started, has to end, before all of it is killed."""

# Told the number of each process group that begins, and an empty line when that has ended.
_PROGRAM = f"""
    while read -r line; do group=$line; done
    [ -n "$group" ] || exit 0
    kill -s TERM -- "-$group"
    turns={GRACE * 20}
    while [ $turns -gt 0 ] && kill -s 0 -- "-$group"; do sleep 0.05; turns=$((turns - 1)); done
    kill -s KILL -- "-$group"
"""


class ReleasedError(Exception):
    """No further process begins."""


class Guard:
    """Runs processes, and ends the one that runs, with all that it started, when this process lets go of it, or is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._released = False

    def run(self, command: Sequence[str], directory: Path, env: Mapping[str, str | None]) -> int:
        """Run *command* in *directory*, its output unseen and without a terminal, and return its exit code.

        Raise `ReleasedError` if it may not begin any more, `OSError` if it, or what watches it, cannot run.
        """
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        variables = {name: value for name, value in env.items() if value is not None}
        with self._lock:
            if self._released:
                raise ReleasedError
            if self._program is None:
                self._program = subprocess.Popen(["/bin/sh", "-c", _PROGRAM], stdin=subprocess.PIPE, **quiet)
            program = self._program
            process = subprocess.Popen(command, cwd=directory, env=variables, stdin=subprocess.DEVNULL, **quiet)
            try:
                _tell(program, process.pid)
            except OSError:
                # Somebody has ended the shell: nothing else would end this.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise
        code = process.wait()
        with self._lock:
            if not self._released:
                _tell(program, "")
        return code

    def let_go(self) -> None:
        """Let no further process begin, and the one that runs be ended."""
        with self._lock:
            self._released = True
            if self._program is not None and self._program.stdin is not None:
                # Of a shell that is gone, too.
                with suppress(BrokenPipeError):
                    self._program.stdin.close()

    def release(self) -> None:
        """Let go, and wait until no process runs."""
        self.let_go()
        if self._program is not None:
            self._program.wait()


def _tell(program: subprocess.Popen[bytes], line: object) -> None:
    if program.stdin is not None:
        program.stdin.write(f"{line}\n".encode())
        program.stdin.flush()
