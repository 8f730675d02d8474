"""The keys of ``[tool.wsnox]`` that can be written in more than one way: commands, extras, members, packages."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from wsnox.workspace.settings import PackageChoice, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.workspace.settings import Command
    from wsnox.workspace.toml import Table

__all__ = ["read_commands", "read_extras", "read_members", "read_packages"]

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
            return tuple(_named(table.table("extras")))
        case _:
            return (Variant("", table.names_or_all("extras") or ()),)


def _named(table: Table) -> Iterator[Variant]:
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


def read_packages(table: Table, key: str) -> tuple[PackageChoice, ...] | None:
    """Return the array at *key* of ``name``, ``name[extra]`` or patterns with ``*`` and ``?``; ``"all"`` is all."""
    match table.peek(key):
        case "all":
            return (PackageChoice("*"),)
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


def _choice(table: Table, text: str, key: str, *, extras: bool) -> PackageChoice | None:
    """Return what *text* chooses, or note at *key* that it is malformed."""
    found = _PACKAGE.fullmatch(text)
    if found is None or (found["extras"] is not None and not extras):
        forms = "`name`, `name[extra]` or `lib-*`" if extras else "`name` or `lib-*`"
        table.problem(f"`{text}` is no member such as {forms}", key)
        return None
    names = [table.normal(name.strip(), key) for name in (found["extras"] or "").split(",") if name.strip()]
    pattern = re.sub(r"[-_.]+", "-", found["pattern"]).lower()
    return PackageChoice(pattern, tuple(dict.fromkeys(name for name in names if name is not None)))
