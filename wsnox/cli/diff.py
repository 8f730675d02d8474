"""``wsnox diff``: two closures, of two members or of two states of the workspace."""

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

from wsnox.affected.git import checkout
from wsnox.cli.chosen import choose_named
from wsnox.cli.context import LockedWorkspace, attempt, session_target
from wsnox.cli.output import members_data, package_text, show, source_text, target_text
from wsnox.cli.places import root_of
from wsnox.cli.terminal import Terminal
from wsnox.closure.model import compare
from wsnox.errors import PythonRangeError, RequestError, WsnoxError
from wsnox.lock import Registry
from wsnox.package_names import canonicalize_name
from wsnox.text import counted
from wsnox.urls import masked
from wsnox.workspace import discover
from wsnox.workspace.pythons import MINORS, fits, workspace_range

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from wsnox.cli.chosen import Chosen
    from wsnox.closure import Target
    from wsnox.closure.model import Change
    from wsnox.lock import Package

__all__ = ["run"]

DIFFERENT = 1


def run(args: Namespace) -> int:
    """Print the differences between the two closures that *args* name."""
    root = root_of(args)
    with ExitStack() as stack:

        @cache
        def state_at(revision: str) -> LockedWorkspace:
            return LockedWorkspace.at(stack.enter_context(checkout(root, revision)) if revision else root)

        sides = _sides(args, root)
        first, second = (choose_named(args, state_at(revision), name) for revision, name in sides)
        target = _target(args, first, second)
        try:
            before, after = (
                side.closure(args, side.locked.resolver(target, python_option=args.python)) for side in (first, second)
            )
        except PythonRangeError as error:
            error.hint = _hint_below(args, first, second) or error.hint
            raise
    changes = compare(before, after)
    if args.json:
        compared = [
            {
                "revision": revision or None,
                "session": chosen.title,
                "members": members_data(chosen.locked.workspace, chosen.members),
            }
            for chosen, (revision, _) in zip((first, second), sides, strict=True)
        ]
        show({"compared": compared, "target": target, "size": len(after.packages), "changes": changes})
        return DIFFERENT if changes else 0
    terminal = Terminal(args)
    terminal.table(map(_row, changes), meanings={"+": "good", "-": "bad", "~": "changed"})
    equal = f"equal, {counted(len(after.packages), 'distribution')}"
    texts = dict.fromkeys(
        f"{chosen.text} at `{revision}`" if revision else chosen.text
        for chosen, (revision, _) in zip((first, second), sides, strict=True)
    )
    result = counted(len(changes), "difference") if changes else equal
    terminal.note(f"{' and '.join(texts)}: {result} for {target_text(target)}")
    return DIFFERENT if changes else 0


def _sides(args: Namespace, root: Path) -> list[tuple[str, str]]:
    """Return for both sides the revision, empty for what is on disk, and the name of a member or session."""
    if args.session is not None:
        return [(args.before, args.session), (args.after or "", args.session)]
    return [_side(root, text) for text in (args.before, args.after)]


def _side(root: Path, text: str) -> tuple[str, str]:
    """Return the revision and the name in *text*.

    ``a:b`` is a task of the member ``a`` if there is such a member on disk and ``b`` is none, else ``b`` at the revision ``a``.
    """
    revision, colon, name = text.rpartition(":")
    # Only the revisions may be readable.
    members = attempt(lambda: discover(root, os.environ).by_name) if colon else {}
    on_disk = {} if isinstance(members, WsnoxError) else members
    if not colon or (revision in on_disk and canonicalize_name(name) not in on_disk):
        return "", text
    if ":" in revision:
        revision, _, member = revision.rpartition(":")
        name = f"{member}:{name}"
    if not (revision and name):
        raise RequestError(f"`{text}` names no member or session", hint="write it as `NAME` or `REV:NAME`")
    return revision, name


def _target(args: Namespace, first: Chosen, second: Chosen) -> Target:
    """Return the target on which both are compared: for two members, one that both of their sessions are on if any is."""
    members = [side.run.session.name for side in (first, second) if side.run and side.run.session.kind == "test"]
    return session_target(args, second.locked, members) if len(members) == 2 else second.target


def _hint_below(args: Namespace, first: Chosen, second: Chosen) -> str:
    """Return what to do where one side is of a session below the Pythons of the workspace, and the other has nothing for these."""
    sides = [side.run for side in (first, second)]
    below = [run for run in sides if run and run.session.resolution and run.session.resolution.base == "below"]
    allowed = workspace_range(second.locked.workspace)
    python = next((minor for minor in MINORS if fits(minor, allowed)), "")
    if len(below) != 1 or not python or args.session is not None:
        return ""
    words = shlex.join([args.before, args.after])
    return (
        f"`wsnox diff {words} --python {python}` compares both on a Python of the workspace, "
        f"and `wsnox closure --session {below[0].title}` shows what is installed below"
    )


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
