"""TOML as wsnox writes it: quickly, as the plan of a cold session names thousands of files."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["dumps"]

_other = json.JSONEncoder(ensure_ascii=False).encode
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dumps(
    document: Mapping[str, Any],
    name: str = "",
    tables: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return the TOML text of *document*, of *tables* as the array of tables called *name*, and *more* tables by their paths.

    Without a *name* there is no such array. Values are strings, integers, booleans, times, lists, and dictionaries of these.
    """
    lines = [*_pairs(document), *([f"{name} = []"] if name and not tables else [])]
    for table in tables:
        lines += ["", f"[[{name}]]", *_pairs(table)]
    for path, table in (more or {}).items():
        lines += ["", f"[{path}]", *_pairs(table)]
    return "\n".join([*lines, ""]).replace("\x7f", "\\u007f")


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


# A plan has thousands of a dozen different ones.
@lru_cache(maxsize=64)
def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else encode_basestring(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if isinstance(value, list):
        # One a line, as in a lockfile of uv.
        return "".join(["[\n", *(f"    {_value(item)},\n" for item in value), "]"]) if value else "[]"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return _other(value)
