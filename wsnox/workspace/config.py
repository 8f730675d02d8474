"""Read ``[tool.wsnox]`` into a `Config`; problems are noted in the table, with the dotted path.

Every table has the keys of `SETTINGS`. The root's own table also has ``tasks``, ``integration``, ``default-packages``,
``lock``, ``affected`` and ``imports``; a member's has ``tasks`` and ``imports``. A task has ``members``, an integration
session ``packages``.

``wsnox.schema.json`` says the same for validate-pyproject, as far as a schema can.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path
from string import Formatter
from types import NoneType
from typing import TYPE_CHECKING, Literal

from wsnox.text import near_miss, quoted
from wsnox.workspace.globs import bad_pattern
from wsnox.workspace.settings import (
    Allowance,
    Config,
    Integration,
    MemberPattern,
    PathRule,
    PathRules,
    Settings,
    Task,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.workspace.settings import Command, Pythons
    from wsnox.workspace.tables import Table

__all__ = [
    "KINDS",
    "SETTINGS",
    "TOP",
    "read_config",
    "read_integration",
    "read_name",
    "read_rule_list",
    "read_task",
]

SETTINGS = tuple(field.name.replace("_", "-") for field in fields(Settings))
"""The keys that every session understands."""

TOP = (*SETTINGS, "tasks", "imports", "integration", "default-packages", "lock", "affected")
"""The keys of ``[tool.wsnox]`` itself."""

KINDS = ("missing", "transitive", "group", "failing")
"""The kinds of findings about imports that can be allowed."""


def read_config(table: Table) -> Config:
    """Return what the ``[tool.wsnox]`` *table* of a manifest says."""
    if not len(table):
        return Config()
    table.known_keys(TOP)
    tasks, integration = table.table("tasks"), table.table("integration")
    if "test" in tasks:
        tasks.problem("the default task has no table of its own, its keys are those of `tool.wsnox`,", "test")
    return Config(
        settings=_settings(table),
        tasks={name: read_task(task) for name, task in _named(tasks, "members")},
        integration={name: read_integration(session) for name, session in _named(integration, "packages")},
        default_packages=_packages(table, "default-packages"),
        lock=table.word("lock", ("check", "frozen")),
        affected=_rules(table.table("affected")),
        imports=_allowances(table.table("imports")),
    )


def _named(tables: Table, selection: str) -> Iterator[tuple[str, Table]]:
    """Yield the table of each session in *tables*, with its name; beside the settings it may have the key *selection*."""
    for name in tables:
        if read_name(tables, name):
            table = tables.table(name)
            table.known_keys((*SETTINGS, selection))
            yield name, table


_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def read_name(table: Table, name: str) -> str | None:
    """Return *name*, or note in *table* that it cannot name a session."""
    if _NAME.fullmatch(name):
        return name
    table.problem(f"`{name}` is no name for a session: letters, digits, `-`, `_` and `.` only,")
    return None


def read_task(table: Table) -> Task:
    """Return the task that *table* describes."""
    return Task(settings=_settings(table), members=_members(table))


def read_integration(table: Table) -> Integration:
    """Return the integration session that *table* describes."""
    return Integration(settings=_settings(table), packages=_packages(table, "packages"))


def _settings(table: Table) -> Settings:
    return Settings(
        commands=_commands(table),
        groups=table.names("groups"),
        root_groups=table.names("root-groups"),
        extras=_extras(table),
        pythons=_pythons(table),
        editable=table.boolean("editable"),
        env=_env(table),
        external=table.strings("external", _not_a_program),
        tags=table.strings("tags"),
        default=table.boolean("default"),
        requires=table.strings("requires", _not_a_session),
        description=table.string("description"),
        skip=table.string("skip"),
    )


def _commands(table: Table) -> tuple[Command, ...] | None:
    """Return ``commands``: each a string, split as a POSIX shell would, or an array of strings."""
    items = table.array("commands")
    if items is None:
        return None
    commands = [_command(table, item, f"commands[{index}]") for index, item in enumerate(items)]
    return tuple(command for command in commands if command is not None)


def _command(table: Table, item: object, key: str) -> Command | None:
    match item:
        case str():
            try:
                words = shlex.split(item)
            except ValueError:
                words = []
            if words and words[0]:
                return item
            table.problem("empty command, or a quotation that does not end,", key)
        case [_, *_]:
            words = [word for word in item if isinstance(word, str)]
            if len(words) == len(item) and words[0]:
                return tuple(words)
            table.problem("expected an array of strings, the first of them not empty,", key)
        case _:
            table.problem("expected a command: a string or an array of strings", key)
    return None


_VARIANT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?")


def _extras(table: Table) -> tuple[Variant, ...] | None:
    """Return ``extras``: ``"all"``, an array of names, or variants, as an array of arrays or a table of arrays."""
    match table.peek("extras"):
        case None:
            return None
        case [list(), *_] as sets:
            return tuple(_variants_by_extras(table, sets))
        case dict():
            return tuple(_variants_by_name(table.table("extras")))
        case _:
            return (Variant("", table.names_or_all("extras") or ()),)


def _variants_by_name(table: Table) -> Iterator[Variant]:
    for name in table:
        if not _VARIANT.fullmatch(name):
            table.problem(f"`{name}` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only,")
        yield Variant(name, table.names_or_all(name) or ())


def _variants_by_extras(table: Table, sets: Sequence[object]) -> Iterator[Variant]:
    """Yield a variant for each array, named by its extras; the one without extras is ``none``."""
    seen: set[str] = set()
    for index, names in enumerate(sets):
        key = f"extras[{index}]"
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            table.problem("expected an array of strings", key)
            continue
        extras = tuple(extra for name in names if (extra := table.normal(name, key)) is not None)
        variant = Variant("+".join(extras) or "none", extras)
        if variant.id in seen:
            table.problem(f"the variant `{variant.id}` is listed twice", key)
        seen.add(variant.id)
        yield variant


_PYTHON = re.compile(r"(cpython|pypy|graalpy|python)?-?[0-9]{1,4}(\.[0-9]{1,4}){0,2}t?", re.IGNORECASE | re.ASCII)


def _pythons(table: Table) -> Pythons | None:
    match table.peek("pythons"):
        case "classifiers" | "requires-python" as word:
            return word
        case str() as other:
            expected = 'expected an array of versions, "classifiers" or "requires-python"'
            table.problem(f'{expected}, got "{other}"', "pythons")
            return None
    return table.strings(
        "pythons", lambda python: "" if _PYTHON.fullmatch(python) else f"`{python}` is no Python version such as `3.12`"
    )


def _env(table: Table) -> Mapping[str, str] | None:
    if "env" not in table:
        return None
    variables = table.table("env")
    values = {name: variables.string(name) for name in variables}
    for name, value in values.items():
        if not name or "=" in name or "\0" in name + (value or ""):
            variables.problem("no environment variable can have this name or value", name)
    return {name: value for name, value in values.items() if value is not None}


_PROGRAM = re.compile(r"[^\s*?\0]+|[^*?\0]*[/\\][^*?\0]*")


def _not_a_program(text: str) -> str:
    """Return what is wrong with *text* in ``external``: a program by its name, or a path, which may have spaces."""
    if _PROGRAM.fullmatch(text):
        return ""
    return f"`{text}` is no program: its name alone, such as `docker`, or a path to it,"


def _not_a_session(text: str) -> str:
    """Return what is wrong with *text* in ``requires``: a session's name, in which nox fills ``{python}`` and ``{py}``."""
    try:
        placeholders = {tuple(field) for _, *field in Formatter().parse(text) if field[0] is not None}
    except ValueError:
        placeholders = {()}
    if text and placeholders <= {("python", "", None), ("py", "", None)}:
        return ""
    return f"`{text}` is no session's name, in which `{{python}}` is the only placeholder,"


_PACKAGE = re.compile(r"(?P<pattern>[A-Za-z0-9*?]([A-Za-z0-9._*?-]*[A-Za-z0-9*?])?)(\s*\[(?P<extras>[^\[\]]*)\])?")


def _members(table: Table) -> tuple[str, ...] | None:
    """Return ``members``: names, or patterns with ``*`` and ``?``, normalised."""
    patterns = table.items("members", lambda text, key: _pattern(table, text, key, extras=False))
    return None if patterns is None else tuple(pattern.pattern for pattern in patterns)


def _packages(table: Table, key: str) -> tuple[MemberPattern, ...] | None:
    """Return the array at *key* of ``name``, ``name[extra]`` or patterns with ``*`` and ``?``; ``"all"`` is all."""
    match table.peek(key):
        case "all":
            return (MemberPattern("*"),)
        case str() as other:
            table.problem(f'expected "all" or an array of members, got "{other}"', key)
            return None
        case []:
            table.problem('expected one member at least, or "all",', key)
    return table.items(key, lambda text, where: _pattern(table, text, where, extras=True))


def _pattern(table: Table, text: str, key: str, *, extras: bool) -> MemberPattern | None:
    """Return the pattern *text*, or note at *key* that it is malformed."""
    match = _PACKAGE.fullmatch(text)
    if match is None or (match["extras"] is not None and not extras):
        forms = "`name`, `name[extra]` or `lib-*`" if extras else "`name` or `lib-*`"
        table.problem(f"`{text}` is no member such as {forms}", key)
        return None
    names = [table.normal(name.strip(), key) for name in (match["extras"] or "").split(",") if name.strip()]
    pattern = re.sub(r"[-_.]+", "-", match["pattern"]).lower()
    return MemberPattern(pattern, tuple(dict.fromkeys(name for name in names if name is not None)))


_PLATFORM = re.compile(r"(linux|macos|windows)(-[A-Za-z0-9_]+)?")


def _rules(table: Table) -> PathRules:
    """Return what the ``affected`` *table* says."""
    table.known_keys(("default-rules", "platforms", "rules"))
    return PathRules(
        rules=read_rule_list(table),
        defaults=table.boolean("default-rules") is not False,
        platforms=table.strings("platforms", _not_a_platform) or (),
    )


def _not_a_platform(text: str) -> str:
    if _PLATFORM.fullmatch(text):
        return ""
    return f"`{text}` is no platform such as `linux`, `macos`, `windows` or `linux-aarch64`"


def read_rule_list(table: Table) -> tuple[PathRule, ...]:
    """Return the ``rules`` of *table*."""
    return tuple(map(_rule, table.tables("rules")))


def _rule(table: Table) -> PathRule:
    table.known_keys(("paths", "affects", "members", "sessions"))
    paths, members, sessions = table.strings("paths", _not_a_path), _members(table), table.strings("sessions")
    if not paths and not table.peek("paths"):
        table.problem("expected one pattern at least", "paths")
    affects: Literal["nothing", "everything"] | None = table.word("affects", ("nothing", "everything"))
    if ("affects" in table) == (members is not None or sessions is not None):
        table.problem("expected either `affects` or some of `members` and `sessions`")
    return PathRule(paths=paths or (), affects=affects, members=members or (), sessions=sessions or ())


def _not_a_path(pattern: str) -> str:
    if pattern.startswith("/") or not pattern:
        return f"`{pattern}`: it must be a path relative to the workspace root"
    problem = bad_pattern(Path("/"), pattern, by_component=False)
    return f"`{pattern}`: {problem}" if problem else ""


def _allowances(table: Table) -> tuple[Allowance, ...]:
    """Return what the ``imports`` *table* allows."""
    table.known_keys(("allow",))
    return tuple(map(_allowance, table.tables("allow")))


def _allowance(table: Table) -> Allowance:
    table.known_keys(("modules", "kinds", "members", "files", "reason"))
    reason = table.string("reason")
    if not (reason or "").strip() and isinstance(table.peek("reason"), (str, NoneType)):
        table.problem("expected a reason", "reason")
    return Allowance(
        reason=reason or "",
        modules=table.strings("modules"),
        kinds=table.strings("kinds", _not_a_kind),
        members=_members(table),
        files=table.strings("files"),
    )


def _not_a_kind(text: str) -> str:
    if text in KINDS:
        return ""
    return f"`{text}` is no kind of finding: {near_miss(text, KINDS) or f'known: {quoted(KINDS)}'}"
