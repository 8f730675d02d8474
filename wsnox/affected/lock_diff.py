"""How the closure of a request differs between two lockfiles.

1. Each distribution of the two lockfiles (a name, a version and a source) has a bit, so that a closure is an integer
   (`wsnox.affected.lock_closures`). What two closures do not share is a matter of ``&`` and ``~``.
2. A distribution that both have differs where this Python can get other artifacts of it.
3. A closure that cannot be computed, before or now, is a difference, too.
"""

from __future__ import annotations

from itertools import compress, count, pairwise
from typing import TYPE_CHECKING

from wsnox.affected.lock_closures import LockClosures
from wsnox.affected.model import NoClosure, PackagesChanged
from wsnox.closure.compatibility import may_suit_python
from wsnox.closure.model import Change, distribution_of
from wsnox.errors import PythonRangeError, WsnoxError
from wsnox.lock import Virtual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.affected.model import Reason
    from wsnox.closure import Request, Target
    from wsnox.lock import Lock, Package

__all__ = ["LockDiff", "same_artifacts"]


class LockDiff:
    """Compares the closures of requests in the lockfiles *old* and *new*, which may be one object."""

    def __init__(self, old: Lock, new: Lock) -> None:
        self._distributions = _Distributions(old, new)
        self.old = LockClosures(old, self._distributions.bits_of_old)
        self.new = self.old if old is new else LockClosures(new, self._distributions.bits_of_new)

    def differences(
        self, old: Request | WsnoxError, new: Request | WsnoxError, python: str, targets: Sequence[Target]
    ) -> Iterator[Reason]:
        """Yield how the closure of *new* on each of *targets* differs from that of *old* in the old lockfile.

        A request is the error where none could be made. The *targets* are those of *python*; one that neither lockfile is
        for does not count, and where none is left, that is a reason.
        """
        sides = self.old, self.new
        in_range = [
            target for target in targets if not all(isinstance(side.on(target), PythonRangeError) for side in sides)
        ]
        if not in_range:
            refused = self.new.on(targets[0]) if targets else None
            unknown = "an interpreter that wsnox cannot describe"
            yield NoClosure(python, refused.sentence if isinstance(refused, WsnoxError) else unknown)
        for target in in_range:
            before, after = self.old.closure(old, target), self.new.closure(new, target)
            if isinstance(after, WsnoxError):
                yield NoClosure(target.python, after.sentence)
            elif isinstance(before, WsnoxError):
                yield NoClosure(target.python, f"before, {before.sentence}")
            else:
                changes = self._distributions.changes(before, after)
                minor = int(target.python.split(".")[1])
                files = self._distributions.with_other_artifacts(before & after, minor)
                if changes or files:
                    yield PackagesChanged(target.python, changes, files)


_BLOCK_SIZE = 32
"""How many names are decoded at once, so that closures that differ elsewhere share the result."""


class _Distributions:
    """The bits of the packages of *old* and of *new*, by index, and the differences between closures made of them."""

    def __init__(self, old: Lock, new: Lock) -> None:
        keys = [_distribution_keys(lock) for lock in (old, new)]
        # In the order of the names, so that what is decoded is in that order, too.
        in_order = sorted(dict.fromkeys((*keys[0], *keys[1])), key=lambda key: key[0])
        numbers = {key: number for number, key in enumerate(in_order)}
        self.bits_of_old, self.bits_of_new = (tuple(1 << numbers[key] for key in keys_of_lock) for keys_of_lock in keys)
        self._old, self._new = (
            {numbers[key]: package for key, package in zip(keys_of_lock, lock.packages, strict=True)}
            for keys_of_lock, lock in zip(keys, (old, new), strict=True)
        )
        installed = ({**self._old, **self._new}).items()
        self._installed = sum(1 << number for number, package in installed if not isinstance(package.source, Virtual))
        names = [key[0] for key in in_order]
        starts = [number for number, name in enumerate(names) if not number or names[number - 1] != name][::_BLOCK_SIZE]
        self._blocks = [(start, (1 << end - start) - 1) for start, end in pairwise([*starts, len(names)])]
        self._changes: dict[tuple[int, int, int], list[Change]] = {}
        self._other_artifacts: dict[int, int] = {}

    def changes(self, before: int, after: int) -> tuple[Change, ...]:
        """Return each distribution to install that is in only one of the two closures, by name."""
        removed, added = before & ~after & self._installed, after & ~before & self._installed
        changes: list[Change] = []
        for start, mask in self._blocks if removed or added else ():
            key = start, removed >> start & mask, added >> start & mask
            if key not in self._changes:
                self._changes[key] = self._changes_of_block(*key)
            changes += self._changes[key]
        return tuple(changes)

    def _changes_of_block(self, start: int, removed: int, added: int) -> list[Change]:
        old = {package.name: package for package in (self._old[start + number] for number in _numbers(removed))}
        new = {package.name: package for package in (self._new[start + number] for number in _numbers(added))}
        return [
            Change(name=name, before=old.get(name), after=new.get(name)) for name in sorted(old.keys() | new.keys())
        ]

    def with_other_artifacts(self, shared: int, minor: int) -> tuple[str, ...]:
        """Return the names of the distributions *shared* by two closures of which Python 3.*minor* gets other artifacts."""
        if minor not in self._other_artifacts:
            self._other_artifacts[minor] = sum(
                1 << number
                for number, package in self._new.items()
                if number in self._old and not same_artifacts(self._old[number], package, minor)
            )
        others = shared & self._installed & self._other_artifacts[minor]
        return tuple(self._new[number].name for number in _numbers(others))


def _distribution_keys(lock: Lock) -> list[tuple[str, object, int]]:
    """Return a key for each package of *lock*: its distribution, and how often that came before, as in two branches."""
    repeats: dict[object, int] = {}
    keys: list[tuple[str, object, int]] = []
    for package in lock.packages:
        distribution = package.name, distribution_of(package)
        repeats[distribution] = repeats.get(distribution, -1) + 1
        keys.append((*distribution, repeats[distribution]))
    return keys


def _numbers(bits: int) -> Iterator[int]:
    """Yield the numbers whose bit is among *bits*."""
    return compress(count(), map("1".__eq__, bin(bits)[:1:-1]))


def same_artifacts(old: Package, new: Package, minor: int) -> bool:
    """Return whether Python 3.*minor* can get the same files of *old* as of *new*, packages of one distribution."""
    if (old.wheels, old.sdist) == (new.wheels, new.sdist):
        return True
    contents = [
        {
            (artifact.filename, artifact.hash or artifact.url or artifact.path)
            for artifact in (*package.wheels, package.sdist)
            if artifact is not None and may_suit_python(artifact.filename, minor)
        }
        for package in (old, new)
    ]
    return contents[0] == contents[1]
