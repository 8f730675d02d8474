"""The session as commands and functions of the noxfile get it: it starts the environment's programs, and those allowed.

nox itself only warns where it takes a program from outside, and `nox.Session.run` is told ``external=True`` where that is
meant. That means the same here, and ``"error"`` and ``--error-on-external-run`` do, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import nox

from wsnox.errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from wsnox.environment.programs import Programs

__all__ = ["GuardedSession"]


class GuardedSession(nox.Session):
    """A *session* of nox that runs only what *programs* allows, and calls *refuse* with the name of everything else."""

    __slots__ = ("_programs", "_refuse")

    def __init__(self, session: nox.Session, programs: Programs, refuse: Callable[[str], NoReturn]) -> None:
        # A session is its runner and nothing else, and shows that in its `__dict__`.
        super().__init__(*vars(session).values())
        self._programs, self._refuse = programs, refuse

    def run(self, *args: Any, external: Any = None, **options: Any) -> Any:
        """Run a command, as `nox.Session.run` does, or refuse its program."""
        external = self._external(args, external)
        try:
            return super().run(*args, external=external, **options)
        except OSError as error:
            raise ProgramError(
                f"`{args[0]}` does not start: {error.strerror or error}",
                hint="the first line of a script names the program that runs it, which must be there",
            ) from error

    def run_install(self, *args: Any, external: Any = None, **options: Any) -> Any:
        """Run a command of the install step, as `nox.Session.run_install` does, or refuse its program."""
        return super().run_install(*args, external=self._external(args, external), **options)

    def _external(self, args: tuple[Any, ...], external: Any) -> Any:
        """Return what nox is told in place of *external* about the program that *args* start."""
        # nox has its own words for no program at all, and calls what can be called.
        if not args or not isinstance(args[0], (str, os.PathLike)) or external is True:
            return external
        program = os.fspath(args[0])
        kind = self._programs.kind(program)
        if kind == "outside":
            self._refuse(program)
        return external if kind == "environment" else external or True
