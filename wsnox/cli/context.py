"""The workspace and lockfile that the options name, and closures in them: every command starts from these."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from wsnox._record import Record
from wsnox.affected.git import checkout
from wsnox.cli.python_range import narrowing
from wsnox.cli.target_options import minor_of, target_for, target_on
from wsnox.closure import Resolver, Selection, lower
from wsnox.closure.compatibility import refuse_unavailable
from wsnox.errors import PythonRangeError, RequestError
from wsnox.lock import read_lock
from wsnox.workspace import discover, find_root
from wsnox.workspace.settings import Task
from wsnox.workspace.suite import TEST, Suite, suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from wsnox.closure import Closure, Target
    from wsnox.closure.compatibility import Compatibility
    from wsnox.lock import Lock
    from wsnox.workspace import Workspace

__all__ = [
    "LockedWorkspace",
    "checked_out",
    "members_of",
    "open_workspace",
    "root_of",
    "selection_of",
    "session_target",
    "target_of_options",
]


class LockedWorkspace(Record, kw_only=True):
    """A workspace with its lockfile."""

    workspace: Workspace
    lock: Lock

    @classmethod
    def at(cls, root: Path) -> LockedWorkspace:
        """Read the workspace whose root is the absolute directory *root*."""
        return cls(workspace=discover(root, os.environ), lock=read_lock(root))

    def resolver(self, target: Target, *, python_option: str | None = None) -> Resolver:
        """Return the resolver of requests on *target*; *python_option* is the value of ``--python``."""
        try:
            return Resolver(self.lock, target)
        except PythonRangeError:
            raise self._out_of_range(target, python_option or "") from None

    def _out_of_range(self, target: Target, python_option: str) -> PythonRangeError:
        """Return the error that says which members narrowed the range, that ``3.12`` stands for 3.12.0, or what to do."""
        narrowings = narrowing(self.workspace)
        end = "floor" if any(Version(target.release) < cause.bound for cause in narrowings) else "ceiling"
        members = [cause.member.name for cause in narrowings if cause.end == end]
        error = PythonRangeError(target.python, self.lock.requires_python, "the lockfile", raised_by=members)
        if python_option.count(".") == 1 and re.search(rf"{re.escape(python_option)}\.\d", self.lock.requires_python):
            error.hint = f"`{python_option}` stands for `{target.python}`; name the release that you mean"
        elif not python_option:
            error.hint = "; ".join(filter(None, (error.hint, "describe another Python with `--python`")))
        return error

    def closure(self, selection: Selection, resolver: Resolver) -> Closure:
        """Return the closure of *selection*."""
        return resolver.resolve(lower(self.workspace, self.lock, selection))

    def refuse_unavailable(self, closure: Closure, compatibility: Compatibility) -> None:
        """Raise `NoArtifactError` where a package of *closure* cannot be installed."""
        refuse_unavailable(self.lock, closure, compatibility, self.workspace.build_options)


def root_of(args: Namespace) -> Path:
    """Return the workspace root for the directory that ``--root`` names, or the working directory."""
    try:
        start = Path.cwd() if args.root is None else Path(args.root).resolve()
    except FileNotFoundError:
        raise RequestError("the working directory is gone", hint="change to one that exists") from None
    if not os.path.isdir(start):  # noqa: PTH112 - it also answers for a name that no file can have
        raise RequestError(f"`{args.root}` is no directory")
    return find_root(start)


def open_workspace(args: Namespace) -> LockedWorkspace:
    """Return the workspace that *args* name."""
    return LockedWorkspace.at(root_of(args))


def target_of_options(args: Namespace) -> Target:
    """Return the target that *args* describe."""
    return target_for(args.python, args.platform)


def session_target(args: Namespace, locked: LockedWorkspace, members: Iterable[str] = ()) -> Target:
    """Return the target that *args* describe; without ``--python``, that of the sessions of *members*, by default all.

    The sessions choose their Python by ``pythons``, ``.python-version`` and the range of the lockfile. If they also run on
    the Python that runs wsnox, or have none in common, it is that one.
    """
    running = target_of_options(args)
    if args.python is not None:
        return running
    suite = suite_of(locked.workspace, running=running.python)
    pythons = _common_pythons(suite, frozenset(members), minor_of(running))
    if not pythons or minor_of(running) in pythons:
        return running
    return target_on(pythons[0], args.platform, running=running, allowed=locked.lock.requires_python)


def _common_pythons(suite: Suite, members: frozenset[str], running: str) -> list[str]:
    """Return the Pythons that the sessions of all *members* run on, in the order of the first."""
    sessions = suite.of_members(TEST, Task())
    pythons = [
        (running,) if session.pythons is None else session.pythons
        for session in sessions
        if not members or session.members[0].name in members
    ]
    return [python for python in pythons[0] if all(python in others for others in pythons)] if pythons else []


def members_of(args: Namespace, workspace: Workspace) -> tuple[str, ...]:
    """Return the members that *args* name; with none named, the one that the working directory is in, as in uv."""
    if args.members or args.all_packages or args.root is not None:
        return tuple(args.members)
    directory = Path.cwd()
    enclosing = [
        member for member in workspace.members if member.path != "." and directory.is_relative_to(member.directory)
    ]
    return tuple(member.name for member in sorted(enclosing, key=lambda member: len(member.directory.parts))[-1:])


def selection_of(args: Namespace, members: tuple[str, ...]) -> Selection:
    """Return the selection of *members* with the options of *args*."""
    return Selection(
        packages=members,
        all_packages=getattr(args, "all_packages", False),
        extras=frozenset(args.extras),
        all_extras=args.all_extras,
        groups=frozenset(args.groups),
        only_groups=frozenset(args.only_groups),
        all_groups=args.all_groups,
        default_groups=not args.no_default_groups,
    )


@contextmanager
def checked_out(root: Path, revision: str) -> Iterator[LockedWorkspace]:
    """Yield the workspace at *root* as of *revision*; errors name its files as ``REVISION:path``."""
    with checkout(root, revision) as directory:
        yield LockedWorkspace.at(directory)
