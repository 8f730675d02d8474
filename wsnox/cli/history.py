"""``wsnox affected --history N``: how much the rules of today would have selected over the last commits, and why that much."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from wsnox.affected.past_changes import causes, folders, last_commits, past_changes
from wsnox.cli.output import show
from wsnox.cli.reasons import reason_data
from wsnox.cli.terminal import Terminal
from wsnox.text import counted, printable_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.affected.past_changes import Cause, Folder, PastChange
    from wsnox.workspace import Workspace

__all__ = ["run"]

_CAUSES, _FOLDERS, _UNKNOWN = 20, 10, 4
_SHARES = (("nothing", 0.0), ("up to 10%", 0.1), ("up to 50%", 0.5), ("more", 1.0))


def run(args: Namespace, workspace: Workspace) -> int:
    """Print what the rules of *workspace* would have selected of the changes that *args* ask for."""
    commits, changes = last_commits(workspace.root, args.history), []
    for change in past_changes(workspace, commits, every=args.all):
        changes.append(change)
        _progress(len(changes), len(commits))
    by_cause, by_folder = causes(changes), folders(changes)
    if args.json:
        show(_data(changes, by_cause, by_folder))
        return 0
    known = [change for change in changes if not change.incomparable]
    terminal = Terminal(args)
    _show_shares(known, terminal)
    _show_causes(by_cause, terminal)
    _show_folders(by_folder, terminal)
    unknown = [f"not known: {change.commit[:7]}: {change.incomparable}" for change in changes if change.incomparable]
    for line in unknown[:_UNKNOWN]:
        terminal.note(printable_line(line))
    if len(unknown) > _UNKNOWN:
        terminal.note(f"not known: {len(unknown) - _UNKNOWN} more")
    if by_cause:
        terminal.note("hint: `wsnox affected --explain PATH` says which rule a file has")
    return 0


def _progress(done: int, total: int) -> None:
    """Show on a terminal how far it is, and nothing in the end."""
    if sys.stderr.isatty():
        text = f"{done} of {counted(total, 'commit')}"
        print(f"\r{text if done < total else ' ' * len(text)}\r", end="", file=sys.stderr, flush=True)


def _show_shares(changes: Sequence[PastChange], terminal: Terminal) -> None:
    """Print how many commits selected how much, everything on its own."""
    if not changes:
        terminal.data("no commit could be compared with the one before it")
        return
    selected, total = sum(change.selected for change in changes), sum(change.total for change in changes)
    middle = median(change.selected / (change.total or 1) for change in changes)
    share = f"{selected / (total or 1):.0%} of the sessions would have run, half of the time at most {middle:.0%}"
    terminal.data(f"{share} ({selected} of {total}, over {counted(len(changes), 'commit')})")
    counts = {name: 0 for name, _ in (*_SHARES, ("everything", 0))}
    for change in changes:
        name = next(name for name, most in _SHARES if change.selected <= most * change.total)
        counts["everything" if change.everything else name] += 1
    terminal.table((f"  {name}", str(count).rjust(4)) for name, count in counts.items())


def _show_causes(by_cause: Sequence[Cause], terminal: Terminal) -> None:
    """Print what caused everything, and an example of each."""
    if not by_cause:
        return
    rows = [
        (str(len(cause.commits)).rjust(7), str(cause.alone).rjust(5), cause.commits[-1][:7], printable_line(cause.text))
        for cause in by_cause[:_CAUSES]
    ]
    terminal.data("")
    terminal.table(rows, ("commits", "alone", "e.g.", "what caused everything"))
    if len(by_cause) > _CAUSES:
        terminal.data(f"and {counted(len(by_cause) - _CAUSES, 'more cause')}")


def _show_folders(by_folder: Sequence[Folder], terminal: Terminal) -> None:
    """Print the folders whose files selected most, where not everything was affected."""
    if not by_folder:
        return
    rows = [
        (
            str(len(folder.commits)).rjust(7),
            str(folder.sessions).rjust(8),
            folder.commits[-1][:7],
            printable_line(folder.path),
        )
        for folder in by_folder[:_FOLDERS]
    ]
    terminal.data("")
    terminal.table(rows, ("commits", "sessions", "e.g.", "what else selected most"))


def _data(changes: Sequence[PastChange], by_cause: Sequence[Cause], by_folder: Sequence[Folder]) -> dict[str, Any]:
    return {
        "selected": sum(change.selected for change in changes),
        "total": sum(change.total for change in changes),
        "commits": [
            {
                "commit": change.commit,
                "subject": change.subject,
                "selected": change.selected,
                "total": change.total,
                "everything": [reason_data(reason) for reason in change.everything],
                "reason": change.incomparable or None,
            }
            for change in changes
        ],
        "causes": [
            {"reason": cause.why, "paths": cause.paths, "in_commits": cause.commits, "alone": cause.alone}
            for cause in by_cause
        ],
        "folders": [
            {"path": folder.path, "selected": folder.sessions, "in_commits": folder.commits} for folder in by_folder
        ],
    }
