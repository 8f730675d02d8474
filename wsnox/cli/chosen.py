"""What a command answers for: a session, by default a member's own, or the members that uv's options select.

1. ``--session NAME`` is a session as nox lists it, with or without the Python and the variant at its end.
2. One member stands for its own session: with its extras and groups, on its Python.
3. Several members, all of them, and a member without a session are what ``uv sync`` installs for them.

uv's options are on top of that. Where a name means several runs of a session, it is the one on the Python that runs wsnox,
else the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.cli.context import open_workspace, selection_of, session_target, target_of_options, target_on
from wsnox.cli.output import first
from wsnox.cli.places import member_around
from wsnox.closure.request import extended_request, lower
from wsnox.errors import RequestError, UnknownNameError
from wsnox.package_names import canonicalize_name
from wsnox.workspace.sessions import runs_of, title_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.cli.context import LockedWorkspace
    from wsnox.cli.terminal import Terminal
    from wsnox.closure import Closure, Resolver, Target
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import SessionRun
    from wsnox.workspace.suite import Suite

__all__ = [
    "Chosen",
    "choose",
    "choose_named",
    "chosen_closure",
    "members_of",
    "named_runs",
    "print_others",
]


class Chosen(Record, kw_only=True):
    """The *run* of a session, called *title*, or `None` for a selection of uv's; its *members* (none: all); the *target*.

    *text* says in words what was chosen, and *others* are its other variants on that Python that go by the same name.
    """

    locked: LockedWorkspace
    target: Target
    text: str
    title: str | None = None
    run: SessionRun | None = None
    members: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def resolver(self, args: Namespace) -> Resolver:
        """Return the resolver on the target."""
        return self.locked.resolver(self.target, python_option=args.python)

    def closure(self, args: Namespace, resolver: Resolver) -> Closure:
        """Return the closure, with what the options in *args* add or leave out."""
        workspace, lock, selection = self.locked.workspace, self.locked.lock, selection_of(args, self.members)
        if self.run is None:
            return resolver.resolve(lower(workspace, lock, selection))
        return resolver.resolve(extended_request(workspace, lock, self.run, selection))


def choose(args: Namespace, locked: LockedWorkspace, members: Sequence[str], session: str | None = None) -> Chosen:
    """Return what *args* choose in the workspace: the *session* by its name, else the *members*."""
    running = target_of_options(args)
    suite = suite_of(locked.workspace, running=running.python)
    if session is None:
        runs = runs_of(suite.configured(lambda name: [name] == [*members]))
        matching = [run for run in runs if run.session.kind == "test"]
    else:
        matching = named_runs(suite, session)
    options = str(selection_of(args, ()))
    if not matching:
        names = tuple(members)
        text = f"what `{f'uv sync {selection_of(args, names)}'.rstrip()}` installs"
        return Chosen(locked=locked, target=session_target(args, locked, names), text=text, members=names)
    run = next((run for run in matching if run.python in ("", running.minor)), matching[0])
    if run.session.resolution and options:
        from wsnox.resolution_errors import ResolutionOptionsError  # noqa: PLC0415 - only an error needs it

        raise ResolutionOptionsError(run.title)
    target, locked = running, locked.of(run)
    if args.python is None:
        target = target_on(run.python, args, running=running, allowed=locked.lock.requires_python)
    return Chosen(
        locked=locked,
        target=target,
        text=f"session `{run.title}`" + (f" with `{options}`" if options else ""),
        title=run.title,
        run=run,
        members=tuple(member.name for member in run.session.members),
        others=tuple(other.title for other in matching if other.python == run.python and other is not run),
    )


def choose_named(args: Namespace, locked: LockedWorkspace, name: str) -> Chosen:
    """Return the member called *name*, as its own session installs it, or else the session."""
    member = locked.workspace.member(canonicalize_name(name))
    if member is not None:
        return choose(args, locked, [member.name])
    try:
        return choose(args, locked, (), name)
    except UnknownNameError:
        suite = suite_of(locked.workspace, running=target_of_options(args).python)
        names = {other for run in runs_of(suite.configured()) for other in _names(run)}
        raise UnknownNameError("member or session", name, names.union(locked.workspace.by_name)) from None


def named_runs(suite: Suite, name: str) -> list[SessionRun]:
    """Return the runs of the session *name*, with or without its Python and variant; raise a `RequestError` without any."""
    # Whatever else its name has is behind that of the session.
    runs = runs_of(suite.configured(name.startswith))
    return [run for run in runs if name in _names(run)] or _of_the_noxfile(suite, name)


def _names(run: SessionRun) -> set[str]:
    """Return every name of *run*: with and without its Python, and with and without its variant."""
    name = run.session.name
    return {title_of(name, python, variant) for python in ("", run.python) for variant in ("", run.variant)}


def _of_the_noxfile(suite: Suite, name: str) -> list[SessionRun]:
    """Return the runs called *name* of functions of the noxfile; raise if there are none, or only nox knows what they install."""
    from wsnox.cli.nox_sessions import found_by_nox  # noqa: PLC0415 - few names need it

    runs = runs_of(suite.configured())
    found = found_by_nox(suite.workspace, {run.session.name for run in runs})
    of_functions = runs_of(found.sessions)
    matching = [run for run in of_functions if name in _names(run)]
    if not matching and any(name == other.name for other in found.other):
        raise RequestError(f"session `{name}` is not of wsnox: only the noxfile knows what it installs")
    if not matching:
        raise UnknownNameError("session", name, [run.title for run in (*runs, *of_functions)])
    return matching


def members_of(args: Namespace, workspace: Workspace) -> Sequence[str]:
    """Return the members that *args* name; with none named, the one around the working directory, as in uv, or the root's own."""
    if args.members or args.session is not None or getattr(args, "all_packages", False):
        return [workspace.named(name).name for name in args.members]
    return member_around(args, workspace)


def chosen_closure(args: Namespace) -> tuple[Chosen, Closure]:
    """Return what *args* choose, and its closure; raise if part of that cannot be installed."""
    locked = open_workspace(args)
    chosen = choose(args, locked, members_of(args, locked.workspace), args.session)
    closure = chosen.closure(args, chosen.resolver(args))
    locked.availability(chosen.target).refuse_unavailable(closure)
    return chosen, closure


def print_others(chosen: Chosen, terminal: Terminal) -> None:
    """Say on stderr which other variants the name of the session means."""
    if chosen.others:
        terminal.note(f"also {', '.join(first([f'`{title}`' for title in chosen.others]))}: see `--session`")
