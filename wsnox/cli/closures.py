"""The closures of all sessions of a workspace, which are thousands: worked out together, each as an integer of bits."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.affected.lock_closures import LockClosures
from wsnox.closure import Resolver
from wsnox.errors import WsnoxError
from wsnox.lock import Virtual

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Request, Target

__all__ = ["Closures"]


class Closures:
    """The closures in the lockfile of *locked*, as sets of bits, one for each distribution that is installed."""

    def __init__(self, locked: LockedWorkspace) -> None:
        self._locked, self._packages = locked, locked.lock.packages
        self._closures = LockClosures(locked.lock, [1 << index for index in range(len(self._packages))])
        self._unavailable: dict[Target, int] = {}

    def closure(self, request: Request, target: Target) -> int:
        """Return the closure of *request* on *target*; raise where it has none."""
        closure = self._closures.closure(request, target)
        if isinstance(closure, WsnoxError):
            raise closure
        return closure & self._distributions

    def installable(self, request: Request, target: Target) -> int:
        """Return the closure of *request* on *target*; raise where it has none, or cannot be installed."""
        closure = self.closure(request, target)
        if target not in self._unavailable:
            self._unavailable[target] = _bits(self._locked.availability(target).unavailable)
        if closure & self._unavailable[target]:
            # The walk tells why the packages are needed.
            self._locked.availability(target).refuse_unavailable(Resolver(self._locked.lock, target).resolve(request))
        return closure

    def has(self, closure: int, name: str) -> bool:
        """Return whether the package *name* is in *closure*."""
        return bool(closure & _bits(self._locked.lock.by_name.get(name, ())))

    @cached_property
    def _distributions(self) -> int:
        return _bits(index for index, package in enumerate(self._packages) if not isinstance(package.source, Virtual))


def _bits(indexes: Iterable[int]) -> int:
    return sum(1 << index for index in indexes)
