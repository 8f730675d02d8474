"""Placeholders in what a session runs, in its variables and its directory: ``{posargs}``, ``{root}`` and the like.

A name in braces is a placeholder, and one that does not exist is refused when the configuration is read. ``{port}`` is a
free TCP port, and ``{port:NAME}`` one more for each name. All other braces stay as they are (``{}``, ``{print $1}``,
``{a: 1}``), as do those of the shell's ``${HOME}``; of several pairs around a name one goes away, so that ``{{root}}`` is
the text ``{root}``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from wsnox.text import near_miss, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from wsnox.workspace.settings import Command

__all__ = ["IN_COMMANDS", "IN_DIRECTORY", "IN_ENV", "OF_ONE_MEMBER", "expand", "fill", "placeholders_in", "problem_of"]

IN_DIRECTORY = ("root", "directory", "member", "name")
IN_ENV = (*IN_DIRECTORY, "module", "port", "python")
IN_COMMANDS = ("posargs", *IN_ENV)
OF_ONE_MEMBER = frozenset({"name", "module"})
"""The placeholders that a session of several members, or of none, has no value for."""


_WITH_COLON = ("posargs", "port")
_PORT_NAME = r"[\w-]+"


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Return the pattern of what has the form of a placeholder; most workspaces have none, and need not wait for it."""
    rest = r"(?:[^{}]|\{{1,2}[^{}]*\}{1,2})*"
    literal = rf"\{{(?P<literal>\{{+(?:[A-Za-z_]\w*|posargs:{rest}|port:{_PORT_NAME})\}}+)\}}"
    return re.compile(rf"{literal}|(?<!\$)\{{(?P<name>[A-Za-z_]\w*)(?::(?P<rest>{rest}))?\}}")


def _in(text: str) -> Iterator[re.Match[str]]:
    return _pattern().finditer(text) if "{" in text else iter(())


def placeholders_in(text: str) -> Iterator[str]:
    """Yield the name of each placeholder in *text*, whether it exists or not."""
    for match in _in(text):
        if match["literal"] is None:
            # Any other name before a colon is as likely a text of another language.
            if match["rest"] is None or match["name"] in _WITH_COLON:
                yield match["name"]
            yield from placeholders_in(match["rest"] or "")


def problem_of(text: str, known: Collection[str]) -> str:
    """Return what is wrong with the placeholders in *text*, where those *known* have a value, or an empty string."""
    misspelt = []
    for match in _in(text):
        name, rest = match["name"], match["rest"]
        if name == "env" and re.fullmatch(r"[A-Z_][A-Z0-9_]*(:.*)?", rest or ""):
            return f"`{match[0]}` has no value: the commands inherit the variables of nox, and `env` sets others,"
        if rest is None or text[: match.start()].endswith("{"):
            continue
        if name == "port" and not re.fullmatch(_PORT_NAME, rest):
            return f"`{match[0]}` is not a port: its name has letters, digits, `-` and `_` only,"
        if name not in _WITH_COLON and near_miss(name, ["posargs"]):
            misspelt.append(name)
    for name in (*placeholders_in(text), *misspelt):
        if name in known:
            continue
        if name in IN_COMMANDS:
            return f"`{{{name}}}` has no value here, only {quoted(f'{{{other}}}' for other in known)} have,"
        guess = near_miss(name, known)
        others = f"known: {quoted(f'{{{other}}}' for other in known)}; for the text itself, `{{{{{name}}}}}`"
        meant = guess.replace("`", "`{", 1).replace("`?", "}`?") or others
        return f"unknown placeholder `{{{name}}}` ({meant})"
    return ""


def fill(text: str, value_of: Callable[[str], str], *, posargs: Sequence[str] = ()) -> str:
    """Return *text* with each placeholder replaced by the value of its name, ``{posargs}`` by *posargs* in one word."""

    def value(match: re.Match[str]) -> str:
        name, rest = match["name"], match["rest"]
        if match["literal"] is not None:
            return match["literal"]
        if name == "posargs":
            return " ".join(posargs) or fill(rest or "", value_of)
        if rest is None:
            return value_of(name)
        return value_of(f"{name}:{rest}") if name == "port" else f"{{{name}:{fill(rest, value_of, posargs=posargs)}}}"

    return _pattern().sub(value, text) if "{" in text else text


def expand(command: Command, value_of: Callable[[str], str], *, posargs: Sequence[str]) -> tuple[str, ...]:
    """Return the words of *command* with its placeholders filled.

    ``{posargs}`` becomes what follows ``--`` on nox's command line, ``{posargs:x y}`` the words ``x y`` if nothing
    follows; they may have placeholders in turn.

    A command is split before it is filled, and the result is not split again. So a word stays one word whatever
    fills it, except the word ``{posargs}``, which becomes as many as there are; inside a longer word they are joined.
    """
    filled: list[str] = []
    for word in _split(command) if isinstance(command, str) else command:
        match = _pattern().fullmatch(word) if "{" in word else None
        if match is not None and match["name"] == "posargs":
            filled += posargs or (fill(default, value_of) for default in _words(match["rest"] or ""))
        else:
            filled.append(fill(word, value_of, posargs=posargs))
    return tuple(filled)


def _split(command: str) -> list[str]:
    """Split *command* as a shell does, but keep each placeholder, whose default may have spaces, in one word."""
    if "{" not in command:
        return _words(command)
    placeholders = iter([match[0] for match in _in(command) if match["name"] == "posargs"])
    marked = _pattern().sub(lambda match: "{posargs}" if match["name"] == "posargs" else match[0], command)
    return [
        _pattern().sub(lambda match: next(placeholders) if match["name"] == "posargs" else match[0], word)
        for word in _words(marked)
    ]


def _words(text: str) -> list[str]:
    """Return the words of *text* as a POSIX shell has them."""
    import shlex  # noqa: PLC0415 - a listing fills no command

    return shlex.split(text)
