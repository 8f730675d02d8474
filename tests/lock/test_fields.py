"""Typed access to raw tables, and text that is fit for a terminal."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.lock.fields import MalformedField, array, name_of, names, optional, string, strings, table, tables

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1, "an integer"),
        (1.0, "a float"),
        (True, "a boolean"),
        ([], "an array"),
        ({}, "a table"),
        (dt.date(2025, 1, 1), "a date"),
        (dt.time(1), "a time"),
        (dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc), "a datetime"),
    ],
)
def test_wrong_types(value: object, word: str) -> None:
    """Every other type that TOML has is told by its name, with the dotted path."""
    with pytest.raises(MalformedField) as caught:
        string({"k": value}, "k")
    assert (caught.value.problem, caught.value.where) == (f"expected a string, got {word}", "k")


@pytest.mark.parametrize(
    ("read", "value", "where"),
    [
        (lambda wire: optional(wire, "k", int), True, "k"),
        (lambda wire: table(wire, "k"), [], "k"),
        (lambda wire: array(wire, "k"), {}, "k"),
        (lambda wire: tables(wire, "k"), [{}, 1], "k[1]"),
        (lambda wire: strings(wire, "k"), ["", 1], "k[1]"),
        (lambda wire: strings(wire, "k"), ["", "\t"], "k[1]"),
        (lambda wire: names(wire, "k"), ["x", "X"], "k[1]"),
        (lambda wire: names(wire, "k"), ["x", "a/b"], "k[1]"),
        (name_of, "a", "name"),
        (lambda wire: name_of({"name": wire["k"]}), "a-", "name"),
        (lambda wire: name_of({"name": wire["k"]}), 1, "name"),
    ],
)
def test_places(read: Callable[[dict[str, Any]], object], value: object, where: str) -> None:
    """Where something is wrong is told down to the item of an array."""
    with pytest.raises(MalformedField) as caught:
        read({"k": value})
    assert caught.value.where == where


def test_absent() -> None:
    """What is absent is empty, or `None` where empty would be a value."""
    assert (optional({}, "k", int), string({}, "k")) == (None, None)
    assert (table({}, "k"), array({}, "k"), tables({}, "k"), strings({}, "k"), names({}, "k")) == ({}, [], [], (), ())


def test_letters_of_other_scripts() -> None:
    """Only control characters are refused: a folder may be called by any letters, no-break spaces included."""
    assert string({"k": "ä\N{NO-BREAK SPACE}漢"}, "k") == "ä\N{NO-BREAK SPACE}漢"
