"""The target that ``--python`` and ``--platform`` describe, or that the sessions choose: otherwise this interpreter."""

from __future__ import annotations

import os
import platform as host_platform
import re
import sysconfig
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.specifiers import SpecifierSet

from wsnox.closure.compatibility import Compatibility, Platform
from wsnox.errors import TargetError
from wsnox.markers.target import describe, target_of

if TYPE_CHECKING:
    from wsnox.markers.target import Target

__all__ = ["compatibility_of", "minor_of", "only_here", "spelled", "target_for", "target_on"]

_PYTHON = re.compile(r"3\.\d{1,4}(\.\d{1,4}((a|b|rc)\d{1,4})?)?", re.ASCII)
_OF_SESSION = re.compile(r"(?P<kind>cpython|pypy|python)?-?(?P<minor>3\.\d+)(?P<patch>\.\d+)?t?", re.IGNORECASE)
_PLATFORM = re.compile(r"[A-Za-z]+(-\w+)?")
_OF_PLATFORM = (
    *("os_name", "sys_platform", "platform_system"),
    *("platform_machine", "platform_release", "platform_version"),
)
_PINNED = ("implementation_name", "platform_machine", "python_version", "sys_platform")
_MACHINES = {
    "linux": {"arm64": "aarch64", "amd64": "x86_64"},
    "macos": {"aarch64": "arm64", "amd64": "x86_64"},
    "windows": {"x86_64": "AMD64", "amd64": "AMD64", "arm64": "ARM64", "aarch64": "ARM64"},
}
"""Python's name of a machine, by platform and by what people call the machine."""


def target_for(python: str | None, platform: str | None) -> Target:
    """Return the CPython *python* on *platform*, each by default as here; raise `TargetError` if there is no such thing."""
    here = {key: str(value) for key, value in default_environment().items()}
    if python is None and platform is None:
        return target_of(here)
    if python is not None and not _PYTHON.fullmatch(python):
        hint = "write it as in `--python 3.12` or `--python 3.12.4`"
        raise TargetError(f"`{python}` is no Python version", hint=hint)
    described = describe(python or host_platform.python_version(), _platform(platform or "linux"))
    if platform is not None:
        return described
    return target_of({**dict(described.values), **{key: here[key] for key in _OF_PLATFORM}})


def _platform(text: str) -> str:
    if not _PLATFORM.fullmatch(text):
        raise TargetError(f"`{text}` is no platform", hint="write it as in `--platform linux` or `linux-aarch64`")
    name, _, machine = text.lower().partition("-")
    machine = _MACHINES.get(name, {}).get(machine, machine)
    return f"{name}-{machine}" if machine else name


def target_on(python: str, platform: str | None, *, running: Target, allowed: str) -> Target:
    """Return the target of a session on *python*, as ``pythons`` names it, on *platform*.

    Nox's own interpreter is *running*; of another minor version it is the first release that is *allowed*.
    """
    if python in ("", minor_of(running)):
        return running
    match = _OF_SESSION.fullmatch(python)
    if match is None:
        raise TargetError(f"`{python}` cannot be identified without running it")
    patch = match["patch"]
    if not patch:
        specifiers = SpecifierSet(allowed)
        releases = (f".{number}" for number in range(100) if specifiers.contains(f"{match['minor']}.{number}"))
        patch = next(releases, ".0")
    target = target_for(f"{match['minor']}{patch}", platform)
    if (match["kind"] or "").lower() != "pypy":
        return target
    kind = {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
    return target_of({**dict(target.values), **kind})


def minor_of(target: Target) -> str:
    """Return the minor version of *target*, as ``3.12``."""
    return dict(target.values)["python_version"]


def compatibility_of(target: Target) -> Compatibility:
    """Return the test of which wheels fit *target*, with the facts known of the system where that is this one."""
    here = target_for(None, None)
    if any(dict(target.values)[key] != dict(here.values)[key] for key in _OF_PLATFORM):
        return Compatibility(target)
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        glibc = ""
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX")).strip(".").rpartition(".")[0]
    abi = suffix if target == here else ""
    return Compatibility(
        target, Platform(abi=abi, glibc=glibc.removeprefix("glibc "), macos=host_platform.mac_ver()[0])
    )


def spelled(target: Target) -> str:
    """Return *target* in a few words."""
    values = dict(target.values)
    name = {"cpython": "Python", "pypy": "PyPy"}.get(values["implementation_name"], values["implementation_name"])
    return f"{name} {target.python} on {values['platform_system']} {values['platform_machine']}".rstrip()


def only_here(target: Target) -> str:
    """Return the marker of the environments for which a closure on *target* is meant."""
    values = dict(target.values)
    return " and ".join(f"{name} == '{values[name]}'" for name in _PINNED)
