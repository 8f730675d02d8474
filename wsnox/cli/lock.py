"""``wsnox lock``: the files with the versions of other resolutions, made by uv, or compared with the workspace."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.cli.columns import aligned
from wsnox.cli.context import attempt
from wsnox.cli.output import first, show
from wsnox.cli.places import root_of
from wsnox.cli.terminal import Terminal, paint_for, print_error
from wsnox.compiling.locking import Making
from wsnox.environment.installers import version_of
from wsnox.environment.isolation import find_uv
from wsnox.errors import RequestError, UnknownNameError, WsnoxError
from wsnox.files import atomic_write, read_regular
from wsnox.lock import read_lock
from wsnox.resolution_errors import StaleResolutionError, UnusedFileError
from wsnox.resolutions.drift import drifted
from wsnox.resolutions.requested import requested
from wsnox.resolutions.resolution_file import read_resolution, unused_files
from wsnox.resolutions.staleness import stale_differences
from wsnox.text import counted
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of, title_of
from wsnox.workspace.settings import Resolution
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.compiling.locking import Made
    from wsnox.resolutions.resolution_file import Facts
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import SessionRun

__all__ = ["run"]

PARALLEL = 4
"""How many files are made at once."""


class _Result(Record, kw_only=True):
    """What came of the file at *path* for session *title*: its *facts*, or why it has none; *text* says it on one line."""

    title: str
    path: str
    text: str
    changed: bool = False
    facts: Facts | None = None
    error: WsnoxError | None = None


def run(args: Namespace) -> int:
    """Make the files of the sessions that *args* name, or compare them; return the exit code of the first that fails."""
    workspace = discover(root_of(args), os.environ)
    runs = _chosen(workspace, args.names)
    results = [*(_compared(args, workspace, runs) if args.check else _made(args, workspace, runs))]
    if args.check and not args.names:
        results += _unused(workspace)
    failed = [result.error for result in results if result.error is not None]
    if args.json:
        show({"resolutions": [_data(result) for result in results]})
    else:
        for line in aligned(
            [(result.title, result.text) for result in results if result.error is None],
            paint=paint_for(sys.stdout, args.color),
        ):
            print(line)
        if idle := [f"`{result.title}`" for result in results if _is_idle(result.facts)]:
            Terminal(args).note(
                f"note: {', '.join(first(idle))}: nothing but members in `dependencies`, so no bound is tried; "
                "`exclude` in the table of the resolution leaves such members out"
            )
    sys.stdout.flush()
    for error in failed:
        print_error(error, args.color)
    return max((error.exit_code for error in failed), default=0) if args.check else int(bool(failed))


def _chosen(workspace: Workspace, names: Sequence[str]) -> dict[str, SessionRun]:
    """Return a run for each file that sessions or members called *names* have, by the title of session and variant; all by default."""
    suite = suite_of(workspace)
    sessions = [*suite.configured()]
    runs = [run for run in runs_of(sessions) if run.session.resolution]
    titles = {title_of(run.session.name, variant=run.variant): run for run in reversed(runs)}
    titles = dict(sorted(titles.items()))
    hint = 'set `resolutions = ["lowest"]` in `[tool.wsnox]`'
    if not titles:
        if any(session.resolution for session in suite.without_python()):
            hint = "a member says by `requires-python` for which Pythons it is"
            raise RequestError("no member is for a Python below those of the workspace", hint=hint)
        raise RequestError("no session of this workspace has a resolution of its own", hint=hint)
    files: dict[str, str] = {}
    for title, run in titles.items():
        if (other := files.setdefault(run.resolution_file, title)) != title:
            raise RequestError(f"`{title}` and `{other}` would share `{run.resolution_file}`: rename one of them")
    known = {
        name: title
        for title, run in titles.items()
        for name in (title, run.session.name, *(member.name for member in run.session.members))
    }
    for name in names:
        if name not in known and canonicalize_name(name) not in known:
            if workspace.member(canonicalize_name(name)) or any(session.name == name for session in sessions):
                raise RequestError(f"`{name}` has no resolution of its own", hint=hint)
            raise UnknownNameError("member or session", name, known)
    wanted = {*names, *map(canonicalize_name, names)}
    return {
        title: run
        for title, run in titles.items()
        if not names
        or not wanted.isdisjoint((title, run.session.name))
        or (not run.session.integration and run.session.members[0].name in wanted)
    }


# --- made ------------------------------------------------------------------------------------------------------------


def _made(args: Namespace, workspace: Workspace, runs: dict[str, SessionRun]) -> list[_Result]:
    uv = find_uv()
    if uv is None:
        raise RequestError(
            "uv finds the versions, and there is none", hint='install it, as with `python -m pip install "wsnox[uv]"`'
        )
    making = Making(
        uv=uv,
        version=str(version_of(uv) or ""),
        workspace=workspace,
        lock=read_lock(workspace.root),
        environ=os.environ,
        upgrade=args.upgrade,
        upgraded=frozenset(args.upgraded),
        cutoff=args.exclude_newer or "",
    )
    with ThreadPoolExecutor(PARALLEL) as pool:
        futures = {title: pool.submit(attempt, partial(making.make, run, title)) for title, run in runs.items()}
        results = []
        for number, (title, future) in enumerate(futures.items(), 1):
            if len(futures) > 1 and sys.stderr.isatty():
                print(f"\r\x1b[K{number} of {len(futures)}: {title}", end="", file=sys.stderr, flush=True)
            results.append(_written(workspace, title, runs[title].resolution_file, future.result()))
        if len(futures) > 1 and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
    return results


def _written(workspace: Workspace, title: str, path: str, made: Made | WsnoxError) -> _Result:
    """Write the file that was *made*, if it differs, and return what to say of it."""
    if isinstance(made, WsnoxError):
        return _Result(title=title, path=path, text="", error=made)
    file = workspace.root / path
    try:
        changed = read_regular(file) != made.content
    except OSError:
        changed = True
    if changed:
        atomic_write(file, made.content)
    size = f"{counted(made.packages, 'distribution')}, {made.as_locked} as in uv.lock"
    text = "  ".join(filter(None, (_reached(made.facts), size)))
    return _Result(
        title=title, path=path, text=text if changed else f"{text}, unchanged", changed=changed, facts=made.facts
    )


def _reached(facts: Facts) -> str:
    if facts.base in ("latest", "below"):
        return ", ".join(f"without {part} ({why})" for part, why in facts.omitted.items())
    reached = len(facts.floors.keys() - facts.lifted.keys())
    notes = [f"{name} {why}" for name, why in facts.lifted.items()]
    notes += [f"{name} not tested" for name in facts.untested]
    notes += [f"{name} not released" for name in facts.unreleased]
    listing = "; ".join(notes)
    of_all = f" of {len(facts.floors)}" if facts.lifted else ""
    if _is_idle(facts):
        return "nothing to lower"
    if facts.base == "published" and not facts.floors:
        return listing
    return f"{counted(reached, 'lower bound')}{of_all}{f' ({listing})' if notes else ''}"


def _is_idle(facts: Facts | None) -> bool:
    """Return whether a session with these *facts* tries no lower bound, nor leaves one untried: it would pass all the same."""
    return facts is not None and facts.base == "lowest" and not (facts.floors or facts.untested)


# --- compared --------------------------------------------------------------------------------------------------------


def _compared(args: Namespace, workspace: Workspace, runs: dict[str, SessionRun]) -> list[_Result]:
    return [_comparison(args, workspace, title, run) for title, run in runs.items()]


def _unused(workspace: Workspace) -> list[_Result]:
    paths = unused_files(workspace.root, runs_of(suite_of(workspace).configured()))
    return [_Result(title="", path=path, text="", error=UnusedFileError(path)) for path in paths]


def _comparison(args: Namespace, workspace: Workspace, title: str, run: SessionRun) -> _Result:
    path = run.resolution_file
    try:
        # A promise that nothing can keep comes before a file that nothing can make.
        request = requested(workspace, run, run.session.resolution or Resolution(), run.session.pythons)
        file = read_resolution(workspace, path, title)
        if differences := stale_differences(request, file):
            raise StaleResolutionError(path, title, differences)
        if args.strict:
            drift = [*drifted(file, read_lock(workspace.root))]
            if notes := [*(f"`{name}` is {why}" for name, why in file.facts.lifted.items()), *drift]:
                raise StaleResolutionError(path, title, notes, upgrade=bool(drift))
    except WsnoxError as error:
        return _Result(title=title, path=path, text="", error=error)
    return _Result(
        title=title, path=path, text=", ".join(filter(None, ("fresh", _reached(file.facts)))), facts=file.facts
    )


def _data(result: _Result) -> dict[str, Any]:
    facts = result.facts
    return {
        "session": result.title or None,
        "file": result.path,
        "changed": result.changed,
        "reason": None if result.error is None else result.error.sentence,
        "floors": {} if facts is None else facts.floors,
        "lifted": {} if facts is None else facts.lifted,
        "untested": () if facts is None else facts.untested,
        "unreleased": () if facts is None else facts.unreleased,
        "omitted": {} if facts is None else facts.omitted,
    }
