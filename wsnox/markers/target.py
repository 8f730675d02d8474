"""The target of a closure: the marker values of one interpreter, or of a described platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wsnox._record import Record
from wsnox.errors import LockError, PythonRangeError, UnknownNameError
from wsnox.lock.fields import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLATFORMS", "Target", "describe", "refuse_out_of_range", "target_of"]

PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "macos": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}
"""Platforms by the name that ``--platform`` takes; ``NAME-MACHINE`` changes the machine."""

_RELEASE = re.compile(r"\d+(\.\d+)*")


class Target(Record):
    """The marker *values* of one interpreter (PEP 508 names), as sorted pairs: equal targets are equal values."""

    values: tuple[tuple[str, str], ...]

    @property
    def python(self) -> str:
        """The full version of the interpreter."""
        return dict(self.values)["python_full_version"]

    @property
    def release(self) -> str:
        """The release segments of `python`: uv compares 3.14.0rc1 as 3.14.0."""
        match = _RELEASE.match(self.python)
        return match[0] if match else self.python


def target_of(environment: Mapping[str, str]) -> Target:
    """Return the target with the marker values of *environment*, without ``extra``, which no interpreter has."""
    return Target(tuple(sorted((key, value) for key, value in environment.items() if key != "extra")))


def describe(python: str, platform: str) -> Target:
    """Return the CPython *python* (``3.12`` or ``3.12.1``) on *platform* (``windows``, ``linux-aarch64``)."""
    name, _, machine = platform.partition("-")
    if name not in PLATFORMS:
        raise UnknownNameError("platform", name, PLATFORMS)
    full = python if python.count(".") >= 2 else f"{python}.0"
    values = {
        **PLATFORMS[name],
        "implementation_name": "cpython",
        "implementation_version": full,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "python_full_version": full,
        "python_version": ".".join(full.split(".")[:2]),
    }
    if machine:
        values["platform_machine"] = machine
    return target_of(values)


def refuse_out_of_range(target: Target, requires_python: str, owner: str) -> None:
    """Raise `PythonRangeError` if *target* is outside *requires_python*, which *owner* requires.

    Outside a lockfile's range its markers cannot be trusted: uv leaves out of them what the range implies.
    """
    try:
        fits = SpecifierSet(requires_python).contains(Version(target.release), prereleases=True)
    except ValueError:  # a number of more digits than Python converts is no `InvalidSpecifier`
        specifier = shown(requires_python)
        raise LockError(f"`{specifier}`, which {owner} requires of Python, is no version specifier") from None
    if not fits:
        raise PythonRangeError(target.python, shown(requires_python), owner)
