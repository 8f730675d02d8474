"""Hold what a command writes with ``--json`` to its schema."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import fastjsonschema

from wsnox.cli.answers import answer_schema

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["assert_answers"]


def assert_answers(command: str, out: str) -> None:
    """Raise where *out*, the stdout of *command*, is not one object that its schema accepts."""
    answer = json.loads(out)
    try:
        _validator(command)(answer)
    except fastjsonschema.JsonSchemaValueException as error:
        # It says of a union that nothing fits: what the forms say that are meant is of use.
        forms = [
            form for form in answer_schema(command)["anyOf"] if ("error" in answer) == ("error" in form["required"])
        ]
        raise AssertionError(
            f"wsnox {command} --json: {', or '.join(_problem(form, answer) for form in forms)}"
        ) from error


@cache
def _validator(command: str) -> Callable[[Any], Any]:
    return fastjsonschema.compile(answer_schema(command))


def _problem(form: dict[str, Any], answer: Any) -> str:
    try:
        fastjsonschema.validate({"$schema": "http://json-schema.org/draft-07/schema#", **form}, answer)
    except fastjsonschema.JsonSchemaValueException as error:
        return str(error.message)
    return ""
