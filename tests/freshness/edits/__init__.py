"""Kinds of edits of locked workspaces, by area, for comparing the check of freshness with ``uv lock --check``."""

from __future__ import annotations

from pathlib import Path

from tests.freshness.edits.edit import Edit, Tables

__all__ = ["AREAS", "SLOTS", "Edit"]

_TABLES = Tables(Path(__file__).parent)

AREAS = {area: tuple(edits) for area, edits in _TABLES.areas.items()}
SLOTS = tuple(_TABLES.slots[name] for name in ("needed", "extra", "group", "root-group"))
