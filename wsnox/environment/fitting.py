"""Which wheels an interpreter may take, of all that a lockfile names: most are for other systems and other Pythons.

A plan with every one of them takes uv longer to read than to install from. Left out is only what certainly does not fit
(PyPA specifications, platform compatibility tags); among the rest uv chooses.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.lock.tags import concerns

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
_OTHERS = ("pypy", "graalpy")
"""How the ABIs of those begin that are no CPython."""


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
        self._minor = int(values["python_version"].rpartition(".")[2])
        self._known: dict[str, bool] = {}

    def may_take(self, filename: str) -> bool:
        """Tell whether the wheel *filename* may fit; its tags may be several, of which one has to."""
        # The tags, of which thousands of wheels have few: what stands before them is the wheel's own.
        tags = "-".join(filename.removesuffix(".whl").rsplit("-", 3)[1:])
        known = self._known.get(tags)
        if known is None:
            _, abis, platforms = tags.split("-")
            known = any(map(self._is_on, platforms.split("."))) and self._runs(filename, abis.split("."))
            self._known[tags] = known
        return known

    def _runs(self, filename: str, abis: list[str]) -> bool:
        if not self._cpython:
            return True
        return concerns(filename, self._minor) and not all(abi.startswith(_OTHERS) for abi in abis)

    def _is_on(self, platform: str) -> bool:
        system = _SYSTEM.match(platform)
        if system is None:
            return True
        if _SYSTEMS.get(system[0], "linux") != self._system:
            # What other systems take (Cygwin, Android) nobody knows here.
            return self._system not in ("win32", "darwin", "linux")
        machine = _MACHINE.search(platform) if self._system == "linux" else None
        return machine is None or self._machine not in _MACHINES or machine[1] in _MACHINES[self._machine]
