"""``wsnox affected``: the sessions that a change can affect, one per line, and the reasons on stderr."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record, replace
from wsnox.affected import determinator
from wsnox.affected.changes import tracked_links, untracked_outputs
from wsnox.affected.lock_closures import Targets
from wsnox.affected.model import Affected, AffectedRun, Defined, State
from wsnox.affected.readers import WorkTree
from wsnox.affected.rules import ANALYSED, Rules, local_packages
from wsnox.affected.since import Since
from wsnox.affected.work_tree import Wheels, read_work_tree
from wsnox.cli.nox_sessions import nox_sessions
from wsnox.cli.output import named, show
from wsnox.cli.places import root_of
from wsnox.cli.reasons import markdown, reason_data, reason_lines
from wsnox.cli.terminal import Terminal
from wsnox.errors import RequestError
from wsnox.lock import read_lock
from wsnox.markers.target import target_of
from wsnox.running_python import marker_values
from wsnox.text import counted
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.affected.base import Base
    from wsnox.affected.rules import Meaning

__all__ = ["Selection", "run", "select", "session_data"]


def run(args: Namespace) -> int:
    """Print the affected sessions, or the effect that a change of one file would have."""
    suite = suite_of(discover(root_of(args), os.environ))
    if args.explain is not None:
        return _explain(args, suite)
    if args.history is not None:
        from wsnox.cli import history  # noqa: PLC0415 - only who tunes rules asks

        return history.run(args, suite.workspace)
    selection = select(suite, args.since, every=args.all)
    affected = selection.affected
    if args.json:
        show({
            "since": args.since,
            "base": selection.base,
            "total": affected.total,
            "everything": [reason_data(reason) for reason in affected.everything],
            "sessions": [session_data(affected_run) for affected_run in affected.runs],
        })  # fmt: skip
    elif args.text_format == "markdown":
        print(markdown(affected, selection.since), end="")
    else:
        sessions = counted(len(affected.runs), "session")
        terminal = Terminal(args)
        terminal.note(f"{sessions} affected{selection.since}, of {affected.total}")
        for line in reason_lines(affected):
            terminal.note(line)
        for affected_run in affected.runs:
            print(affected_run.run.title)
    return 0


class Selection(Record, kw_only=True):
    """What is *affected* since *base*, `None` where there is nothing to compare with; *since* says the same in words."""

    affected: Affected
    base: Base | None = None
    since: str = ""


def select(suite: Suite, revision: str | None, *, every: bool = False) -> Selection:
    """Return the sessions that the change since *revision* can affect, all of them without one; those of the noxfile, too.

    They are those that plain ``nox`` would run, or *every* one. Raise `RequestError` where there is none to choose from:
    that none is affected would mean nothing.
    """
    configured = suite.configured()
    by_nox = nox_sessions(suite.workspace.root, {session.name for session in configured}, revision)
    # Under *revision*, nox lists what is affected, and to be none of that is no mistake.
    runs = [
        run for run in runs_of(configured) if every or by_nox.runs(run) or (revision and run.session.runs_by_default)
    ]
    if not (runs or by_nox.functions):
        raise RequestError(
            "there is no session, on these Pythons, that plain `nox` would run", hint="`wsnox list` says why"
        )
    if revision is None:
        affected = Affected(runs=tuple(AffectedRun(run=run, reasons=()) for run in runs), total=len(runs))
        selection = Selection(affected=affected)
    else:
        since = Since(suite, revision)
        selection = Selection(affected=since.affected(Suite.configured), base=since.base, since=since.text)
    chosen = [*(affected_run for affected_run in selection.affected.runs if every or by_nox.runs(affected_run.run))]
    chosen += (AffectedRun(run=run, reasons=(Defined(),)) for run in by_nox.functions)
    total = len(runs) + len(by_nox.functions)
    return replace(selection, affected=replace(selection.affected, runs=tuple(chosen), total=total))


def session_data(affected_run: AffectedRun) -> dict[str, Any]:
    """Return the session of *affected_run* as JSON has it, with the reasons for it."""
    run = affected_run.run
    return {
        "session": run.title,
        "name": run.session.name,
        "python": run.python or None,
        "variant": run.variant or None,
        "members": [{"name": selection.member.name, "path": selection.member.path} for selection in run.selections],
        "reasons": [reason_data(reason) for reason in affected_run.reasons],
    }


# --- one path -------------------------------------------------------------------------------------------------------


def _explain(args: Namespace, suite: Suite) -> int:
    workspace, lock = suite.workspace, read_lock(suite.workspace.root)
    root, packages = workspace.root, local_packages(workspace, lock)
    path = Path(os.path.relpath(Path.cwd() / args.explain, root)).as_posix()
    ships, runs = Wheels(workspace).ships, runs_of(suite.configured())
    try:
        rules = Rules(workspace, packages, ships, untracked_outputs(root))
        work_tree = read_work_tree(workspace, rules, {path: rules.meaning(path)}, tracked_links(root))
    except RequestError as error:
        Terminal(args).note(f"note: {error.sentence}; so who names `{path}` is not known")
        rules, work_tree = Rules(workspace, packages, ships), WorkTree()
    meaning = determinator.explain(path, rules, work_tree, root.as_posix(), runs)
    state = State(workspace=workspace, lock=lock)
    targets = Targets(target_of(marker_values()), workspace.manifest.config.affected.platforms, [lock])
    selected = determinator.affected(
        state, state, before=runs, runs=runs, meanings={path: rules.meaning(path)}, rules=rules, targets=targets,
        work_tree=work_tree,
    )  # fmt: skip
    titles = [selected_run.run.title for selected_run in selected.runs if selected_run.run.session.runs_by_default]
    if args.json:
        show({
            "path": path,
            "reason": meaning.because,
            "every_session": meaning.everything,
            "packages": list(meaning.packages),
            "own_sessions_of": list(meaning.own),
            "tools": list(meaning.tools),
            "session_names": list(meaning.sessions),
            "in_root": meaning.in_root,
            "sessions": [{"session": title} for title in titles],
        })  # fmt: skip
    else:
        terminal = Terminal(args)
        terminal.data(f"{path}: {meaning.because}: {_effect(meaning, path)}")
        for title in [] if meaning.everything else titles:
            terminal.data(f"  {title}")
    return 0


def _effect(meaning: Meaning, path: str) -> str:
    if meaning.everything:
        return "every session runs"
    effects = []
    if meaning.packages:
        effects.append(f"sessions run that have {named(meaning.packages)} in their closure")
    if meaning.own:
        effects.append(f"sessions of {named(meaning.own)} run")
    if meaning.tools:
        tools = " or ".join(f"`{tool}`" for tool in meaning.tools)
        effects.append(f"sessions run that have {tools} in their closure or commands")
    if meaning.sessions:
        effects.append(f"sessions run that are called {named(meaning.sessions)}")
    if meaning.in_root:
        effects.append("sessions run whose directory is the workspace root")
    if path in ANALYSED and not effects:
        return "sessions run whose closure or settings it changes"
    return "; ".join(effects) or "no session runs because of it"
