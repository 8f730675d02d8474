"""Text that is fit for a terminal."""

from __future__ import annotations

import pytest

from wsnox.text import abbreviated, first_of


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain `x` ünïcode", "plain `x` ünïcode"),
        ("a\nb\x1b[31m\0\x7f\x9b", "a\\nb\\x1b[31m\\x00\\x7f\\x9b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}x", "\\u202ex"),
        ("x @ https://user:secret@a.example/x", "x @ https://user:****@a.example/x"),
        (f"https://token@a.example/{'y' * 300}", f"https://****@a.example/{'y' * 137} … {'y' * 60}"),
        ("y" * 1_000_000, f"{'y' * 160} … {'y' * 60}"),
    ],
)
def test_what_an_error_quotes(text: str, quoted: str) -> None:
    """What an error quotes obeys no terminal, turns no text around, shows no credentials, and is never a megabyte."""
    assert abbreviated(text) == quoted


def test_what_is_listed() -> None:
    """What is too much to read is counted, and nothing is left out for the sake of one."""
    assert [first_of(["a", "b", "c"], most) for most in (2, 3)] == [["a", "b", "and 1 more"], ["a", "b", "c"]]
