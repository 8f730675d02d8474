"""One of the two states between which a change lies: what its runs ask for, and which local packages they get."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.closure.request import request_for
from wsnox.errors import WsnoxError
from wsnox.lock.records import Archive, Directory, Virtual

if TYPE_CHECKING:
    from wsnox.change.closures import Closures
    from wsnox.change.records import Run, State
    from wsnox.closure import Closure, Request, Target

__all__ = ["Side"]

_LOCAL = Directory | Virtual | Archive


class Side:
    """The runs of *state*, with the *closures* in its lockfile."""

    def __init__(self, state: State, closures: Closures) -> None:
        self.state, self.closures = state, closures
        self._requests: dict[tuple[str, str, str], Request | WsnoxError] = {}

    def request(self, run: Run) -> Request | WsnoxError:
        """Return what *run* asks for, or why it cannot."""
        state, spec = self.state, run.spec
        if run.key not in self._requests:
            try:
                self._requests[run.key] = request_for(
                    state.workspace,
                    state.lock,
                    run.parts,
                    root_groups=spec.root_groups,
                    root_defaults=spec.root_defaults,
                )
            except WsnoxError as error:
                self._requests[run.key] = error
        return self._requests[run.key]

    def walked(self, run: Run, target: Target) -> Closure | WsnoxError:
        """Return the closure of *run* on *target*, or why there is none."""
        resolver, request = self.closures.resolver(target), self.request(run)
        if isinstance(resolver, WsnoxError):
            return resolver
        return request if isinstance(request, WsnoxError) else self.closures.walked(request, target)

    def set_of(self, run: Run, target: Target) -> int | None:
        """Return the closure of *run* on *target* as a set, `None` where only a walk can tell."""
        request = self.request(run)
        return None if isinstance(request, WsnoxError) else self.closures.set_of(request, target)

    def local(self, run: Run, targets: tuple[Target, ...]) -> frozenset[str] | None:
        """Return the names of the local packages in the closures of *run*, `None` where there is no closure to tell."""
        found = [names for target in targets if (names := self._local(run, target)) is not None]
        return frozenset().union(*found) if found else None

    def _local(self, run: Run, target: Target) -> frozenset[str] | None:
        together = self.set_of(run, target)
        if together is not None:
            return frozenset(name for name, bit in self._bits_of_local if together & bit)
        walked = self.walked(run, target)
        if isinstance(walked, WsnoxError):
            return None
        return frozenset(entry.package.name for entry in walked.entries if isinstance(entry.package.source, _LOCAL))

    @cached_property
    def _bits_of_local(self) -> tuple[tuple[str, int], ...]:
        packages = zip(self.closures.lock.packages, self.closures.bits, strict=True)
        return tuple((package.name, bit) for package, bit in packages if isinstance(package.source, _LOCAL))
