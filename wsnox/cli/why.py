"""``wsnox why``: every shortest chain from a member to a package, or where else the package is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from wsnox.cli.context import open_workspace, selection_of, session_target
from wsnox.cli.output import chain_data, chain_text, counted, named, package_data, show
from wsnox.closure import Selection
from wsnox.closure.why import Chains, chains
from wsnox.errors import WsnoxError, near_miss

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.cli.context import Opened
    from wsnox.closure import Resolver
    from wsnox.lock import Package
    from wsnox.workspace import Member

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the chains that *args* ask for; raise where the closure does not hold the package."""
    opened = open_workspace(args)
    resolver = opened.resolver(session_target(args, opened, (args.member,)), asked=args.python)
    closure = opened.closure(selection_of(args, (args.member,)), resolver)
    found = chains(opened.lock, closure, args.package)
    if not found.total:
        raise _absent(args, opened, resolver)
    if args.json:
        show(_data(args, opened, found))
    else:
        _print(found)
    return 0


def _print(found: Chains) -> None:
    for chain in found.shown:
        print(chain_text(chain))
    if found.total > len(found.shown):
        print(f"and {counted(found.total - len(found.shown), 'more chain')} of this length", file=sys.stderr)


def _data(args: Namespace, opened: Opened, found: Chains, **more: Any) -> dict[str, Any]:
    return {
        "member": args.member,
        "package": args.package,
        "total": found.total,
        "chains": [chain_data(chain) for chain in found.shown],
        "locked": [package_data(package) for package in _locked(opened, args.package)],
        **more,
    }


def _locked(opened: Opened, name: str) -> list[Package]:
    return [opened.lock.packages[index] for index in opened.lock.by_name.get(name, ())]


def _absent(args: Namespace, opened: Opened, resolver: Resolver) -> WsnoxError:
    """Return the error that says where *args*' package is, if anywhere; as JSON, the same is data."""
    name = args.package
    locked = _locked(opened, name)
    holders = [each.name for each in opened.workspace.members if locked and _holds(opened, resolver, each, name)]
    options = _options(opened, resolver, args.member, name) if locked else []
    if args.json:
        show(_data(args, opened, Chains(total=0, shown=()), held_by=holders, given_by=options))
    sentence = f"`{name}` is not in the closure of `{args.member}`"
    if not locked:
        return WsnoxError(f"{sentence}, nor in `uv.lock` at all", hint=near_miss(name, opened.lock.by_name))
    return WsnoxError(sentence, hint=_elsewhere(args.member, named(map(str, locked)), holders, options))


def _elsewhere(member: str, versions: str, holders: Sequence[str], options: Sequence[str]) -> str:
    found = f"`uv.lock` has {versions}"
    if options:
        return f"{found}, and `{member}` gets it with {' or '.join(f'`{option}`' for option in options)}"
    if holders:
        return f"{found}, for {'member' if len(holders) == 1 else 'members'} {named(holders)}"
    return f"{found}, but no member's closure holds it on this target"


def _holds(opened: Opened, resolver: Resolver, member: Member, name: str, **options: frozenset[str]) -> bool:
    """Tell whether the closure of *member*, with its default groups and these *options*, holds the package *name*."""
    selection = Selection(packages=(member.name,), **options)  # type: ignore[arg-type] # only fields that are sets
    try:
        return opened.closure(selection, resolver).entry(name) is not None
    except WsnoxError:
        return False


def _options(opened: Opened, resolver: Resolver, member_name: str, name: str) -> list[str]:
    """Return the single options with which the closure of the member holds the package *name*."""
    member = opened.workspace.member(member_name)
    if member is None:  # pragma: no cover - only a member's closure is asked for
        return []
    package = opened.lock.packages[opened.lock.by_name[member_name][0]]
    extras = [e for e in sorted(package.extras) if _holds(opened, resolver, member, name, extras=frozenset([e]))]
    groups = [g for g in sorted(package.groups) if _holds(opened, resolver, member, name, groups=frozenset([g]))]
    return [*(f"--extra {extra}" for extra in extras), *(f"--group {group}" for group in groups)]
