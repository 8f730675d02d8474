"""The target of a closure: the marker values of one interpreter or of a described platform, and which markers hold there.

uv evaluates the markers of a lockfile otherwise than PEP 508 has it:

- ``extra`` is no extra but one of uv's conflict items, several of which can be active at once: so a marker has a
  `Condition` of them.
- A pre-release of Python counts as its release, so that ``<`` and ``>=`` are complements.
- Texts are compared letter by letter, ``platform_release`` and ``platform_version`` among them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record
from wsnox.errors import RESTORE_LOCKFILE, LockError, PythonRangeError, UnknownNameError
from wsnox.markers.conditions import Diagrams
from wsnox.markers.expressions import VERSIONS, Fact, Span, parse_marker
from wsnox.markers.points import Point, Unreadable, release
from wsnox.python_ranges import allows
from wsnox.text import abbreviated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.markers.conditions import Condition

__all__ = [
    "PLATFORMS",
    "PLATFORM_VARIABLES",
    "Markers",
    "NamedPython",
    "Target",
    "describe",
    "parse_python",
    "refuse_out_of_range",
    "target_of",
]

PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "macos": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}
"""Platforms by the name that ``--platform`` takes; ``NAME-MACHINE`` changes the machine."""

PLATFORM_VARIABLES = (
    *("os_name", "sys_platform", "platform_system"),
    *("platform_machine", "platform_release", "platform_version"),
)
"""The marker variables that depend on the platform, and not on the Python."""

_MACHINES = {
    "linux": {"arm64": "aarch64", "amd64": "x86_64"},
    "macos": {"aarch64": "arm64", "amd64": "x86_64"},
    "windows": {"x86_64": "AMD64", "amd64": "AMD64", "arm64": "ARM64", "aarch64": "ARM64"},
}
"""Python's name of a machine, by platform and by what people call the machine."""

# Most sessions need none of these: as texts, they are compiled where they are used.
# Characters that a terminal would act upon where a marker is shown.
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f-\x9f]"
_RELEASE = r"\d+(\.\d+)*"
_PYTHON = r"(?ai)(?P<implementation>cpython|pypy|python)?-?(?P<minor>3\.\d+)(?:\.(?P<patch>\d+))?t?"


class Target(Record):
    """The marker *values* of one interpreter (PEP 508 names), as sorted pairs: equal targets are equal values."""

    values: tuple[tuple[str, str], ...]

    @property
    def python(self) -> str:
        """The full version of the interpreter."""
        return dict(self.values)["python_full_version"]

    @property
    def minor(self) -> str:
        """The minor version of the interpreter, as ``3.12``."""
        return dict(self.values)["python_version"]

    @property
    def release(self) -> str:
        """The release segments of `python`: uv compares 3.14.0rc1 as 3.14.0."""
        match = re.match(_RELEASE, self.python)
        return match[0] if match else self.python


def target_of(environment: Mapping[str, str]) -> Target:
    """Return the target with the marker values of *environment*, without ``extra``, which no interpreter has."""
    return Target(tuple(sorted((key, value) for key, value in environment.items() if key != "extra")))


def describe(python: str, platform: str | Target, implementation: str = "cpython") -> Target:
    """Return the *implementation* of *python* (``3.12`` or ``3.12.1``) on *platform*: ``linux-aarch64``, or another target's.

    Raise `UnknownNameError` for a platform that is not among `PLATFORMS`.
    """
    if isinstance(platform, Target):
        values = {name: value for name, value in platform.values if name in PLATFORM_VARIABLES}
    else:
        name, _, machine = platform.lower().partition("-")
        if name not in PLATFORMS:
            raise UnknownNameError("platform", name, PLATFORMS)
        values = {**PLATFORMS[name], "platform_release": "", "platform_version": ""}
        if machine:
            values["platform_machine"] = _MACHINES[name].get(machine, machine)
    full = python if python.count(".") >= 2 else f"{python}.0"
    return target_of(
        {
            **values,
            "implementation_name": implementation,
            "implementation_version": full,
            "platform_python_implementation": {"cpython": "CPython", "pypy": "PyPy"}[implementation],
            "python_full_version": full,
            "python_version": ".".join(full.split(".")[:2]),
        }
    )


class NamedPython(Record):
    """A Python as a session names it: *implementation*, *minor* version, and *patch* release, empty if any will do."""

    implementation: Literal["cpython", "pypy"]
    minor: str
    patch: str

    def on(self, platform: str | Target, patch: int | str = 0) -> Target:
        """Return the target of this Python on *platform*; if it names no patch release, of the release *patch*."""
        return describe(f"{self.minor}.{self.patch or patch}", platform, self.implementation)


def parse_python(name: str) -> NamedPython | None:
    """Return the Python that *name* (``3.12``, ``pypy3.10``, ``3.13.1t``) stands for, `None` if only running it would tell."""
    match = re.fullmatch(_PYTHON, name)
    if match is None:
        return None
    is_pypy = (match["implementation"] or "").lower() == "pypy"
    return NamedPython("pypy" if is_pypy else "cpython", match["minor"], match["patch"] or "")


def refuse_out_of_range(target: Target, requires_python: str, owner: str) -> None:
    """Raise `PythonRangeError` if *target* is outside *requires_python*, which *owner* requires.

    Outside a lockfile's range its markers cannot be trusted: uv leaves out of them what the range implies.
    """
    try:
        fits = allows(requires_python, target.release)
    except ValueError:
        specifier = abbreviated(requires_python)
        raise LockError(f"`{specifier}`, which {owner} requires of Python, is not a version specifier") from None
    if not fits:
        raise PythonRangeError(target.python, abbreviated(requires_python), owner)


class Markers:
    """The markers of one *target*: `condition` depends on their text alone, and is remembered.

    Conditions of several targets can be compared if they are made by the same *diagrams*.
    """

    def __init__(self, target: Target, diagrams: Diagrams | None = None) -> None:
        self.diagrams = Diagrams() if diagrams is None else diagrams
        self._values = dict(target.values)
        self._points: dict[str, Point] = {
            name: release(value) if name in VERSIONS else (value,) for name, value in target.values
        }
        self._conditions: dict[str, Condition] = {"": True}

    def condition(self, marker: str) -> Condition:
        """Return when *marker* holds on the target; raise `LockError` where it is malformed."""
        condition = self._conditions.get(marker)
        if condition is None:
            condition = self._conditions[marker] = self._read(marker)
        return condition

    def may_hold(self, marker: str) -> bool:
        """Return whether *marker* holds on the target for some set of active items."""
        return self.condition(marker) is not False

    def _read(self, marker: str) -> Condition:
        if marker.strip() and not re.search(_CONTROL, marker):
            with suppress(KeyError, Unreadable):  # `KeyError` for a variable that interpreters have no value for
                return self.diagrams.of(parse_marker(marker), self._holds)
        raise LockError(f"`{abbreviated(marker)}` in `uv.lock` is not a marker", hint=RESTORE_LOCKFILE)

    def _holds(self, comparison: Span | Fact) -> Condition:
        match comparison:
            case Span(variable, start, end):
                point = self._points[variable]
                return start <= point and (end is None or point < end)
            case Fact("extra", _, item):
                return self.diagrams.fact(item)
            case Fact(variable, "in", text):
                return self._values[variable] in text
            case Fact(variable, _, text):
                return text in self._values[variable]
