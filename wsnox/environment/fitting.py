"""Which wheels an interpreter may take, of all that a lockfile names: most are for other systems and other Pythons.

A plan with every one of them takes uv longer to read than to install from. Left out is only what certainly does not fit
(PyPA specifications, platform compatibility tags); among the rest uv chooses.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsnox.closure import Closure
    from wsnox.closure.target import Target
    from wsnox.lock import Package

__all__ = ["fitting"]

_SYSTEM = re.compile(r"win|macosx|(?:many|musl)?linux")
_SYSTEMS = {"win": "win32", "macosx": "darwin"}
_MACHINE = re.compile(r"_(x86_64|i686|aarch64|armv[678]l|ppc64le|ppc64|s390x|riscv64|loongarch64)$")
# A Python of 32 bits says the machine's name, too.
_MACHINES = {"x86_64": {"x86_64", "i686"}, "aarch64": {"aarch64", "armv6l", "armv7l", "armv8l"}}
_ABI = re.compile(r"cp(\d+)[a-z]*|(pypy|graalpy)\w*")


def fitting(closure: Closure, target: Target) -> Closure:
    """Return *closure* without the wheels that the interpreter *target* can never take.

    A package of which none would be left keeps them all: uv says best why none fits.
    """
    interpreter = _Interpreter(dict(target.values))

    def chosen(package: Package) -> Package:
        wheels = tuple(wheel for wheel in package.wheels if interpreter.may_take(wheel.filename))
        return package if len(wheels) in (0, len(package.wheels)) else replace(package, wheels=wheels)

    return closure.mapped(chosen)


class _Interpreter:
    def __init__(self, values: dict[str, str]) -> None:
        self._system, self._machine = values["sys_platform"], values["platform_machine"]
        self._cpython = values["implementation_name"] == "cpython"
        self._version = values["python_version"].replace(".", "")
        self._known: dict[tuple[str, str], bool] = {}

    def may_take(self, filename: str) -> bool:
        """Tell whether the wheel *filename* may fit; its tags may be several, of which one has to."""
        _, abis, platforms = filename.removesuffix(".whl").rsplit("-", 2)
        known = self._known.get((abis, platforms))
        if known is None:
            known = any(map(self._has_abi, abis.split("."))) and any(map(self._is_on, platforms.split(".")))
            self._known[abis, platforms] = known
        return known

    def _has_abi(self, abi: str) -> bool:
        found = _ABI.fullmatch(abi)
        return found is None or not self._cpython or found[1] == self._version

    def _is_on(self, platform: str) -> bool:
        system = _SYSTEM.match(platform)
        if system is None:
            return True
        if _SYSTEMS.get(system[0], "linux") != self._system:
            # What other systems take (Cygwin, Android) nobody knows here.
            return self._system not in ("win32", "darwin", "linux")
        machine = _MACHINE.search(platform) if self._system == "linux" else None
        return machine is None or self._machine not in _MACHINES or machine[1] in _MACHINES[self._machine]
