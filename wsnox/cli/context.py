"""What every command starts from: the workspace and lockfile that the options name, and closures in them."""

from __future__ import annotations

import os
import platform as running
import re
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from packaging.markers import default_environment
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wsnox._record import Record
from wsnox.affected.git import checkout
from wsnox.closure import Resolver, Selection, lower
from wsnox.closure.compatibility import Compatibility, Platform, refuse_unavailable
from wsnox.errors import PythonRangeError, RequestError, TargetError
from wsnox.lock import read_lock
from wsnox.markers.target import describe, target_of
from wsnox.workspace import discover, find_root
from wsnox.workspace.build_options import build_options
from wsnox.workspace.pythons import pin_of
from wsnox.workspace.sessions import TEST, Suite
from wsnox.workspace.settings import Task

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from wsnox.closure import Closure, Target
    from wsnox.lock import Lock
    from wsnox.workspace import Member, Workspace

__all__ = [
    "Narrowing",
    "Opened",
    "checked_out",
    "compatibility_of",
    "members_of",
    "minor_of",
    "narrowing",
    "only_here",
    "open_workspace",
    "root_of",
    "selection_of",
    "session_target",
    "spelled",
    "target_for",
    "target_of_options",
    "target_on",
]

# --- Which members narrow the workspace's Python range: the lockfile's ``requires-python`` is what all of ---


_FLOORS = frozenset({">=", ">", "~=", "=="})
_CEILINGS = frozenset({"<", "<="})


class Narrowing(Record, kw_only=True):
    """A *member* whose own range is what ends the workspace's at its *floor* or *ceiling*, *bound*."""

    member: Member
    end: Literal["floor", "ceiling"]
    bound: Version


def narrowing(workspace: Workspace) -> tuple[Narrowing, ...]:
    """Return the members without which the range would be wider: those with the highest floor, and lowest ceiling."""
    floors = {member.name: _bound(member, _FLOORS, highest=True) for member in workspace.members}
    ceilings = {member.name: _bound(member, _CEILINGS, highest=False) for member in workspace.members}
    floor, ceiling = (
        max(filter(None, floors.values()), default=None),
        min(filter(None, ceilings.values()), default=None),
    )
    found: list[Narrowing] = []
    for member in workspace.members:
        # A bound that all members share narrows nothing.
        if floor is not None and floors[member.name] == floor and set(floors.values()) != {floor}:
            found.append(Narrowing(member=member, end="floor", bound=floor))
        if ceiling is not None and ceilings[member.name] == ceiling and set(ceilings.values()) != {ceiling}:
            found.append(Narrowing(member=member, end="ceiling", bound=ceiling))
    return tuple(found)


def _bound(member: Member, operators: frozenset[str], *, highest: bool) -> Version | None:
    try:
        specifiers = SpecifierSet(member.manifest.requires_python)
        bounds = [Version(each.version.removesuffix(".*")) for each in specifiers if each.operator in operators]
    except ValueError:  # no specifier, or a number of more digits than Python converts
        return None
    if not bounds:
        return None
    return max(bounds) if highest else min(bounds)


# --- The target that the options describe, or that a session chooses; without either, the interpreter tha ---


_PYTHON = re.compile(r"3\.\d{1,4}(\.\d{1,4}((a|b|rc)\d{1,4})?)?", re.ASCII)
_OF_SESSION = re.compile(r"(?P<kind>cpython|pypy|python)?-?(?P<minor>3\.\d+)(?P<patch>\.\d+)?t?", re.IGNORECASE)
_PLATFORM = re.compile(r"[A-Za-z]+(-\w+)?")
_PLACE = ("os_name", "sys_platform", "platform_system", "platform_machine", "platform_release", "platform_version")
_PINNED = ("implementation_name", "platform_machine", "python_version", "sys_platform")
_MACHINES = {
    "linux": {"arm64": "aarch64", "amd64": "x86_64"},
    "macos": {"aarch64": "arm64", "amd64": "x86_64"},
    "windows": {"x86_64": "AMD64", "amd64": "AMD64", "arm64": "ARM64", "aarch64": "ARM64"},
}
"""What people call a machine, by what Python calls it there."""


def target_for(python: str | None, platform: str | None) -> Target:
    """Return the CPython *python* on *platform*; what is `None` is as it is here."""
    here = {key: str(value) for key, value in default_environment().items()}
    if python is None and platform is None:
        return target_of(here)
    if python is not None and not _PYTHON.fullmatch(python):
        raise TargetError(
            f"`{python}` is no Python version", hint="write it as in `--python 3.12` or `--python 3.12.4`"
        )
    described = describe(python or running.python_version(), _place(platform or "linux"))
    if platform is not None:
        return described
    return target_of({**dict(described.values), **{key: here[key] for key in _PLACE}})


def target_on(python: str, platform: str | None, *, here: Target, allowed: str) -> Target:
    """Return the target of a session on *python*, as ``pythons`` names it, on *platform*.

    Nox's own interpreter is *here*; of another minor version it is the first release that is *allowed*.
    """
    if python in ("", minor_of(here)):
        return here
    found = _OF_SESSION.fullmatch(python)
    if found is None:
        raise TargetError(f"what `{python}` is cannot be told without running it")
    target = target_for(found["minor"] + (found["patch"] or _first_patch(found["minor"], allowed)), platform)
    if (found["kind"] or "").lower() != "pypy":
        return target
    kind = {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
    return target_of({**dict(target.values), **kind})


def minor_of(target: Target) -> str:
    """Return the minor version of *target*, as ``3.12``."""
    return dict(target.values)["python_version"]


def _first_patch(minor: str, allowed: str) -> str:
    specifiers = SpecifierSet(allowed)
    return next((f".{patch}" for patch in range(100) if specifiers.contains(f"{minor}.{patch}")), ".0")


def _place(platform: str) -> str:
    if not _PLATFORM.fullmatch(platform):
        raise TargetError(f"`{platform}` is no platform", hint="write it as in `--platform linux` or `linux-aarch64`")
    name, _, machine = platform.lower().partition("-")
    machine = _MACHINES.get(name, {}).get(machine, machine)
    return f"{name}-{machine}" if machine else name


def compatibility_of(target: Target) -> Compatibility:
    """Return what tells of wheels whether they fit *target*, with what is known of the system where it is this one."""
    here = target_for(None, None)
    if any(dict(target.values)[key] != dict(here.values)[key] for key in _PLACE):
        return Compatibility(target)
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        glibc = ""
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX")).strip(".").rpartition(".")[0]
    abi = suffix if target == here else ""
    return Compatibility(target, Platform(abi=abi, glibc=glibc.removeprefix("glibc "), macos=running.mac_ver()[0]))


def spelled(target: Target) -> str:
    """Return *target* in a few words."""
    values = dict(target.values)
    name = {"cpython": "Python", "pypy": "PyPy"}.get(values["implementation_name"], values["implementation_name"])
    return f"{name} {target.python} on {values['platform_system']} {values['platform_machine']}".rstrip()


def only_here(target: Target) -> str:
    """Return the marker of the environments for which a closure on *target* is meant."""
    values = dict(target.values)
    return " and ".join(f"{name} == '{values[name]}'" for name in _PINNED)


class Opened(Record, kw_only=True):
    """A workspace with its lockfile."""

    workspace: Workspace
    lock: Lock

    @classmethod
    def at(cls, root: Path) -> Opened:
        """Read the workspace whose root is the absolute directory *root*."""
        return cls(workspace=discover(root, os.environ), lock=read_lock(root))

    def resolver(self, target: Target, *, asked: str | None = None) -> Resolver:
        """Return what answers requests on *target*; *asked* is the Python as the options name it."""
        try:
            return Resolver(self.lock, target)
        except PythonRangeError:
            raise self._out_of_range(target, asked or "") from None

    def _out_of_range(self, target: Target, asked: str) -> PythonRangeError:
        """Return the error that says which members narrowed the range, that ``3.12`` stands for 3.12.0, or what to do."""
        found = narrowing(self.workspace)
        end = "floor" if any(Version(target.release) < each.bound for each in found) else "ceiling"
        members = [each.member.name for each in found if each.end == end]
        error = PythonRangeError(target.python, self.lock.requires_python, "the lockfile", raised_by=members)
        if asked.count(".") == 1 and re.search(rf"{re.escape(asked)}\.\d", self.lock.requires_python):
            error.hint = f"`{asked}` stands for `{target.python}`; name the release that you mean"
        elif not asked:
            error.hint = "; ".join(filter(None, (error.hint, "describe another Python with `--python`")))
        return error

    def closure(self, selection: Selection, resolver: Resolver) -> Closure:
        """Return the closure of *selection*."""
        return resolver.resolve(lower(self.workspace, self.lock, selection))

    def refuse_unavailable(self, closure: Closure, compatibility: Compatibility) -> None:
        """Raise `NoArtifactError` where a package of *closure* cannot be installed."""
        refuse_unavailable(self.lock, closure, compatibility, build_options(self.workspace))


def root_of(args: Namespace) -> Path:
    """Return the workspace root for the directory that ``--root`` names, or the working directory."""
    try:
        start = Path.cwd() if args.root is None else Path(args.root).resolve()
    except FileNotFoundError:
        raise RequestError("the working directory is gone", hint="go to one that is there") from None
    if not os.path.isdir(start):  # noqa: PTH112 - it has an answer for what no file can be called
        raise RequestError(f"`{args.root}` is no directory")
    return find_root(start)


def open_workspace(args: Namespace) -> Opened:
    """Return the workspace that *args* name."""
    return Opened.at(root_of(args))


def target_of_options(args: Namespace) -> Target:
    """Return the target that *args* describe."""
    return target_for(args.python, args.platform)


def session_target(args: Namespace, opened: Opened, members: Iterable[str] = ()) -> Target:
    """Return the target that *args* describe; without ``--python``, that of the sessions of *members*, by default all.

    The sessions choose their Python by ``pythons``, ``.python-version`` and what the lockfile is for; where they run on
    the Python that runs wsnox among others, and where they have none in common, it is that one.
    """
    here = target_of_options(args)
    if args.python is not None:
        return here
    suite = Suite(opened.workspace, pin=pin_of(opened.workspace.root), running=here.python)
    pythons = _in_common(suite, frozenset(members), minor_of(here))
    if not pythons or minor_of(here) in pythons:
        return here
    return target_on(pythons[0], args.platform, here=here, allowed=opened.lock.requires_python)


def _in_common(suite: Suite, members: frozenset[str], running: str) -> list[str]:
    """Return the Pythons that the sessions of all *members* run on, in the order of the first."""
    sessions = [spec for spec in suite.of_members(TEST, Task()) if not members or spec.members[0].name in members]
    each = [(running,) if spec.pythons is None else spec.pythons for spec in sessions]
    return [python for python in each[0] if all(python in other for other in each)] if each else []


def members_of(args: Namespace, workspace: Workspace) -> tuple[str, ...]:
    """Return the members that *args* name; with none named, the one that the working directory is in, as uv has it."""
    if args.members or args.all_packages or args.root is not None:
        return tuple(args.members)
    here = Path.cwd()
    inside = [each for each in workspace.members if each.path != "." and here.is_relative_to(each.directory)]
    return tuple(each.name for each in sorted(inside, key=lambda each: len(each.directory.parts))[-1:])


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


# --- The workspace as of a git revision, read as any other ---


@contextmanager
def checked_out(root: Path, revision: str) -> Iterator[Opened]:
    """Yield the workspace at *root* as of *revision*; errors name its files as ``REVISION:path``."""
    with checkout(root, revision) as place:
        yield Opened.at(place)
