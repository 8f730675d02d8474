"""``wsnox closure``: the distributions of a selection, and what brings each of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wsnox.cli.context import members_of, open_workspace, selection_of, session_target
from wsnox.cli.output import aligned, closure_data, named, show, source_text
from wsnox.cli.target_options import compatibility_of, spelled
from wsnox.text import counted

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.closure import Closure, ClosurePackage
    from wsnox.lock import Lock

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the closure that *args* ask for."""
    locked = open_workspace(args)
    members = members_of(args, locked.workspace)
    selection, target = selection_of(args, members), session_target(args, locked, members)
    closure = locked.closure(selection, locked.resolver(target, python_option=args.python))
    locked.refuse_unavailable(closure, compatibility_of(target))
    if args.json:
        show(closure_data(locked.lock, closure, target))
        return 0
    print(f"{counted(len(closure.packages), 'distribution')} for {spelled(target)}{_virtual(closure)}", file=sys.stderr)
    for line in _lines(locked.lock, closure):
        print(line)
    return 0


def _virtual(closure: Closure) -> str:
    """Return words for the requested packages that are never installed: a reader would look for them in vain."""
    names = [entry.package.name for entry in closure.entries if entry.requested and not entry.installed]
    return f", without {named(names)}, which {'is' if len(names) == 1 else 'are'} virtual" if names else ""


def _lines(lock: Lock, closure: Closure) -> list[str]:
    return aligned(
        (entry.package.name, entry.package.version or "-", _because(lock, entry), source_text(entry.package.source))
        for entry in closure.entries
        if entry.installed
    )


def _because(lock: Lock, entry: ClosurePackage) -> str:
    """Return what brings *entry*: the parent nearest to the requested members, and how many more there are."""
    if entry.requested:
        return "asked"
    parents = [
        f"{'workspace root' if reason.parent is None else lock.packages[reason.parent].name}{reason.part}"
        for reason in entry.reasons
    ]
    others = len(set(parents)) - 1
    return f"via {parents[0]}{f' (+{others})' if others else ''}"
