"""The environments of the children of ``nox -j``, prepared by the process that began the run.

Under ``-j`` each session is a process of its own. To prepare its environment it would load all that this takes, and read the
lockfile: half as much again as the preparation itself. The process that began the run has the same sessions, and only waits
for its children. So a child whose environment is not proven asks it, over a socket, to prepare that (`Preparation`), and
waits. If that fails, or nobody answers, the child goes on as it would have alone, and reports what it meets. No more is
prepared at once than nox runs sessions, and the child looks at the proof as ever.

What fails takes its time twice. So after an install that fails, where a server may not have answered, or one of the lockfile,
which all have, each child of the run prepares for itself.

The socket is in a folder that only the user can enter, and named by a variable, which no command sees. On Windows, and where
nothing says beforehand that nox runs sessions in parallel (checked with nox 2026.8 to 2026.10), each child prepares for itself.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nox

from wsnox.environment.model import Venv
from wsnox.errors import InstallError, LockError
from wsnox.noxfile.interrupts import without_interrupts
from wsnox.noxfile.preparation import Maker, Preparation, Prepared
from wsnox.noxfile.this_run import PREPARER, is_child, is_worker
from wsnox.workspace.sessions import run_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.noxfile.venvs import Mark

__all__ = ["preparer"]


class _Preparer:
    """Both ends: what the process that began the run knows, and whom a child asks."""

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self._makers: dict[str | None, Maker] = {}
        self._preparations: set[Preparation] = set()
        self._gave_up = False
        self._asked: set[Path] = set()

    # --- in the process that began the run ---

    def offer(self, mark: Mark) -> None:
        """Prepare the environments of the session of *mark* for the children of this run, if it is to have any."""
        if os.name == "nt" or is_child(os.environ) or not _is_parallel(sys.argv, os.environ):
            return
        if not self._marks:
            # Without room for it, or so many open files, each child prepares for itself.
            with suppress(OSError):
                self._listen()
        self._marks[mark.session.name] = mark

    def _listen(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="wsnox-")
        path = str(Path(folder.name, "socket"))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        os.environ[PREPARER] = path
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        atexit.register(without_interrupts(self._close), listener, folder)

    def _accept(self, listener: socket.socket) -> None:
        # Closed when this process ends; and at once without room for another file or thread, as who connects would wait.
        with suppress(OSError, RuntimeError), listener:
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        """Answer the question of a child, with nothing where it has to prepare its environment itself."""
        with suppress(Exception), connection, connection.makefile("rw", encoding="utf-8") as stream:
            match json.loads(stream.readline()):
                case {"interpreter": interpreter, "made_by": [uv, python, options]}:
                    self._makers[interpreter] = Maker(uv, python, tuple(options))
                case {"session": name, "location": location, "interpreter": interpreter, **rest}:
                    prepared = self._prepared(self._marks[name], Path(location), self._makers.get(interpreter), rest)
                    if prepared is not None:
                        json.dump([prepared.made_with, prepared.lines], stream)

    def _prepared(self, mark: Mark, location: Path, maker: Maker | None, question: Any) -> Prepared | None:
        about: Any = SimpleNamespace(**{key: question[key] for key in ("name", "python", "posargs")})
        run = mark.run_at(about, location)
        if run is None or self._gave_up:
            return None
        job = run.job(Venv(location, location / "bin"))
        preparation = Preparation(job, run, maker, Path(question["directory"]))
        self._preparations.add(preparation)
        try:
            return preparation.result()
        finally:
            self._preparations.discard(preparation)
            self._gave_up |= isinstance(preparation.failure, (InstallError, LockError))

    def _close(self, listener: socket.socket, folder: tempfile.TemporaryDirectory[str]) -> None:
        listener.close()
        preparations = [*self._preparations]
        # A build may take all the time that it has to end.
        for preparation in preparations:
            preparation.let_go()
        for preparation in preparations:
            preparation.stop()
        with suppress(OSError):
            folder.cleanup()

    # --- in a child ---

    def ask(self, mark: Mark, location: Path, interpreter: str | None) -> Prepared | None:
        """Have the environment at *location* prepared for the session of *mark*, and return what came of it.

        It is of what nox knows as *interpreter*. Nothing comes of it if this is no child, or has to do it itself; then it is
        not asked again.
        """
        if location in self._asked or not _may_ask(sys.argv):
            return None
        self._asked.add(location)
        run = run_in(mark.session, location.name)
        if run is None:
            return None
        question = {
            "session": mark.session.name,
            "location": str(location),
            "interpreter": interpreter,
            "directory": str(Path.cwd()),
            "name": run.title,
            "python": run.python or None,
            "posargs": _split(sys.argv)[1],
        }
        answer = _sent(question)
        if not answer:
            return None
        made_with, lines = json.loads(answer)
        return Prepared(location, made_with, tuple(lines))

    def learn(self, interpreter: object, maker: Maker) -> None:
        """Say how nox makes an environment of what it knows as *interpreter*, if this is a child."""
        if isinstance(interpreter, (str, type(None))) and _may_ask(sys.argv):
            _sent({"interpreter": interpreter, "made_by": [maker.uv, maker.python, maker.options]})


preparer = _Preparer()
"""That of this process."""


def _is_parallel(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether nox is told how many sessions to run at once: by *argv*, by *environ*, or by the noxfile so far."""
    if environ.get("NOX_PARALLEL") or getattr(nox.options, "parallel", None):
        return True
    return any(option.startswith("-j") or option.partition("=")[0] == "--parallel" for option in _split(argv)[0])


def _split(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return what *argv* tells nox, and what it tells the sessions."""
    end = argv.index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


def _may_ask(argv: Sequence[str]) -> bool:
    """Return whether somebody prepares for this child: not where nothing may be installed, nor where the user watches."""
    watches = logging.getLogger().getEffectiveLevel() < logging.DEBUG
    return is_worker(os.environ) and PREPARER in os.environ and "--no-install" not in _split(argv)[0] and not watches


def _sent(question: Any) -> str:
    """Return the answer to *question*, empty if there is none."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.environ[PREPARER])
            with connection.makefile("rw", encoding="utf-8") as stream:
                stream.write(json.dumps(question) + "\n")
                stream.flush()
                return stream.read()
    # Whoever began the run is gone, or was not to be spoken to: this process does as it would alone.
    except OSError:
        return ""
