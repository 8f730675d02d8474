"""Read ``[tool.wsnox]`` into a `Config`; what is wrong with it is noted in the table, with the dotted path.

Keys of every table: ``commands``, ``groups``, ``root-groups``, ``extras``, ``pythons``, ``editable``, ``env``,
``external``, ``tags``, ``default``, ``requires``, ``description``, ``skip``. The root's own table also has ``tasks``, ``integration``,
``default-packages``, ``lock``, ``affected`` and ``imports``; a member's has ``tasks`` and ``imports``. A task has
``members``, an integration session ``packages``.

``wsnox.schema.json`` says the same for validate-pyproject, as far as a schema can.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from string import Formatter
from types import NoneType
from typing import TYPE_CHECKING, Literal

from wsnox.text import near_miss
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
    "read_allowances",
    "read_commands",
    "read_config",
    "read_extras",
    "read_integration",
    "read_members",
    "read_name",
    "read_packages",
    "read_rule_list",
    "read_rules",
    "read_task",
]

# --- The keys of ``[tool.wsnox]`` that can be written in more than one way: commands, extras, members, pa ---


_ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?")
_PACKAGE = re.compile(r"(?P<pattern>[A-Za-z0-9*?]([A-Za-z0-9._*?-]*[A-Za-z0-9*?])?)(\s*\[(?P<extras>[^\[\]]*)\])?")


def read_commands(table: Table) -> tuple[Command, ...] | None:
    """Return ``commands``: each a string, split as a POSIX shell would, or an array of strings."""
    items = table.array("commands")
    if items is None:
        return None
    commands = [_command(table, item, f"commands[{index}]") for index, item in enumerate(items)]
    return tuple(command for command in commands if command is not None)


def _command(table: Table, item: object, key: str) -> Command | None:
    match item:
        case str() if _splits(item):
            return item
        case str():
            table.problem("empty command, or a quotation that does not end,", key)
        case [_, *_]:
            words = tuple(word for word in item if isinstance(word, str))
            if len(words) == len(item) and words[0]:
                return words
            table.problem("expected an array of strings, the first of them not empty,", key)
        case _:
            table.problem("expected a command: a string or an array of strings", key)
    return None


def _splits(text: str) -> bool:
    try:
        return any(shlex.split(text)[:1])
    except ValueError:
        return False


def read_extras(table: Table) -> tuple[Variant, ...] | None:
    """Return ``extras``: ``"all"``, an array of names, or variants, as an array of arrays or a table of arrays."""
    match table.peek("extras"):
        case None:
            return None
        case [list(), *_] as sets:
            return tuple(_unnamed(table, sets))
        case dict():
            return tuple(_named_choices(table.table("extras")))
        case _:
            return (Variant("", table.names_or_all("extras") or ()),)


def _named_choices(table: Table) -> Iterator[Variant]:
    for name in table:
        if not _ID.fullmatch(name):
            table.problem(f"`{name}` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only,")
        extras = table.names_or_all(name)
        yield Variant(name, () if extras is None else extras)


def _unnamed(table: Table, sets: Sequence[object]) -> Iterator[Variant]:
    """Yield a variant for each array, called by its extras; the one without extras is called ``none``."""
    seen: set[str] = set()
    for index, names in enumerate(sets):
        key = f"extras[{index}]"
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            table.problem("expected an array of strings", key)
            continue
        extras = tuple(name for name in (table.normal(name, key) for name in names) if name is not None)
        variant = Variant("+".join(extras) or "none", extras)
        if variant.id in seen:
            table.problem(f"the variant `{variant.id}` stands twice", key)
        seen.add(variant.id)
        yield variant


def read_members(table: Table) -> tuple[str, ...] | None:
    """Return ``members``: names, or patterns with ``*`` and ``?``, normalised."""
    items = table.numbered("members")
    if items is None:
        return None
    choices = [_choice(table, item, where, extras=False) for where, item in items]
    return tuple(choice.pattern for choice in choices if choice is not None)


def read_packages(table: Table, key: str) -> tuple[MemberPattern, ...] | None:
    """Return the array at *key* of ``name``, ``name[extra]`` or patterns with ``*`` and ``?``; ``"all"`` is all."""
    match table.peek(key):
        case "all":
            return (MemberPattern("*"),)
        case str() as other:
            table.problem(f'expected "all" or an array of members, got "{other}"', key)
            return None
        case []:
            table.problem('expected one member at least, or "all",', key)
    items = table.numbered(key)
    if items is None:
        return None
    choices = [_choice(table, item, where, extras=True) for where, item in items]
    return tuple(choice for choice in choices if choice is not None)


def _choice(table: Table, text: str, key: str, *, extras: bool) -> MemberPattern | None:
    """Return what *text* chooses, or note at *key* that it is malformed."""
    found = _PACKAGE.fullmatch(text)
    if found is None or (found["extras"] is not None and not extras):
        forms = "`name`, `name[extra]` or `lib-*`" if extras else "`name` or `lib-*`"
        table.problem(f"`{text}` is no member such as {forms}", key)
        return None
    names = [table.normal(name.strip(), key) for name in (found["extras"] or "").split(",") if name.strip()]
    pattern = re.sub(r"[-_.]+", "-", found["pattern"]).lower()
    return MemberPattern(pattern, tuple(dict.fromkeys(name for name in names if name is not None)))


# --- Read ``[tool.wsnox.affected]``: what a changed file means, as an ordered list of rules, and where to ---


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


SETTINGS = (
    "commands",
    "groups",
    "root-groups",
    "extras",
    "pythons",
    "editable",
    "env",
    "external",
    "tags",
    "default",
    "requires",
    "description",
    "skip",
)
TOP = (*SETTINGS, "tasks", "imports", "integration", "default-packages", "lock", "affected")

_PYTHON = re.compile(r"(cpython|pypy|graalpy|python)?-?[0-9]{1,4}(\.[0-9]{1,4}){0,2}t?", re.IGNORECASE | re.ASCII)
_PROGRAM = re.compile(r"[^\s*?\0]+|[^*?\0]*[/\\][^*?\0]*")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def read_config(table: Table) -> Config:
    """Return what the ``[tool.wsnox]`` *table* of a manifest says."""
    if not len(table):
        return Config()
    table.known_keys(TOP)
    return Config(
        settings=_settings(table),
        tasks=_tasks(table.table("tasks")),
        integration={name: _integration(each) for name, each in _named(table.table("integration"))},
        default_packages=read_packages(table, "default-packages"),
        lock=_lock(table),
        affected=read_rules(table.table("affected")),
        imports=_imports(table),
    )


def _imports(table: Table) -> tuple[Allowance, ...]:
    if "imports" not in table:
        return ()

    return read_allowances(table.table("imports"))


def _tasks(table: Table) -> dict[str, Task]:
    if "test" in table:
        table.problem("the default task has no table, its keys stand in `tool.wsnox` itself,", "test")
    return {name: _task(each) for name, each in _named(table)}


def _named(table: Table) -> list[tuple[str, Table]]:
    return [(name, table.table(name)) for name in table if read_name(table, name)]


def read_name(table: Table, name: str) -> str | None:
    """Return *name*, or note in *table* that it cannot name a session."""
    if _NAME.fullmatch(name):
        return name
    table.problem(f"`{name}` is no name for a session: letters, digits, `-`, `_` and `.` only,")
    return None


def _task(table: Table) -> Task:
    table.known_keys((*SETTINGS, "members"))
    return read_task(table)


def read_task(table: Table) -> Task:
    """Return the task that *table* describes."""
    return Task(settings=_settings(table), members=read_members(table))


def _integration(table: Table) -> Integration:
    table.known_keys((*SETTINGS, "packages"))
    return read_integration(table)


def read_integration(table: Table) -> Integration:
    """Return the integration session that *table* describes."""
    return Integration(settings=_settings(table), packages=read_packages(table, "packages"))


def _settings(table: Table) -> Settings:
    return Settings(
        commands=read_commands(table),
        groups=table.names("groups"),
        root_groups=table.names("root-groups"),
        extras=read_extras(table),
        pythons=_pythons(table),
        editable=table.boolean("editable"),
        env=_env(table),
        external=_external(table),
        tags=table.strings("tags"),
        default=table.boolean("default"),
        requires=_requires(table),
        description=table.string("description"),
        skip=table.string("skip"),
    )


def _pythons(table: Table) -> Pythons | None:
    match table.peek("pythons"):
        case "classifiers" | "requires-python" as word:
            return word
        case str() as other:
            table.problem(
                f'expected an array of versions, "classifiers" or "requires-python", got "{other}"', "pythons"
            )
            return None
    pythons = table.numbered("pythons")
    for key, python in pythons or ():
        if not _PYTHON.fullmatch(python):
            table.problem(f"`{python}` is no Python version such as `3.12`", key)
    return None if pythons is None else tuple(python for _, python in pythons)


def _env(table: Table) -> Mapping[str, str] | None:
    if "env" not in table:
        return None
    variables = table.table("env")
    values = {name: variables.string(name) for name in variables}
    for name, value in values.items():
        if not name or "=" in name or "\0" in name + (value or ""):
            variables.problem("no environment variable can have this name or value", name)
    return {name: value for name, value in values.items() if value is not None}


def _external(table: Table) -> tuple[str, ...] | None:
    """Return ``external``: names of programs, or paths to them, which may have spaces."""
    programs = table.numbered("external")
    for key, program in programs or ():
        if not _PROGRAM.fullmatch(program):
            table.problem(f"`{program}` is no program: its name alone, such as `docker`, or a path to it,", key)
    return None if programs is None else tuple(program for _, program in programs)


def _requires(table: Table) -> tuple[str, ...] | None:
    """Return ``requires``: names of sessions, in which nox fills ``{python}`` and ``{py}``."""
    names = table.numbered("requires")
    for key, name in names or ():
        if not _fills(name):
            table.problem(f"`{name}` is no session's name, with no placeholder but `{{python}}`,", key)
    return None if names is None else tuple(name for _, name in names)


def _fills(name: str) -> bool:
    try:
        fields = [
            (field, spec, conversion) for _, field, spec, conversion in Formatter().parse(name) if field is not None
        ]
    except ValueError:
        return False
    return bool(name) and all(field in (("python", "", None), ("py", "", None)) for field in fields)


def _lock(table: Table) -> Literal["check", "frozen"] | None:
    match table.peek("lock"):
        case None:
            return None
        case "check" | "frozen" as word:
            return word
        case other:
            table.problem(f'expected "check" or "frozen", got `{other}`', "lock")
            return None


# --- Read ``[tool.wsnox.imports]``: imports that are meant as they are, each with the reason ---


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
