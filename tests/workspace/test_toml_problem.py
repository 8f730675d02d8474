"""A file that is no TOML: the line where it goes wrong, and a hint that makes it TOML when followed."""

from __future__ import annotations

import pytest
import tomli

from wsnox.workspace.toml_problem import toml_problem


@pytest.mark.parametrize(
    ("text", "line", "hint", "corrected"),
    [
        ("a = [dev]", "a = [dev]", 'a text stands in quotes: `"dev"`', 'a = ["dev"]'),
        ("a = lib-*", "a = lib-*", 'a text stands in quotes: `"lib-*"`', 'a = "lib-*"'),
        ("a = [“dev”]", "a = [“dev”]", 'the quotes of TOML are straight: `"`', 'a = ["dev"]'),
        ("x = 1\na = True # so", "a = True # so", "TOML writes `true`", "x = 1\na = true # so"),
        ("a = None", "a = None", "leave the key out", ""),
        ('a = "C:\\x"', 'a = "C:\\x"', "in double quotes a backslash is doubled; single", "a = 'C:\\x'"),
        ('a = "b\\dir"', 'a = "b\\dir"', "in double quotes a backslash is doubled; single", 'a = "b\\\\dir"'),
        ('a = ["b]\n', 'a = ["b]', "a text ends on its line, with the quote with which it began", 'a = ["b"]'),
        ('a = "b', 'a = "b', "a text ends with the quote with which it began", 'a = "b"'),
        ('a = [\n "b"\n "c"\n]', '"c"', "values have a comma between them, and the array", 'a = [\n "b",\n "c"\n]'),
        ("a = {b = 1 c = 2}", "a = {b = 1 c = 2}", "keys have a comma between them", "a = {b = 1, c = 2}"),
        ("[a]\n[a]", "[a]", "a table stands once in a file: put the keys of both into one", "[a]"),
        ("a = 1\na = 2", "a = 2", "a key stands once in a table", "a = 2"),
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
