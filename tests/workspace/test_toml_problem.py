"""A file that is no TOML: the line where it goes wrong, and a hint that makes it TOML when followed."""

from __future__ import annotations

import pytest
import tomli

from wsnox.workspace.toml_problem import toml_problem


@pytest.mark.parametrize(
    ("text", "line", "hint", "corrected"),
    [
        ("a = [dev]", "a = [dev]", 'a string is written in quotes: `"dev"`', 'a = ["dev"]'),
        ("a = lib-*", "a = lib-*", 'a string is written in quotes: `"lib-*"`', 'a = "lib-*"'),
        ("a = [“dev”]", "a = [“dev”]", 'TOML has straight quotes: `"`', 'a = ["dev"]'),
        ("x = 1\na = True # so", "a = True # so", "TOML writes `true`", "x = 1\na = true # so"),
        ("a = None", "a = None", "leave the key out", ""),
        ('a = "C:\\x"', 'a = "C:\\x"', "double the backslash, or write the string in single quotes", "a = 'C:\\x'"),
        (
            'a = "b\\dir"',
            'a = "b\\dir"',
            "double the backslash, or write the string in single quotes",
            'a = "b\\\\dir"',
        ),
        ('a = ["b]\n', 'a = ["b]', "a string ends on its line, with the quote that it began with", 'a = ["b"]'),
        ('a = "b', 'a = "b', "a string ends with the quote that it began with", 'a = "b"'),
        ('a = [\n "b"\n "c"\n]', '"c"', "separate the values by commas, and end the array", 'a = [\n "b",\n "c"\n]'),
        ("a = {b = 1 c = 2}", "a = {b = 1 c = 2}", "separate the keys by commas", "a = {b = 1, c = 2}"),
        ("[a]\n[a]", "[a]", "a table may appear once in a file: put the keys of both into one", "[a]"),
        ("a = 1\na = 2", "a = 2", "a key may appear once in a table", "a = 2"),
        ("a: 1", "a: 1", "a line is `key = value`, or `[table]`", "a = 1"),
        (
            "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> b",
            "<<<<<<< HEAD",
            "it has the conflict markers of an unfinished merge: take one side, and remove them",
            "a = 1",
        ),
        ("a = ", "a =", "", "a = 1"),
    ],
)
def test_what_was_meant(text: str, line: str, hint: str, corrected: str) -> None:
    """Place, line and hint; whoever follows the hint has a file that can be read."""
    with pytest.raises(tomli.TOMLDecodeError) as caught:
        tomli.loads(text)
    sentence, told = toml_problem(caught.value)
    assert sentence == f"not TOML: {caught.value}: `{line}`"
    assert told.startswith(hint)
    assert bool(told) == bool(hint)
    tomli.loads(corrected)
