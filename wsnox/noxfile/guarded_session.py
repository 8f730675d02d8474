"""The session that commands and functions of the noxfile get: it starts only the environment's and allowed programs.

nox itself only warns when it takes a program from outside, unless `nox.Session.run` gets ``external=True``. That means the
same here, and so do ``"error"`` and ``--error-on-external-run``.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import nox

from wsnox.errors import DirectoryError, ProgramError
from wsnox.files import is_inside
from wsnox.noxfile.interrupts import interrupts
from wsnox.noxfile.recorder import recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.environment.isolation import Programs
    from wsnox.workspace.sessions import Session

__all__ = ["GuardedSession", "inside", "refuse_directory"]


def refuse_directory(session: Session, root: Path) -> None:
    """Raise `DirectoryError` if the commands of *session*, in the workspace at *root*, cannot run where they should."""
    directory = session.directory
    homes = [root, *(member.directory for member in session.members)]
    if directory in homes:
        return
    if not directory.is_dir():
        raise DirectoryError(session.name, directory, "is not a directory")
    if not any(is_inside(directory, home) for home in homes):
        raise DirectoryError(session.name, directory, "leads out of the workspace")


class GuardedSession(nox.Session):
    """A *session* of nox that runs only what *programs* allows, and calls *refuse* with the words of everything else."""

    __slots__ = ("_programs", "_refuse")

    def __init__(self, session: nox.Session, programs: Programs, refuse: Callable[[Sequence[str]], NoReturn]) -> None:
        # A session consists of its runner alone, which its `__dict__` shows.
        super().__init__(*vars(session).values())
        self._programs, self._refuse = programs, refuse

    def run(self, *args: Any, external: Any = None, **options: Any) -> Any:
        """Run a command, as `nox.Session.run` does, or refuse its program."""
        external = self._external(args, external)
        recorder.start(args)
        try:
            with interrupts.heeded():
                return super().run(*args, external=external, **options)
        except OSError as error:
            raise ProgramError(
                f"`{args[0]}` does not start: {error.strerror or error}",
                hint="the first line of a script names the program that runs it, which must be there",
            ) from error

    def chdir(self, dir: str | os.PathLike[str]) -> Any:  # noqa: A002 - the signature is nox's
        """Change the working directory, as `nox.Session.chdir` does, and say where the session is if that fails."""
        try:
            return super().chdir(dir)
        except OSError as error:
            problem = f"cannot be entered ({error.strerror or error})"
            hint = f"the session is in `{Path.cwd()}` already"
            raise DirectoryError(self.name, Path.cwd() / dir, problem, hint=hint) from error

    cd = chdir

    def run_install(self, *args: Any, external: Any = None, **options: Any) -> Any:
        """Run a command of the install step, as `nox.Session.run_install` does, or refuse its program."""
        return super().run_install(*args, external=self._external(args, external), **options)

    @property
    def installs_only(self) -> bool:
        """Whether nox was told to run no commands."""
        return bool(self._runner.global_config.install_only)

    @property
    def environ(self) -> dict[str, str]:
        """The variables that a command gets, as nox puts them together."""
        env = {name: value for name, value in {**os.environ, **self.env}.items() if value is not None}
        return {**env, "PATH": os.pathsep.join([*(self.bin_paths or ()), env.get("PATH", os.defpath)])}

    def refuse_outside(self, words: Sequence[str]) -> None:
        """Refuse the program of *words* as `run` does, and start nothing."""
        self._external(tuple(words), None)

    def resolved(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return *words* with the path of the program that `run` would start, or refuse it as that does."""
        self.refuse_outside(words)
        path = shutil.which(words[0], path=os.pathsep.join(self.bin_paths or ())) or shutil.which(words[0])
        if path is None:
            raise ProgramError(f"`{words[0]}` is not a program that can be started")
        return (os.path.abspath(path), *words[1:])  # noqa: PTH100 - `..`, not links

    def _external(self, args: tuple[Any, ...], external: Any) -> Any:
        """Return the value of *external* that nox gets for the program that *args* start."""
        # nox itself refuses an empty command, and calls a callable.
        if not args or not isinstance(args[0], (str, os.PathLike)) or external is True:
            return external
        program = os.fspath(args[0])
        kind = self._programs.kind(program)
        if kind == "outside":
            self._refuse((program, *map(str, args[1:])))
        return external if kind == "environment" else external or True


@contextmanager
def inside(directory: Path) -> Iterator[None]:
    """Change the working directory while the body runs, without the line that `nox.Session.chdir` logs for each change."""
    previous = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(previous)
