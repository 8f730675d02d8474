"""The JSON Schema of ``[tool.wsnox]``, as validate-pyproject asks its plugins for it.

It says what `wsnox.workspace.config` accepts, as far as a schema can: that a quotation ends, that two variants differ
and that a name exists are for the reader alone.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["tool_schema"]


def tool_schema(tool_name: str = "wsnox") -> dict[str, Any]:
    """Return the schema for the table of *tool_name* (validate-pyproject docs, ``json-schemas``, Writing a plugin)."""
    if tool_name != "wsnox":
        raise ValueError(f"no schema for `{tool_name}`")
    text = files("wsnox.workspace").joinpath("wsnox.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
