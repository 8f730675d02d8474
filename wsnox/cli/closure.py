"""``wsnox closure``: the distributions of a selection, and what brings each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.cli.chosen import chosen_closure, print_others
from wsnox.cli.output import json_of, named, show, source_text, target_text
from wsnox.cli.terminal import Terminal
from wsnox.text import counted

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.closure import ClosurePackage, Reason
    from wsnox.lock import Lock

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the closure that *args* ask for."""
    chosen, closure = chosen_closure(args)
    lock = chosen.locked.lock
    installed = [entry for entry in closure.entries if entry.installed]
    virtual = [entry for entry in closure.entries if not entry.installed]
    if args.json:
        workspace, request = chosen.locked.workspace, closure.request
        show({
            "session": chosen.title,
            "members": [
                {
                    "name": root.name,
                    "path": workspace.named(root.name).path,
                    "production": root.production,
                    "extras": root.extras,
                    "groups": root.groups,
                }
                for root in request.roots
            ],
            "root_groups": request.root_groups,
            "target": chosen.target,
            "distributions": [_data(lock, entry) for entry in installed],
            "virtual": [_data(lock, entry) for entry in virtual],
        })  # fmt: skip
        return 0
    # A reader would look for them in vain.
    names = [entry.package.name for entry in virtual if entry.requested]
    left_out = f", without {named(names)}, which {'is' if len(names) == 1 else 'are'} virtual" if names else ""
    terminal = Terminal(args)
    size = counted(len(installed), "distribution")
    terminal.note(f"{chosen.text}: {size} for {target_text(chosen.target)}{left_out}")
    print_others(chosen, terminal)
    rows = (
        (entry.package.name, entry.package.version or "-", _because(lock, entry), source_text(entry.package.source))
        for entry in installed
    )
    terminal.table(rows)
    return 0


def _because(lock: Lock, entry: ClosurePackage) -> str:
    """Return what brings *entry*: the parent nearest to the requested members, and how many more there are."""
    if entry.requested:
        return "requested"
    parents = [f"{_parent(lock, reason) or 'workspace root'}{reason.part}" for reason in entry.reasons]
    others = len(set(parents)) - 1
    return f"via {parents[0]}{f' (+{others})' if others else ''}"


def _parent(lock: Lock, reason: Reason) -> str | None:
    return None if reason.parent is None else lock.packages[reason.parent].name


def _data(lock: Lock, entry: ClosurePackage) -> dict[str, Any]:
    """Return *entry* with every edge to it."""
    edges = [
        {
            "name": _parent(lock, reason),
            "part": reason.part or None,
            "extras": reason.extras,
            "marker": reason.marker or None,
        }
        for reason in entry.reasons
    ]
    return {
        **json_of(entry.package),
        "extras": entry.extras,
        "requested": entry.requested,
        "required_by": edges,
    }
