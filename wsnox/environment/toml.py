"""Write TOML quickly: the plan of a cold session names thousands of files.

JSON writes strings, integers and booleans as TOML does, except the delete character, which TOML wants escaped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["dumps"]

_scalar = json.JSONEncoder(ensure_ascii=False).encode


def dumps(document: Mapping[str, Any], name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the TOML text of *document*, and of *tables* as the array of tables called *name*.

    Keys are bare keys; values are strings, integers, booleans, lists, and dictionaries with such keys.
    """
    lines = [*_pairs(document), *([] if tables else [f"{name} = []"])]
    for table in tables:
        lines += ["", f"[[{name}]]", *_pairs(table)]
    return "\n".join([*lines, ""]).replace("\x7f", "\\u007f")


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if isinstance(value, list):
        # One a line, as in a lockfile of uv.
        return "".join(["[\n", *(f"    {_value(each)},\n" for each in value), "]"])
    return _scalar(value)
