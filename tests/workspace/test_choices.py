"""The keys of ``[tool.wsnox]`` that can be written in more than one way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wsnox.workspace.config import read_commands, read_extras, read_members, read_packages
from wsnox.workspace.settings import MemberPattern, Variant
from wsnox.workspace.tables import Table


def _table(key: str, value: Any) -> tuple[Table, list[str]]:
    problems: list[str] = []
    return Table({key: value}, path=Path("p"), where="t", problems=problems), problems


def _variants(*variants: tuple[str, Any]) -> tuple[Variant, ...]:
    return tuple(Variant(*variant) for variant in variants)


@pytest.mark.parametrize(
    ("value", "variants"),
    [
        ("all", _variants(("", "all"))),
        ([], _variants(("", ()))),
        (["Fast_Path", "b"], _variants(("", ("fast-path", "b")))),
        ([["cpu"], ["cuda", "Fast_Path"], []], _variants(("cpu", ("cpu",)), ("cuda+fast-path", ("cuda", "fast-path")), ("none", ()))),
        ({"cpu": ["cpu"], "gpu.all": "all", "bare": []}, _variants(("cpu", ("cpu",)), ("gpu.all", "all"), ("bare", ()))),
        ({}, ()),
    ],
)  # fmt: skip
def test_extras(value: Any, variants: tuple[Variant, ...]) -> None:
    """All, some, or variants: unnamed ones are called by their extras."""
    table, problems = _table("extras", value)
    assert (read_extras(table), problems) == (variants, [])


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ("cpu", ['expected "all" or an array of strings, got "cpu" in `t.extras`']),
        (1, ["expected an array, got an integer in `t.extras`"]),
        (["a b"], ["`a b` is not a valid name in `t.extras`"]),
        (["a", ["b"]], ["expected a string, got an array in `t.extras[1]`"]),
        ([["a"], "b", [1]], ["expected an array of strings in `t.extras[1]`", "expected an array of strings in `t.extras[2]`"]),
        ([["a"], ["A"]], ["the variant `a` stands twice in `t.extras[1]`"]),
        ([["a b"]], ["`a b` is not a valid name in `t.extras[0]`"]),
        ({"a b": ["x"], "": []}, [
            "`a b` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only, in `t.extras`",
            "`` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only, in `t.extras`",
        ]),
        ({"a": "x"}, ['expected "all" or an array of strings, got "x" in `t.extras.a`']),
        ({"a": [["x"]]}, ["expected a string, got an array in `t.extras.a[0]`"]),
    ],
)  # fmt: skip
def test_extras_that_are_refused(value: Any, problems: list[str]) -> None:
    """A form that is none of the four is told where it goes wrong."""
    table, found = _table("extras", value)
    read_extras(table)
    assert found == problems


PACKAGES = [
    ("project-a", MemberPattern("project-a")),
    ("Project.A_b", MemberPattern("project-a-b")),
    ("project-b[CLI, web_x]", MemberPattern("project-b", ("cli", "web-x"))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("project-b [cli,cli]", MemberPattern("project-b", ("cli",))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("lib-*[cli]", MemberPattern("lib-*", ("cli",))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("*", MemberPattern("*")),
    ("?", MemberPattern("?")),
    ("all[]", MemberPattern("all")),
]


@pytest.mark.parametrize(("text", "choice"), PACKAGES)
def test_packages(text: str, choice: MemberPattern) -> None:
    """A name, a name with extras, or a pattern, normalised as names are."""
    table, problems = _table("packages", [text])
    assert (read_packages(table, "packages"), problems) == ((choice,), [])


def test_all_packages() -> None:
    """The word for all is a pattern that every name matches."""
    assert read_packages(_table("packages", "all")[0], "packages") == (MemberPattern("*"),)


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ("al", ['expected "all" or an array of members, got "al" in `t.packages`']),
        (1, ["expected an array, got an integer in `t.packages`"]),
        ([], ['expected one member at least, or "all", in `t.packages`']),
        (["a", "-a", "a[", "a[b", "a b", ""], [
            f"`{text}` is no member such as `name`, `name[extra]` or `lib-*` in `t.packages[{index}]`"
            for index, text in ((1, "-a"), (2, "a["), (3, "a[b"), (4, "a b"), (5, ""))
        ]),
        (["a[b c]"], ["`b c` is not a valid name in `t.packages[0]`"]),
        ([1], ["expected a string, got an integer in `t.packages[0]`"]),
    ],
)  # fmt: skip
def test_packages_that_are_refused(value: Any, problems: list[str]) -> None:
    """No packages at all is more likely a slip than a wish; what is malformed is named."""
    table, found = _table("packages", value)
    read_packages(table, "packages")
    assert found == problems


def test_members() -> None:
    """The members of a task are names and patterns, normalised, without extras."""
    table, problems = _table("members", ["Lib_*", "a", "b[x]", "[ab]"])
    assert read_members(table) == ("lib-*", "a")
    assert problems == [
        "`b[x]` is no member such as `name` or `lib-*` in `t.members[2]`",
        "`[ab]` is no member such as `name` or `lib-*` in `t.members[3]`",
    ]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("pytest -k 'a b'", ""),
        ("#", ""),
        (["pytest", ""], ""),
        ('x "y', "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ("  ", "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ("'' x", "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ([], "expected a command: a string or an array of strings in `t.commands[0]`"),
        (3, "expected a command: a string or an array of strings in `t.commands[0]`"),
        (["a", 1], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
        ([""], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
        ([1, "a"], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
    ],
)
def test_commands(command: Any, problem: str) -> None:
    """A command names a program, in a string that a shell could split or in an array."""
    table, problems = _table("commands", [command])
    commands = read_commands(table)
    assert problems == ([problem] if problem else [])
    assert commands == (() if problem else (command if isinstance(command, str) else tuple(command),))


def test_no_array_of_commands() -> None:
    """One command is an array of one: a string could as well be a list of letters."""
    table, problems = _table("commands", "pytest")
    assert (read_commands(table), problems) == (None, ["expected an array, got a string in `t.commands`"])
