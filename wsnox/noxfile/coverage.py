"""Coverage over sessions: each session keeps its data apart, and one combines them, member by member.

1. A noxfile that calls `coverage` asks for it. From then on the commands of every session of wsnox see a
   ``COVERAGE_FILE`` of their own, in nox's cache directory; data left by its last run are erased.
2. Nothing is installed for it: a session's closure must have coverage, and its commands must use it.
3. The session that combines has no environment. Of the sessions that left data, it takes the interpreter with the newest
   Python that has coverage, since that can parse the sources of all; without any, the one that runs nox, if that has.
   Paths in the data are absolute, so files of all members stay apart.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox

from wsnox._record import Record
from wsnox.errors import CoverageError, WsnoxError
from wsnox.noxfile.names import claim_name, exit_on_error, registered_titles
from wsnox.text import first_of, near_miss, quoted
from wsnox.workspace import discover, find_root
from wsnox.workspace.sessions import folder_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from wsnox.workspace import Workspace

__all__ = ["coverage", "data_file_env"]

FORMATS = ("report", "html", "json", "lcov", "xml")
"""The commands of coverage that report, by the word behind ``--`` that chooses one."""

_FOLDER, _PYTHON, _DATA = "wsnox-coverage", "python.txt", ".coverage"
_session_names: list[str] = []
"""The sessions that combine, of the noxfile that nox has loaded: none where it does not ask for coverage."""


def coverage(root: str | os.PathLike[str] | None = None, *, name: str = "coverage") -> None:
    """Keep the coverage data of each session apart, and register the session *name*, which combines and reports them.

    It reports the data that the last run of each session left: run the sessions first. Plain ``nox`` does not run it. What
    follows ``--`` are options of ``coverage report``, or ``xml``, ``lcov``, ``json`` or ``html`` with options of that
    command. *root* is a directory of the workspace, by default the noxfile's.
    """
    with exit_on_error():
        workspace = discover(find_root(Path(root or ".").absolute()))
        claim_name(name, "`wsnox.coverage()`")
    _session_names.append(name)

    def run(session: nox.Session) -> None:
        from wsnox.noxfile.import_findings import annotate_error  # noqa: PLC0415 - other sessions need none of it

        try:
            _report(session, workspace)
        except WsnoxError as error:
            annotate_error(session.name, error.sentence)
            session.error(str(error))

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


class _Measured(Record):
    """What the last run of a session left in *folder*: data *files*, several if it measures in parallel, or none."""

    folder: Path
    files: tuple[Path, ...]

    @property
    def scripts(self) -> Path:
        """The folder of the programs of the session's environment."""
        return Path((self.folder / _PYTHON).read_text(encoding="utf-8"))

    @property
    def python_version(self) -> tuple[int, ...]:
        """The Python of the session's environment (PEP 405), nothing if it is gone."""
        try:
            text = (self.scripts.parent / "pyvenv.cfg").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ()
        version = re.search(r"(?m)^version(?:_info)? *= *(\d+(?:\.\d+)*)", text)
        return tuple(map(int, version[1].split("."))) if version else ()


def _report(session: nox.Session, workspace: Workspace) -> None:
    """Combine the data that sessions have left, and report them: the share of each member, then as is asked for."""
    command, options = _chosen(session.posargs)
    combined = session.cache_dir.absolute() / _FOLDER / _DATA
    measured = _measured(session, combined.parent, {folder_of(title) for title in registered_titles()})
    python = _python_with_coverage(session, measured)

    def run(command: str, *options: str, **how: Any) -> None:
        session.run(
            *(python, "-I", "-m", "coverage", command, f"--data-file={combined}", *options), external=True, **how
        )

    with session.chdir(workspace.root):
        # The data stay as they are: another run may report them again.
        run("combine", "--keep", "--quiet", *(str(file) for left in measured for file in left.files))
        summary = combined.with_name("summary.json")
        summary.unlink(missing_ok=True)
        # coverage fails where there is nothing to report, which the report itself says.
        run("json", "-q", "--fail-under=0", "-o", str(summary), silent=True, log=False, success_codes=range(256))
        for line in _shares(summary, workspace):
            session.log(line)
        run(command, *options)


def _chosen(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the command of coverage that *words* choose, ``report`` by default, and its options."""
    if words and words[0] in FORMATS:
        return words[0], words[1:]
    if words and not words[0].startswith("-") and (guess := near_miss(words[0], FORMATS)):
        raise CoverageError(f"`{words[0]}` is not a coverage report ({guess})")
    return "report", words


def _measured(session: nox.Session, folder: Path, existing: set[str]) -> list[_Measured]:
    """Return the data that *existing* sessions have left below *folder*; raise `CoverageError` if there are none."""
    runs = [
        _Measured(path.parent, tuple(sorted(path.parent.glob(f"{_DATA}*"))))
        for path in sorted(folder.glob(f"*/{_PYTHON}"))
    ]
    strange = [run.folder.name for run in runs if run.files and run.folder.name not in existing]
    if strange:
        session.warn(f"left out: data of {quoted(strange)}, which the noxfile does not have; they lie in {folder}")
    measured = [run for run in runs if run.files and run.folder.name in existing]
    if not measured:
        ran = any(run.folder.name in existing for run in runs)
        raise CoverageError(
            "the sessions that ran left no coverage data" if ran else "no session has left coverage data",
            hint=f"{'measure in' if ran else 'run'} the sessions first, with `commands` such as `coverage run -m pytest`",
        )
    return measured


def _python_with_coverage(session: nox.Session, measured: Sequence[_Measured]) -> str:
    """Return the interpreter that reads the data *measured*; raise `CoverageError` if none at hand has coverage."""
    for python in _pythons(measured):
        answer = session.run(
            *(python, "-I", "-c", "import coverage; print(coverage.__version__)"),
            external=True, silent=True, log=False, success_codes=range(256),
        )  # fmt: skip
        if isinstance(answer, str) and answer[:1].isdigit():
            return python
    names = quoted(run.folder.name for run in measured)
    gone = len([run for run in measured if not run.python_version])
    what = "are gone" if gone == len(measured) else "have no coverage" if not gone else "are gone, or have no coverage"
    raise CoverageError(
        f"the environments of {names} {what}, and neither has the Python that runs nox",
        hint="run the sessions again, or install coverage beside nox",
    )


def _pythons(measured: Sequence[_Measured]) -> Iterator[str]:
    """Yield the interpreters of the sessions that *measured*, the newest Python first, and then the one that runs nox."""
    for run in sorted(measured, key=lambda run: run.python_version, reverse=True):
        if python := shutil.which("python", path=str(run.scripts)):
            yield python
    yield sys.executable


def _shares(summary: Path, workspace: Workspace) -> Iterator[str]:
    """Yield a line for each member that has a share in *summary*, the JSON report of coverage, and one for the others."""
    files = json.loads(summary.read_bytes())["files"] if summary.exists() else {}
    # Below the root's own project lie the others.
    members = sorted(workspace.members, key=lambda member: len(member.path), reverse=True)
    lines: dict[str, list[int]] = {}
    for file, report in files.items():
        path = Path(workspace.root, file)
        if member := next((member for member in members if path.is_relative_to(member.directory)), None):
            totals, counts = lines.setdefault(member.name, [0, 0]), report["summary"]
            totals[0] += counts["covered_lines"] + counts.get("covered_branches", 0)
            totals[1] += counts["num_statements"] + counts.get("num_branches", 0)
    width = max(map(len, lines), default=0)
    for name, (covered, total) in sorted(lines.items()):
        yield f"{name:{width}}  {_percent(covered, total):>3}%"
    if others := [member.name for member in workspace.members if member.name not in lines]:
        yield f"no data of {', '.join(first_of(others, 4))}"


def _percent(covered: int, total: int) -> int:
    """Return the share of *covered* as coverage rounds it: 100 and 0 are never reached by rounding."""
    share = 100 * covered / total if total else 100
    return min(max(round(share), 1), 99) if 0 < share < 100 else round(share)
