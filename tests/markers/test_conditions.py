"""Boolean functions of conflict items: what would take time or memory without end."""

from __future__ import annotations

import gc
from itertools import combinations

import pytest

from wsnox.errors import LockError
from wsnox.markers import conditions
from wsnox.markers.conditions import Condition, Decision, all_of, any_of, both, decide, either, item, negated

TOO_MANY = "the markers in `uv.lock` combine its conflicts in more ways than wsnox can follow"


def _different(left: Condition, right: Condition) -> Condition:
    return either(both(left, negated(right)), both(negated(left), right))


def test_equal_functions_are_one_object() -> None:
    """However a function is put together, it is the same object: comparing takes no time."""
    a, b = item("a"), item("b")
    assert both(a, b) is both(b, a)
    assert either(a, b) is negated(both(negated(a), negated(b)))
    assert item("a") is a
    assert both(a, negated(a)) is False
    assert either(a, negated(a)) is True


def test_empty_folds() -> None:
    """All of nothing holds, any of nothing does not."""
    assert (all_of([]), any_of([])) == (True, False)
    assert any_of([False, item("a"), False]) is item("a")
    assert all_of([True, item("a"), True]) is item("a")


def test_shared_parts_are_combined_once() -> None:
    """Parity of 200 items has 2 ** 200 paths and 399 decisions: the work goes with the decisions."""
    names = [f"i{number:03}" for number in range(200)]
    parity: Condition = False
    for name in reversed(names):
        parity = _different(item(name), parity)
    assert negated(negated(parity)) is parity
    assert _different(parity, parity) is False
    assert decide(parity, {names[0], names[7], names[199]})
    assert not decide(parity, {names[0], names[7]})


def test_pairs_of_a_wide_conflict() -> None:
    """In a marker uv names every pair of a conflict's items: 100 of them make 4950 pairs."""
    items = [item(f"i{number:03}") for number in range(100)]
    pairs = any_of(both(*pair) for pair in combinations(items, 2))
    assert decide(pairs, {"i007", "i099"})
    assert not decide(pairs, {"i007"})


@pytest.mark.slow
def test_function_without_a_small_diagram() -> None:
    """Equality of two words of 60 items, the one before the other, has no diagram of fewer than 2 ** 60 decisions."""
    with pytest.raises(LockError) as caught:
        all_of(negated(_different(item(f"a{bit:02}"), item(f"b{bit:02}"))) for bit in range(60))
    assert str(caught.value) == TOO_MANY


def test_more_items_than_the_stack_holds() -> None:
    """A function of thousands of items is refused as well, not a `RecursionError`."""
    with pytest.raises(LockError) as caught:
        any_of(item(f"i{number:05}") for number in range(3_000))
    assert str(caught.value) == TOO_MANY


@pytest.mark.slow
def test_what_was_combined_is_forgotten() -> None:
    """A long life with many lockfiles does not fill the memory: results are forgotten when there are many."""
    for number in range(1_000):
        all_of(item(f"{number}-{part:02}") for part in range(40))
    assert len(conditions._DONE) <= 2 * conditions._MANY
    conditions._DONE.clear()
    gc.collect()
    assert len(conditions._DECISIONS) < 1_000


def test_decision_is_not_equal_to_a_truth_value() -> None:
    """A decision is neither of the constants, whatever it says."""
    assert isinstance(item("a"), Decision)
    assert item("a") not in (True, False)
