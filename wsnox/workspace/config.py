"""Read ``[tool.wsnox]`` into a `Config`; what is wrong with it is noted in the table, with the dotted path.

Keys of every table: ``commands``, ``groups``, ``root-groups``, ``extras``, ``pythons``, ``editable``, ``env``,
``external``, ``tags``, ``default``, ``requires``, ``description``, ``skip``. The root's own table also has ``tasks``, ``integration``,
``default-packages``, ``lock``, ``affected`` and ``imports``; a member's has ``tasks`` and ``imports``. A task has
``members``, an integration session ``packages``.

``wsnox.schema.json`` says the same for validate-pyproject, as far as a schema can.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Literal

from wsnox.workspace.choices import read_commands, read_extras, read_members, read_packages
from wsnox.workspace.rules import read_rules
from wsnox.workspace.settings import Config, Integration, Settings, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.workspace.settings import Allowance, Pythons
    from wsnox.workspace.toml import Table

__all__ = ["SETTINGS", "TOP", "read_config", "read_integration", "read_name", "read_task"]

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
    from wsnox.workspace.allowances import read_allowances  # noqa: PLC0415 - few workspaces have any

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
