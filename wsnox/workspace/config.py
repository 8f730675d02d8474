"""Read ``[tool.wsnox]`` into a `Config`; problems are noted in the table, with the dotted path.

Every table has the keys of `SETTINGS`; here stand those that only one kind of table has. The JSON Schema for
validate-pyproject is made of the same keys: that a quotation ends, that two variants differ and that a name exists are
for the reader alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.text import near_miss, quoted
from wsnox.workspace.globs import bad_pattern
from wsnox.workspace.keys import (
    BOOLEAN,
    NAME,
    STRING,
    Key,
    array_of,
    read_keys,
    strings_like,
    table_of,
    text_like,
)
from wsnox.workspace.resolution_keys import RESOLUTIONS
from wsnox.workspace.session_keys import EXCLUDE, MEMBERS, PACKAGES, SETTINGS, WORDS
from wsnox.workspace.settings import (
    NO_CONFIG,
    NOTHING,
    Allowance,
    Config,
    Integration,
    MemberConfig,
    PathRule,
    PathRules,
    Settings,
    Task,
)
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.workspace.keys import Keys, Schema

__all__ = ["KINDS", "read_config", "read_integration", "read_name", "read_rule_list", "read_task", "tool_schema"]

KINDS = ("missing", "transitive", "group", "failing")
"""The kinds of findings about imports that can be allowed."""


def read_config(table: Table) -> Config:
    """Return what the ``[tool.wsnox]`` *table* of a manifest says."""
    if not len(table):
        return NO_CONFIG
    keys = (*SETTINGS, *_OTHERS)
    table.known_keys(keys, {**_tasks_outside(table, keys), **WORDS})
    return Config(settings=_settings(table), **read_keys(table, _OTHERS))


def _tasks_outside(table: Table, keys: Sequence[str]) -> dict[str, str]:
    """Return the hint for each table in *table* that is near to none of *keys*: it is likely to be meant as a task."""
    names = (key for key in table if isinstance(table.peek(key), dict) and key not in keys and not near_miss(key, keys))
    return {name: f"a task is `[{table.dotted(f'tasks.{name}')}]`" for name in names}


def _settings(table: Table) -> Settings:
    values = read_keys(table, SETTINGS)
    return Settings(**values) if values else NOTHING


# --- sessions: tasks of each member, and several members together ---

_OF_TASK: Keys = {"members": MEMBERS, "exclude": EXCLUDE}
_OF_INTEGRATION: Keys = {
    "packages": PACKAGES,
    "resolutions": replace(
        RESOLUTIONS, about="The same session with other versions, `NAME:RESOLUTION`; by default none."
    ),
}


def read_task(table: Table) -> Task:
    """Return the task that *table* describes."""
    return Task(settings=_settings(table), **read_keys(table, _OF_TASK))


def read_integration(table: Table) -> Integration:
    """Return the integration session that *table* describes."""
    return Integration(settings=_settings(table), **read_keys(table, _OF_INTEGRATION))


def read_name(table: Table, name: str) -> str | None:
    """Return *name*, or note in *table* that it cannot name a session."""
    if re.fullmatch(NAME, name):
        return name
    table.problem(f"`{name}` is not a name for a session: letters, digits, `-`, `_` and `.` only,")
    return None


def _tasks(table: Table, key: str) -> dict[str, Task]:
    return _read_tasks(table.table(key), _OF_TASK)


def _tasks_of_project(table: Table, key: str) -> dict[str, Task]:
    return _read_tasks(table.table(key), {})


def _read_tasks(tasks: Table, others: Keys) -> dict[str, Task]:
    if "test" in tasks:
        above = tasks.where.removesuffix(".tasks")
        tasks.problem("the default task has no table of its own", "test", hint=f"set its keys in `[{above}]`")
    return {name: read_task(task) for name, task in _named(tasks, others)}


def _project(table: Table, key: str) -> MemberConfig:
    project = table.table(key)
    project.known_keys((*SETTINGS, *_OF_PROJECT), WORDS)
    return MemberConfig(settings=_settings(project), **read_keys(project, _OF_PROJECT))


def _integration(table: Table, key: str) -> dict[str, Integration]:
    return {name: read_integration(session) for name, session in _named(table.table(key), _OF_INTEGRATION)}


def _named(tables: Table, others: Keys) -> Iterator[tuple[str, Table]]:
    """Yield the table of each session in *tables*, with its name; it may have the keys *others* beside the settings."""
    for name in tables:
        if read_name(tables, name):
            table = tables.table(name)
            table.known_keys((*SETTINGS, *others), WORDS)
            yield name, table


# --- what a change of a file means ---


def read_rule_list(table: Table, key: str = "rules") -> tuple[PathRule, ...]:
    """Return the array of rules at *key* of *table*."""
    return tuple(map(_rule, table.tables(key)))


def _rule(table: Table) -> PathRule:
    table.known_keys(_OF_RULE)
    if table.peek("paths") in (None, []) and table.peek("tables") in (None, []):
        table.problem("expected at least one pattern", "paths")
    if ("affects" in table) == ("members" in table or "sessions" in table):
        table.problem("expected either `affects` or some of `members` and `sessions`")
    return PathRule(**read_keys(table, _OF_RULE))


def _affected(table: Table, key: str) -> PathRules:
    affected = table.table(key)
    affected.known_keys(_OF_AFFECTED)
    return PathRules(**read_keys(affected, _OF_AFFECTED))


def _not_a_path(pattern: str) -> str:
    if pattern.startswith("/") or not pattern:
        return f"`{pattern}`: it must be a path relative to the workspace root"
    problem = bad_pattern(Path("/"), pattern, by_component=False)
    return f"`{pattern}`: {problem}" if problem else ""


_PLATFORM = r"(linux|macos|windows)(-[A-Za-z0-9_]+)?"
_MEANINGS = ("nothing", "own", "everything")
_OF_RULE: Keys = {
    "paths": Key(
        "Patterns relative to the workspace root, with `*`, `?`, classes and `**`.",
        lambda table, key: table.strings(key, _not_a_path),
        {**array_of({"type": "string", "pattern": "^[^/]"}), "minItems": 1},
    ),
    "tables": Key(
        "Tables of the root's manifest, such as `tool.ruff` or `tool.uv.index`, or patterns with `*` and `?`.",
        Table.strings,
        {**array_of(STRING), "minItems": 1},
    ),
    "affects": Key(
        "That nothing must run, everything, or what belongs to the member whose directory has the file.",
        lambda table, key: table.word(key, _MEANINGS),
        {"enum": [*_MEANINGS]},
    ),
    "members": replace(MEMBERS, about="The members that count as changed, by name (`lib-*`) or path (`libs/*`)."),
    "sessions": Key(
        "Sessions that must run: names, or patterns with `*` and `?`.", Table.strings, array_of(STRING)
    ),
}  # fmt: skip
_OF_AFFECTED: Keys = {
    "default-rules": Key("Whether wsnox's own rules come after these.", Table.boolean, BOOLEAN),
    "platforms": Key(
        "Where closures are compared; by default here.",
        strings_like(_PLATFORM, "platform such as `linux`, `macos`, `windows` or `linux-aarch64`"),
        array_of(text_like(_PLATFORM)),
    ),
    "rules": Key(
        "The first rule that matches a path counts.",
        read_rule_list,
        array_of(
            table_of(
                _OF_RULE,
                anyOf=[{"required": ["paths"]}, {"required": ["tables"]}],
                oneOf=[{"required": ["affects"]}, {"anyOf": [{"required": ["members"]}, {"required": ["sessions"]}]}],
            )
        ),
    ),
}


# --- imports that are allowed ---


def _imports(table: Table, key: str) -> tuple[Allowance, ...]:
    imports = table.table(key)
    imports.known_keys(("allow",))
    return tuple(map(_allowance, imports.tables("allow")))


def _allowance(table: Table) -> Allowance:
    table.known_keys(_OF_ALLOWANCE)
    reason = table.peek("reason")
    if isinstance(reason, (str, NoneType)) and not (reason or "").strip():
        table.problem("expected a reason", "reason")
    return Allowance(**{"reason": "", **read_keys(table, _OF_ALLOWANCE)})


def _not_a_kind(kind: str) -> str:
    if kind in KINDS:
        return ""
    return f"`{kind}` is not a kind of finding: {near_miss(kind, KINDS) or f'known: {quoted(KINDS)}'}"


_OF_ALLOWANCE: Keys = {
    "modules": Key(
        "Modules, and all below them; `*` and `?` are wild. By default all.", Table.strings, array_of(STRING)
    ),
    "kinds": Key(
        "`missing`: nothing in the closure provides it; `transitive`: a dependency's dependency does; `group`: only a "
        "dependency group does; `failing`: importing the member's module raises. By default all.",
        lambda table, key: table.strings(key, _not_a_kind),
        array_of({"enum": [*KINDS]}),
    ),
    "members": replace(MEMBERS, about="Members, by name (`lib-*`) or path (`libs/*`); by default all."),
    "files": Key(
        "Files, relative to the member; `*` and `?` are wild. By default all.", Table.strings, array_of(STRING)
    ),
    "reason": Key("Why the import is fine.", Table.string, {"type": "string", "pattern": r"\S"}),
}  # fmt: skip


# --- the table itself ---


def _tables_of_tasks(others: Keys) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"allOf": [text_like(NAME), {"not": {"const": "test"}}]},
        "additionalProperties": table_of({**SETTINGS, **others}),
    }


_LOCKS = ("check", "frozen")
_OF_PROJECT: Keys = {
    "tasks": Key(
        "Tasks of the root's own project: those of `tasks` with settings of its own, and others that only it has.",
        _tasks_of_project,
        _tables_of_tasks({}),
    ),
    "resolutions": RESOLUTIONS,
}
_OTHERS: Keys = {
    "members": replace(
        MEMBERS,
        about="The members that have sessions of their own, by name (`lib-*`) or path (`libs/*`, `.` for the root); by "
        "default all. A task may name others."
    ),
    "exclude": replace(EXCLUDE, about="Members, in the same form, that have none."),
    "project": Key(
        "Settings of the root's own project, which any other member has in `[tool.wsnox]` of its own manifest.",
        _project,
        table_of({**SETTINGS, **_OF_PROJECT}),
    ),
    "tasks": Key("Further tasks of each member: `MEMBER:NAME`.", _tasks, _tables_of_tasks(_OF_TASK)),
    "integration": Key(
        "Sessions in which several members are installed together, or none and only groups of the root.",
        _integration,
        {
            "type": "object",
            "propertyNames": text_like(NAME),
            "additionalProperties": table_of({**SETTINGS, **_OF_INTEGRATION}),
        },
    ),
    "resolutions": RESOLUTIONS,
    "default-packages": replace(PACKAGES, about="What the session `workspace` installs; by default every member. With none, there is no such session."),
    "lock": Key(
        "Whether uv.lock is compared with the pyproject files before a session.",
        lambda table, key: table.word(key, _LOCKS),
        {"enum": [*_LOCKS], "default": "check"},
    ),
    "affected": Key(
        "What a changed file means to `wsnox affected`, `wsnox matrix` and WSNOX_SINCE; in the root's manifest alone.",
        _affected,
        table_of(_OF_AFFECTED),
    ),
    "imports": Key(
        "Imports that `MEMBER:imports` and `wsnox check` would report, and that are intended.",
        _imports,
        table_of({
            "allow": Key(
                "Each entry allows the imports that match all of its keys.",
                Table.array,
                array_of(table_of(_OF_ALLOWANCE, required=["reason"])),
            )
        }),
    ),
}  # fmt: skip
"""The keys of ``[tool.wsnox]`` beside the settings; a member's own table has only ``tasks`` and ``imports`` of them."""


def tool_schema(tool_name: str = "wsnox") -> Schema:
    """Return the JSON Schema for the table of *tool_name* (validate-pyproject docs, Writing a plugin)."""
    if tool_name != "wsnox":
        raise ValueError(f"no schema for `{tool_name}`")
    return table_of(
        {**SETTINGS, **_OTHERS},
        **{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://wsnox.invalid/wsnox.schema.json"},
        title="wsnox",
        description="Sessions of a uv workspace, in the manifest of its root; a member's own manifest may have the same "
        "keys for itself.",
    )
