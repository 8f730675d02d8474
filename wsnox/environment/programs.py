"""Whose the program of a command is: the environment's, the repository's own, one that is allowed, or one from outside.

nox looks for a name in the environment, and if it is not there, takes whatever ``PATH`` has: another version than the
locked one, or a tool that no closure has. That passes here and fails elsewhere, so it has to be allowed by name.

- Whatever lies in the environment's folder is the environment's, however the command names it.
- A path into the workspace is a script of the repository's, and the user's own; but not in another environment there,
  such as uv's ``.venv``, and not as a link that leads out.
- Everything else is outside, and allowed where ``external`` has its name, or the path as the command has it.

`ALWAYS` is allowed everywhere: git comes with no distribution, runs on no Python, and fails where it is not. A shell is
not, as it looks on ``PATH`` for what it runs: ``bash -c "ruff check"`` would be the same leak with a detour. Nor are
``env``, ``time``, ``xargs`` and ``make``, for that reason, nor ``uv``, which installs and runs what it resolves itself.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record

if TYPE_CHECKING:
    __all__ = ["ALWAYS", "Programs", "plain_name", "python_name"]

ALWAYS = ("git",)

# Beside these, an environment keeps its programs: of Python (PEP 405), and of conda.
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_EXECUTABLE = (".exe", ".cmd", ".bat", ".com")

Kind = Literal["environment", "repository", "allowed", "outside"]


class Programs(Record, kw_only=True):
    """The programs for the environment at *location*, which keeps its own in *folder*, in the workspace at *root*.

    *external* programs may come from outside, as the configuration says.
    """

    location: Path
    folder: Path
    root: Path
    external: tuple[str, ...] = ()

    def kind(self, program: str) -> Kind:
        """Return what *program* is, as a command in the working directory names it."""
        is_path = os.path.dirname(program) != ""  # noqa: PTH120 - `Path` forgets the `./`
        # On Windows, a name is looked for in the working directory, too.
        path = program if is_path else shutil.which(program, path=os.fspath(self.folder))
        if path is not None and _lies_in(self.location, Path(os.path.abspath(path)), follow=False):  # noqa: PTH100 - `..`, not links
            return "environment"
        if self._is_allowed(program):
            return "allowed"
        if path is not None and _lies_in(self.root, Path(path), follow=True):
            return "repository"
        return "outside"

    def broken(self, program: str) -> Path | None:
        """Return the file of the environment that has the name of *program* and does not run, `None` without any."""
        file = self.folder / plain_name(program)
        return file if os.path.lexists(file) and shutil.which(program, path=os.fspath(self.folder)) is None else None

    def _is_allowed(self, program: str) -> bool:
        """Return whether *program* may come from outside: a name allows it wherever it is, a path only itself."""
        names = (name for name in (*ALWAYS, *self.external) if "/" not in name and "\\" not in name)
        return program in self.external or plain_name(program) in map(plain_name, names)


def python_name(os_name: str) -> str:
    """Return the name of an environment's Python on the system that Python knows by *os_name*."""
    return "python.exe" if os_name == "nt" else "python"


def plain_name(program: str, os_name: str = os.name) -> str:
    """Return the name of *program*, a name or path; on Windows without what makes a file one, and in lower case."""
    if os_name != "nt":
        return program.rpartition("/")[2]
    name = program.replace("\\", "/").rpartition("/")[2].lower()
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name of another system
    return stem if suffix in _EXECUTABLE else name


def _lies_in(directory: Path, path: Path, *, follow: bool) -> bool:
    """Return whether *path* lies below *directory*, and in no environment below it; *follow* a link that *path* is."""
    real = Path(os.path.realpath(path)) if follow else Path(os.path.realpath(path.parent), path.name)
    top = Path(os.path.realpath(directory))
    if not real.is_relative_to(top):
        return False
    between = real.relative_to(top).parents
    return not any((top / folder / mark).exists() for folder in between if folder.parts for mark in _ENVIRONMENTS)
