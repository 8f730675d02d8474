"""``wsnox why``: every shortest chain from a member to a package, or where else the package is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from wsnox.cli.context import open_workspace, selection_of, session_target
from wsnox.cli.output import chain_data, chain_text, named, package_data, show
from wsnox.closure import Selection
from wsnox.closure.chains import Chains, chains
from wsnox.errors import WsnoxError
from wsnox.text import counted, near_miss

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Resolver
    from wsnox.lock import Package

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the chains that *args* ask for; raise where the closure does not hold the package."""
    locked = open_workspace(args)
    resolver = locked.resolver(session_target(args, locked, (args.member,)), python_option=args.python)
    closure = locked.closure(selection_of(args, (args.member,)), resolver)
    shortest = chains(locked.lock, closure, args.package)
    packages = [locked.lock.packages[index] for index in locked.lock.by_name.get(args.package, ())]
    if not shortest.total:
        raise _absent(args, locked, resolver, packages)
    if args.json:
        show(_data(args, packages, shortest))
        return 0
    for chain in shortest.shown:
        print(chain_text(chain))
    if shortest.total > len(shortest.shown):
        print(f"and {counted(shortest.total - len(shortest.shown), 'more chain')} of this length", file=sys.stderr)
    return 0


def _data(args: Namespace, packages: list[Package], shortest: Chains, **more: Any) -> dict[str, Any]:
    return {
        "member": args.member,
        "package": args.package,
        "total": shortest.total,
        "chains": [chain_data(chain) for chain in shortest.shown],
        "locked": [package_data(package) for package in packages],
        **more,
    }


def _absent(args: Namespace, locked: LockedWorkspace, resolver: Resolver, packages: list[Package]) -> WsnoxError:
    """Return the error that says where else the package is, if anywhere; with ``--json``, also print that as data."""
    member, name = args.member, args.package
    holders: list[str] = []
    options: list[str] = []

    def holds(selection: Selection) -> bool:
        try:
            return locked.closure(selection, resolver).entry(name) is not None
        except WsnoxError:
            # A selection that conflicts, or is not for this target, holds nothing.
            return False

    if packages:
        holders = [other.name for other in locked.workspace.members if holds(Selection(packages=(other.name,)))]
        package = locked.lock.packages[locked.lock.by_name[member][0]]
        extras = {extra: Selection(packages=(member,), extras=frozenset([extra])) for extra in sorted(package.extras)}
        groups = {group: Selection(packages=(member,), groups=frozenset([group])) for group in sorted(package.groups)}
        options = [f"--extra {extra}" for extra, selection in extras.items() if holds(selection)]
        options += [f"--group {group}" for group, selection in groups.items() if holds(selection)]
    if args.json:
        show(_data(args, packages, Chains(total=0, shown=()), held_by=holders, given_by=options))
    sentence = f"`{name}` is not in the closure of `{member}`"
    if not packages:
        return WsnoxError(f"{sentence}, nor in `uv.lock` at all", hint=near_miss(name, locked.lock.by_name))
    hint = f"`uv.lock` has {named(map(str, packages))}, "
    if options:
        hint += f"and `{member}` gets it with {' or '.join(f'`{option}`' for option in options)}"
    elif holders:
        hint += f"for {'member' if len(holders) == 1 else 'members'} {named(holders)}"
    else:
        hint += "but no member's closure holds it on this target"
    return WsnoxError(sentence, hint=hint)
