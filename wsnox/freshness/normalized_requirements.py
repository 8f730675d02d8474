"""When two lists of conditional requirements on one distribution ask for the same.

uv 0.13 decides it like this (crates/uv-configuration, ``normalized_requirements.rs``), earlier releases at most more
strictly:

1. Requirements are put together where origin and pin are the same. A pin, ``==1`` alone, stays apart from other
   specifiers, since it allows a version that was yanked. So do conditions that speak of extras: two of them count
   as one only where they are equal.
2. What is put together is compared in every kind of environment that its conditions tell apart. There, the extras
   add up, and the version specifiers must all hold: the same versions, and pre-releases asked for or not.
3. A requirement that can hold nowhere, given the lockfile's range of Pythons, still counts: uv writes it down.

Where the two lists are the same set, there is nothing to compare.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from wsnox._record import Record
from wsnox.freshness.sources import among
from wsnox.markers.versions import pinned, same_clauses, same_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from packaging.version import Version

    from wsnox.markers.equivalence import PythonRange
    from wsnox.markers.expressions import Expression

__all__ = ["LoweredRequirement", "Side", "paired", "same_requirements", "same_to_the_letter"]

T = TypeVar("T")


class LoweredRequirement(Record, kw_only=True):
    """A requirement on *name*, where *condition* holds, as uv lowers it.

    *clauses* are those of its version specifier, sorted. *origins* are the places that it may come from, each one text;
    none where wsnox cannot tell. *text* is for people.
    """

    name: str
    condition: Expression = True
    extras: frozenset[str] = frozenset()
    clauses: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset({""})
    text: str = ""

    @property
    def meaning(self) -> tuple[object, ...]:
        """All but name and text."""
        return self.condition, self.extras, self.clauses, self.origins


Side = tuple[LoweredRequirement, ...]


def same_to_the_letter(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right* are the same one by one, as uv compares build constraints; raise `Unreadable`."""

    def same(mine: LoweredRequirement, other: LoweredRequirement) -> bool:
        return (
            (mine.extras, mine.origins) == (other.extras, other.origins)
            and same_clauses(mine.clauses, other.clauses)
            and pythons.same(mine.condition, other.condition)
        )

    return paired(*_with_one_origin(left, right), same)


def same_requirements(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right* ask for the same; raise `Unreadable`."""
    if {each.meaning for each in left} == {each.meaning for each in right}:
        return True
    ours, theirs = (_parts(side, pythons) for side in _with_one_origin(left, right))
    return ours.keys() == theirs.keys() and all(
        paired(ours[kind], theirs[kind], lambda mine, other: _same_everywhere(mine, other, pythons))
        if kind.holds
        else paired(ours[kind], theirs[kind], _same_together)
        for kind in ours
    )


def paired(left: Sequence[T], right: Sequence[T], same: Callable[[T, T], bool]) -> bool:
    """Return whether each entry on one side is the *same* as one on the other."""
    return all(any(same(mine, other) for other in right) for mine in left) and all(
        any(same(mine, other) for mine in left) for other in right
    )


def _with_one_origin(left: Side, right: Side) -> tuple[Side, Side]:
    """Return both sides with one origin each: of those that *left* may have, the one that stands in *right*.

    Where wsnox cannot tell an origin, none counts.
    """

    def chosen(side: Side, choose: Callable[[frozenset[str]], str]) -> Side:
        return tuple(replace(each, origins=frozenset({choose(each.origins)})) for each in side)

    if not all(each.origins for each in (*left, *right)):
        return chosen(left, lambda _: ""), chosen(right, lambda _: "")
    candidates = {origin for each in right for origin in each.origins}
    return chosen(left, lambda origins: min(among(origins, candidates) or origins)), chosen(right, min)


class _Kind(Record):
    """What requirements must share to be put together; *holds* is `False` for those that hold nowhere."""

    origins: frozenset[str]
    pin: tuple[str, Version] | None
    of_extras: bool
    holds: bool


def _parts(side: Side, pythons: PythonRange) -> Mapping[_Kind, list[Side]]:
    """Return the requirements of one *side* that uv puts together, by what they share.

    What holds nowhere is left out where it asks for the same as something that holds somewhere.
    """
    by_kind: dict[_Kind, list[Side]] = {}
    for requirement in side:
        holds = not pythons.is_nowhere(requirement.condition)
        of_extras = holds and pythons.speaks_of_extras(requirement.condition)
        kind = _Kind(requirement.origins, pinned(requirement.clauses), of_extras, holds)
        parts = by_kind.setdefault(kind, [])
        for index, part in enumerate(parts):
            if holds and (not of_extras or pythons.same(part[0].condition, requirement.condition)):
                parts[index] = (*part, requirement)
                break
        else:
            parts.append((requirement,))
    for kind, parts in by_kind.items():
        if not kind.holds:
            effective = [each for part in by_kind.get(replace(kind, holds=True), ()) for each in part]
            parts[:] = [part for part in parts if not any(_same_together(part, (each,)) for each in effective)]
    return {kind: parts for kind, parts in by_kind.items() if parts}


def _same_everywhere(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right*, all of one origin, ask for the same in every environment; raise `Unreadable`."""
    ours, theirs = ({each.meaning for each in side} for side in (left, right))
    different = [each.condition for each in (*left, *right) if (each.meaning in ours) != (each.meaning in theirs)]
    # Where none of those that differ holds, the two sides are the same.
    kinds = pythons.kinds([each.condition for each in (*left, *right)], within=different)
    return all(
        _same_together(
            tuple(each for each, holds in zip(left, holding, strict=False) if holds),
            tuple(each for each, holds in zip(right, holding[len(left) :], strict=True) if holds),
        )
        for holding in kinds
    )


def _same_together(left: Side, right: Side) -> bool:
    """Return whether two lists of requirements of one origin ask for the same where all of them hold."""
    if not left or not right:
        return not left and not right
    if {extra for each in left for extra in each.extras} != {extra for each in right for extra in each.extras}:
        return False
    ours, theirs = ([clause for each in side for clause in each.clauses] for side in (left, right))
    return ours == theirs or same_versions(ours, theirs)
