"""What a key of ``[tool.wsnox]`` is: how it is read, what it means, and which values the JSON Schema accepts.

A key stands once, in a table of keys. The reader refuses what is not in the table, the schema and the reference page list
what is, and what a text must look like is one regular expression for reader and schema.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsnox.workspace.tables import Table

__all__ = [
    "ALL",
    "BOOLEAN",
    "NAME",
    "STRING",
    "Key",
    "Keys",
    "Schema",
    "array_of",
    "read_keys",
    "strings_like",
    "table_of",
    "text_like",
]

Schema = dict[str, Any]


class Key(Record):
    """A key of a table: what it is *about*, its reader, and the *schema* of its value.

    The reader gets the table and the key, notes in the table what is wrong, and returns what the record holds.
    """

    about: str
    read: Callable[[Table, str], Any]
    schema: Schema


Keys = dict[str, Key]


def read_keys(table: Table, keys: Keys) -> dict[str, Any]:
    """Return the values of those *keys* that *table* has, by the names of their fields; a wrong value is left out."""
    values = {name.replace("-", "_"): key.read(table, name) for name, key in keys.items() if name in table}
    return {name: value for name, value in values.items() if value is not None}


# --- schemas ---


def text_like(pattern: str) -> Schema:
    """Return the schema of a string that *pattern* matches as a whole."""
    return {"type": "string", "pattern": f"^({pattern})$"}


def array_of(items: Schema) -> Schema:
    """Return the schema of an array of *items*."""
    return {"type": "array", "items": items}


def table_of(keys: Keys, **more: Any) -> Schema:
    """Return the schema of a table with *keys* and no others."""
    properties = {name: {"description": key.about, **key.schema} for name, key in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean", "default": True}
ALL: Schema = {"const": "all"}
NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
"""What the name of a group, an extra or a session looks like."""


def strings_like(pattern: str, what: str) -> Callable[[Table, str], tuple[str, ...] | None]:
    """Return the reader of an array of strings that *pattern* matches; *what* they are is said of those that it does not."""
    return lambda table, key: table.strings(
        key, lambda string: "" if re.fullmatch(pattern, string) else f"`{string}` is not a {what}"
    )
