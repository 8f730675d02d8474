"""``[tool.wsnox.imports]``: what is allowed, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from wsnox.imports.model import Kind
from wsnox.workspace.config import KINDS, read_allowances
from wsnox.workspace.settings import Allowance
from wsnox.workspace.tables import Table


def _read(value: Any) -> tuple[tuple[Allowance, ...], list[str]]:
    """Return what the ``imports`` table *value* allows, and the problems with it."""
    problems: list[str] = []
    found = read_allowances(Table(value, path=Path("p"), where="t", problems=problems))
    return found, problems


def _problems(*entries: Any) -> list[str]:
    return _read({"allow": list(entries)})[1]


def test_kinds_are_those_of_findings() -> None:
    """What can be allowed is what can be found, but for a broken wheel, which nothing excuses."""
    assert set(KINDS) == set(get_args(Kind)) - {"unshipped"}


def test_what_is_not_said_is_no_limit() -> None:
    """A reason is enough; an absent table allows nothing."""
    assert _read({"allow": [{"reason": "legacy"}]}) == ((Allowance(reason="legacy"),), [])
    assert _read({"allow": []}) == ((), [])
    assert _read({}) == ((), [])


def test_everything() -> None:
    """Members are normalised as names are; modules and files stay as they are written."""
    entry = {
        "modules": ["Foo_bar.*"],
        "kinds": ["missing", "group"],
        "members": ["Lib_*", "a.b"],
        "files": ["src/Foo_bar/*.py"],
        "reason": "the host has it",
    }
    assert _read({"allow": [entry, {"reason": "r"}]}) == (
        (
            Allowance(
                reason="the host has it",
                modules=("Foo_bar.*",),
                kinds=("missing", "group"),
                members=("lib-*", "a-b"),
                files=("src/Foo_bar/*.py",),
            ),
            Allowance(reason="r"),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        ({}, ["expected the reason for which it is allowed in `t.allow[1].reason`"]),
        ({"reason": "  "}, ["expected the reason for which it is allowed in `t.allow[1].reason`"]),
        ({"reason": 3}, ["expected a string, got an integer in `t.allow[1].reason`"]),
        ({"reason": "r", "module": ["a"]}, ["unknown key `t.allow[1].module` (did you mean `modules`?)"]),
        ({"reason": "r", "modules": "a"}, ["expected an array, got a string in `t.allow[1].modules`"]),
        ({"reason": "r", "files": [1]}, ["expected a string, got an integer in `t.allow[1].files[0]`"]),
        (
            {"reason": "r", "members": ["a b"]},
            ["`a b` is no member such as `name` or `lib-*` in `t.allow[1].members[0]`"],
        ),
        (
            {"reason": "r", "kinds": ["missing", "transitiv"]},
            ["`transitiv` is no kind of finding: did you mean `transitive`? in `t.allow[1].kinds[1]`"],
        ),
        (
            {"reason": "r", "kinds": ["zzz"]},
            [
                "`zzz` is no kind of finding: known: `missing`, `transitive`, `group`, `failing` in `t.allow[1].kinds[0]`"
            ],
        ),
        ("leaf", ["expected a table, got a string in `t.allow[1]`"]),
    ],
)
def test_what_is_refused(entry: Any, problems: list[str]) -> None:
    """Each mistake is told with the path that leads to it, and one entry does not hide another."""
    assert _problems({"reason": "fine"}, entry) == problems


@pytest.mark.parametrize("value", [{"allow": {}}, {"allow": "all"}, {"alow": []}, {"allow": [], "deny": []}])
def test_a_table_of_another_form(value: Any) -> None:
    """The table has one key, an array."""
    _, problems = _read(value)
    assert len(problems) == 1
