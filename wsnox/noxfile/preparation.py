"""A preparation of one environment without nox, by the process that began the run, for when nox gets to the session.

nox makes an environment and then calls its session, which prepares it. For a session that comes later (`ahead`), or that
a child of ``nox -j`` runs (`preparer`), a thread does both: the environment is made as nox would make it, which is known
from one that nox has made in this run, of the same Python (`Maker`), and then filled and proven. If the thread fails,
nothing of it is shown or left: nox makes and prepares the environment itself, and reports what it meets.

What the thread starts has a session of its own, without a terminal: a prompt for a password fails there, and comes when nox
prepares the environment itself. It ends, with all that it started, when nobody needs it, or nox is gone, killed or not.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Protocol

from wsnox._record import Record
from wsnox.errors import InstallError, WsnoxError
from wsnox.noxfile.guard import GRACE, Guard
from wsnox.noxfile.this_run import FOR_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wsnox.environment.model import Job, Venv

__all__ = ["Maker", "Preparation", "Prepared", "Run"]


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


class Prepared(Record):
    """That the environment at *location* is prepared, and the *lines* to be shown of it.

    It was made with the Python at the path *made_with*, empty if it was there.
    """

    location: Path
    made_with: str
    lines: tuple[str, ...]


class _Abandoned(Exception):  # noqa: N818 - no error: nox does it when it gets there
    """The preparation is none for a thread."""


class Preparation:
    """A preparation of the environment of *job*, in a thread of its own: the host of `wsnox.environment.prepare.prepare`, without nox.

    *run* is the session's. The environment is made by *maker*, if it is absent, with the working directory *directory*. No
    wheel is built of members that are *busy*: commands run in their trees, which may build them, too.
    """

    def __init__(
        self, job: Job, run: Run, maker: Maker | None, directory: Path, busy: frozenset[str] = frozenset()
    ) -> None:
        self.location, self._job, self._run = job.venv.location, job, run
        self._maker, self._directory, self._busy = maker, directory, busy
        self._made_with = ""
        self._lines: list[str] = []
        self._succeeded = False
        self.failure: WsnoxError | None = None
        """Why the session has no such environment, as far as that is known."""
        self._guard = Guard()
        self._thread = threading.Thread(target=self._prepare, daemon=True)
        self._thread.start()

    def result(self) -> Prepared | None:
        """Wait until it has ended, and return what came of it, `None` if it failed."""
        self._thread.join()
        return Prepared(self.location, self._made_with, tuple(self._lines)) if self._succeeded else None

    def let_go(self) -> None:
        """Have it end soon; who stops several has them all end at once."""
        self._guard.let_go()

    def stop(self) -> None:
        """End it, and all that it started: its stamp says that the environment is unfinished."""
        self._guard.release()
        # It may wait for a lock that another run of nox has.
        self._thread.join(2 * GRACE)

    def _prepare(self) -> None:
        # Whatever fails: nox meets it again, and says it.
        with suppress(Exception):
            self._prepare_locked()
        self._guard.release()

    def _prepare_locked(self) -> None:
        from wsnox.environment.other_runs import environment_lock  # noqa: PLC0415 - a warm session needs none of it
        from wsnox.environment.prepare import prepare  # noqa: PLC0415 - as above
        from wsnox.files import remove  # noqa: PLC0415 - as above

        with environment_lock(self.location, _abandon):
            try:
                self._run.refuse(self._job)
                self.log(str(prepare(self._job, self)))
                self._succeeded = True
            except WsnoxError as error:
                self.failure = error
            finally:
                if self._made_with and not self._succeeded:
                    remove(self.location, inside=self.location.parent)

    # --- the host of the preparation ---

    def may_install(self) -> bool:
        """Allow installs: under ``-R``, nothing is prepared ahead."""
        return True

    def install(self, *command: str) -> None:
        """Run an install step in the workspace root; what it says is said again by nox if it fails."""
        from wsnox.environment.isolation import activated_env, install_env  # noqa: PLC0415 - a warm session needs none of it

        job = self._job
        # As nox has it: builds see them, too.
        of_nox = {"NOX_CURRENT_SESSION": job.label, **FOR_COMMANDS}
        env = {**activated_env(job.venv, job.environ, uv=True), **install_env(job.environ), **of_nox}
        if self._guard.run(command, job.workspace.root, env):
            raise InstallError(job.label, "uv", hint="")

    def recreate(self) -> None:
        """Make the environment, if it is absent and how is known."""
        if self._maker is None or os.path.lexists(self.location):
            _abandon()
        from wsnox.environment.template import Templates  # noqa: PLC0415 - a warm session needs none of it

        uv, python, environ = self._maker.uv, self._maker.python, self._job.environ
        templates = Templates(self._job.venv.shared, uv, python, directory=self._directory, environ=environ)
        self._made_with = python
        if not templates.write(self.location):
            command = [uv, "venv", "-p", python, str(self.location), *self._maker.options]
            if self._guard.run(command, self._directory, environ):
                _abandon()
            templates.learn(self.location)

    def on_closure(self, names: Sequence[str]) -> None:
        """Raise a `WsnoxError` if the session could run nothing with the distributions *names*; leave busy trees alone."""
        if not self._job.editable and not self._busy.isdisjoint(names):
            _abandon()
        self._run.on_closure(names)

    def log(self, message: str) -> None:
        """Keep *message* for when nox gets to the session."""
        self._lines.append(message)


def _abandon() -> NoReturn:
    raise _Abandoned
