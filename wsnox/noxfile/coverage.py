"""Coverage over sessions: each keeps its data apart, and one session combines them, member by member.

1. A noxfile that calls `coverage` asks for it. From then on the commands of every session of wsnox see a
   ``COVERAGE_FILE`` of their own, in nox's cache directory; what the last run of that session left there is erased.
2. Nothing is installed for it: a session's closure must have coverage, and its commands must use it.
3. The session that combines has no environment. It takes the interpreter of a session that left data, so data are read
   by the coverage that wrote them. Paths in the data are absolute, so files of all members stay apart.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nox

from wsnox.noxfile.names import claim_name, exit_on_error
from wsnox.workspace import discover, find_root

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from wsnox.workspace import Member, Workspace

__all__ = ["coverage", "data_file"]

_FOLDER, _PYTHON, _DATA = "wsnox-coverage", "python.txt", ".coverage"
_asked: list[str] = []


def coverage(root: str | os.PathLike[str] | None = None, *, name: str = "coverage") -> None:
    """Keep the coverage data of each session apart, and register the session *name*, which combines and reports them.

    It reports what the last run of each session left: run the sessions first. Plain ``nox`` does not run it; what
    follows ``--`` goes to ``coverage report``. *root* is a directory of the workspace, by default the noxfile's.
    """
    with exit_on_error():
        workspace = discover(find_root(Path(root or ".").absolute()))
        claim_name(name, "`wsnox.coverage()`")
    _asked.append(name)

    def run(session: nox.Session) -> None:
        _combine(session, workspace)

    run.__doc__ = "coverage of the sessions that have run, member by member"
    nox.session(name=name, python=False, default=False, tags=[name])(run)


def data_file(session: nox.Session) -> dict[str, str]:
    """Return the variable that keeps the data of *session* apart, and nothing where the noxfile did not ask for it."""
    if not _asked:
        return {}
    folder = session.cache_dir.absolute() / _FOLDER / Path(session.virtualenv.location).name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PYTHON).write_text(str(Path(session.bin).absolute()), encoding="utf-8")
    return {"COVERAGE_FILE": str(folder / _DATA)}


def _combine(session: nox.Session, workspace: Workspace) -> None:
    folder = session.cache_dir.absolute() / _FOLDER
    found = [*_data(folder)]
    if not found:
        session.error(
            "no session has left coverage data\n\n"
            'hint: run the sessions first, with commands such as `commands = ["coverage run -m pytest"]`'
        )
    python = shutil.which("python", path=(found[0].parent / _PYTHON).read_text(encoding="utf-8"))
    if python is None:
        session.error(f"the environment of `{found[0].parent.name}` is gone\n\nhint: run its session again")
    report = _Report(session, python, folder / _DATA)
    with session.chdir(workspace.root):
        report.combine(found)
        report.members(workspace.members)
        report.total()


def _data(folder: Path) -> Iterable[Path]:
    """Yield the files with data that sessions have left: more than one each, where they measure in parallel."""
    for each in sorted(folder.glob("*/")):
        if (each / _PYTHON).exists():
            yield from sorted(each.glob(f"{_DATA}*"))


class _Report:
    """Runs coverage with the interpreter *python* on the combined data in *file*."""

    def __init__(self, session: nox.Session, python: str, file: Path) -> None:
        self._session, self._python, self._file = session, python, file

    def combine(self, found: Iterable[Path]) -> None:
        """Combine what was *found*, and leave it where it is: another run may report it again."""
        self._run("combine", "--keep", "--quiet", *map(str, found))

    def members(self, members: Iterable[Member]) -> None:
        """Say how much of each of the *members* is covered."""
        paths = {member.name: member.path for member in members}
        width = max(map(len, paths), default=0)
        for name, path in paths.items():
            others = [f"{other}/*" for other in paths.values() if other != "."] if path == "." else []
            chosen = [f"--omit={','.join(others)}"] if others else [f"--include={path}/*"]
            said = self._run("report", "--format=total", "--fail-under=0", *chosen, quiet=True, may_fail=True).strip()
            self._session.log(f"{name:{width}}  {f'{said:>3}%' if said.isdecimal() else '   -'}")

    def total(self) -> None:
        """Report file by file, with what follows ``--`` on nox's command line."""
        self._run("report", *self._session.posargs)

    def _run(self, *words: str, quiet: bool = False, may_fail: bool = False) -> str:
        command = (self._python, "-I", "-m", "coverage", words[0], f"--data-file={self._file}", *words[1:])
        codes = range(3) if may_fail else range(1)
        said = self._session.run(*command, external=True, silent=quiet, log=not quiet, success_codes=codes)
        return said if isinstance(said, str) else ""
