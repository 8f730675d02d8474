"""When two lists of conditional requirements on one distribution ask for the same thing.

1. A requirement that can hold nowhere, given the lockfile's range of Pythons, still counts: uv writes it down.
2. The others are looked at in each context on its own: the production part, and each extra, where what the production
   part asks for anyway does not count.
3. In each context both lists are followed through every kind of environment that their markers can tell apart. There,
   the extras add up, the version specifiers must all hold, and the origins must be the same.

Where the two lists are the same set, there is nothing to follow. Where there are too many kinds of environments to
follow, the lists count as the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.lock.freshness.formulas import atoms, both, impossible, negated, restricted, samples
from wsnox.lock.freshness.ranges import outline, same_versions, steps
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.lock.freshness.formulas import Atom, Formula, Sample

__all__ = ["Asked", "Universe", "never", "same_conditions", "same_requirements"]

_PATIENCE = 20_000
_PYTHON = "python_full_version"


class Asked(Record, kw_only=True):
    """A requirement on *name*, where *condition* holds, as uv lowers it.

    *origins* are the places that it may come from, each one text; none where wsnox cannot tell. *text* is for people.
    """

    name: str
    condition: Formula = True
    extras: frozenset[str] = frozenset()
    specifier: str = ""
    origins: frozenset[str] = frozenset({""})
    text: str = ""


class Universe(Record):
    """The environments that count: those within the outer bounds of *requires_python*."""

    requires_python: str

    def samples(self, variable: str, found: Iterable[Atom]) -> list[Sample]:
        """Return the values of *variable* that count, as `wsnox.lock.freshness.formulas.samples` does."""
        if variable != _PYTHON:
            return samples(variable, found)
        literals = [atom.literal for atom in found if atom.variable == variable]
        releases = steps((*literals, *_literals(self.requires_python)))
        bounds = outline((self.requires_python,), releases)
        return [each for each in releases if bounds is None or bounds[0] <= each <= bounds[1]]


def never(condition: Formula) -> bool:
    """Tell whether *condition* holds on no Python and no platform at all."""
    return condition is False or (condition is not True and _nowhere(_where(condition), Universe("")))


def _where(condition: Formula) -> Asked:
    """Return a requirement of which only the *condition* matters."""
    return Asked(name="", condition=condition)


def _literals(requires_python: str) -> list[str]:
    return [part.strip().lstrip("<>=!~ ") for part in requires_python.split(",") if part.strip()]


def same_conditions(left: Iterable[Formula], right: Iterable[Formula], universe: Universe) -> bool:
    """Tell whether each formula in *left* means what the one at its place in *right* means."""
    left, right = tuple(left), tuple(right)
    return len(left) == len(right) and all(
        ours == theirs or _Comparison((_where(ours),), (_where(theirs),), universe).alike()
        for ours, theirs in zip(left, right, strict=True)
    )


def same_requirements(left: Iterable[Asked], right: Iterable[Asked], universe: Universe) -> bool:
    """Tell whether the requirements *left* and *right*, all on one distribution, ask for the same."""
    left, right = tuple(left), tuple(right)
    if _bare(left) == _bare(right):
        return True
    ours, theirs = ([each for each in side if _nowhere(each, universe)] for side in (left, right))
    if not _merge_alike(ours, theirs):
        return False
    left = tuple(each for each in left if each not in ours)
    right = tuple(each for each in right if each not in theirs)
    extras = {atom.variable for each in (*left, *right) for atom in atoms(each.condition) if _is_extra(atom.variable)}
    return all(
        _Comparison(_within(left, context, extras), _within(right, context, extras), universe).alike()
        for context in ("", *sorted(extras))
    )


def _is_extra(variable: str) -> bool:
    return variable.startswith("extra ")


def _bare(side: Iterable[Asked]) -> set[tuple[object, ...]]:
    return {_key(each) for each in side}


def _key(asked: Asked) -> tuple[object, ...]:
    return (asked.condition, asked.extras, asked.specifier, asked.origins)


def _nowhere(asked: Asked, universe: Universe) -> bool:
    return asked.condition is not True and _Comparison((asked,), (), universe).alike()


def _within(side: Iterable[Asked], context: str, extras: Iterable[str]) -> tuple[Asked, ...]:
    """Return the requirements that *side* has in *context*: an extra, or the production part where it is empty."""
    found: list[Asked] = []
    for asked in side:
        production = active = asked.condition
        for extra in extras:
            production = restricted(production, extra, sample=False)
            active = restricted(active, extra, sample=extra == context)
        condition = both(active, negated(production)) if context else production
        if condition is not False:
            found.append(_with(asked, condition))
    return tuple(found)


def _with(asked: Asked, condition: Formula) -> Asked:
    return replace(asked, condition=condition)


class _Comparison:
    """One walk through the environments that the conditions of two lists can tell apart."""

    def __init__(self, left: tuple[Asked, ...], right: tuple[Asked, ...], universe: Universe) -> None:
        self._left, self._right = (
            tuple(each for each in side if each.condition is not False) for side in (left, right)
        )
        self._universe = universe
        self._atoms = [atom for asked in (*left, *right) for atom in atoms(asked.condition)]
        self._samples: dict[str, list[Sample]] = {}
        self._steps = 0

    def alike(self) -> bool:
        """Tell whether the lists ask for the same in every environment."""
        return self._alike(self._left, self._right, {})

    def _alike(self, left: tuple[Asked, ...], right: tuple[Asked, ...], values: Mapping[str, Sample]) -> bool:
        self._steps += 1
        if self._steps > _PATIENCE or _bare(left) == _bare(right):
            return True
        variable = _undecided(left, right)
        if variable is None:
            return _merge_alike(left, right)
        for sample in self._samples_of(variable):
            chosen = {**values, variable: sample}
            if not impossible(chosen) and not self._alike(
                _chosen(left, variable, sample), _chosen(right, variable, sample), chosen
            ):
                return False
        return True

    def _samples_of(self, variable: str) -> list[Sample]:
        if variable not in self._samples:
            self._samples[variable] = self._universe.samples(variable, self._atoms)
        return self._samples[variable]


def _undecided(left: tuple[Asked, ...], right: tuple[Asked, ...]) -> str | None:
    """Return a variable to decide next, one that a difference of the lists depends on where there is one."""
    ours, theirs = _bare(left), _bare(right)
    different = [each for side, other in ((left, theirs), (right, ours)) for each in side if _key(each) not in other]
    for asked in (*different, *left, *right):
        found = sorted({atom.variable for atom in atoms(asked.condition)})
        if found:
            return found[0]
    return None


def _chosen(side: tuple[Asked, ...], variable: str, sample: Sample) -> tuple[Asked, ...]:
    chosen = [(asked, restricted(asked.condition, variable, sample)) for asked in side]
    return tuple(
        asked if condition is asked.condition else _with(asked, condition)
        for asked, condition in chosen
        if condition is not False
    )


def _merge_alike(left: Iterable[Asked], right: Iterable[Asked]) -> bool:
    """Tell whether two lists of unconditional requirements ask for the same."""
    left, right = tuple(left), tuple(right)
    if bool(left) != bool(right):
        return False
    extras, others = ({extra for each in side for extra in each.extras} for side in (left, right))
    return (
        extras == others
        and _origins_alike(left, right)
        and same_versions((each.specifier for each in left), (each.specifier for each in right))
    )


def _origins_alike(left: Iterable[Asked], right: Iterable[Asked]) -> bool:
    """Tell whether each origin on one side may be one on the other; no origin at all may be any."""
    ours, theirs = {each.origins for each in left}, {each.origins for each in right}
    if not all(ours) or not all(theirs):
        return True
    return all(
        any(origins & other for other in second)
        for first, second in ((ours, theirs), (theirs, ours))
        for origins in first
    )
