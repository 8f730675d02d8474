"""The next session's environment, prepared while the commands of the current one run.

A run of nox installs, then runs commands, then installs again. The two need different things, so while commands run, a
thread prepares the environment of the session that comes next, without nox. When nox gets there, it finds an environment
that is proven, which wsnox looks at as ever, and shows what the thread had to say. If the thread fails, nothing of it is
shown or left: nox makes and prepares the environment itself, and reports what it meets. Under ``-j`` each process has one
session, and nothing is ahead.

How nox would make an environment is known from one that it has made in this run, of the same Python (`Maker`). What the
thread starts has a session of its own, without a terminal: a prompt for a password fails there, and comes when nox prepares
the environment itself. It ends, with all that it started, when nox goes on without it, or is gone, killed or not.

Checked with nox 2026.8 to 2026.10. What comes next is at the head of ``_queue`` in nox's manifest, which has no public
name. Without it, and on Windows, nothing is prepared ahead.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from wsnox._record import Record
from wsnox.environment.model import Venv
from wsnox.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import nox

    from wsnox.environment.model import Job
    from wsnox.noxfile.venvs import Mark

__all__ = ["Ahead", "Maker", "ahead"]

GRACE = 3
"""How many seconds what a thread has started has to end, before all of it is killed."""


class Maker(Record):
    """How nox makes an environment of one Python: *uv* with the path *python*, and these *options* after the place."""

    uv: str
    python: str
    options: tuple[str, ...]


class Run(Protocol):
    """The run of a session, as far as its preparation needs it (`wsnox.noxfile.run`)."""

    def job(self, venv: Venv) -> Job:
        """Return the job of the environment *venv*."""

    def refuse(self, job: Job) -> None:
        """Raise a `WsnoxError` if the session may have no environment, or can have no closure."""

    def on_closure(self, names: Sequence[str]) -> None:
        """Raise a `WsnoxError` if the session could run nothing with the distributions *names*."""


class _Abandoned(Exception):  # noqa: N818 - no error: nox does it when it gets there
    """The preparation is none for a thread."""


class _Guard:
    """Runs processes, and ends the one that runs, with all that it started, when this process lets go of it, or is gone."""

    # Told the number of each process group that begins, and an empty line when that has ended.
    _PROGRAM = f"""
        while read -r line; do group=$line; done
        [ -n "$group" ] || exit 0
        kill -s TERM -- "-$group"
        turns={GRACE * 20}
        while [ $turns -gt 0 ] && kill -s 0 -- "-$group"; do sleep 0.05; turns=$((turns - 1)); done
        kill -s KILL -- "-$group"
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._released = False

    def run(self, command: Sequence[str], directory: Path, env: Mapping[str, str | None]) -> int:
        """Run *command* in *directory*, its output unseen and without a terminal, and return its exit code."""
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        variables = {name: value for name, value in env.items() if value is not None}
        with self._lock:
            if self._released:
                raise _Abandoned
            if self._program is None:
                self._program = subprocess.Popen(["/bin/sh", "-c", self._PROGRAM], stdin=subprocess.PIPE, **quiet)
            program = self._program
            process = subprocess.Popen(command, cwd=directory, env=variables, stdin=subprocess.DEVNULL, **quiet)
            _tell(program, process.pid)
        code = process.wait()
        with self._lock:
            if not self._released:
                _tell(program, "")
        return code

    def release(self) -> None:
        """Let no further process begin, and wait until none runs."""
        with self._lock:
            self._released, program, self._program = True, self._program, None
        if program is not None:
            program.communicate()


def _tell(program: subprocess.Popen[bytes], line: object) -> None:
    if program.stdin is not None:
        program.stdin.write(f"{line}\n".encode())
        program.stdin.flush()


class _Preparation:
    """A preparation of the environment of *job* in a thread: the host of `wsnox.environment.prepare.prepare`, without nox.

    *run* is the session's. The environment is made by *maker*, if it is absent, with the working directory *directory*.
    """

    def __init__(self, job: Job, run: Run, maker: Maker | None, directory: Path) -> None:
        self.location, self._job, self._run = job.venv.location, job, run
        self._maker, self._directory = maker, directory
        self.made_with = ""
        """The path of the Python that the environment was made with, empty if it was there."""
        self.lines: list[str] = []
        """What is to be shown, if it has succeeded."""
        self.succeeded = False
        self._guard = _Guard()
        self._thread = threading.Thread(target=self._prepare, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def stop(self) -> None:
        """End it, and all that it started: its stamp says that the environment is unfinished."""
        self._guard.release()
        # It may wait for a lock that another run of nox has.
        self._thread.join(2 * GRACE)

    def _prepare(self) -> None:
        from wsnox.environment.other_runs import environment_lock  # noqa: PLC0415 - a warm session needs none of it
        from wsnox.environment.prepare import prepare  # noqa: PLC0415 - as above
        from wsnox.files import remove  # noqa: PLC0415 - as above

        job = self._job
        # Whatever fails: nox meets it again, and says it.
        with suppress(Exception), environment_lock(self.location, _abandon):
            try:
                self._run.refuse(job)
                self.log(str(prepare(job, self)))
                self.succeeded = True
            finally:
                if self.made_with and not self.succeeded:
                    remove(self.location, inside=self.location.parent)
        self._guard.release()

    # --- the host of the preparation ---

    def may_install(self) -> bool:
        """Allow installs: under ``-R``, nothing is prepared ahead."""
        return True

    def install(self, *command: str) -> None:
        """Run an install step in the workspace root; what it says is said again by nox if it fails."""
        from wsnox.environment.isolation import activated_env, install_env  # noqa: PLC0415 - a warm session needs none of it

        environ = self._job.environ
        env = {**activated_env(self._job.venv, environ, uv=True), **install_env(environ)}
        if self._guard.run(command, self._job.workspace.root, env):
            raise InstallError(self._job.label, "uv", hint="")

    def recreate(self) -> None:
        """Make the environment, if it is absent and how is known."""
        if self._maker is None or os.path.lexists(self.location):
            _abandon()
        from wsnox.environment.template import Templates  # noqa: PLC0415 - a warm session needs none of it

        uv, python, environ = self._maker.uv, self._maker.python, self._job.environ
        templates = Templates(self._job.venv.shared, uv, python, directory=self._directory, environ=environ)
        self.made_with = python
        if not templates.write(self.location):
            command = [uv, "venv", "-p", python, str(self.location), *self._maker.options]
            if self._guard.run(command, self._directory, environ):
                _abandon()
            templates.learn(self.location)

    def on_closure(self, names: Sequence[str]) -> None:
        """Raise a `WsnoxError` if the session could run nothing with the distributions *names*."""
        self._run.on_closure(names)

    def log(self, message: str) -> None:
        """Keep *message* for when nox gets to the session."""
        self.lines.append(message)


def _abandon() -> NoReturn:
    raise _Abandoned


class Ahead:
    """What this process knows of the environment that is prepared ahead: there is at most one at a time."""

    def __init__(self) -> None:
        self._current: _Preparation | None = None
        self._finished: _Preparation | None = None
        self._makers: dict[object, Maker] = {}

    def learn(self, interpreter: object, maker: Maker) -> None:
        """Note how nox makes an environment of what it calls *interpreter*."""
        self._makers[interpreter] = maker

    @contextmanager
    def beside(self, session: nox.Session, venv: Venv, mark_of: Callable[[Any], Mark | None]) -> Iterator[None]:
        """Run the body, the commands of *session*, while the environment of the session after that is prepared.

        That is done only where nox's runner of it has a mark (*mark_of*), and not where the environment was proven for the
        same lockfile and manifests as *venv*, that of *session*.
        """
        # nox may not have come to its session, as another that this one requires has failed.
        self.stop()
        # Whatever keeps it from beginning is no failure of the session that runs.
        with suppress(Exception):
            self._current = self._begun(session, venv, mark_of)
        yield

    def _begun(self, session: nox.Session, venv: Venv, mark_of: Callable[[Any], Mark | None]) -> _Preparation | None:
        """Return the preparation of the environment of the session that nox runs after *session*, `None` if it has to wait."""
        runner: Any = next(iter(vars(session).values()))
        queue = getattr(runner.manifest, "_queue", None)
        if not queue or os.name == "nt" or session.venv_backend != "uv":
            return None
        following = queue[0]
        mark, location = mark_of(following), Path(following.envdir).absolute()
        may_install = not following.global_config.no_install and following.reuse_existing_venv()
        if mark is None or not may_install or _is_proven(location, venv):
            return None
        run = mark.run_at(type(session)(following), location)
        if run is None:
            return None
        maker = self._makers.get(following.func.python)
        return _Preparation(run.job(Venv(location, location / "bin")), run, maker, Path.cwd())

    def finish(self, location: Path) -> str:
        """Wait until the environment at *location* is prepared, if it is; return the Python that it was made with.

        That is empty where it was there, or could not be prepared.
        """
        current, self._finished = self._current, None
        if current is None or current.location != location:
            return ""
        current.finish()
        self._current = None
        if not current.succeeded:
            return ""
        self._finished = current
        return current.made_with

    def lines_of(self, location: Path) -> tuple[str, ...]:
        """Return what is to be shown of the environment at *location*, if it was prepared ahead."""
        finished, self._finished = self._finished, None
        return tuple(finished.lines) if finished is not None and finished.location == location else ()

    def stop(self) -> None:
        """End what is prepared."""
        current, self._current = self._current, None
        if current is not None:
            current.stop()


ahead = Ahead()
"""That of this process."""

atexit.register(ahead.stop)


def _is_proven(location: Path, current: Venv) -> bool:
    """Return whether the environment at *location* has a proof for the same lockfile and manifests as the *current* one."""
    from wsnox.environment.stamp import read_stamp  # noqa: PLC0415 - a listing needs none of it

    stamp = read_stamp(Venv(location, location / "bin").stamp)
    if stamp is None or not stamp.finished:
        return False
    ours = read_stamp(current.stamp)
    return ours is not None and all(
        stamp.inputs.get(name) == ours.inputs.get(name) for name in ("wsnox", "uv.lock", "pyproject.toml")
    )
