"""The two judges of a ``[tool.wsnox]``: its reader, and the JSON Schema that is made of the same keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema

from wsnox.workspace.config import read_config, tool_schema
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from wsnox.workspace.settings import Config

__all__ = ["is_valid", "read"]

_VALIDATE = fastjsonschema.compile(tool_schema())


def read(raw: dict[str, Any]) -> tuple[Config, list[str]]:
    """Return what the reader makes of a table ``t``, and the problems with it."""
    problems: list[str] = []
    return read_config(Table(raw, path=Path("pyproject.toml"), where="t", problems=problems)), problems


def is_valid(raw: dict[str, Any]) -> bool:
    """Return whether the schema accepts the table."""
    try:
        _VALIDATE(raw)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True
