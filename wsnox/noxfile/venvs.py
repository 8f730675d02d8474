"""How nox makes the environments of wsnox: one run of nox at a time, and by a template where uv would make what it says.

nox makes an environment before it calls the session. Two runs of nox at once would both make it in one directory, and one
might use an environment that the other has only partly made. So wsnox changes nox as follows; checked with nox 2026.8 to
2026.10:

1. A session of wsnox has a `Mark` as its ``venv_params``, an empty list that nox passes to the class of the environment.
2. In `nox.virtualenv.ALL_VENVS`, the public table of environment factories by backend, those of
   uv, virtualenv and venv are wrapped, once a process. A nox that has no such table is left alone.
3. Of an environment object that was given a mark, and of no other, ``create`` is wrapped: it refuses what the mark says,
   which ends the session as `nox.Session.error` does, and then holds the environment's lock.
4. Meanwhile, `nox.command.run` is another function: ``uv venv``, with the arguments that nox is known to give, is not
   started where a template says what it would make. All that nox says and does besides stays as it is.

A warm session takes no lock: nox will only look at an environment that is proven and that it has no reason to replace.
If another run replaces it at just that moment, the preparation, which has the lock, notices that it is incomplete.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox.command
import nox.virtualenv

from wsnox.noxfile.ahead import ahead
from wsnox.noxfile.preparation import Maker
from wsnox.noxfile.preparer import preparer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.environment.template import Templates
    from wsnox.noxfile.preparation import Prepared, Run
    from wsnox.workspace.sessions import Session

__all__ = ["BACKENDS", "Mark", "mark_of", "prepared_at", "serialize_venv_creation"]

BACKENDS = ("uv", "virtualenv", "venv")


class Mark(list[str]):
    """No parameters for the tool that makes an environment, and the sign that the environment is one of wsnox's *session*.

    *refuse* is called with the place of an environment before that is made, and does not return if it must not be. *run_at*
    returns the run that has it, if that is one of the session's own titles, for a session of nox.
    """

    def __init__(
        self, refuse: Callable[[Path], None], run_at: Callable[[nox.Session, Path], Run | None], session: Session
    ) -> None:
        super().__init__()
        self.refuse, self.run_at, self.session = refuse, run_at, session
        self._prepared: Prepared | None = None

    def keep(self, prepared: Prepared | None) -> None:
        """Keep what came of a preparation without nox until the session takes it."""
        self._prepared = prepared

    def prepared_at(self, location: Path) -> Prepared | None:
        """Return what came of the preparation of the environment at *location* without nox, once."""
        prepared, self._prepared = self._prepared, None
        return prepared if prepared is not None and prepared.location == location else None


def mark_of(runner: Any) -> Mark | None:
    """Return the mark of the session of nox's *runner*, `None` if its environment is not one of wsnox."""
    mark = getattr(runner.func, "venv_params", None)
    return mark if isinstance(mark, Mark) else None


def prepared_at(nox_session: nox.Session, location: Path, *, ask: bool = False) -> Prepared | None:
    """Return, once, what came of the preparation of the environment of *nox_session* at *location* without nox.

    *ask* the process that began the run for one.
    """
    mark = mark_of(next(iter(vars(nox_session).values())))
    if mark is None:
        return None
    return preparer.ask(mark, location, None) if ask else mark.prepared_at(location)


def serialize_venv_creation() -> None:
    """Let the environments of sessions with a mark be created one run at a time, where this nox allows it."""
    factories = getattr(nox.virtualenv, "ALL_VENVS", {})
    for backend in BACKENDS:
        if backend in factories and not isinstance(factories[backend], _Factory):
            factories[backend] = _Factory(factories[backend])


class _Factory:
    """A factory of environment objects for nox: as *make*, but one with a mark is created under its lock."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        environment = self._make(*arguments, **options)
        if isinstance(mark := options.get("venv_params"), Mark):
            create = environment.create
            environment.create = lambda: _create(environment, create, mark)
        return environment


def _create(environment: Any, create: Callable[[], bool], mark: Mark) -> bool:
    location = Path(environment.location).absolute()
    prepared, will_stay = ahead.result(location), _will_stay(environment)
    if prepared is None and not will_stay and environment.venv_backend == "uv" and environment.reuse_existing:
        prepared = preparer.ask(mark, location, getattr(environment, "interpreter", None))
    mark.keep(prepared)
    if prepared is not None and prepared.made_with:
        name, place = Path(prepared.made_with).name, environment.location_name
        # In the words of nox, which would have made it now.
        logging.getLogger("nox").info("Creating virtual environment (uv) using %s in %s", name, place)
        return True
    if will_stay or prepared is not None:
        return create()
    mark.refuse(location)
    return _create_locked(environment, create)


def _create_locked(environment: Any, create: Callable[[], bool]) -> bool:
    from wsnox.environment.other_runs import environment_lock  # noqa: PLC0415 - a warm session needs none of it

    location = Path(environment.location)

    def log_wait() -> None:
        logging.getLogger("nox").info("%s: waiting for another run that makes this environment", location.name)

    with ExitStack() as lock:
        # A directory that cannot be written to holds no lock, and nox reports that itself.
        try:
            lock.enter_context(environment_lock(location, log_wait))
        except OSError:
            return create()
        if environment.venv_backend == "uv" and os.name != "nt":
            # Without the name, nothing that comes is of the same Python as far as anybody knows.
            interpreter = getattr(environment, "interpreter", environment)
            lock.enter_context(_by_template(location.absolute(), interpreter))
        return create()


@contextmanager
def _by_template(location: Path, interpreter: object) -> Iterator[None]:
    """Let nox make the environment of *interpreter* at *location* by a template, where uv would make just that."""
    run = nox.command.run

    def made_or_run(arguments: Sequence[str], **options: Any) -> Any:
        # Who watches sees what uv says.
        is_watched = options.get("log") or logging.getLogger().getEffectiveLevel() < logging.DEBUG
        match arguments:
            case [uv, "venv", "-p", python, place, *rest] if rest in ([], ["--clear"]) and place == str(location):
                templates = _templates(location, uv, python)
                if not is_watched and templates is not None:
                    maker = Maker(templates.uv, python, tuple(rest))
                    ahead.learn(interpreter, maker)
                    preparer.learn(interpreter, maker)
                    if not templates.write(location):
                        run(arguments, **options)
                        templates.learn(location)
                    return True
        return run(arguments, **options)

    nox.command.run = made_or_run  # type: ignore[assignment] # overloaded by what it returns
    try:
        yield
    finally:
        nox.command.run = run


def _templates(location: Path, uv: str, python: str) -> Templates | None:
    """Return the templates of *python* for environments beside *location*, `None` if *uv* would have to look for it."""
    from wsnox.environment.template import Templates  # noqa: PLC0415 - a warm session needs none of it

    program = shutil.which(uv)
    if program is None or not Path(python).is_absolute() or not Path(python).is_file():
        return None
    return Templates(location.parent / ".wsnox", program, python, directory=Path.cwd(), environ=os.environ)


def _will_stay(environment: Any) -> bool:
    """Return whether *environment* is proven, and nox has no reason to recreate it (`nox.virtualenv.VirtualEnv`)."""
    if not environment.reuse_existing or os.environ.get("NOX_ENABLE_STALENESS_CHECK"):
        return False
    # Listing sessions needs none of it.
    from wsnox.environment.model import Venv  # noqa: PLC0415 - see above
    from wsnox.environment.stamp import read_stamp  # noqa: PLC0415 - see above

    venv = Venv(Path(environment.location), Path(environment.bin))
    stamp = read_stamp(venv.stamp)
    if stamp is None or not stamp.finished or not venv.python.exists():
        return False
    if environment.venv_backend == "uv":
        return True
    # Without uv, nox replaces what uv made: there may be no pip to go on with.
    try:
        settings = venv.settings.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return re.search(r"^uv\s*=", settings, re.MULTILINE) is None
