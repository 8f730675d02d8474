"""One number for each distribution of two lockfiles, so that sets of them are integers with a bit for each.

Two packages are one distribution where name, version and source are equal. What is in one of two sets alone was added,
removed or replaced by another of its name; what is in both may still differ in its files.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain, compress, count, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from wsnox.change.alike import alike, identity
from wsnox.closure.explain import Change
from wsnox.lock.records import Virtual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.lock import Lock

__all__ = ["Numbers"]

_TOGETHER = 32
"""How many names a part has: sets that differ elsewhere share what was found out about the part."""


class Numbers:
    """The bits of the packages of *old* and of *new*, by their indexes, and what tells sets of these bits apart."""

    def __init__(self, old: Lock, new: Lock) -> None:
        sides = [[(package.name, identity(package)) for package in lock.packages] for lock in (old, new)]
        # In the order of the names, so that what is found is in it, too.
        known = sorted(dict.fromkeys(chain(*sides)), key=itemgetter(0))
        numbers = {each: number for number, each in enumerate(known)}
        self.of_old, self.of_new = (tuple(1 << numbers[each] for each in side) for side in sides)
        self._old, self._new = (
            {numbers[each]: package for each, package in zip(side, lock.packages, strict=True)}
            for side, lock in zip(sides, (old, new), strict=True)
        )
        self._parts = tuple(_parts([name for name, _ in known]))
        self._changes: dict[tuple[int, int, int], tuple[Change, ...]] = {}
        self._other_files: dict[int, int] = {}

    def changes(self, before: int, after: int) -> tuple[Change, ...]:
        """Return each distribution to install that is in one of two sets alone, by name."""
        gone, come = before & ~after & self._installed, after & ~before & self._installed
        found: list[Change] = []
        for first, mask in self._parts if gone or come else ():
            key = first, gone >> first & mask, come >> first & mask
            if key not in self._changes:
                self._changes[key] = tuple(self._of_part(*key))
            found += self._changes[key]
        return tuple(found)

    def _of_part(self, first: int, gone: int, come: int) -> Iterator[Change]:
        was = {package.name: package for package in (self._old[first + number] for number in _numbers(gone))}
        now = {package.name: package for package in (self._new[first + number] for number in _numbers(come))}
        for name in sorted(was.keys() | now.keys()):
            yield Change(name=name, before=was.get(name), after=now.get(name))

    def other_files(self, before: int, after: int, minor: int) -> tuple[str, ...]:
        """Return the names of distributions to install that are in both sets, and give Python 3.*minor* other files."""
        if minor not in self._other_files:
            self._other_files[minor] = sum(1 << number for number in self._common() if not self._alike(number, minor))
        found = _numbers(before & after & self._installed & self._other_files[minor])
        return tuple(sorted(self._new[number].name for number in found))

    def _common(self) -> Iterator[int]:
        return (number for number in self._new if number in self._old)

    def _alike(self, number: int, minor: int) -> bool:
        return alike(self._old[number], self._new[number], minor)

    @cached_property
    def _installed(self) -> int:
        sides = {**self._old, **self._new}
        return sum(1 << number for number, package in sides.items() if not isinstance(package.source, Virtual))


def _parts(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first number and the mask of each part of *names*, which are in order: no name is in two parts."""
    starts = [number for number, name in enumerate(names) if not number or names[number - 1] != name][::_TOGETHER]
    for first, end in pairwise([*starts, len(names)]):
        yield first, (1 << end - first) - 1


def _numbers(bits: int) -> Iterator[int]:
    """Return the numbers whose bit is among *bits*."""
    return compress(count(), map("1".__eq__, bin(bits)[:1:-1]))
