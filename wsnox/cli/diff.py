"""``wsnox diff``: two closures, of two members or of two states of the workspace."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from wsnox.cli.context import LockedWorkspace, checked_out, root_of, selection_of, session_target
from wsnox.cli.output import aligned, package_data, package_text, show, source_text, target_data
from wsnox.closure.chains import compare
from wsnox.errors import RequestError
from wsnox.lock.model import Registry
from wsnox.text import counted
from wsnox.urls import masked

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.closure import Target
    from wsnox.closure.chains import Change
    from wsnox.lock import Package

__all__ = ["run"]

DIFFERENT = 1


def run(args: Namespace) -> int:
    """Print the differences between the two closures that *args* name."""
    root, sides = root_of(args), [_revision_and_member(side) for side in (args.before, args.after)]
    with ExitStack() as stack:
        locked = [stack.enter_context(checked_out(root, rev)) if rev else LockedWorkspace.at(root) for rev, _ in sides]
        target = session_target(args, locked[1], [name for _, name in sides])
        before, after = (
            side.closure(selection_of(args, (name,)), side.resolver(target, python_option=args.python))
            for side, (_, name) in zip(locked, sides, strict=True)
        )
    changes = compare(before, after)
    if args.json:
        show(_data(args, target, changes))
    else:
        _print(changes, len(after.packages))
    return DIFFERENT if changes else 0


def _revision_and_member(side: str) -> tuple[str, str]:
    """Return the revision, empty for what is on disk, and the member that a *side* names."""
    revision, colon, name = side.rpartition(":")
    if not name or (colon and not revision):
        raise RequestError(f"`{side}` names no member", hint="write it as `MEMBER` or `REV:MEMBER`")
    return revision, canonicalize_name(name)


def _print(changes: Sequence[Change], count: int) -> None:
    for line in aligned(_row(change) for change in changes):
        print(line)
    summary = f"{counted(len(changes), 'difference')}" if changes else f"equal, {counted(count, 'distribution')}"
    print(summary, file=sys.stderr)


def _row(change: Change) -> tuple[str, str, str]:
    match change.before, change.after:
        case None, after:
            return "+", change.name, _full(after)
        case before, None:
            return "-", change.name, _full(before)
        case before, after:
            return "~", change.name, f"{_brief(before, after)} -> {_brief(after, before)}"


def _full(package: Package | None) -> str:
    if package is None:  # pragma: no cover - one of the two is there
        return ""
    return f"{package.version or ''} {source_text(package.source)}".strip()


def _brief(package: Package, other: Package) -> str:
    """Return how *package* differs from *other*: by its version alone where the sources are equal."""
    if package.source == other.source:
        return package_text(package)
    # Two registries differ only in their location.
    registry = f"registry {masked(package.source.location)}" if isinstance(package.source, Registry) else ""
    source = source_text(package.source) or (registry if isinstance(other.source, Registry) else "registry")
    return source if package.version == other.version else f"{package.version or ''} {source}".strip()


def _data(args: Namespace, target: Target, changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "before": args.before,
        "after": args.after,
        "target": target_data(target),
        "added": [package_data(change.after) for change in changes if change.after and not change.before],
        "removed": [package_data(change.before) for change in changes if change.before and not change.after],
        "changed": [
            {"name": change.name, "before": package_data(change.before), "after": package_data(change.after)}
            for change in changes
            if change.before and change.after
        ],
    }
