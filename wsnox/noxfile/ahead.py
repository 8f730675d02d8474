"""The next session's environment, prepared while the commands of the current one run.

A run of nox installs, then runs commands, then installs again. The two need different things, so while commands run, a
thread prepares the environment of the session that comes next (`Preparation`). When nox gets there, it finds an environment
that is proven, which wsnox looks at as ever, and shows what the thread had to say. Under ``-j`` each process has one
session, and nothing is ahead.

Checked with nox 2026.8 to 2026.10. What comes next is at the head of ``_queue`` in nox's manifest, which has no public
name. Without it, and on Windows, nothing is prepared ahead.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.environment.model import Venv
from wsnox.noxfile.interrupts import without_interrupts
from wsnox.noxfile.preparation import Preparation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import nox

    from wsnox.noxfile.preparation import Maker, Prepared
    from wsnox.noxfile.venvs import Mark

__all__ = ["Ahead", "ahead"]


class Ahead:
    """What this process knows of the environment that is prepared ahead: there is at most one at a time."""

    def __init__(self) -> None:
        self._current: Preparation | None = None
        self._makers: dict[object, Maker] = {}

    def learn(self, interpreter: object, maker: Maker) -> None:
        """Note how nox makes an environment of what it calls *interpreter*."""
        self._makers[interpreter] = maker

    @contextmanager
    def beside(self, session: nox.Session, venv: Venv, mark_of: Callable[[Any], Mark | None]) -> Iterator[None]:
        """Run the body, the commands of *session*, while the environment of the session after that is prepared.

        That is done only where nox's runner of it has a mark (*mark_of*). It is not where that requires *session*, whose
        commands may make what is to be installed, nor where the environment was proven for the same lockfile and manifests
        as *venv*, that of *session*.
        """
        # nox may not have come to its session, as another that this one requires has failed.
        self.stop()
        # Whatever keeps it from beginning is no failure of the session that runs.
        with suppress(Exception):
            self._current = self._begun(session, venv, mark_of)
        yield

    def _begun(self, session: nox.Session, venv: Venv, mark_of: Callable[[Any], Mark | None]) -> Preparation | None:
        """Return the preparation of the environment of the session that nox runs after *session*, `None` if it has to wait."""
        runner: Any = next(iter(vars(session).values()))
        queue = getattr(runner.manifest, "_queue", None)
        # Who watches sees what uv says.
        watches = logging.getLogger().getEffectiveLevel() < logging.DEBUG
        if not queue or watches or os.name == "nt" or session.venv_backend != "uv":
            return None
        following = queue[0]
        mark, location = mark_of(following), Path(following.envdir).absolute()
        may_install = not following.global_config.no_install and following.reuse_existing_venv()
        if mark is None or not may_install or _is_proven(location, venv):
            return None
        run = mark.run_at(type(session)(following), location)
        if run is None or runner in following.get_direct_dependencies():
            return None
        job, maker = run.job(Venv(location, location / "bin")), self._makers.get(following.func.python)
        current = mark_of(runner)
        # A session that installs its members as wheels has them built already.
        busy = current.session.members if current is not None and current.session.editable else ()
        return Preparation(job, run, maker, Path.cwd(), frozenset(member.name for member in busy))

    def result(self, location: Path) -> Prepared | None:
        """Wait until the environment at *location* is prepared, and return what came of it; `None` if nothing did."""
        current = self._current
        if current is None or current.location != location:
            return None
        prepared = current.result()
        self._current = None
        return prepared

    def stop(self) -> None:
        """End what is prepared."""
        self.halt()
        self._current = None

    def halt(self) -> None:
        """End what is prepared, unless that is done: then nox still finds it."""
        if self._current is not None:
            self._current.stop()


ahead = Ahead()
"""That of this process."""

atexit.register(without_interrupts(ahead.stop))
# A copy of this process would have no thread, but the locks that the thread held, and hold open what the guard waits for.
if sys.platform != "win32":
    os.register_at_fork(before=ahead.halt)


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
