"""The schemas of answers: one for each command with JSON, and one meaning for each name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.answers import assert_answers
from wsnox.cli import main
from wsnox.cli.answers import ANSWERS, answer_schema
from wsnox.cli.command_line import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Wsnox


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each property of all objects in *schema*, by its name."""
    for key, value in schema.items() if isinstance(schema, dict) else ():
        if key == "properties":
            yield from value.items()
        yield from _properties(value)
    for item in schema if isinstance(schema, list) else ():
        yield from _properties(item)


EVERY_PROPERTY = [pair for command in ANSWERS if command != "report" for pair in _properties(answer_schema(command))]


def test_every_command_with_json_has_a_schema() -> None:
    """And no other; each property of it says what it is."""
    with_json = {
        name
        for name, command in COMMANDS.items()
        if any(action.dest == "json" for action in command.parser().arguments)
    }
    assert with_json == set(ANSWERS)
    assert [name for name, schema in EVERY_PROPERTY if not schema["description"]] == []


def _types(schema: dict[str, Any]) -> set[str]:
    return {*([schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", ["string"]))} - {"null"}


def test_a_name_means_one_thing() -> None:
    """A property of one name has one type in all answers; lists of members, distributions and sessions are alike."""
    types: dict[str, set[str]] = {}
    for name, schema in EVERY_PROPERTY:
        types.setdefault(name, set()).update(_types(schema))
    assert {name: found for name, found in types.items() if len(found) > 1 and name not in ("command", "version")} == {}
    common = {"members": ["name"], "distributions": ["name", "version", "source"], "chains": [], "chain": []}
    for name, schema in EVERY_PROPERTY:
        if name in common:
            assert schema["type"] == "array"
            assert schema["items"].get("required", [])[: len(common[name])] == common[name]


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints them, without a workspace."""
    for command in ANSWERS:
        assert main(["schema", command]) == 0
        assert json.loads(capsys.readouterr().out) == answer_schema(command)
    assert main(["schema", "clsoure"]) == 2
    assert capsys.readouterr().err.endswith("hint: did you mean `closure`?\n")


@pytest.mark.parametrize("answer", ["[]", "{}", '{"version": 1}', '{"version": 2, "members": [], "arrows": []}'])
def test_what_is_no_answer(answer: str) -> None:
    """The schemas can tell."""
    with pytest.raises(AssertionError, match="wsnox graph --json: data"):
        assert_answers("graph", answer)


@pytest.mark.real
def test_every_command_answers(wsnox: Wsnox) -> None:
    """On a real workspace; the fixture holds each to its schema."""
    names = "project-a", "project-b"
    for words in (
        *(
            ("list",),
            ("check",),
            ("graph",),
            ("closure", "--all-packages"),
            ("closure", "script"),
            ("why", "project-b", "num"),
        ),
        *(("why", "script", "num"), ("diff", *names), ("export", "--only-group", "lint"), ("matrix", "--shards", "2")),
        ("affected", "--explain", "uv.lock"),
    ):
        assert wsnox(*words, "--json").code in (0, 1)
