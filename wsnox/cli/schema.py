"""``wsnox schema``: the JSON Schema of `pyproject.toml` with ``[tool.wsnox]``, for editors, or of a command's ``--json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wsnox.cli.answers import ANSWERS, answer_schema
from wsnox.errors import UsageError
from wsnox.text import all_known, near_miss
from wsnox.workspace.config import tool_schema

if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["manifest_schema", "run"]


def run(args: Namespace) -> int:
    """Print the schema that *args* ask for."""
    if args.command is not None and args.command not in ANSWERS:
        hint = near_miss(args.command, ANSWERS) or all_known(ANSWERS)
        raise UsageError(f"no command `{args.command}` writes JSON", hint=hint)
    print(json.dumps(manifest_schema() if args.command is None else answer_schema(args.command), indent=2))
    return 0


def manifest_schema() -> dict[str, Any]:
    """Return the schema of a ``pyproject.toml`` of which only ``[tool.wsnox]`` is judged.

    An editor takes one schema for a file (Taplo docs, Using Schemas), and that of a part of it for none.
    """
    tool = tool_schema()
    return {
        "$schema": tool.pop("$schema"),
        "$id": tool.pop("$id"),
        "title": "pyproject.toml with [tool.wsnox]",
        "type": "object",
        "properties": {"tool": {"type": "object", "properties": {"wsnox": tool}}},
    }
