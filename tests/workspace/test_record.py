"""What records take from their base instead of having it written for each: equality, hash and text."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from wsnox.workspace.record import Record


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pair(Record):
    """A record with a field that says nothing of what it is."""

    left: int
    right: str = ""
    aside: list[int] = field(default_factory=list, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Other(Record):
    """A record of another kind with the same fields."""

    left: int
    right: str = ""


def test_equality() -> None:
    """Records of one kind are equal where their fields are, and are one key then; others never are."""
    assert Pair(1, "a", [1]) == Pair(1, "a", [2])
    assert {Pair(1, "a", [1]): 1}[Pair(1, "a")] == 1
    assert Pair(1) != Pair(2)
    assert Pair(1) != Other(1)
    assert Pair(1) != (1, "")


def test_text() -> None:
    """A record is shown as a dataclass is."""
    assert repr(Pair(1, "a", [3])) == "Pair(left=1, right='a')"


def test_frozen() -> None:
    """Nothing in a record can be changed, and nothing added."""
    pair = Pair(1)
    with pytest.raises(FrozenInstanceError):
        pair.left = 2  # type: ignore[misc]
    assert not hasattr(pair, "__dict__")
