"""Write TOML with the speed of `json`: the plan of a cold session holds thousands of files.

The two agree on arrays, integers, booleans, and on strings but for one letter: TOML wants the delete character escaped.
Tables stand inline, but for those of the array at the end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["dumps"]

_scalar = json.JSONEncoder(ensure_ascii=False).encode


def dumps(document: Mapping[str, Any], name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the TOML text of *document*, and of *tables* as the array of tables called *name*.

    Keys are bare keys; values are strings, integers, booleans, and lists and dictionaries of these.
    """
    lines = [*_pairs(document)]
    for table in tables:
        lines += ["", f"[[{name}]]", *_pairs(table)]
    return "\n".join([*lines, ""]).replace("\x7f", "\\u007f")


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    if type(value) is dict:
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if type(value) is list and value and type(value[0]) is dict:
        # One table a line, as uv writes them.
        return "".join(["[\n", *(f"    {_value(each)},\n" for each in value), "]"])
    return _scalar(value)
