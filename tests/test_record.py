"""What records take from their base instead of having it written for each: all that a frozen dataclass has."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox._record import Record, field


class Pair(Record):
    """A record with a field that says nothing of what it is."""

    left: int
    right: str = ""
    aside: list[int] = field(default_factory=list, compare=False, repr=False)


class Other(Record):
    """A record of another kind with the same fields."""

    left: int
    right: str = ""


class Named(Record, kw_only=True):
    """A record that is made by keywords alone."""

    left: int = 0
    right: int


class Empty(Record):
    """A record of nothing."""


@given(left=st.integers(), right=st.text(), aside=st.lists(st.integers()))
def test_fields(left: int, right: str, aside: list[int]) -> None:
    """Law: what goes in comes out, by place and by keyword, changed with `dataclasses.replace`, and after pickling."""
    pair = Pair(left, right, aside)
    assert (pair.left, pair.right, pair.aside) == (left, right, aside)
    assert pair == Pair(aside=[], right=right, left=left) == replace(Pair(0), left=left, right=right)
    assert pickle.loads(pickle.dumps(pair)) == pair
    assert [record_field.name for record_field in fields(Pair)] == ["left", "right", "aside"]


def test_defaults() -> None:
    """A default is the class's, and what a factory makes is each record's own."""
    assert (Pair(1).right, Pair(1).aside, Named(right=2).left) == ("", [], 0)
    assert Pair(1).aside is not Pair(1).aside


def test_equality() -> None:
    """Records of one kind are equal where their fields are, and are one key then; others never are."""
    assert Pair(1, "a", [1]) == Pair(1, "a", [2])
    assert {Pair(1, "a", [1]): 1}[Pair(1, "a")] == 1
    assert Pair(1) != Pair(2)
    assert Pair(1) != Other(1)
    assert Pair(1) != (1, "")
    assert Empty() == Empty() != Pair(1)
    assert {Empty()} == {Empty()}


def test_text() -> None:
    """A record is shown as a dataclass is."""
    assert repr(Pair(1, "a", [3])) == "Pair(left=1, right='a')"
    assert repr(Empty()) == "Empty()"


def test_frozen() -> None:
    """Nothing in a record can be changed, nothing added, and nothing taken away."""
    pair: Any = Pair(1)
    for name in ("left", "another"):
        with pytest.raises(AttributeError, match="a record stays what it is"):
            setattr(pair, name, 2)
        with pytest.raises(AttributeError, match="a record stays what it is"):
            delattr(pair, name)
    assert vars(pair) == {"left": 1, "right": "", "aside": []}


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (Pair, (), {}),
        (Pair, (1, "", [], 4), {}),
        (Pair, (1,), {"middle": 2}),
        (Pair, (), {"right": ""}),
        (Pair, (1,), {"left": 2}),
        (Named, (1, 2), {}),
        (Named, (1,), {"right": 2}),
        (Empty, (1,), {}),
    ],
)
def test_what_does_not_fit(kind: type[Any], values: tuple[object, ...], named: dict[str, object]) -> None:
    """A field without a value, a value without a field, and one that is given twice are refused by the fields' names."""
    with pytest.raises(TypeError, match=rf"{kind.__name__} has the fields "):
        kind(*values, **named)
