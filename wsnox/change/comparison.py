"""The closures of a run before and after a change, compared target by target.

A difference is a distribution added, removed, of another version or another source, or with other files: what uv would
fetch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.change.alike import alike
from wsnox.change.records import NoClosure, PackagesChanged
from wsnox.closure.explain import compare
from wsnox.errors import PythonRangeError, WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.change.numbers import Numbers
    from wsnox.change.records import Reason, Run
    from wsnox.change.side import Side
    from wsnox.closure import Closure, Entry, Target

__all__ = ["Comparison"]

_UNKNOWN = "an interpreter that wsnox cannot describe"


class Comparison:
    """Compares the closures of runs *before* and *after*, whose sets are of the same *numbers*."""

    def __init__(self, before: Side, after: Side, numbers: Numbers) -> None:
        self._before, self._after, self._numbers = before, after, numbers
        self._alike: dict[tuple[int, int, int], bool] = {}

    def differences(self, old: Run, new: Run, targets: tuple[Target, ...]) -> Iterator[Reason]:
        """Yield how the closure of *new* differs from that of *old*, but for a Python that neither lockfile is for."""
        fitting = [target for target in targets if not self._out_of_range(target)]
        if not fitting:
            yield NoClosure(new.python, self._why_none(targets))
        for target in fitting:
            if reason := self._difference(target, old, new):
                yield reason

    def _out_of_range(self, target: Target) -> bool:
        sides = self._before, self._after
        return all(isinstance(side.closures.resolver(target), PythonRangeError) for side in sides)

    def _why_none(self, targets: tuple[Target, ...]) -> str:
        refused = [self._after.closures.resolver(target) for target in targets[:1]]
        return next((each.sentence for each in refused if isinstance(each, WsnoxError)), _UNKNOWN)

    def _difference(self, target: Target, old: Run, new: Run) -> Reason | None:
        was, now = self._before.set_of(old, target), self._after.set_of(new, target)
        if was is None or now is None:
            return self._by_walk(target, self._before.walked(old, target), self._after.walked(new, target))
        changes = self._numbers.changes(was, now)
        files = self._numbers.other_files(was, now, _minor(target))
        return PackagesChanged(target.python, changes, files) if changes or files else None

    def _by_walk(self, target: Target, was: Closure | WsnoxError, now: Closure | WsnoxError) -> Reason | None:
        if isinstance(now, WsnoxError):
            return NoClosure(target.python, now.sentence)
        if isinstance(was, WsnoxError):
            return NoClosure(target.python, f"before, {was.sentence}")
        old = {entry.package.name: entry for entry in was.entries if entry.installed}
        new = {entry.package.name: entry for entry in now.entries if entry.installed}
        minor = _minor(target)
        if old.keys() == new.keys() and all(self._same(old[name], entry, minor) for name, entry in new.items()):
            return None
        changes = compare(was, now)
        kept = new.keys() - {change.name for change in changes}
        files = (name for name in sorted(kept) if not self._same(old[name], new[name], minor))
        return PackagesChanged(target.python, changes, tuple(files))

    def _same(self, old: Entry, new: Entry, minor: int) -> bool:
        key = old.index, new.index, minor
        if key not in self._alike:
            self._alike[key] = alike(old.package, new.package, minor)
        return self._alike[key]


def _minor(target: Target) -> int:
    return int(target.python.split(".")[1])
