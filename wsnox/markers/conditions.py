"""Boolean functions of conflict items, as reduced ordered decision diagrams.

Where the interpreter is fixed, a marker of a lockfile depends only on which conflict items are active. Nearly always
it then is a plain `bool`; otherwise a `Decision`. Equal functions are one object, so "did this condition change?" is
a comparison, whatever text it came from.

Diagrams share their parts, and what was combined once is remembered; otherwise the work would grow with the number of
paths through a diagram. Some functions have no small diagram at all: they are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from wsnox._record import Record
from wsnox.errors import LockError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["Condition", "Decision", "all_of", "any_of", "both", "decide", "either", "item", "negated", "support"]


class Decision(Record):
    """*active* where the item is active, *inactive* where it is not; the two differ, and mention later items only."""

    item: str
    active: Condition
    inactive: Condition

    # Made once for its fields: a decision that is the same is the same object.
    __eq__ = object.__eq__
    __hash__ = object.__hash__


Condition = bool | Decision

_DECISIONS: WeakValueDictionary[tuple[str, Condition, Condition], Decision] = WeakValueDictionary()
_DONE: dict[tuple[Condition, ...], Condition] = {}
_MANY = 50_000


def item(name: str) -> Condition:
    """Return the condition that the item *name* is active."""
    return _node(name, True, False)


def negated(condition: Condition) -> Condition:
    """Return the condition that holds where *condition* does not."""
    return _bounded(_negated, condition)


def both(left: Condition, right: Condition) -> Condition:
    """Return the conjunction of *left* and *right*."""
    return _bounded(_both, left, right)


def either(left: Condition, right: Condition) -> Condition:
    """Return the disjunction of *left* and *right*."""
    return negated(both(negated(left), negated(right)))


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Return the conjunction of *conditions*."""
    return _folded(both, conditions, True)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Return the disjunction of *conditions*."""
    return _folded(either, conditions, False)


def decide(condition: Condition, active: Collection[str]) -> bool:
    """Tell whether *condition* holds where exactly the items in *active* are active."""
    while not isinstance(condition, bool):
        condition = condition.active if condition.item in active else condition.inactive
    return condition


def support(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return the items that any of *conditions* depends on."""
    waiting = [*conditions]
    seen: set[Decision] = set()
    while waiting:
        condition = waiting.pop()
        if not isinstance(condition, bool) and condition not in seen:
            seen.add(condition)
            waiting += (condition.active, condition.inactive)
    return frozenset(condition.item for condition in seen)


def _folded(
    combine: Callable[[Condition, Condition], Condition], conditions: Iterable[Condition], empty: Condition
) -> Condition:
    """Combine neighbours, then the results: small diagrams are cheap, so the large ones should be few."""
    left = list(conditions)
    while len(left) > 1:
        left = [combine(*left[at : at + 2]) if at + 1 < len(left) else left[at] for at in range(0, len(left), 2)]
    return left[0] if left else empty


def _bounded(combine: Callable[..., Condition], *conditions: Condition) -> Condition:
    if len(_DONE) > _MANY:
        _DONE.clear()
    try:
        return combine(*conditions)
    except RecursionError:
        raise _too_many() from None


def _negated(condition: Condition) -> Condition:
    if isinstance(condition, bool):
        return not condition
    known = _DONE.get((condition,))
    if known is not None:
        return known
    return _done((condition,), _node(condition.item, _negated(condition.active), _negated(condition.inactive)))


def _both(left: Condition, right: Condition) -> Condition:
    if isinstance(left, bool):
        return right if left else False
    if isinstance(right, bool):
        return left if right else False
    if left is right:
        return left
    known = _DONE.get((left, right))
    if known is not None:
        return known
    first = min(left.item, right.item)
    active, inactive = _both(_on(left, first), _on(right, first)), _both(_off(left, first), _off(right, first))
    return _done((left, right), _node(first, active, inactive))


def _done(operands: tuple[Condition, ...], result: Condition) -> Condition:
    if len(_DONE) > 2 * _MANY:
        raise _too_many()
    _DONE[operands] = result
    return result


def _node(name: str, active: Condition, inactive: Condition) -> Condition:
    if active is inactive:
        return active
    key = (name, active, inactive)
    return _DECISIONS.get(key) or _DECISIONS.setdefault(key, Decision(name, active, inactive))


def _on(condition: Condition, name: str) -> Condition:
    return condition.active if isinstance(condition, Decision) and condition.item == name else condition


def _off(condition: Condition, name: str) -> Condition:
    return condition.inactive if isinstance(condition, Decision) and condition.item == name else condition


def _too_many() -> LockError:
    return LockError("the markers in `uv.lock` combine its conflicts in more ways than wsnox can follow")
