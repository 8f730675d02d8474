"""Read ``[tool.wsnox.imports]``: imports that are meant as they are, each with the reason.

An entry of ``allow`` has a ``reason`` and says what it is about: ``modules`` and ``files``, patterns with ``*`` and ``?``,
and ``kinds`` of findings; in the root's table also ``members``. What it does not say, it does not limit.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from wsnox.errors import near_miss
from wsnox.workspace.choices import read_members
from wsnox.workspace.settings import Allowance

if TYPE_CHECKING:
    from wsnox.workspace.toml import Table

__all__ = ["KINDS", "read_allowances"]

KINDS = ("missing", "transitive", "group", "failing")
ENTRY = ("modules", "kinds", "members", "files", "reason")


def read_allowances(table: Table) -> tuple[Allowance, ...]:
    """Return what the ``imports`` *table* allows."""
    table.known_keys(("allow",))
    items = table.array("allow") or []
    tables = (table.item("allow", index) for index in range(len(items)))
    return tuple(_allowance(each) for each in tables if each is not None)


def _allowance(table: Table) -> Allowance:
    table.known_keys(ENTRY)
    reason = table.string("reason")
    if not (reason or "").strip() and isinstance(table.peek("reason"), (str, NoneType)):
        table.problem("expected the reason for which it is allowed", "reason")
    return Allowance(
        reason=reason or "",
        modules=table.strings("modules"),
        kinds=_kinds(table),
        members=read_members(table),
        files=table.strings("files"),
    )


def _kinds(table: Table) -> tuple[str, ...] | None:
    numbered = table.numbered("kinds")
    for key, kind in numbered or ():
        if kind not in KINDS:
            known = ", ".join(f"`{each}`" for each in KINDS)
            table.problem(f"`{kind}` is no kind of finding: {near_miss(kind, KINDS) or f'known: {known}'}", key)
    return None if numbered is None else tuple(kind for _, kind in numbered)
