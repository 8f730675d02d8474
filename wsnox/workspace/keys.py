"""The keys of ``[tool.wsnox]``: how each is read, what it means, and which values the JSON Schema accepts.

A key stands here once. The reader refuses what is not among the keys of a table, the schema and the reference page list
them, and what a text must look like is one regular expression for reader and schema.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from wsnox.workspace.globs import bad_pattern
from wsnox.workspace.placeholders import IN_COMMANDS, IN_DIRECTORY, IN_ENV, problem_of
from wsnox.workspace.settings import Background, MemberPattern, Ready, Variant
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wsnox.workspace.settings import Command, Pythons

__all__ = [
    "BOOLEAN",
    "EXCLUDE",
    "MEMBERS",
    "PACKAGES",
    "SETTINGS",
    "STRING",
    "Key",
    "Keys",
    "Schema",
    "array_of",
    "read_keys",
    "strings_like",
    "table_of",
    "text_like",
]

Schema = dict[str, Any]


class Key(NamedTuple):
    """A key of a table: what it is *about*, its reader, and the *schema* of its value.

    The reader gets the table and the key, notes in the table what is wrong, and returns what the record holds.
    """

    about: str
    read: Callable[[Table, str], Any]
    schema: Schema


Keys = dict[str, Key]


def read_keys(table: Table, keys: Keys) -> dict[str, Any]:
    """Return the values of those *keys* that *table* has, by the names of their fields; a wrong value is left out."""
    values = {name.replace("-", "_"): key.read(table, name) for name, key in keys.items() if name in table}
    return {name: value for name, value in values.items() if value is not None}


# --- schemas ---


def text_like(pattern: str) -> Schema:
    """Return the schema of a string that *pattern* matches as a whole."""
    return {"type": "string", "pattern": f"^({pattern})$"}


def array_of(items: Schema) -> Schema:
    """Return the schema of an array of *items*."""
    return {"type": "array", "items": items}


def table_of(keys: Keys, **more: Any) -> Schema:
    """Return the schema of a table with *keys* and no others."""
    properties = {name: {"description": key.about, **key.schema} for name, key in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean", "default": True}
_ALL: Schema = {"const": "all"}
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
_NAMES = array_of(text_like(_NAME))
_NAMES_OR_ALL: Schema = {"oneOf": [_ALL, _NAMES]}


# --- readers ---


def strings_like(pattern: str, what: str) -> Callable[[Table, str], tuple[str, ...] | None]:
    """Return the reader of an array of strings that *pattern* matches; *what* they are is said of those that it does not."""
    return lambda table, key: table.strings(
        key, lambda string: "" if re.fullmatch(pattern, string) else f"`{string}` is no {what}"
    )


def _commands(table: Table, key: str) -> tuple[Command, ...] | None:
    """Return the commands: each a string, split as a POSIX shell would, or an array of strings."""
    items = table.array(key)
    if items is None:
        return None
    commands = [_command(table, item, f"{key}[{index}]") for index, item in enumerate(items)]
    return tuple(command for command in commands if command is not None)


def _command(table: Table, item: object, key: str) -> Command | None:
    match item:
        case str():
            try:
                words = shlex.split(item)
            except ValueError:
                words = []
            if not words or not words[0]:
                table.problem("empty command, or a quotation that does not end,", key)
            elif problem := problem_of(item, IN_COMMANDS):
                table.problem(problem, key)
            return item
        case [_, *_]:
            words = [word for word in item if isinstance(word, str)]
            if len(words) < len(item) or not words[0]:
                table.problem("expected an array of strings, the first of them not empty,", key)
            elif problem := next(filter(None, (problem_of(word, IN_COMMANDS) for word in words)), ""):
                table.problem(problem, key)
            return tuple(words)
        case _:
            table.problem("expected a command: a string or an array of strings", key)
            return None


_VARIANT = r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?"


def _extras(table: Table, key: str) -> tuple[Variant, ...]:
    """Return the variants: one for ``"all"`` or an array of names, several for an array of arrays or a table of arrays."""
    match table.peek(key):
        case [list(), *_] as sets:
            return tuple(_variants_by_extras(table, key, sets))
        case dict():
            variants = table.table(key)
            for name in variants:
                if not re.fullmatch(_VARIANT, name):
                    variants.problem(f"`{name}` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only,")
            return tuple(Variant(name, variants.names_or_all(name) or ()) for name in variants)
        case _:
            return (Variant("", table.names_or_all(key) or ()),)


def _variants_by_extras(table: Table, key: str, sets: Sequence[object]) -> Iterator[Variant]:
    """Yield a variant for each array, named by its extras; the one without extras is ``none``."""
    seen: set[str] = set()
    for index, names in enumerate(sets):
        where = f"{key}[{index}]"
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            table.problem("expected an array of strings", where)
            continue
        extras = tuple(extra for name in names if (extra := table.normal(name, where)) is not None)
        variant = Variant("+".join(extras) or "none", extras)
        if variant.id in seen:
            table.problem(f"the variant `{variant.id}` is listed twice", where)
        seen.add(variant.id)
        yield variant


_PYTHON = (
    "([Cc][Pp][Yy][Tt][Hh][Oo][Nn]|[Pp][Yy][Pp][Yy]|[Gg][Rr][Aa][Aa][Ll][Pp][Yy]|[Pp][Yy][Tt][Hh][Oo][Nn])?"
    "-?[0-9]{1,4}([.][0-9]{1,4}){0,2}[Tt]?"
)


def _pythons(table: Table, key: str) -> Pythons | None:
    match table.peek(key):
        case "classifiers" | "requires-python" as rule:
            return rule
        case str() as other:
            table.problem(f'expected an array of versions, "classifiers" or "requires-python", got "{other}"', key)
            return None
        case _:
            return strings_like(_PYTHON, "Python version such as `3.12`")(table, key)


def _env(table: Table, key: str) -> Mapping[str, str]:
    variables = table.table(key)
    values = {name: value for name in variables if (value := variables.string(name)) is not None}
    for name, value in values.items():
        if not name or "=" in name or "\0" in name + value:
            variables.problem("no environment variable can have this name or value", name)
        elif problem := problem_of(value, IN_ENV):
            variables.problem(problem, name)
    return values


# Relative, without a step up, and with those placeholders first that are whole paths.
_DIRECTORY = r"(?!(.*[/\\])?[.][.]([/\\]|$))(?![/\\]|[A-Za-z]:)(?!.+\{(root|directory)\}).+"


def _directory(table: Table, key: str) -> str | None:
    """Return a path below the directory where commands run by default, or below the one that a placeholder names."""
    path = table.string(key)
    if path is not None:
        if not re.fullmatch(_DIRECTORY, path):
            table.problem(
                f"`{path}` is no path below the member or, with `{{root}}` before it, the workspace root", key
            )
        elif problem := problem_of(path, IN_DIRECTORY):
            table.problem(problem, key)
    return path


def _background(table: Table, key: str) -> tuple[Background, ...]:
    """Return the commands in the background, each with a name of its own: by default that of its program."""
    entries: list[Background] = []
    for entry in table.tables(key):
        entry.known_keys(_OF_BACKGROUND)
        if "command" not in entry:
            entry.problem("expected a command", "command")
            continue
        values = {"name": "", **read_keys(entry, _OF_BACKGROUND)}
        command = values.get("command")
        if command is None:
            continue
        program = command.split()[:1] if isinstance(command, str) else command[:1]
        values["name"] = values["name"] or "-".join(re.findall(r"[A-Za-z0-9]+", Path(*program).name)) or "background"
        if values["name"] in {background.name for background in entries}:
            entry.problem(f"another entry is called `{values['name']}` already: give each a `name` of its own,")
        entries.append(Background(**values))
    return tuple(entries)


def _one_command(table: Table, key: str) -> Command | None:
    return _command(table, table.peek(key), key)


def _background_name(table: Table, key: str) -> str | None:
    name = table.string(key)
    if name is not None and not re.fullmatch(_NAME, name):
        table.problem(f"`{name}` is no name: letters, digits, `-`, `_` and `.` only,", key)
    return name


def _ready(table: Table, key: str) -> Ready | None:
    ready = table.table(key)
    ready.known_keys(_OF_READY)
    kinds = [kind for kind in _OF_READY if kind in ready]
    if len(kinds) != 1 and isinstance(table.peek(key), dict):
        table.problem("expected one of `port`, `output` and `command`", key)
    values = read_keys(ready, _OF_READY)
    return next((Ready(kind, value) for kind, value in values.items()), None)  # type: ignore[arg-type] # its keys


def _port(table: Table, key: str) -> str | None:
    """Return a port, as the text of a number or of a placeholder."""
    value = table.peek(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(_PORT, value) or (value.isdecimal() and int(value) > 65535):
        table.problem("expected a TCP port: `{port}`, `{port:NAME}` or a number", key)
        return None
    return value


def _pattern(table: Table, key: str) -> str | None:
    text = table.string(key)
    try:
        re.compile(text or "")
    except re.error as error:
        table.problem(f"`{text}` is no regular expression ({error})", key)
    return text


def _seconds(table: Table, key: str) -> int | None:
    value = table.peek(key)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    table.problem("expected a number of seconds, 1 or more,", key)
    return None


# A program by its name alone, or a path, which may have spaces.
_PROGRAM = r"[^\s*?\0]+|[^*?\0]*[/\\][^*?\0]*"
# nox formats it, with `{python}` and its short form.
_REQUIRED = r"([^{}]|\{\{|\}\}|\{(python|py)\})+"

# A pattern with a slash in it is one of paths, and a dot alone is the path of the root.
_MEMBER_NAME = r"[A-Za-z0-9*?]([A-Za-z0-9._*?-]*[A-Za-z0-9*?])?"
_MEMBER_PATH = r"[.]|[^/\\\[\]\s][^\\\[\]]*/[^\\\[\]]*"
_MEMBER = f"({_MEMBER_NAME}|{_MEMBER_PATH})"
_PACKAGE = rf"{_MEMBER}(\s*\[\s*({_NAME})?\s*(,\s*({_NAME})?\s*)*\])?"


def _members(table: Table, key: str) -> tuple[str, ...] | None:
    """Return patterns of members, normalised."""
    patterns = table.strings(key, lambda text: _not_a_member(text, _MEMBER, "`name`, `lib-*` or `libs/*`"))
    return None if patterns is None else tuple(map(_normal_pattern, patterns))


def _packages(table: Table, key: str) -> tuple[MemberPattern, ...] | None:
    """Return patterns of members with extras; ``"all"`` is all."""
    match table.peek(key):
        case "all":
            return (MemberPattern("*"),)
        case str() as other:
            table.problem(f'expected "all" or an array of members, got "{other}"', key)
            return None
    forms = "`name`, `name[extra]`, `lib-*` or `libs/*`"
    packages = table.strings(key, lambda text: _not_a_member(text, _PACKAGE, forms))
    return None if packages is None else tuple(map(_package, packages))


def _not_a_member(text: str, form: str, examples: str) -> str:
    """Return what is wrong with *text*, which must have the *form* of a member's name, or of a pattern of names or paths."""
    if not re.fullmatch(form, text):
        return f"`{text}` is no member such as {examples}"
    pattern = text.partition("[")[0]
    problem = bad_pattern(Path("/"), pattern, by_component=False) if "/" in pattern else ""
    return f"`{text}`: {problem}" if problem else ""


def _package(text: str) -> MemberPattern:
    pattern, _, extras = text.partition("[")
    names = [name.strip() for name in extras.removesuffix("]").split(",")]
    return MemberPattern(
        _normal_pattern(pattern.strip()), tuple(dict.fromkeys(canonicalize_name(name) for name in names if name))
    )


def _normal_pattern(pattern: str) -> str:
    if "/" in pattern or pattern == ".":
        return pattern
    return re.sub(r"[-_.]+", "-", pattern).lower()


# --- the keys of every session ---

_COMMAND: Schema = {
    "oneOf": [
        {"type": "string", "pattern": r"[^ \t\r\n]"},
        {"type": "array", "items": [{"type": "string", "minLength": 1}], "additionalItems": STRING, "minItems": 1},
    ],
}
_PORT = r"\{port(:[A-Za-z0-9_-]+)?\}|[1-9][0-9]{0,4}"
_OF_READY: Keys = {
    "port": Key(
        "A TCP port of this machine that answers.",
        _port,
        {"oneOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, text_like(_PORT)]},
    ),
    "output": Key("A regular expression that its output matches.", _pattern, STRING),
    "command": Key("A command that succeeds; it is tried again until it does.", _one_command, _COMMAND),
}
_OF_BACKGROUND: Keys = {
    "command": Key("What runs, as in `commands`.", _one_command, _COMMAND),
    "name": Key("What it is called; by default like its program.", _background_name, text_like(_NAME)),
    "ready": Key(
        "When the session goes on: as soon as one of these holds. Without it, at once.",
        _ready,
        table_of(_OF_READY, minProperties=1, maxProperties=1),
    ),
    "timeout": Key(
        "How many seconds that may take, before the session fails.",
        _seconds,
        {"type": "integer", "minimum": 1, "default": 60},
    ),
    "log": Key(
        "The file that its output is written to, below the directory of the commands or `{root}`; by default one in the "
        "environment.",
        _directory,
        text_like(_DIRECTORY),
    ),
}
SETTINGS: Keys = {
    "commands": Key(
        "What a session runs, in order; without it, pytest where there are tests.", _commands, array_of(_COMMAND)
    ),
    "before": Key(
        "Commands that run first, before those in the background and before `commands` or pytest.",
        _commands,
        array_of(_COMMAND),
    ),
    "after": Key(
        "Commands that run last, each of them whatever happened before; the session fails if one of them does.",
        _commands,
        array_of(_COMMAND),
    ),
    "background": Key(
        "Commands that run beside the others, such as a server, and are ended with all that they started.",
        _background,
        array_of(table_of(_OF_BACKGROUND, required=["command"])),
    ),
    "directory": Key(
        "Where the commands run: a path below the member, or below `{root}`; by default the member itself, and the "
        "workspace root for several members or none.",
        _directory,
        text_like(_DIRECTORY),
    ),
    "groups": Key("Dependency groups of the member; by default uv's default groups.", Table.names, _NAMES),
    "root-groups": Key("Dependency groups of the workspace root, added to the session.", Table.names, _NAMES),
    "extras": Key(
        'Extras of the member: "all", an array of names, or variants, of which each is a session: an array of arrays '
        "or a table of arrays.",
        _extras,
        {
            "oneOf": [
                *_NAMES_OR_ALL["oneOf"],
                {**array_of(_NAMES), "minItems": 1},
                {"type": "object", "propertyNames": text_like(_VARIANT), "additionalProperties": _NAMES_OR_ALL},
            ]
        },
    ),
    "pythons": Key(
        "Python versions, or the rule that they follow, cut to what the workspace requires.",
        _pythons,
        {"oneOf": [{"enum": ["classifiers", "requires-python"]}, array_of(text_like(_PYTHON))]},
    ),
    "editable": Key(
        "Whether members are installed editable, or as the wheels that they build.", Table.boolean, BOOLEAN
    ),
    "env": Key(
        "Variables that the commands see; their values may have placeholders.",
        _env,
        {"type": "object", "propertyNames": text_like(r"[^=\0]+"), "additionalProperties": text_like(r"[^\0]*")},
    ),
    "external": Key(
        "Programs from outside of the environment that the commands may be, by name or path; `git` always.",
        strings_like(_PROGRAM, "program: its name alone, such as `docker`, or a path to it,"),
        array_of(text_like(_PROGRAM)),
    ),
    "tags": Key("Further tags for `nox -t`.", Table.strings, array_of(STRING)),
    "default": Key("Whether plain `nox` runs the session.", Table.boolean, BOOLEAN),
    "requires": Key(
        "Names of sessions that run before, as nox's own `requires`; nox fills in `{python}`.",
        strings_like(_REQUIRED, "session's name, in which `{python}` is the only placeholder,"),
        array_of(text_like(_REQUIRED)),
    ),
    "description": Key("What `nox -l` says of the session.", Table.string, STRING),
    "skip": Key("The reason for which the session is skipped.", Table.string, STRING),
}  # fmt: skip
"""The keys that every session understands: the fields of `Settings`."""

_MEMBERS = array_of(text_like(_MEMBER))
MEMBERS = Key(
    "The members that the sessions are for, by name (`lib-*`) or path (`libs/*`, `.` for the root); by default all.",
    _members,
    _MEMBERS,
)
EXCLUDE = Key("Members, as above, that have no such session.", _members, _MEMBERS)
PACKAGES = Key(
    'Members that are installed together: `name`, `name[extra]`, patterns of names (`lib-*`) or paths (`libs/*`), or "all"; '
    "with none at all, only groups of the root are installed.",
    _packages,
    {"oneOf": [_ALL, array_of(text_like(_PACKAGE))]},
)
