"""Write the pages of `docs/reference` that say what the code says: `python docs/generate.py`."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox import errors, resolution_errors
from wsnox.cli.answer_parts import CHANGES, EVERYTHING, FINDING, SOURCE, one, several
from wsnox.cli.answers import ANSWERS, ERROR
from wsnox.cli.command_line import COMMANDS
from wsnox.cli.help import place, usage, value_of
from wsnox.noxfile.decorator_arguments import KEYS, Options
from wsnox.workspace.config import tool_schema

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.cli.command_line import Command

__all__ = ["PAGES", "REFERENCE", "page"]

REFERENCE = Path(__file__).parent / "reference"
Schema = dict[str, Any]

CONFIGURATION = """\
# Configuration

`[tool.wsnox]` in the `pyproject.toml` of the workspace root. A member's own `pyproject.toml` may have the same table for
that member alone, with the keys from `commands` to `skip`, `tasks`, `resolutions` and `imports`; its keys win. All keys are optional.
Unknown keys and wrong types are errors that name the file and the key.

```toml
[tool.wsnox]
commands = ["pytest {posargs}"]    # split as a POSIX shell would; or arrays
exclude = ["examples/*"]           # members without sessions of their own
groups = ["test"]                  # of the member; default: uv's for it
root-groups = ["test"]             # of the root, added to every session
extras = []                        # or "all", or variants: [["cpu"], ["cuda"]]
pythons = ["3.11", "3.12"]         # or "classifiers", or "requires-python"
external = ["docker"]              # programs from outside the environment

[tool.wsnox.tasks.types]           # project-a:types, one for each member
groups = ["typing"]
commands = ["mypy ."]

[tool.wsnox.integration.contracts] # one session over several members
packages = ["project-a", "project-b[cli]", "lib-*"]
groups = ["contracts"]
commands = ["pytest tests/contracts {posargs}"]

[tool.wsnox.integration.lint]      # groups of the root, and no member
packages = []
groups = ["lint"]
commands = ["ruff check"]
```

Sessions that need Python are [functions of the noxfile](api.md).

## In an editor

`wsnox schema` prints a JSON Schema with which an editor completes keys, shows what they mean, and marks mistakes; it needs no network.

```console
$ wsnox schema > wsnox.schema.json
```

Taplo and the editors that use it (Even Better TOML in VS Code, Zed, Helix, Neovim) take it for all manifests of the workspace:

`.taplo.toml`

```toml
[[rule]]
include = ["pyproject.toml", "**/pyproject.toml"]

[rule.schema]
path = "wsnox.schema.json"
```

or for one manifest, by its first line: `#:schema ./wsnox.schema.json`. The schema judges `[tool.wsnox]` alone. While it is in force, these editors do not fetch the one that they otherwise use for a `pyproject.toml`.
In PyCharm, map it to `pyproject.toml` under *JSON Schema Mappings*. `validate-pyproject` finds `[tool.wsnox]` by itself where wsnox is installed, and `check-jsonschema --schemafile wsnox.schema.json pyproject.toml` checks a file in CI.
"""
COMMANDS_PAGE = """\
# Commands

Data goes to stdout, everything else to stderr. `python -m wsnox` is the same as `wsnox`.
The [exit codes](exit-codes.md) tell the kinds of errors apart.

Every command also takes `--help`, as `wsnox help COMMAND`, and `--color auto|always|never`. By default there is colour on a
terminal; `NO_COLOR` turns it off, `FORCE_COLOR` and `CLICOLOR_FORCE` turn it on, also in a pipe. On a terminal, tables fit
its width; elsewhere nothing is cut, and a row is a line. [JSON](json.md) has a page of its own.

A shell completes commands, options and the names of a workspace with one line in its configuration, behind that which sets
up completion:

| shell | file | line |
| --- | --- | --- |
| bash | `~/.bashrc` | `eval "$(wsnox completion bash)"` |
| zsh | `~/.zshrc`, behind `autoload -U compinit && compinit` | `eval "$(wsnox completion zsh)"` |
| fish | `~/.config/fish/config.fish` | `wsnox completion fish \\| source` |
| PowerShell | `$PROFILE` | `wsnox completion powershell \\| Out-String \\| Invoke-Expression` |
"""
JSON_PAGE = """\
# JSON

With `--json`, a command writes one object to stdout. Its `version` changes whenever a name or a type does. `wsnox schema COMMAND` prints its JSON Schema (draft 7).

One name means one thing in all answers. Every property is always there, and null where there is nothing to say; only sources and reasons have properties of their kind alone. Below, `members[].name` is the name of each member, and a *string?* may be null.

If a command fails, stdout has one object with `error` in place of the answer, and stderr the same sentence as without `--json`: a program that reads stdout always gets JSON, and a person who reads the log sees what is wrong. That a package is not in a closure, or that two closures differ, is an answer and no error; the exit code is 1 as ever.

"""
EXIT_CODES = """\
# Exit codes

An error is one sentence that names the file and key, or the member, and where there is something to do a `hint:`.
The command ends with these codes; in a session of nox the same sentence ends the session, and nox exits with 1; a noxfile that cannot be used ends nox with the code itself.
`wsnox run` and `wsnox shell` end with the exit code of what they run, once that runs.

| code | meaning |
| --- | --- |
| 0 | done |
| 1 | a question was answered with no: `diff` found a difference, `why` found no chain, `check` found something wrong; or a file could not be read or written |
"""
API = """\
# Python

What a `noxfile.py` may use. Everything else in the package may change.

```python
@wsnox.member(groups=["typing"], members=["lib-*"])  # lib-core:types, and one for each other match
def types(session, member):
    session.run("mypy", ".")


@wsnox.integration("project-a", "project-b[cli]", groups=["contracts"])
def contracts(session, members):
    session.run("pytest", "tests/contracts", *session.posargs)
```

The functions get a plain `nox.Session`, already synced, proven and in its directory.

```{eval-rst}
.. autofunction:: wsnox.sessions

.. autodecorator:: wsnox.member

.. autodecorator:: wsnox.integration

.. autofunction:: wsnox.coverage

.. py:class:: wsnox.Member

   A member of the workspace, as the functions of a noxfile get it. It cannot be changed.

   .. py:attribute:: name
      :type: str

      The normalised name of its distribution: ``lib-core``.

   .. py:attribute:: directory
      :type: pathlib.Path

      Its directory, absolute.

   .. py:attribute:: path
      :type: str

      The same, relative to the workspace root and with ``/`` on every system; ``.`` for the root itself.

   .. py:attribute:: manifest

      What is read of its ``pyproject.toml``.

.. py:exception:: wsnox.WsnoxError

   The base of all errors that wsnox raises: one sentence, and a hint where there is something to do.
   The :doc:`exit codes <exit-codes>` list them.
```

## Options

The keyword arguments of `wsnox.member` and `wsnox.integration`. Each overrides the key of the same name in `[tool.wsnox]`, with underscores for hyphens, and an argument that is not given leaves the key in force.

| argument | type | default | meaning |
| --- | --- | --- | --- |
"""


def page(name: str) -> str:
    """Return the text of the page called *name*."""
    return "\n".join(PAGES[name]()).rstrip() + "\n"


# --- configuration, from the keys ---


def _configuration() -> Iterator[str]:
    yield CONFIGURATION
    yield from _table("tool.wsnox", tool_schema(), {})


def _table(name: str, table: Schema, above: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the section of *table*: its own keys, and then the tables in it; keys that stand *above* are not repeated."""
    properties: dict[str, Schema] = table["properties"]
    own = {key: value for key, value in properties.items() if above.get(key) != value}
    tables = {key: inner for key, value in own.items() if (inner := _inner(value))}
    rows = {key: value for key, value in own.items() if key not in tables or "oneOf" in value}
    shown = f"[[{name.removesuffix('[]')}]]" if name.endswith("[]") else f"[{name}]"
    yield f"## `{shown}`\n"
    if table.get("description"):
        yield f"{table['description']}\n"
    if len(own) < len(properties):
        yield f"The keys of `[tool.wsnox]` from `commands` to `skip`, for what this table is about{', and:' if rows else '.'}\n"
    if rows:
        yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
        yield from (_row(key, value, table) for key, value in rows.items())
        yield ""
    for key, (title, held) in tables.items():
        yield from _table(f"{name.removesuffix('[]')}.{key}{title}", held, {**above, **own})


def _inner(value: Schema) -> tuple[str, Schema] | None:
    """Return the table that *value* holds and what follows its name: a name of the user's, brackets for an array."""
    for form in (value, *value.get("oneOf", ())):
        for title, held in (("", form), (".NAME", form.get("additionalProperties")), ("[]", form.get("items"))):
            if isinstance(held, dict) and "properties" in held:
                return title, {**held, "description": value["description"]}
    return None


def _row(key: str, value: Schema, table: Schema) -> str:
    must = " (required)" if key in table.get("required", ()) else ""
    cells = [f"`{key}`{must}", _kind(value), _default(value), value["description"]]
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _default(value: Schema) -> str:
    return f"`{str(value['default']).lower()}`" if "default" in value else ""


def _kind(value: Schema) -> str:
    """Return in words what a value must be."""
    if "enum" in value or "const" in value:
        return " or ".join(f'`"{word}"`' for word in value.get("enum", [value.get("const")]))
    if "oneOf" in value:
        return ", or ".join(dict.fromkeys(_kind(form) for form in value["oneOf"]))
    match value["type"]:
        case "array":
            items = value["items"]
            return f"array of {_plural(_kind(items[0] if isinstance(items, list) else items))}"
        case "object" if "properties" in value:
            return "table"
        case "object":
            return f"table of {_plural(_kind(value['additionalProperties']))}"
        case kind:
            return str(kind)


def _plural(kind: str) -> str:
    return "strings or arrays of strings" if ", or " in kind else re.sub(r"^(string|array|table)", r"\1s", kind)


# --- commands, from the command line ---


def _commands() -> Iterator[str]:
    yield COMMANDS_PAGE
    for group, commands in groupby(COMMANDS.values(), key=lambda command: command.group):
        yield f"| {group} | |\n| --- | --- |"
        yield from (f"| [`wsnox {each.name}`](#wsnox-{each.name}) | {_cell(each.summary)} |" for each in commands)
        yield ""
    for command in COMMANDS.values():
        yield from _command(command)


def _command(command: Command) -> Iterator[str]:
    parser = command.parser()
    needed = [action for options in parser.needed for action in options if len(options) == 1]
    actions = sorted(parser.arguments, key=lambda action: bool(action.option_strings))
    yield f"## wsnox {command.name}\n\n```text\nwsnox {command.name}{usage(parser)}\n```\n\n{command.description}\n"
    yield from ("```text", *(f"{line}   # {meaning}" for line, meaning in command.examples), "```\n")
    yield "| argument | takes | default | meaning |\n| --- | --- | --- | --- |"
    for action in actions:
        if action.dest not in ("help", "color"):
            shown = "`, `".join(action.option_strings) or place(action)
            mark = " (required)" if action in needed else ""
            value = f"`{value_of(action)}`" if action.option_strings and value_of(action) else ""
            cells = [f"`{shown}`{mark}", value, *reversed(_meaning(action))]
            yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""


def _meaning(action: argparse.Action) -> tuple[str, str]:
    """Return what an argument means, and its default."""
    meaning, _, default = (action.help or "").partition("; default: ")
    if not default and isinstance(action.default, str) and action.default not in (*meaning.split(), "==SUPPRESS=="):
        default = action.default
    return meaning, default


# --- Python, from the keyword arguments ---


def _api() -> Iterator[str]:
    properties: dict[str, Schema] = tool_schema()["properties"]
    types = Options.__annotations__
    cells = (
        [
            f"`{name}`",
            f"`{_annotation(types[name])}`",
            _default(properties[key]).title(),
            properties[key]["description"],
        ]
        for name, key in KEYS.items()
    )
    yield API + "\n".join("| " + " | ".join(map(_cell, each)) + " |" for each in cells)


def _annotation(annotation: Any) -> str:
    return str(getattr(annotation, "__forward_arg__", annotation))


# --- exit codes, from the errors ---


def _exit_codes() -> Iterator[str]:
    kinds = sorted(errors.WsnoxError.__subclasses__(), key=lambda kind: kind.exit_code)
    yield EXIT_CODES + "\n".join(f"| {kind.exit_code} | {_summary(kind)} |" for kind in kinds) + "\n"
    for kind in kinds:
        yield f"## {kind.exit_code}: {_summary(kind)}\n"
        yield "| error | when |\n| --- | --- |"
        yield from (f"| `{each.__name__}` | {_summary(each)} |" for each in _leaves(kind))
        yield ""


def _leaves(kind: type[errors.WsnoxError]) -> Iterable[type[errors.WsnoxError]]:
    order = (*errors.__all__, *resolution_errors.__all__)
    return sorted(kind.__subclasses__() or [kind], key=lambda each: order.index(each.__name__))


def _summary(kind: type[errors.WsnoxError]) -> str:
    """Return the first paragraph of a docstring, without its marks and its full stop."""
    text = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    return _cell(re.sub(r"\*(\w+)\*", r"\1", text.replace("``", "`")).removesuffix("."))


def _cell(text: str) -> str:
    """Return *text* as it may stand in a table."""
    return text.replace("|", "\\|")


# --- JSON, from the schemas ---

PARTS = {
    "source": SOURCE,
    "change": CHANGES["items"],
    "reason": EVERYTHING["items"],
    "finding": several("", FINDING)["items"],
}
"""What many answers have, told once, by the names of their sections."""


def _json() -> Iterator[str]:
    yield JSON_PAGE
    yield from _properties("In place of an answer", one("", ERROR))
    for name, part in PARTS.items():
        yield from _properties(f"A {name}", part)
    for command, answers in ANSWERS.items():
        for option, answer in answers.items():
            yield from _properties(f"wsnox {command}{f' {option}' if option else ''}", one("", answer))


def _properties(title: str, schema: Schema) -> Iterator[str]:
    yield f"## {title}\n\n| property | type | meaning |\n| --- | --- | --- |"
    for path, value in _flat(schema, ""):
        yield f"| `{path}` | {_json_kind(value)} | {_cell(value['description'])} |"
    yield ""


def _flat(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Yield each property of *schema* and of what is in it, with its path; parts that have a section are not opened."""
    for name, value in schema.get("properties", {}).items():
        yield f"{path}{name}", value
        inner, brackets = value, ""
        while "items" in inner:
            inner, brackets = inner["items"], f"{brackets}[]"
        if _part(inner) is None:
            yield from _flat(inner, f"{path}{name}{brackets}.")


def _part(schema: Schema) -> str | None:
    """Return the name of the part that *schema* is, null or not."""
    return next((name for name, part in PARTS.items() if part["properties"] == schema.get("properties")), None)


def _json_kind(value: Schema) -> str:
    """Return in words what *value* must be."""
    if "enum" in value or "const" in value:
        return " or ".join(f"`{json.dumps(choice)}`" for choice in value.get("enum", [value.get("const")]))
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    name = " or ".join(kind for kind in kinds if kind != "null") + ("?" if "null" in kinds else "")
    part = _part(value.get("items", value))
    name = f"[{part}](#a-{part})" + ("?" if "null" in kinds else "") if part and name.startswith("object") else name
    if "items" not in value or kinds[0] != "array":
        return name
    if part:
        return f"array of [{part}s](#a-{part})"
    return f"array of {_json_kind(value['items'])}s{'?' if 'null' in kinds else ''}"


PAGES = {
    "configuration.md": _configuration,
    "commands.md": _commands,
    "json.md": _json,
    "api.md": _api,
    "exit-codes.md": _exit_codes,
}

if __name__ == "__main__":
    for each in PAGES:
        (REFERENCE / each).write_text(page(each), encoding="utf-8", newline="\n")
