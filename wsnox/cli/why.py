"""``wsnox why``: every shortest chain from a member to a package, or where else the package is."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wsnox.cli.context import attempt, open_workspace, selection_of, session_target
from wsnox.cli.output import named, show
from wsnox.closure import Selection
from wsnox.closure.chains import Chains, chains
from wsnox.errors import WsnoxError
from wsnox.text import counted, near_miss

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Resolver
    from wsnox.closure.chains import Chain, Step
    from wsnox.lock import Package

__all__ = ["chain_text", "marker_text", "run"]


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
        "chains": [[_step_data(step) for step in chain] for chain in shortest.shown],
        "locked": packages,
        **more,
    }


def _step_data(step: Step) -> dict[str, Any]:
    """Return *step*: ``part`` is where the chain starts, ``extras`` and ``marker`` are of the edge to the package."""
    package = {"name": getattr(step.package, "name", None), "version": getattr(step.package, "version", None)}
    return {**package, "part": step.part, "extras": step.extras, "marker": step.marker}


def chain_text(chain: Chain) -> str:
    """Return *chain* on one line."""
    steps: list[str] = []
    for step in chain:
        if step.package is None:
            text = f"workspace root{step.part}"
        elif not steps:
            text = f"{step.package.name}{step.part}"
        else:
            extras = f"[{','.join(step.extras)}]" if step.extras else ""
            version = f" {step.package.version}" if step.package.version else ""
            marker = f" ({marker_text(step.marker)})" if step.marker else ""
            text = f"{step.package.name}{extras}{version}{marker}"
        steps.append(text)
    return " -> ".join(steps)


_CONFLICT_ITEM = re.compile(r"extra (?P<op>[=!]=) '(?P<kind>extra|group|project)-(?P<length>\d+)-(?P<rest>[^']+)'")


def marker_text(marker: str) -> str:
    """Return *marker* with uv's encoded conflict items spelled out: ``extra-3-app-x`` is app[x]."""

    def spelled(match: re.Match[str]) -> str:
        length = int(match["length"])
        package, name = match["rest"][:length], match["rest"][length + 1 :]
        item = {"extra": f"{package}[{name}]", "group": f"{package}:{name}", "project": package}[match["kind"]]
        return item if match["op"] == "==" else f"not {item}"

    return _CONFLICT_ITEM.sub(spelled, marker)


def _absent(args: Namespace, locked: LockedWorkspace, resolver: Resolver, packages: list[Package]) -> WsnoxError:
    """Return the error that says where else the package is, if anywhere; with ``--json``, also print that as data."""
    member, name = args.member, args.package

    def holds(selection: Selection) -> bool:
        # A selection that conflicts, or is not for this target, holds nothing.
        closure = attempt(lambda: locked.closure(selection, resolver))
        return not isinstance(closure, WsnoxError) and closure.entry(name) is not None

    holders: list[str] = []
    options: list[str] = []
    if packages:
        holders = [other.name for other in locked.workspace.members if holds(Selection(packages=(other.name,)))]
        package = locked.lock.packages[locked.lock.by_name[member][0]]
        own = Selection(packages=(member,))
        options = [
            *(f"--extra {name}" for name in sorted(package.extras) if holds(replace(own, extras=frozenset([name])))),
            *(f"--group {name}" for name in sorted(package.groups) if holds(replace(own, groups=frozenset([name])))),
        ]
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
