"""When two lists of conditional requirements on one distribution ask for the same thing.

uv 0.13 says so (crates/uv-configuration, ``normalized_requirements.rs``), and earlier releases at most more strictly:

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
from wsnox.markers.equivalence import PythonRange, is_unsatisfiable, same_conditions
from wsnox.markers.versions import pinned, same_clauses, same_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.version import Version

    from wsnox.markers.expressions import Expression

__all__ = [
    "LoweredRequirement",
    "PythonRange",
    "is_unsatisfiable",
    "paired",
    "same_conditions",
    "same_requirements",
    "same_to_the_letter",
]


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


Side = tuple[LoweredRequirement, ...]


def same_to_the_letter(
    left: Iterable[LoweredRequirement], right: Iterable[LoweredRequirement], universe: PythonRange
) -> bool:
    """Tell whether *left* and *right*, all on one distribution, are the same one by one; raise `Unreadable`.

    uv compares what constrains builds so.
    """
    return paired(*_settled(tuple(left), tuple(right)), lambda mine, yours: _same_one(mine, yours, universe))


def _same_one(mine: LoweredRequirement, yours: LoweredRequirement, universe: PythonRange) -> bool:
    return (
        (mine.extras, mine.origins) == (yours.extras, yours.origins)
        and same_clauses(mine.clauses, yours.clauses)
        and universe.same(mine.condition, yours.condition)
    )


def same_requirements(
    left: Iterable[LoweredRequirement], right: Iterable[LoweredRequirement], universe: PythonRange
) -> bool:
    """Tell whether the requirements *left* and *right*, all on one distribution, ask for the same; raise `Unreadable`."""
    left, right = tuple(left), tuple(right)
    if _bare(left) == _bare(right):
        return True
    ours, theirs = (_parts(side, universe) for side in _settled(left, right))
    return ours.keys() == theirs.keys() and all(
        paired(ours[kind], theirs[kind], lambda mine, yours: _same_everywhere(mine, yours, universe))
        if kind.holds
        else paired(ours[kind], theirs[kind], _merge_alike)
        for kind in ours
    )


T = TypeVar("T")


def paired(left: Sequence[T], right: Sequence[T], same: Callable[[T, T], bool]) -> bool:
    """Tell whether each entry on one side is the *same* as one on the other."""
    return all(any(same(mine, yours) for yours in right) for mine in left) and all(
        any(same(mine, yours) for mine in left) for yours in right
    )


def _bare(side: Iterable[LoweredRequirement]) -> set[tuple[object, ...]]:
    return {_key(each) for each in side}


def _key(asked: LoweredRequirement) -> tuple[object, ...]:
    return (asked.condition, asked.extras, asked.clauses, asked.origins)


def _settled(left: Side, right: Side) -> tuple[Side, Side]:
    """Return both sides with one origin each: of those that *left* may have, the one that *right* knows.

    Where wsnox cannot tell an origin, none counts.
    """
    if not all(each.origins for each in (*left, *right)):
        return _from(left, lambda _: ""), _from(right, lambda _: "")
    known = {origin for each in right for origin in each.origins}
    return _from(left, lambda origins: min(among(origins, known) or origins)), _from(right, min)


def _from(side: Side, choose: Callable[[frozenset[str]], str]) -> Side:
    return tuple(replace(each, origins=frozenset({choose(each.origins)})) for each in side)


# --- what is put together --------------------------------------------------------------------------------------------


class _Kind(Record):
    """What requirements must share to be put together; *holds* is `False` for those that hold nowhere."""

    origins: frozenset[str]
    pin: tuple[str, Version] | None
    of_extras: bool
    holds: bool


def _parts(side: Side, universe: PythonRange) -> Mapping[_Kind, list[Side]]:
    """Return the requirements of one *side* that uv puts together, by what they share."""
    found: dict[_Kind, list[Side]] = {}
    for asked in side:
        holds = not universe.is_nowhere(asked.condition)
        of_extras = holds and universe.speaks_of_extras(asked.condition)
        parts = found.setdefault(_Kind(asked.origins, pinned(asked.clauses), of_extras, holds), [])
        for index, part in enumerate(parts):
            if holds and (not of_extras or universe.same(part[0].condition, asked.condition)):
                parts[index] = (*part, asked)
                break
        else:
            parts.append((asked,))
    return {kind: parts for kind, parts in _without_covered(found).items() if parts}


def _without_covered(found: Mapping[_Kind, list[Side]]) -> Mapping[_Kind, list[Side]]:
    """Return *found* without what holds nowhere and asks for the same as something that holds somewhere."""
    return {
        kind: parts
        if kind.holds
        else [
            part
            for part in parts
            for others in [found.get(replace(kind, holds=True), ())]
            if not any(_merge_alike(part, (each,)) for other in others for each in other)
        ]
        for kind, parts in found.items()
    }


def _same_everywhere(left: Side, right: Side, universe: PythonRange) -> bool:
    """Return whether *left* and *right*, all of one origin, ask for the same in every environment; raise `Unreadable`."""
    ours, theirs = _bare(left), _bare(right)
    different = [each for side, other in ((left, theirs), (right, ours)) for each in side if _key(each) not in other]
    # Where none of those that differ holds, the two sides are the same.
    kinds = universe.kinds([each.condition for each in (*left, *right)], within=[each.condition for each in different])
    return all(
        _merge_alike(
            tuple(each for each, holds in zip(left, holding, strict=False) if holds),
            tuple(each for each, holds in zip(right, holding[len(left) :], strict=True) if holds),
        )
        for holding in kinds
    )


def _merge_alike(left: Side, right: Side) -> bool:
    """Tell whether two lists of requirements of one origin ask for the same where all of them hold."""
    if bool(left) != bool(right):
        return False
    extras, others = ({extra for each in side for extra in each.extras} for side in (left, right))
    found, known = ([clause for each in side for clause in each.clauses] for side in (left, right))
    return extras == others and (found == known or same_versions(found, known))
