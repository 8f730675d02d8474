"""Conditions: what they mean, and what would take time or memory without end."""

from __future__ import annotations

import gc
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.errors import LockError
from wsnox.markers.conditions import _RESULT_LIMIT, Condition, Diagrams, decide, support
from wsnox.markers.expressions import Expression, Fact, Junction, Negation, both, either, negated

if TYPE_CHECKING:
    from collections.abc import Collection

TOO_MANY = "the markers in `uv.lock` combine its conflicts in more ways than wsnox can follow"


@pytest.fixture
def diagrams() -> Diagrams:
    """Return an owner of conditions."""
    return Diagrams()


def _different(diagrams: Diagrams, left: Condition, right: Condition) -> Condition:
    negated, both = diagrams.negated, diagrams.both
    return diagrams.either(both(left, negated(right)), both(negated(left), right))


def test_equal_functions_are_one_object(diagrams: Diagrams) -> None:
    """However a function is put together, it is the same object: comparing takes no time."""
    a, b = diagrams.fact("a"), diagrams.fact("b")
    assert diagrams.both(a, b) is diagrams.both(b, a)
    assert diagrams.either(a, b) is diagrams.negated(diagrams.both(diagrams.negated(a), diagrams.negated(b)))
    assert diagrams.fact("a") is a
    assert diagrams.both(a, diagrams.negated(a)) is False
    assert diagrams.either(a, diagrams.negated(a)) is True


def test_empty_folds(diagrams: Diagrams) -> None:
    """All of nothing holds, any of nothing does not."""
    assert (diagrams.all_of([]), diagrams.any_of([])) == (True, False)
    assert diagrams.any_of([False, diagrams.fact("a"), False]) is diagrams.fact("a")
    assert diagrams.all_of([True, diagrams.fact("a"), True]) is diagrams.fact("a")


def test_shared_parts_are_combined_once(diagrams: Diagrams) -> None:
    """Parity of 200 items has 2 ** 200 paths and 399 decisions: the work goes with the decisions."""
    names = [f"i{number:03}" for number in range(200)]
    parity: Condition = False
    for name in reversed(names):
        parity = _different(diagrams, diagrams.fact(name), parity)
    assert diagrams.negated(diagrams.negated(parity)) is parity
    assert _different(diagrams, parity, parity) is False
    assert decide(parity, {names[0], names[7], names[199]})
    assert not decide(parity, {names[0], names[7]})


def test_pairs_of_a_wide_conflict(diagrams: Diagrams) -> None:
    """In a marker uv names every pair of a conflict's items: 100 of them make 4950 pairs."""
    items = [diagrams.fact(f"i{number:03}") for number in range(100)]
    pairs = diagrams.any_of(diagrams.both(*pair) for pair in combinations(items, 2))
    assert decide(pairs, {"i007", "i099"})
    assert not decide(pairs, {"i007"})


@pytest.mark.slow
def test_function_without_a_small_diagram(diagrams: Diagrams) -> None:
    """Equality of two words of 60 items, the one before the other, has no diagram of fewer than 2 ** 60 decisions."""
    with pytest.raises(LockError) as caught:
        diagrams.all_of(
            diagrams.negated(_different(diagrams, diagrams.fact(f"a{bit:02}"), diagrams.fact(f"b{bit:02}")))
            for bit in range(60)
        )
    assert str(caught.value) == TOO_MANY


def test_more_items_than_the_stack_holds(diagrams: Diagrams) -> None:
    """A function of thousands of items is refused as well, not a `RecursionError`."""
    with pytest.raises(LockError) as caught:
        diagrams.any_of(diagrams.fact(f"i{number:05}") for number in range(3_000))
    assert str(caught.value) == TOO_MANY


@pytest.mark.slow
def test_what_was_combined_is_forgotten(diagrams: Diagrams) -> None:
    """A long life with many lockfiles does not fill the memory: results are forgotten when there are many."""
    for number in range(1_000):
        diagrams.all_of(diagrams.fact(f"{number}-{part:02}") for part in range(40))
    assert len(diagrams._results) <= 2 * _RESULT_LIMIT
    diagrams._results.clear()
    gc.collect()
    assert len(diagrams._decisions) < 1_000


def test_a_value_before_a_cut_is_before_all_later_ones(diagrams: Diagrams) -> None:
    """Spans of one variable are told apart by where values are, not by what they are made of."""
    low, high = diagrams.span("v", (), (2,)), diagrams.span("v", (3,), None)
    middle = diagrams.span("v", (2,), (3,))
    assert diagrams.both(low, high) is False
    assert diagrams.any_of([low, middle, high]) is True
    assert diagrams.either(low, middle) is diagrams.span("v", (), (3,))
    assert diagrams.negated(middle) is diagrams.either(low, high)
    assert support([diagrams.both(middle, diagrams.span("w", (1,), None))]) == {"v", "w"}


ITEMS = ("a", "b", "c", "d")
DIAGRAMS = Diagrams()
FORMULAS: st.SearchStrategy[Expression] = st.recursive(
    st.booleans() | st.sampled_from([Fact("extra", "==", item) for item in ITEMS]),
    lambda inner: inner.map(negated) | st.builds(both, inner, inner) | st.builds(either, inner, inner),
    max_leaves=12,
)


def _condition(formula: Expression) -> Condition:
    return DIAGRAMS.of(formula, lambda fact: DIAGRAMS.fact(fact.text) if isinstance(fact, Fact) else False)


def _holds(formula: Expression, active: Collection[str]) -> bool:
    """Return whether *formula* holds where exactly the *active* items do, worked out without a diagram."""
    match formula:
        case Fact(_, _, item):
            return item in active
        case Negation(part):
            return not _holds(part, active)
        case Junction(every, parts):
            return (all if every else any)(_holds(part, active) for part in parts)
        case _:
            return bool(formula)


@given(FORMULAS, FORMULAS)
def test_conditions_agree_with_truth_tables(left: Expression, right: Expression) -> None:
    """A condition holds for the sets of items for which its formula does; two are equal if, and only if, these are."""
    sets = [set(items) for count in range(5) for items in combinations(ITEMS, count)]
    tables = [[_holds(formula, active) for active in sets] for formula in (left, right)]
    first, second = _condition(left), _condition(right)
    assert [[decide(condition, active) for active in sets] for condition in (first, second)] == tables
    assert (first is second) == (tables[0] == tables[1])
