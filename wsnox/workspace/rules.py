"""Read ``[tool.wsnox.affected]``: what a changed file means, as an ordered list of rules, and where to compare closures.

A rule has ``paths``, patterns relative to the workspace root (``../`` leads out of it) in the dialect of uv's workspace
members, and says what they mean: ``affects = "nothing"`` or ``"everything"``, or the ``members`` that count as changed
and the ``sessions`` that must run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wsnox.workspace.choices import read_members
from wsnox.workspace.patterns import bad_pattern
from wsnox.workspace.settings import PathRule, PathRules

if TYPE_CHECKING:
    from wsnox.workspace.toml import Table

__all__ = ["read_rule_list", "read_rules"]

TABLE = ("default-rules", "platforms", "rules")
RULE = ("paths", "affects", "members", "sessions")
_PLATFORM = re.compile(r"(linux|macos|windows)(-[A-Za-z0-9_]+)?")


def read_rules(table: Table) -> PathRules:
    """Return what the ``affected`` *table* says."""
    table.known_keys(TABLE)
    return PathRules(
        rules=read_rule_list(table),
        defaults=table.boolean("default-rules") is not False,
        platforms=_platforms(table),
    )


def read_rule_list(table: Table) -> tuple[PathRule, ...]:
    """Return the ``rules`` of *table*."""
    items = table.array("rules") or []
    tables = (table.item("rules", index) for index in range(len(items)))
    return tuple(_rule(each) for each in tables if each is not None)


def _rule(table: Table) -> PathRule:
    table.known_keys(RULE)
    paths, affects = _paths(table), _affects(table)
    members, sessions = read_members(table), table.strings("sessions")
    named = members is not None or sessions is not None
    if named == ("affects" in table):
        table.problem("expected either `affects` or some of `members` and `sessions`")
    return PathRule(paths=paths, affects=affects, members=members or (), sessions=sessions or ())


def _paths(table: Table) -> tuple[str, ...]:
    numbered = table.numbered("paths")
    if not numbered and not table.peek("paths"):
        table.problem("expected one pattern at least", "paths")
    for key, pattern in numbered or ():
        problem = "it starts at no workspace" if pattern.startswith("/") or not pattern else ""
        problem = problem or bad_pattern(Path("/"), pattern, by_component=False)
        if problem:
            table.problem(f"`{pattern}`: {problem}", key)
    return tuple(pattern for _, pattern in numbered or ())


def _affects(table: Table) -> Literal["nothing", "everything"] | None:
    match table.peek("affects"):
        case None:
            return None
        case "nothing" | "everything" as word:
            return word
        case other:
            table.problem(f'expected "nothing" or "everything", got `{other}`', "affects")
            return None


def _platforms(table: Table) -> tuple[str, ...]:
    numbered = table.numbered("platforms")
    for key, name in numbered or ():
        if not _PLATFORM.fullmatch(name):
            table.problem(f"`{name}` is no platform such as `linux`, `macos`, `windows` or `linux-aarch64`", key)
    return tuple(name for _, name in numbered or ())
