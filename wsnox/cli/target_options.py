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
from wsnox.markers.target import PLATFORM_VARIABLES, describe, parse_python, target_of

if TYPE_CHECKING:
    from wsnox.markers.target import Target

__all__ = ["compatibility_of", "only_here", "spelled", "target_for", "target_on"]

_PYTHON = re.compile(r"3\.\d{1,4}(\.\d{1,4}((a|b|rc)\d{1,4})?)?", re.ASCII)
_PLATFORM = re.compile(r"[A-Za-z]+(-\w+)?")
_PINNED = ("implementation_name", "platform_machine", "python_version", "sys_platform")


def target_for(python: str | None, platform: str | None) -> Target:
    """Return the CPython *python* on *platform*, each by default as here; raise `TargetError` if there is no such thing."""
    here = target_of({name: str(value) for name, value in default_environment().items()})
    if python is not None and not _PYTHON.fullmatch(python):
        hint = "write it as in `--python 3.12` or `--python 3.12.4`"
        raise TargetError(f"`{python}` is no Python version", hint=hint)
    if platform is not None and not _PLATFORM.fullmatch(platform):
        raise TargetError(f"`{platform}` is no platform", hint="write it as in `--platform linux` or `linux-aarch64`")
    return here if python is None and platform is None else describe(python or here.python, platform or here)


def target_on(python: str, platform: str | None, *, running: Target, allowed: str) -> Target:
    """Return the target of a session on *python*, as ``pythons`` names it, on *platform*.

    Nox's own interpreter is *running*; of another minor version it is the first release that is *allowed*.
    """
    if python in ("", running.minor):
        return running
    named = parse_python(python)
    if named is None:
        raise TargetError(f"`{python}` cannot be identified without running it")
    specifiers = SpecifierSet(allowed)
    patch = next((number for number in range(100) if specifiers.contains(f"{named.minor}.{number}")), 0)
    return named.on(platform or target_for(None, None), patch)


def compatibility_of(target: Target) -> Compatibility:
    """Return the test of which wheels fit *target*, with the facts known of the system where that is this one."""
    here = target_for(None, None)
    if any(dict(target.values)[key] != dict(here.values)[key] for key in PLATFORM_VARIABLES):
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
