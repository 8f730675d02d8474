"""``wsnox diff``: two closures, of two members or of two states of the workspace."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.affected.git import checkout
from wsnox.cli.context import LockedWorkspace, root_of, selection_of, session_target
from wsnox.cli.output import aligned, package_text, show, source_text
from wsnox.closure.model import compare
from wsnox.errors import RequestError
from wsnox.lock import Registry
from wsnox.text import counted
from wsnox.urls import masked

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.closure.model import Change
    from wsnox.lock import Package

__all__ = ["run"]

DIFFERENT = 1


def run(args: Namespace) -> int:
    """Print the differences between the two closures that *args* name."""
    root, sides = root_of(args), [_revision_and_member(side) for side in (args.before, args.after)]
    with ExitStack() as stack:
        roots = [stack.enter_context(checkout(root, revision)) if revision else root for revision, _ in sides]
        locked = [*map(LockedWorkspace.at, roots)]
        target = session_target(args, locked[1], [name for _, name in sides])
        before, after = (
            side.closure(selection_of(args, (name,)), side.resolver(target, python_option=args.python))
            for side, (_, name) in zip(locked, sides, strict=True)
        )
    changes = compare(before, after)
    if args.json:
        show({
            "before": args.before,
            "after": args.after,
            "target": target,
            "added": [change.after for change in changes if change.before is None],
            "removed": [change.before for change in changes if change.after is None],
            "changed": [change for change in changes if change.before and change.after],
        })  # fmt: skip
        return DIFFERENT if changes else 0
    for line in aligned(_row(change) for change in changes):
        print(line)
    equal = f"equal, {counted(len(after.packages), 'distribution')}"
    print(counted(len(changes), "difference") if changes else equal, file=sys.stderr)
    return DIFFERENT if changes else 0


def _revision_and_member(side: str) -> tuple[str, str]:
    """Return the revision, empty for what is on disk, and the member that a *side* names."""
    revision, colon, name = side.rpartition(":")
    if not name or (colon and not revision):
        raise RequestError(f"`{side}` names no member", hint="write it as `MEMBER` or `REV:MEMBER`")
    return revision, canonicalize_name(name)


def _row(change: Change) -> tuple[str, str, str]:
    """Return the sign, the name, and what *change* adds, removes or replaces."""
    before, after = change.before, change.after
    if before and after:
        return "~", change.name, f"{_brief(before, after)} -> {_brief(after, before)}"
    texts = (f"{package.version or ''} {source_text(package.source)}".strip() for package in (before, after) if package)
    return "-" if before else "+", change.name, "".join(texts)


def _brief(package: Package, other: Package) -> str:
    """Return how *package* differs from *other*: by its version alone where the sources are equal."""
    if package.source == other.source:
        return package_text(package)
    # Two registries differ only in their location.
    registry = f"registry {masked(package.source.location)}" if isinstance(package.source, Registry) else ""
    source = source_text(package.source) or (registry if isinstance(other.source, Registry) else "registry")
    return source if package.version == other.version else f"{package.version or ''} {source}".strip()
