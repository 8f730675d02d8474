"""The target that the options describe; without options, the interpreter that runs wsnox."""

from __future__ import annotations

import os
import platform as running
import re
import sysconfig
from typing import TYPE_CHECKING

from packaging.markers import default_environment

from wsnox.closure.fitting import Compatibility, Platform
from wsnox.closure.target import describe, target_of
from wsnox.errors import TargetError

if TYPE_CHECKING:
    from wsnox.closure.target import Target

__all__ = ["compatibility_of", "only_here", "spelled", "target_for"]

_PYTHON = re.compile(r"3\.\d+(\.\d+((a|b|rc)\d+)?)?")
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
