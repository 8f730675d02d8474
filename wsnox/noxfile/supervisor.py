"""Run a command until it ends or whoever started this lets go of the pipe: ``python supervisor.py GRACE COMMAND…``.

Standard input is that pipe. The system closes its other end when nox ends, however it does, killed or not; then the command
is asked to end, with all that it started, and what is left after *GRACE* seconds is killed. On POSIX that is its process
group: what makes a session of its own on purpose, as daemons do, stays. On Windows it is the tree of its processes.

It is a program of its own, of the standard library alone, in a session of its own: an interrupt at the terminal does not
reach it, nor the command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

__all__ = ["supervise"]

KILL_WAIT = 2
"""How many seconds what was killed has to be gone."""


def supervise(command: list[str], grace: float) -> int:
    """Run *command*, and return its exit code once nothing of it is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{command[0]} does not start: {error.strerror or error}", flush=True)
        return 127

    def end_with_pipe() -> None:
        # Nobody writes to it: to read is to wait for its end.
        os.read(0, 1)
        _end(process, grace)

    threading.Thread(target=end_with_pipe, daemon=True).start()
    try:
        code = process.wait()
    finally:
        # What it started may have outlived it.
        _end(process, grace)
    return code if code >= 0 else 128 - code


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/PID", str(process.pid), "/T", "/F"], capture_output=True, check=False)  # noqa: S607 - of Windows
        return
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, KILL_WAIT)):
        try:
            os.killpg(process.pid, number)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                # Without a signal, it only says whether the group is there.
                os.killpg(process.pid, 0)
                time.sleep(0.02)
        except OSError:
            return


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(supervise(sys.argv[2:], float(sys.argv[1])))
