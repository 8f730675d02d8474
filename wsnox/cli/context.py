"""What the options of a command name: the workspace with its lockfile, members, a target, and closures of these."""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING, TypeVar

from wsnox._record import Record, replace
from wsnox.cli.places import root_of
from wsnox.closure import Resolver, Selection
from wsnox.closure.compatibility import Availability, Compatibility, Platform
from wsnox.errors import PythonRangeError, TargetError, WsnoxError
from wsnox.lock import read_lock
from wsnox.markers.target import PLATFORM_VARIABLES, describe, parse_python, target_of
from wsnox.python_ranges import allows
from wsnox.running_python import marker_values
from wsnox.workspace import discover
from wsnox.workspace.settings import Task
from wsnox.workspace.suite import TEST, suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from wsnox.closure import Target
    from wsnox.lock import Lock
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import SessionRun

    T = TypeVar("T")

__all__ = [
    "LockedWorkspace",
    "attempt",
    "open_workspace",
    "selection_of",
    "session_target",
    "target_of_options",
    "target_on",
]


class LockedWorkspace(Record, kw_only=True):
    """A workspace with its lockfile."""

    workspace: Workspace
    lock: Lock

    @classmethod
    def at(cls, root: Path) -> LockedWorkspace:
        """Read the workspace whose root is the absolute directory *root*."""
        return cls(workspace=discover(root, os.environ), lock=read_lock(root))

    def of(self, run: SessionRun) -> LockedWorkspace:
        """Return the workspace with the versions of *run*: another resolution has them in a file of its own."""
        if run.session.resolution is None:
            return self
        from wsnox.environment.lockfile import resolution_lock  # noqa: PLC0415 - few sessions have such a file

        return replace(self, lock=resolution_lock(self.workspace, run))

    def resolver(self, target: Target, *, python_option: str | None = None) -> Resolver:
        """Return the resolver of requests on *target*; *python_option* is the value of ``--python``.

        Raise `PythonRangeError`, which says which members narrowed the range, that ``3.12`` stands for 3.12.0, or what to do.
        """
        try:
            return Resolver(self.lock, target)
        except PythonRangeError:
            from packaging.version import Version  # noqa: PLC0415 - only an error needs it

        from wsnox.cli.narrowings import narrowings  # noqa: PLC0415 - as above

        bounds, option = [*narrowings(self.workspace)], python_option or ""
        end = "floor" if any(Version(target.release) < bound.bound for bound in bounds) else "ceiling"
        members = [bound.member for bound in bounds if bound.end == end]
        error = PythonRangeError(target.python, self.lock.requires_python, "the lockfile", raised_by=members)
        if option.count(".") == 1 and re.search(rf"{re.escape(option)}\.\d", self.lock.requires_python):
            error.hint = f"`{option}` stands for `{target.python}`; name the release that you mean"
        elif not option:
            error.hint = "; ".join(filter(None, (error.hint, "describe another Python with `--python`")))
        raise error

    def availability(self, target: Target) -> Availability:
        """Return which packages can be installed on *target*."""
        return Availability(self.lock, _compatibility(target), self.workspace.build_options)


def attempt(compute: Callable[[], T]) -> T | WsnoxError:
    """Return what *compute* returns, or the error that it raises: one closure that is refused does not end a list of them."""
    try:
        return compute()
    except WsnoxError as error:
        return error


# --- from options ---


def open_workspace(args: Namespace) -> LockedWorkspace:
    """Return the workspace that *args* name."""
    return LockedWorkspace.at(root_of(args))


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


# --- targets ---

_PYTHON = r"(?a)3\.\d{1,4}(\.\d{1,4}((a|b|rc)\d{1,4})?)?"
_PLATFORM = r"[A-Za-z]+(-\w+)?"


def target_of_options(args: Namespace) -> Target:
    """Return the CPython and platform that *args* describe, each by default as here; raise `TargetError` for no such thing."""
    if args.python is not None and not re.fullmatch(_PYTHON, args.python):
        hint = "write it as in `--python 3.12` or `--python 3.12.4`"
        raise TargetError(f"`{args.python}` is not a Python version", hint=hint)
    if args.platform is not None and not re.fullmatch(_PLATFORM, args.platform):
        hint = "write it as in `--platform linux` or `linux-aarch64`"
        raise TargetError(f"`{args.platform}` is not a platform", hint=hint)
    here = _here()
    if args.python is None and args.platform is None:
        return here
    return describe(args.python or here.python, args.platform or here)


def _here() -> Target:
    return target_of(marker_values())


def target_on(python: str, args: Namespace, *, running: Target, allowed: str) -> Target:
    """Return the target of a session on *python*, as ``pythons`` names it, on the platform that *args* name.

    Nox's own interpreter is *running*; of another minor version it is the first release that is *allowed*.
    """
    if python in ("", running.minor):
        return running
    named = parse_python(python)
    if named is None:
        raise TargetError(f"`{python}` cannot be identified without running it")
    patch = next((number for number in range(100) if allows(allowed, f"{named.minor}.{number}")), 0)
    return named.on(args.platform or _here(), patch)


def session_target(args: Namespace, locked: LockedWorkspace, members: Iterable[str] = ()) -> Target:
    """Return the target that *args* describe; without ``--python``, that of the sessions of *members*, by default all.

    The sessions choose their Python by ``pythons``, ``.python-version`` and the range of the lockfile: the first that all
    have in common counts. If they also run on the Python that runs wsnox, or have none in common, it is that one.
    """
    running, names = target_of_options(args), frozenset(members)
    if args.python is not None:
        return running
    here = running.minor
    pythons, *others = [
        (here,) if session.pythons is None else session.pythons
        for session in suite_of(locked.workspace, running=running.python).of_members(TEST, Task())
        if not names or session.members[0].name in names
    ] or [()]
    shared = [python for python in pythons if all(python in other for other in others)]
    if not shared or here in shared:
        return running
    return target_on(shared[0], args, running=running, allowed=locked.lock.requires_python)


def _compatibility(target: Target) -> Compatibility:
    """Return the test of which wheels fit *target*, with the facts known of the system where that is this one."""
    here = _here()
    if any(dict(target.values)[key] != dict(here.values)[key] for key in PLATFORM_VARIABLES):
        return Compatibility(target)
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        glibc = ""
    macos = ""
    if sys.platform == "darwin":
        import platform  # noqa: PLC0415 - it takes a tenth of a closure to load

        macos = platform.mac_ver()[0]
    suffix = EXTENSION_SUFFIXES[0].strip(".").rpartition(".")[0]
    abi = suffix if target == here else ""
    return Compatibility(target, Platform(abi=abi, glibc=glibc.removeprefix("glibc "), macos=macos))
