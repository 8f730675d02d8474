"""``wsnox affected``: the sessions that a change can affect, one per line, and the reasons on stderr."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.affected.changes import tracked_links
from wsnox.affected.determinator import explain
from wsnox.affected.model import (
    AffectedRun,
    Configured,
    Defined,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    NoClosure,
    PackagesChanged,
    Requires,
)
from wsnox.affected.readers import Readers, WorkTree
from wsnox.affected.rules import ANALYSED, Rules, local_packages
from wsnox.affected.since import Since, read_work_tree
from wsnox.cli.context import root_of
from wsnox.cli.nox_sessions import functions
from wsnox.cli.output import json_of, named, package_text, show
from wsnox.errors import RequestError
from wsnox.lock import read_lock
from wsnox.text import counted, printable_line
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from wsnox.affected.model import Affected, Reason
    from wsnox.affected.rules import Meaning
    from wsnox.closure.model import Change
    from wsnox.workspace.sessions import SessionRun

__all__ = ["reason_data", "reason_text", "refuse_nothing", "run", "runs_of_noxfile", "runs_to_take"]

# --- Reasons, in words and in JSON ---


_SHOWN_PARTS = 3
_KINDS = {
    Everything: "everything",
    MemberChanged: "member",
    FileChanged: "file",
    PackagesChanged: "packages",
    NoClosure: "no-closure",
    Configured: "configuration",
    New: "new",
    Requires: "requires",
    Defined: "noxfile",
}


def reason_text(reason: Reason) -> str:
    """Return *reason* in a few words."""
    match reason:
        case Everything(words=words):
            return words
        case MemberChanged(member=member, paths=paths):
            return f"{member} changed ({_some(paths)})"
        case FileChanged(path=path, why=why):
            return f"{path} changed{f', {why}' if why else ''}"
        case PackagesChanged(changes=changes, files=files, python=python):
            texts = [*map(_change, changes), *(f"{name} has other files" for name in files)]
            return f"{_some(texts)} (Python {python})"
        case NoClosure(python=python, words=words):
            return f"no closure to compare{f' on Python {python}' if python else ''}: {words}"
        case Configured(keys=keys):
            return f"other {_some([f'`{key}`' for key in keys])} in `tool.wsnox`"
        case New():
            return "new session"
        case Defined():
            return "defined by the noxfile, which selects it"
        case Requires(session=session):
            return f"requires {session}"


def _change(change: Change) -> str:
    match change.before, change.after:
        case None, after if after is not None:
            return f"{change.name} {package_text(after)} is new"
        case before, None if before is not None:
            return f"{change.name} {package_text(before)} is gone"
        case before, after if before is not None and after is not None:
            if before.version == after.version:
                return f"{change.name} has another source"
            return f"{change.name} {package_text(before)} -> {package_text(after)}"
    raise AssertionError(change)  # pragma: no cover - one of the two is there


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN_PARTS])
    return f"{shown} and {len(texts) - _SHOWN_PARTS} more" if len(texts) > _SHOWN_PARTS else shown


def reason_data(reason: Reason) -> dict[str, Any]:
    """Return *reason* with its kind, its words and its fields."""
    return {"kind": _KINDS[type(reason)], "text": reason_text(reason), **json_of(reason)}


_SHOWN = 10


def run(args: Namespace) -> int:
    """Print the affected sessions, or the effect that a change of one file would have."""
    suite = suite_of(discover(root_of(args), os.environ))
    if args.explain is not None:
        return _explain(args, suite)
    noxfile_runs = runs_of_noxfile(suite, args.since)
    affected = Since(suite, args.since).affected(Suite.configured)
    refuse_nothing(affected.total + len(noxfile_runs))
    selected = [affected_run for affected_run in affected.runs if args.all or runs_to_take(affected_run.run)]
    selected += (AffectedRun(run=run, reasons=(Defined(),)) for run in noxfile_runs)
    affected = replace(affected, total=affected.total + len(noxfile_runs))
    if args.json:
        show(_data(args, affected, selected))
        return 0
    sessions = counted(len(selected), "session")
    print(f"{sessions} affected since `{args.since}`, of {affected.total}", file=sys.stderr)
    for line in (*_global_reasons(affected), *_run_reasons(selected)):
        print(printable_line(line), file=sys.stderr)
    for affected_run in selected:
        print(affected_run.run.title)
    return 0


def runs_to_take(run: SessionRun) -> bool:
    """Return whether plain ``nox`` would run *run*, and not skip it."""
    return run.session.default and not run.session.skip


def runs_of_noxfile(suite: Suite, since: str | None) -> tuple[SessionRun, ...]:
    """Return the runs of plain ``nox`` besides those of *suite*; *since* leaves out functions of wsnox's that it cannot affect."""
    return functions(suite.workspace.root, {session.name for session in suite.configured()}, since)


def refuse_nothing(count: int) -> None:
    """Raise `RequestError` where there is no session at all: that none of them is affected would mean nothing."""
    if not count:
        raise RequestError(
            "there is no session, on these Pythons, that plain `nox` would run", hint="`wsnox list` says why"
        )


def _global_reasons(affected: Affected) -> Iterator[str]:
    for reason in affected.everything[:_SHOWN]:
        yield f"everything: {reason_text(reason)}"
    if len(affected.everything) > _SHOWN:
        yield f"everything: and {len(affected.everything) - _SHOWN} more reasons"


def _run_reasons(selected: Sequence[AffectedRun]) -> Iterator[str]:
    for affected_run in selected:
        yield from (f"{affected_run.run.title}: {reason_text(reason)}" for reason in affected_run.reasons)


def _data(args: Namespace, affected: Affected, selected: Sequence[AffectedRun]) -> dict[str, Any]:
    return {
        "since": args.since,
        "total": affected.total,
        "everything": [reason_data(reason) for reason in affected.everything],
        "sessions": [
            {
                "session": affected_run.run.title,
                "name": affected_run.run.session.name,
                "python": affected_run.run.python or None,
                "members": [part.member.name for part in affected_run.run.selections],
                "reasons": [reason_data(reason) for reason in affected_run.reasons],
            }
            for affected_run in selected
        ],
    }


# --- one path -------------------------------------------------------------------------------------------------------


def _explain(args: Namespace, suite: Suite) -> int:
    root = suite.workspace.root
    path = Path(os.path.relpath(Path.cwd() / args.explain, root)).as_posix()
    rules = Rules(suite.workspace, local_packages(suite.workspace, read_lock(root)))
    try:
        work_tree = read_work_tree(suite.workspace, rules, [path], tracked_links(root))
    except RequestError as error:
        print(f"note: {error.sentence}; so who names `{path}` is not known", file=sys.stderr)
        work_tree = WorkTree()
    readers = Readers(work_tree, rules.packages, root.as_posix())
    meaning = explain(path, rules, readers, runs_of(suite.configured()))
    if args.json:
        show({
            "path": path,
            "because": meaning.because,
            "everything": meaning.everything,
            "members": list(meaning.packages),
            "sessions": list(meaning.sessions),
            "in_root": meaning.in_root,
        })  # fmt: skip
    else:
        print(f"{path}: {meaning.because}: {_effect(meaning, path)}")
    return 0


def _effect(meaning: Meaning, path: str) -> str:
    if meaning.everything:
        return "every session runs"
    effects = []
    if meaning.packages:
        effects.append(f"sessions run that have {named(meaning.packages)} in their closure")
    if meaning.sessions:
        effects.append(f"sessions run that {named(meaning.sessions)} names")
    if meaning.in_root:
        effects.append("sessions run whose directory is the workspace root")
    if path in ANALYSED and not effects:
        return "sessions run whose closure or settings it changes"
    return "; ".join(effects) or "no session runs because of it"
