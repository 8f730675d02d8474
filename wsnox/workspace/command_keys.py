"""The keys that say what a session runs, where, with which variables and beside what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.workspace.keys import NAME, STRING, Key, array_of, read_keys, strings_like, table_of, text_like
from wsnox.workspace.placeholders import IN_COMMANDS, IN_DIRECTORY, IN_ENV, problem_of
from wsnox.workspace.settings import Background, Ready

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.workspace.keys import Keys, Schema
    from wsnox.workspace.settings import Command
    from wsnox.workspace.tables import Table

__all__ = ["RUNNING"]

_QUOTING = frozenset("'\"\\")


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
            words = _words(item)
            if not words or not words[0]:
                table.problem("empty command, or a quotation that does not end,", key)
            elif problem := problem_of(item, IN_COMMANDS):
                table.problem(problem, key)
            else:
                _refuse_shell_syntax(table, item, key)
            return item
        case [_, *_]:
            words = [word for word in item if isinstance(word, str)]
            if len(words) < len(item) or not words[0]:
                table.problem("expected an array of strings, the first of them not empty,", key)
            elif problem := next(filter(None, (problem_of(word, IN_COMMANDS) for word in words)), ""):
                table.problem(problem, key)
            else:
                _refuse_shell_syntax(table, tuple(words), key)
            return tuple(words)
        case _:
            table.problem("expected a command: a string or an array of strings", key)
            return None


def _words(command: str) -> list[str]:
    """Return the words of *command* as a POSIX shell has them, none where a quotation does not end."""
    if _QUOTING.isdisjoint(command):
        return command.split()
    import shlex  # noqa: PLC0415 - most commands quote nothing

    try:
        return shlex.split(command)
    except ValueError:
        return []


def _refuse_shell_syntax(table: Table, command: Command, key: str) -> None:
    # Most commands have none of it, and need not wait for the module.
    if re.search(_MAYBE_SHELL, command if isinstance(command, str) else command[0]):
        from wsnox.workspace.shell_syntax import shell_syntax_of  # noqa: PLC0415 - see above

        if syntax := shell_syntax_of(command):
            table.problem(syntax.sentence, key, hint=syntax.hint)


_MAYBE_SHELL = r"[&|;<>$`]|^\s*(\S*\\|\w+=|-|(\.|cd|exit|export|pushd|set|source)(\s|$))"


def _env(table: Table, key: str) -> Mapping[str, str]:
    variables = table.table(key)
    values = {name: value for name in variables if (value := variables.string(name)) is not None}
    for name, value in values.items():
        if not name or "=" in name or "\0" in name + value:
            variables.problem("no environment variable can have this name or value", name)
        elif problem := problem_of(value, IN_ENV):
            variables.problem(problem, name)
        elif re.search(rf"\$\{{?{re.escape(name)}\b", value):
            hint = f"set `{name}` where nox is started: the commands inherit it"
            variables.problem(f"no shell fills in `${name}`", name, hint=hint)
    return values


# Relative, without a step up, and with those placeholders first and alone between slashes that are whole paths.
_DIRECTORY = (
    r"(?!(.*[/\\])?[.][.]([/\\]|$))(?![/\\~]|[A-Za-z]:)(?!.+\{(root|directory)\})(?!\{(root|directory)\}[^/\\]).+"
)


def _directory(table: Table, key: str) -> str | None:
    """Return a path below the directory where commands run by default, or below the one that a placeholder names."""
    path = table.string(key)
    if path is not None:
        if not re.fullmatch(_DIRECTORY, path):
            table.problem(
                f"`{path}` is not a path below the member or, with `{{root}}` before it, the workspace root", key
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
    if name is not None and not re.fullmatch(NAME, name):
        table.problem(f"`{name}` is not a name: letters, digits, `-`, `_` and `.` only,", key)
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
        table.problem(f"`{text}` is not a regular expression ({error})", key)
    return text


def _seconds(table: Table, key: str) -> int | None:
    value = table.peek(key)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    table.problem("expected a number of seconds, 1 or more,", key)
    return None


# A program by its name alone, or a path, which may have spaces.
_PROGRAM = r"[^\s*?\x00]+|[^*?\x00]*[/\\][^*?\x00]*"

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
    "name": Key("What it is called; by default like its program.", _background_name, text_like(NAME)),
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
RUNNING: Keys = {
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
    "env": Key(
        "Variables that the commands see; their values may have placeholders.",
        _env,
        {"type": "object", "propertyNames": text_like(r"[^=\x00]+"), "additionalProperties": text_like(r"[^\x00]*")},
    ),
    "external": Key(
        "Programs from outside of the environment that the commands may be, by name or path; `git` always.",
        strings_like(_PROGRAM, "program: its name alone, such as `docker`, or a path to it,"),
        array_of(text_like(_PROGRAM)),
    ),
}  # fmt: skip
