"""The next session's environment, prepared while the commands of the current one run.

A run of nox installs, then runs commands, then installs again. The two need different things, so while commands run,
wsnox lets a child process prepare the environment of the session that comes next. The child is a fork of nox, and does
what nox itself would do a moment later; when nox gets there, it finds an environment that is proven, and shows what the
child had to say. If the child fails, nothing of it is shown or used: nox prepares the environment as ever, and reports
what it meets. Under ``-j`` each process has one session, and nothing is ahead; nor is it where the last commands took less
time than the child costs.

The child has a session of its own, without a terminal: a prompt for a password fails there, and comes when nox prepares
the environment itself. It ends with all that it started when nox lets go of a pipe, or is gone, killed or not.

Checked with nox 2026.8 to 2026.10. What comes next is at the head of ``_queue`` in nox's manifest, which has no public
name; `SessionRunner.execute` prepares and runs it. Without these names, and on systems without ``fork``, nothing is
prepared ahead.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn

from wsnox.noxfile.this_run import RUN, begin_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import nox

    from wsnox.environment.model import Venv

__all__ = ["Ahead", "ahead"]

GRACE = 3
"""How many seconds the child has to end what it started, before all of it is killed."""

WORTH = 0.1
"""How many seconds commands have to take for a child to pay: it costs a processor a fifth of that."""


class _Child(NamedTuple):
    """A process that prepares the environment at *location*, writes what nox logs to *output*, and ends with *lifeline*."""

    pid: int
    location: Path
    output: IO[bytes]
    lifeline: IO[bytes]


class Ahead:
    """What this process knows of the environment that is prepared ahead: there is at most one at a time."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._shown: Path | None = None
        self._pays = True
        self.prepares_only = False
        """Whether this process is such a child, which runs no commands."""
        self.has_prepared = False
        """Whether this child has come to the proof: a session that nox skips has none, and does not fail either."""

    @contextmanager
    def beside(self, session: nox.Session, venv: Venv, is_ours: Callable[[Any], bool]) -> Iterator[None]:
        """Run the body, the commands of *session*, while a child prepares the environment of the session after that.

        It does so only for an environment of wsnox, and not where that was proven for the same lockfile and manifests as
        *venv*, that of *session*.
        """
        # nox may not have come to its session, as another that this one requires has failed.
        self._stop()
        if self._pays:
            self._begin(session, venv, is_ours)
        start = time.monotonic()
        try:
            yield
        finally:
            self._pays = time.monotonic() - start >= WORTH

    def _begin(self, session: nox.Session, venv: Venv, is_ours: Callable[[Any], bool]) -> None:
        runner: Any = next(iter(vars(session).values()))
        queue = getattr(runner.manifest, "_queue", None)
        if not queue or not is_ours(queue[0]) or not _may_install(queue[0]):
            return
        import threading  # noqa: PLC0415 - a listing needs none of it

        location = Path(queue[0].envdir).absolute()
        # A process with several threads must not fork.
        if threading.active_count() > 1 or _is_proven(location, venv):
            return
        # Without room for a file or a process, nox does it when it gets there; and who reads no output misses nothing.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
            self._child = self._fork(queue[0], location)
            atexit.register(self._stop)

    def _fork(self, runner: Any, location: Path) -> _Child:
        """Return the child that prepares the environment of the session of *runner* at *location*."""
        import tempfile  # noqa: PLC0415 - a listing needs none of it

        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the session gets there
        source, sink = os.pipe()
        held, lifeline = os.fdopen(source, "rb"), os.fdopen(sink, "wb")
        pid = os.fork()
        if pid == 0:
            lifeline.close()
            self._prepare(runner, output, held)
        held.close()
        return _Child(pid, location, output, lifeline)

    def _prepare(self, runner: Any, output: IO[bytes], held: IO[bytes]) -> NoReturn:
        """Prepare the environment of the session of *runner*, log to *output*, and end this process, early with *held*."""
        import threading  # noqa: PLC0415 - a listing needs none of it

        status = 1
        try:
            os.setsid()
            signal.signal(signal.SIGTERM, _interrupt)
            threading.Thread(target=_end_with, args=(held,), daemon=True).start()
            with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - no path
                os.dup2(nothing.fileno(), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            self._child, self.prepares_only = None, True
            # No session may refer to an error that this one says: nobody reads it.
            os.environ.pop(RUN, None)
            begin_run()
            # The collector touches every object, and so would have all memory of nox copied.
            gc.disable()
            runner.execute()
            status = 0 if self.has_prepared else 1
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def finish(self, location: Path) -> bool:
        """Wait until the environment at *location* is prepared, if a child does that, and show what it logged.

        Return whether the environment was made and prepared.
        """
        child = self._child
        if child is None or child.location != location:
            return False
        try:
            _, status = os.waitpid(child.pid, 0)
        except BaseException:
            self._stop()
            raise
        self._child = None
        with child.output, child.lifeline:
            if status == 0:
                child.output.seek(0)
                # Whoever reads no output does not make the session fail.
                with suppress(OSError):
                    # nox has just said itself that the session runs.
                    sys.stderr.write(child.output.read().decode(errors="replace").partition("\n")[2])
                    sys.stderr.flush()
                self._shown = location
        return status == 0

    def has_shown(self, location: Path) -> bool:
        """Return whether the proof of the environment at *location* was shown by `finish`, and forget that."""
        shown, self._shown = self._shown == location, None
        return shown

    def _stop(self) -> None:
        """End the child: its stamp says that the environment is unfinished."""
        child, self._child = self._child, None
        if child is None:
            return
        with child.output:
            child.lifeline.close()
            with suppress(OSError):
                os.waitpid(child.pid, 0)


ahead = Ahead()
"""That of this process."""


def _interrupt(*_: object) -> NoReturn:
    """Interrupt this process as from the terminal, once: nox then ends what it started."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with(held: IO[bytes]) -> None:
    """End this process and all that it started when nobody holds the other end of *held*."""
    held.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


def _may_install(runner: Any) -> bool:
    config = runner.global_config
    # Libraries of macOS may not survive a fork.
    may_fork = hasattr(os, "fork") and sys.platform != "darwin"
    return may_fork and not config.no_install and runner.reuse_existing_venv()


def _is_proven(location: Path, current: Venv) -> bool:
    """Return whether the environment at *location* has a proof for the same lockfile and manifests as the *current* one."""
    from wsnox.environment.model import Venv  # noqa: PLC0415 - a listing needs none of it
    from wsnox.environment.stamp import read_stamp  # noqa: PLC0415 - as above

    stamp, ours = read_stamp(Venv(location, location / "bin").stamp), read_stamp(current.stamp)
    if stamp is None or ours is None or not stamp.finished:
        return False
    return all(stamp.inputs.get(name) == ours.inputs.get(name) for name in ("wsnox", "uv.lock", "pyproject.toml"))
