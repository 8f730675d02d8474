"""Placeholders: what they become, what stays as it is, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.workspace.placeholders import IN_COMMANDS, IN_ENV, expand, fill, placeholders_in, problem_of

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command

VALUES = {"member": "m-1", "root": "/r o", "port": "1", "port:db-2": "2"}


@pytest.mark.parametrize(
    ("command", "posargs", "words"),
    [
        ("pytest", [], ["pytest"]),
        ("pytest", ["-x"], ["pytest"]),
        ("pytest {posargs}", [], ["pytest"]),
        ("pytest {posargs}", ["-k", "a b"], ["pytest", "-k", "a b"]),
        ("pytest {posargs:tests -q}", [], ["pytest", "tests", "-q"]),
        ("pytest {posargs:tests -q}", ["x"], ["pytest", "x"]),
        ("echo '{member}' {root}/x '{root}/y'", [], ["echo", "m-1", "/r o/x", "/r o/y"]),
        (("pytest", "{posargs}"), [], ["pytest"]),
        (("pytest", "{posargs:a 'b c'}"), [], ["pytest", "a", "b c"]),
        (("pytest", "{posargs:a}"), ["x y", "z"], ["pytest", "x y", "z"]),
        (("{member}:{root}", "a b", ""), ["x"], ["m-1:/r o", "a b", ""]),
        # What fills a placeholder is not looked at again.
        ("run {posargs}", ["{member}", "{root}", "'"], ["run", "{member}", "{root}", "'"]),
        # Inside a longer word what follows `--` is joined.
        ("sh -c 'pytest {posargs:-q x}'", ["-k", "a b"], ["sh", "-c", "pytest -k a b"]),
        ("sh -c 'pytest {posargs:-q x}'", [], ["sh", "-c", "pytest -q x"]),
        (("sh", "-c", "x={posargs}; {member}"), ["a", "b"], ["sh", "-c", "x=a b; m-1"]),
        # Each default stays with its placeholder, quotation and all.
        ("x {posargs:a 'b c'} {posargs} {posargs:d}{posargs:e}", [], ["x", "a", "b c", "de"]),
        ("x {posargs:}", [], ["x"]),
        ("x {posargs:{root}/y '{member} {{z}}'} -k={posargs:{member}}", [], ["x", "/r o/y", "m-1 {z}", "-k=m-1"]),
        ("x '{{posargs:a b}}' {{posargs}}", ["y"], ["x", "{posargs:a b}", "{posargs}"]),
    ],
)
def test_expand(command: Command, posargs: list[str], words: list[str]) -> None:
    """Placeholders are filled word by word: a space in an argument or in the root's path never splits a word."""
    assert expand(command, VALUES.__getitem__, posargs=posargs) == tuple(words)


@given(st.lists(st.text() | st.sampled_from(["{member}", "{root}", "{posargs}", "a b"])))
def test_posargs_arrive_unchanged(posargs: list[str]) -> None:
    """Law: what follows ``--`` reaches the command word for word, in both forms of a command."""
    for command in ("run {posargs}", ("run", "{posargs}")):
        assert expand(command, VALUES.__getitem__, posargs=posargs) == ("run", *posargs)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{member}/{root}", "m-1//r o"),
        ("{{member}} {{{member}}} {{other}}", "{member} {{member}} {other}"),
        ("localhost:{port}/{port:db-2} {{port:x}} {{port}}", "localhost:1/2 {port:x} {port}"),
        ("{a: {member}} {{a: {root}}}", "{a: m-1} {{a: /r o}}"),
        # The shell's variables, and other languages.
        *[
            (text, text)
            for text in ("${root} ${HOME}", "{} {0} {print $1}", "{a: 1} {a:1} {{.Names}} {{ x }} {{a: 1}}")
        ],
    ],
)
def test_fill(text: str, filled: str) -> None:
    """A name in braces is a placeholder, one more pair makes it a text, and all other braces stay."""
    assert problem_of(text, VALUES) == ""
    assert fill(text, VALUES.__getitem__) == filled


@pytest.mark.parametrize(
    ("text", "known", "problem"),
    [
        ("x {posarg} {memebr}", IN_COMMANDS, "unknown placeholder `{posarg}` (did you mean `{posargs}`?)"),
        ("{posarg:tests}", IN_COMMANDS, "unknown placeholder `{posarg}` (did you mean `{posargs}`?)"),
        ("{port:a b}", IN_COMMANDS, "`{port:a b}` is not a port: its name has letters, digits, `-` and `_` only,"),
        ("{posarg:{root}/x}", IN_COMMANDS, "unknown placeholder `{posarg}` (did you mean `{posargs}`?)"),
        ("x{posargs:a {rot}}", IN_COMMANDS, "unknown placeholder `{rot}` (did you mean `{root}`?)"),
        (
            "{envdir}/x",
            IN_COMMANDS,
            "unknown placeholder `{envdir}` (known: `{posargs}`, `{root}`, `{directory}`, `{member}`, `{name}`, `{module}`, `{port}`, `{python}`; for the text itself, `{{envdir}}`)",
        ),
        (
            "{posargs}",
            IN_ENV,
            "`{posargs}` has no value here, only `{root}`, `{directory}`, `{member}`, `{name}`, `{module}`, `{port}`, `{python}` have,",
        ),
    ],
)
def test_what_is_refused(text: str, known: tuple[str, ...], problem: str) -> None:
    """A misspelt placeholder would reach the program as it is, and run something else."""
    assert problem_of(text, known) == problem


@given(st.text(st.sampled_from("{}$:a_ 'posargs"), max_size=12))
def test_every_placeholder_is_filled(text: str) -> None:
    """Law: a text is filled with the values of the placeholders in it and of no others; without any it stays."""
    filled: list[str] = []

    def value_of(name: str) -> str:
        filled.append(name)
        return name

    result = fill(text, value_of)
    assert {*filled} == {*placeholders_in(text)} - {"posargs"}
    if "{" not in text:
        assert result == text
