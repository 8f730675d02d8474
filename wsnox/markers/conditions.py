"""The algebra of conditions: reduced, ordered decision diagrams, in which equal conditions are one object.

A condition is about variables whose values are ordered, and tests only whether a value is at a *cut* or beyond it: that
suffices for versions and texts. An item of a conflict, an extra or another fact is a variable with one cut. Nearly always
a condition is a plain `bool`; otherwise it is a `Decision`. As equal conditions are one object, "did this change?" and "do
these agree?" are comparisons, whatever text they came from.

Diagrams share their parts, and results of combining them are remembered; otherwise the work would grow with the number of
paths through a diagram. Some functions have no small diagram at all: they are refused.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.errors import LockError
from wsnox.markers.expressions import Junction, Negation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from weakref import WeakValueDictionary

    from wsnox.markers.expressions import Expression, Fact, Span
    from wsnox.markers.points import Point

__all__ = ["Condition", "Decision", "Diagrams", "decide", "support"]


class Decision:
    """*above* where the value of a variable is at the cut *at* (the variable, and a point) or beyond it, else *below*.

    The two differ; *above* mentions only what comes after *at*, and *below* no cut of the variable: all later ones are
    out of reach. Equal decisions of one `Diagrams` are the same object, and so compared as objects.
    """

    __slots__ = ("__weakref__", "above", "at", "below")

    def __init__(self, at: tuple[str, Point], above: Condition, below: Condition) -> None:
        self.at, self.above, self.below = at, above, below


Condition = bool | Decision

_RESULT_LIMIT = 50_000


class Diagrams:
    """Makes conditions, and combines those that it made; conditions of two `Diagrams` must not be mixed."""

    def __init__(self) -> None:
        self._results: dict[tuple[Condition, ...], Condition] = {}

    @cached_property
    def _decisions(self) -> WeakValueDictionary[tuple[object, ...], Decision]:
        """The decisions that somebody still has."""
        from weakref import WeakValueDictionary  # noqa: PLC0415 - without conflicts every condition is a Boolean

        return WeakValueDictionary()

    def fact(self, name: str) -> Condition:
        """Return the condition that *name* holds: an item is active, an extra requested."""
        return self._decision((name, ()), True, False)

    def span(self, variable: str, start: Point, end: Point | None) -> Condition:
        """Return the condition that the value of *variable* is at *start* or beyond, and before *end*."""
        within = True if end is None else self._decision((variable, end), False, True)
        return self._decision((variable, start), within, False) if start else within

    def negated(self, condition: Condition) -> Condition:
        """Return the condition that holds where *condition* does not."""
        return self._bounded(self._negated, condition)

    def both(self, left: Condition, right: Condition) -> Condition:
        """Return the conjunction of *left* and *right*."""
        return self._bounded(self._both, left, right)

    def either(self, left: Condition, right: Condition) -> Condition:
        """Return the disjunction of *left* and *right*."""
        if isinstance(left, bool) or isinstance(right, bool):
            first, second = (left, right) if isinstance(left, bool) else (right, left)
            return first or second
        return self.negated(self.both(self.negated(left), self.negated(right)))

    def all_of(self, conditions: Iterable[Condition]) -> Condition:
        """Return the conjunction of *conditions*."""
        return self._folded(self.both, conditions, empty=True)

    def any_of(self, conditions: Iterable[Condition]) -> Condition:
        """Return the disjunction of *conditions*."""
        return self._folded(self.either, conditions, empty=False)

    def of(self, expression: Expression, leaf: Callable[[Span | Fact], Condition]) -> Condition:
        """Return the condition that *expression* holds, where each comparison in it holds under what *leaf* returns."""
        match expression:
            case bool():
                return expression
            case Negation(part):
                return self.negated(self.of(part, leaf))
            case Junction(every, parts):
                conditions = [self.of(part, leaf) for part in parts]
                return self.all_of(conditions) if every else self.any_of(conditions)
            case _:
                return leaf(expression)

    def _folded(
        self, combine: Callable[[Condition, Condition], Condition], conditions: Iterable[Condition], *, empty: bool
    ) -> Condition:
        """Combine neighbours, then the results: small diagrams are cheap, so the large ones should be few."""
        operands = list(conditions)
        if any(condition is (not empty) for condition in operands):
            return not empty
        operands = [condition for condition in operands if condition is not empty]
        while len(operands) > 1:
            pairs = (operands[index : index + 2] for index in range(0, len(operands), 2))
            operands = [combine(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return operands[0] if operands else empty

    def _bounded(self, combine: Callable[..., Condition], *conditions: Condition) -> Condition:
        if len(self._results) > _RESULT_LIMIT:
            self._results.clear()
        try:
            return combine(*conditions)
        except RecursionError:
            raise _too_many() from None

    def _negated(self, condition: Condition) -> Condition:
        if isinstance(condition, bool):
            return not condition
        if (result := self._results.get((condition,))) is not None:
            return result
        above, below = self._negated(condition.above), self._negated(condition.below)
        return self._remembered((condition,), self._decision(condition.at, above, below))

    def _both(self, left: Condition, right: Condition) -> Condition:
        if isinstance(left, bool):
            return right if left else False
        if isinstance(right, bool):
            return left if right else False
        if left is right:
            return left
        if (result := self._results.get((left, right))) is not None:
            return result
        at = min(left.at, right.at)
        above = self._both(left.above if left.at == at else left, right.above if right.at == at else right)
        below = self._both(_before(left, at[0]), _before(right, at[0]))
        return self._remembered((left, right), self._decision(at, above, below))

    def _remembered(self, operands: tuple[Condition, ...], result: Condition) -> Condition:
        if len(self._results) > 2 * _RESULT_LIMIT:
            raise _too_many()
        self._results[operands] = result
        return result

    def _decision(self, at: tuple[str, Point], above: Condition, below: Condition) -> Condition:
        # If values just beyond the cut and before it give the same result, the cut is redundant.
        if _before(above, at[0]) is below:
            return above
        key = (at, above, below)
        existing = self._decisions.get(key)
        return existing or self._decisions.setdefault(key, Decision(at, above, below))


def _before(condition: Condition, variable: str) -> Condition:
    """Return what remains of *condition* where the value of *variable* is before all of its cuts."""
    while not isinstance(condition, bool) and condition.at[0] == variable:
        condition = condition.below
    return condition


def decide(condition: Condition, facts: Collection[str]) -> bool:
    """Return whether *condition*, which is about facts alone, holds where exactly *facts* do."""
    while not isinstance(condition, bool):
        condition = condition.above if condition.at[0] in facts else condition.below
    return condition


def support(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return the variables that any of *conditions* depends on."""
    pending = [*conditions]
    seen: set[Decision] = set()
    while pending:
        condition = pending.pop()
        if not isinstance(condition, bool) and condition not in seen:
            seen.add(condition)
            pending += (condition.above, condition.below)
    return frozenset(decision.at[0] for decision in seen)


def _too_many() -> LockError:
    return LockError("the markers in `uv.lock` combine its conflicts in more ways than wsnox can follow")
