"""Placeholders in what a session runs, in its variables and its directory: ``{posargs}``, ``{root}`` and their kin.

A name in braces is a placeholder, and one that does not exist is refused when the configuration is read. ``{port}`` is a
free TCP port, and ``{port:NAME}`` one more for each name. All other braces stay as they are (``{}``, ``{print $1}``, ``{a: 1}``), as do those of the shell's ``${HOME}``; of several pairs around a
name one goes away, so that ``{{root}}`` is the text ``{root}``.
"""

from __future__ import annotations

import re
import shlex
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

_DEFAULT = r"(?:[^{}]|\{{1,2}[^{}]*\}{1,2})*"
_POSARGS = re.compile(rf"(?<!\$)\{{posargs(?::({_DEFAULT}))?\}}")
_PLACEHOLDER = re.compile(
    r"\{(?P<literal>\{+(?:[A-Za-z_]\w*|posargs:[^{}]*|port:[\w-]+)\}+)\}"
    r"|(?<!\$)\{(?P<name>[A-Za-z_]\w*|port:[\w-]+)\}"
    rf"|{_POSARGS.pattern}"
)
_PORT = re.compile(r"(?<![${])\{port:[^{}]*\}")
_WITH_DEFAULT = re.compile(rf"(?<![${{])\{{([A-Za-z_]\w*):{_DEFAULT}\}}")


def placeholders_in(text: str) -> Iterator[str]:
    """Yield the name of each placeholder in *text*, whether it exists or not."""
    for match in _PLACEHOLDER.finditer(text):
        if match["literal"] is None:
            yield (match["name"] or "posargs").partition(":")[0]
            yield from placeholders_in(match[3] or "")


def problem_of(text: str, known: Collection[str]) -> str:
    """Return what is wrong with the placeholders in *text*, where those *known* have a value, or an empty string."""
    # What is like `{posargs:default}` may as well be of another language, but for a misspelt name.
    misspelt = (name for name in _WITH_DEFAULT.findall(text) if name != "posargs" and near_miss(name, ["posargs"]))
    if broken := next((match[0] for match in _PORT.finditer(text) if not _PLACEHOLDER.fullmatch(match[0])), ""):
        return f"`{broken}` is no port: its name has letters, digits, `-` and `_` only,"
    for name in (*placeholders_in(text), *misspelt):
        if name in known:
            continue
        if name in IN_COMMANDS:
            return f"`{{{name}}}` has no value here, only {quoted(f'{{{other}}}' for other in known)} have,"
        guess = near_miss(name, known)
        meant = guess.replace("`", "`{", 1).replace("`?", "}`?") or f"literal braces are doubled: `{{{{{name}}}}}`"
        return f"unknown placeholder `{{{name}}}` ({meant})"
    return ""


def fill(text: str, value_of: Callable[[str], str], *, posargs: Sequence[str] = ()) -> str:
    """Return *text* with each placeholder replaced by the value of its name, ``{posargs}`` by *posargs* in one word."""

    def value(match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return match["literal"]
        name = match["name"] or "posargs"
        if name != "posargs":
            return value_of(name)
        return " ".join(posargs) or fill(match[3] or "", value_of)

    return _PLACEHOLDER.sub(value, text)


def expand(command: Command, value_of: Callable[[str], str], *, posargs: Sequence[str]) -> tuple[str, ...]:
    """Return the words of *command* with its placeholders filled.

    ``{posargs}`` becomes what follows ``--`` on nox's command line, ``{posargs:x y}`` the words ``x y`` if nothing
    follows; they may have placeholders in turn.

    A command is split before it is filled, and the result is not split again. So a word stays one word whatever
    fills it, except the word ``{posargs}``, which becomes as many as there are; inside a longer word they are joined.
    """
    filled: list[str] = []
    for word in _split(command) if isinstance(command, str) else command:
        if placeholder := _POSARGS.fullmatch(word):
            filled += posargs or (fill(default, value_of) for default in shlex.split(placeholder[1] or ""))
        else:
            filled.append(fill(word, value_of, posargs=posargs))
    return tuple(filled)


def _split(command: str) -> list[str]:
    """Split *command* as a shell does, but keep each placeholder, whose default may have spaces, in one word."""
    placeholders = (match[0] for match in _POSARGS.finditer(command))
    words = shlex.split(_POSARGS.sub("{posargs}", command))
    return [_POSARGS.sub(lambda match: next(placeholders, match[0]), word) for word in words]
