"""Coverage over sessions: each session keeps its data apart, and one combines them, member by member.

1. A noxfile that calls `coverage` asks for it. From then on the commands of every session of wsnox see a
   ``COVERAGE_FILE`` of their own, in nox's cache directory; data left by its last run are erased.
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

    from wsnox.workspace import Member, Workspace

__all__ = ["coverage", "data_file_env"]

_FOLDER, _PYTHON, _DATA = "wsnox-coverage", "python.txt", ".coverage"
_session_names: list[str] = []
"""The sessions that combine, of the noxfile that nox has loaded: none where it does not ask for coverage."""


def coverage(root: str | os.PathLike[str] | None = None, *, name: str = "coverage") -> None:
    """Keep the coverage data of each session apart, and register the session *name*, which combines and reports them.

    It reports the data that the last run of each session left: run the sessions first. Plain ``nox`` does not run it; what
    follows ``--`` goes to ``coverage report``. *root* is a directory of the workspace, by default the noxfile's.
    """
    with exit_on_error():
        workspace = discover(find_root(Path(root or ".").absolute()))
        claim_name(name, "`wsnox.coverage()`")
    _session_names.append(name)

    def run(session: nox.Session) -> None:
        _combine(session, workspace)

    run.__doc__ = "coverage of the sessions that have run, member by member"
    nox.session(name=name, python=False, default=False, tags=[name])(run)


def data_file_env(session: nox.Session) -> dict[str, str]:
    """Return the variable that keeps the data of *session* apart, and nothing where the noxfile did not ask for it."""
    if not _session_names:
        return {}
    folder = session.cache_dir.absolute() / _FOLDER / Path(session.virtualenv.location).name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PYTHON).write_text(str(Path(session.bin).absolute()), encoding="utf-8")
    return {"COVERAGE_FILE": str(folder / _DATA)}


def _combine(session: nox.Session, workspace: Workspace) -> None:
    """Combine the data that sessions have left, and report them: the share of each member, then file by file."""
    folder = session.cache_dir.absolute() / _FOLDER
    # A session that measures in parallel leaves several.
    data = [
        file
        for session_folder in sorted(folder.glob("*/"))
        if (session_folder / _PYTHON).exists()
        for file in sorted(session_folder.glob(f"{_DATA}*"))
    ]
    if not data:
        session.error(
            "no session has left coverage data\n\n"
            'hint: run the sessions first, with commands such as `commands = ["coverage run -m pytest"]`'
        )
    python = shutil.which("python", path=(data[0].parent / _PYTHON).read_text(encoding="utf-8"))
    if python is None:
        session.error(f"the environment of `{data[0].parent.name}` is gone\n\nhint: run its session again")

    def run(command: str, *options: str, quiet: bool = False, success_codes: range = range(1)) -> object:
        words = (python, "-I", "-m", "coverage", command, f"--data-file={folder / _DATA}", *options)
        return session.run(*words, external=True, silent=quiet, log=not quiet, success_codes=success_codes)

    with session.chdir(workspace.root):
        # The data stay as they are: another run may report them again.
        run("combine", "--keep", "--quiet", *map(str, data))
        width = max((len(member.name) for member in workspace.members), default=0)
        for member in workspace.members:
            selection = _files_of(member, workspace)
            # coverage fails where there is nothing to report of a member.
            total = run("report", "--format=total", "--fail-under=0", *selection, quiet=True, success_codes=range(3))
            share = total.strip() if isinstance(total, str) else ""
            session.log(f"{member.name:{width}}  {f'{share:>3}%' if share.isdecimal() else '   -'}")
        run("report", *session.posargs)


def _files_of(member: Member, workspace: Workspace) -> tuple[str, ...]:
    """Return the options of ``coverage report`` for the files of *member*; a root project has those of no other."""
    if member.path != ".":
        return (f"--include={member.path}/*",)
    others = [f"{other.path}/*" for other in workspace.members if other.path != "."]
    return (f"--omit={','.join(others)}",) if others else (f"--include={member.path}/*",)
