"""``wsnox why``: every shortest chain from a member to a package, or where else the package is."""

from __future__ import annotations

import re
from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING, Any

from wsnox.cli.chosen import choose, members_of, print_others
from wsnox.cli.context import attempt, open_workspace
from wsnox.cli.output import first, members_data, named, show, target_text
from wsnox.cli.terminal import Terminal, print_error
from wsnox.closure.chains import Chains, chains
from wsnox.closure.request import session_closure
from wsnox.errors import WsnoxError
from wsnox.text import counted, near_miss
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.cli.chosen import Chosen
    from wsnox.closure import Closure, Resolver
    from wsnox.closure.chains import Chain, Step
    from wsnox.lock import Package

__all__ = ["chain_text", "marker_text", "run"]


def run(args: Namespace) -> int:
    """Print the chains that *args* ask for; raise where the closure does not hold the package."""
    locked = open_workspace(args)
    chosen = choose(args, locked, members_of(args, locked.workspace), args.session)
    resolver = chosen.resolver(args)
    locked = chosen.locked
    shortest = chains(locked.lock, chosen.closure(args, resolver), args.package)
    packages = [locked.lock.packages[index] for index in locked.lock.by_name.get(args.package, ())]
    if not shortest.total:
        error = _absent(args, chosen, resolver, packages)
        if not args.json:
            raise error
        # The answer is on stdout already, which holds one object.
        print_error(error, args.color)
        return error.exit_code
    if args.json:
        show(_data(args, chosen, packages, shortest))
        return 0
    terminal = Terminal(args)
    terminal.note(f"{chosen.text}, for {target_text(chosen.target)}")
    print_others(chosen, terminal)
    for chain in shortest.shown:
        terminal.data(chain_text(chain))
    if shortest.total > len(shortest.shown):
        terminal.note(f"and {counted(shortest.total - len(shortest.shown), 'more chain')} of this length")
    return 0


def _data(
    args: Namespace,
    chosen: Chosen,
    packages: list[Package],
    shortest: Chains,
    *,
    held_by: Sequence[str] = (),
    given_by: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the answer: *packages* are those of the name in the lockfile; sessions that have it, and options that bring it."""
    return {
        "session": chosen.title,
        "members": members_data(chosen.locked.workspace, chosen.members),
        "target": chosen.target,
        "package": args.package,
        "distributions": packages,
        "total": shortest.total,
        "chains": [[_step_data(step) for step in chain] for chain in shortest.shown],
        "held_by": held_by,
        "given_by": given_by,
    }


def _step_data(step: Step) -> dict[str, Any]:
    """Return *step*: ``part`` is where the chain starts, ``extras`` and ``marker`` are of the edge to the package."""
    package = {"name": getattr(step.package, "name", None), "version": getattr(step.package, "version", None)}
    return {**package, "part": step.part or None, "extras": step.extras, "marker": step.marker or None}


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


def _absent(args: Namespace, chosen: Chosen, resolver: Resolver, packages: list[Package]) -> WsnoxError:
    """Return the error that says where else the package is, if anywhere; with ``--json``, also print that as data."""
    locked, name = chosen.locked, args.package
    sessions: list[str] = []
    options: list[str] = []
    if packages:
        options = [*_options_that_bring(args, chosen, resolver)]
        runs = suite_of(locked.workspace, running=chosen.target.python).configured()
        sessions = [
            *dict.fromkeys(
                run.title
                for run in runs_of(runs)
                if run.session.kind != "imports"
                and _holds(partial(session_closure, resolver, locked.workspace, run), name)
            )
        ]
    if args.json:
        absent = Chains(total=0, shown=())
        show(_data(args, chosen, packages, absent, held_by=sessions, given_by=options))
    sentence = f"`{name}` is not in the closure of {chosen.text}"
    if not packages:
        return WsnoxError(f"{sentence}, nor in `uv.lock` at all", hint=near_miss(name, locked.lock.by_name))
    hint = f"`uv.lock` has {named(map(str, packages))}, "
    if options:
        hint += f"and {' or '.join(f'`{option}`' for option in options)} would bring it"
    elif sessions:
        hint += (
            f"for session{'' if len(sessions) == 1 else 's'} {', '.join(first([f'`{title}`' for title in sessions]))}"
        )
    else:
        hint += "but no session's closure holds it on this target"
    return WsnoxError(sentence, hint=hint)


def _options_that_bring(args: Namespace, chosen: Chosen, resolver: Resolver) -> Iterator[str]:
    """Yield each extra and group of the one member that is chosen with which its closure has the package."""
    lock = chosen.locked.lock
    packages = [lock.packages[index] for name in chosen.members for index in lock.by_name[name]]
    for package in packages if len(packages) == 1 else ():
        for key, option, names in (("extras", "--extra", package.extras), ("groups", "--group", package.groups)):
            for name in sorted(names):
                more = Namespace(**{**vars(args), key: [*getattr(args, key), name]})
                if _holds(partial(chosen.closure, more, resolver), args.package):
                    yield f"{option} {name}"


def _holds(closure_of: Callable[[], Closure], name: str) -> bool:
    """Return whether the closure holds the package *name*; one that conflicts, or is not for this target, holds nothing."""
    closure = attempt(closure_of)
    return not isinstance(closure, WsnoxError) and closure.entry(name) is not None
