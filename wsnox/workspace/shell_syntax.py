"""What only a shell understands in a command: no shell runs one, so it is refused where the command is read.

A command that is a string is split into words as a POSIX shell splits it, and nothing more: ``&&``, ``>`` or ``$HOME``
would reach the program as arguments, and fail there or pass with less than was meant. What is quoted is text, and so are
the words of an array.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wsnox.text import quoted, toml_array

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command

__all__ = ["ShellSyntax", "shell_syntax_of", "without_program"]


class ShellSyntax(NamedTuple):
    """The *sentence* about it, which a place follows, and the *hint* how to do without."""

    sentence: str
    hint: str


_QUOTED = r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'"""
_WORD = re.compile(rf"""(?:[^\s"'\\]|{_QUOTED})+""", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_JOINS = re.compile(r"\s(?:&&|;)\s|;\s")
_FOR_A_SHELL = re.compile(
    r"(?P<operator>&&|\|\|?|&|;|[12&]?>>?(?!=).*|<(?!=).*)|.*(?P<end>;)|.*?(?P<variable>\$\{?[A-Za-z_]\w*\}?|\$\(|`).*", re.DOTALL
)  # fmt: skip


def shell_syntax_of(command: Command) -> ShellSyntax | None:
    """Return what in *command* needs a shell, `None` if nothing does."""
    if not isinstance(command, str):
        return without_program(command[0], " ".join(command[1:2]))
    words = _WORD.findall(command)
    if re.search(r"\\\w", words[0]):
        return ShellSyntax(f"`{words[0]}` loses its backslashes", "write `/`, or the command as an array of words")
    if first := without_program(words[0], " ".join(words[1:2])):
        return first
    for word in words:
        if match := _FOR_A_SHELL.fullmatch(re.sub(_QUOTED, '""', word, flags=re.DOTALL)):
            syntax = next(filter(None, match.groups()))
            return ShellSyntax(f"`{syntax}` needs a shell, and none runs,", _instead(syntax, command))
    return None


def _instead(syntax: str, command: str) -> str:
    """Return how to write the *command* with this *syntax*."""
    if syntax in ("&&", ";") and _JOINS.search(command):
        return f"write {quoted(map(str.strip, _JOINS.split(command)))} as commands of their own"
    if syntax == "&":
        return "see `background`"
    return f'to run one: `{toml_array(["sh", "-c", command])}`, with `external = ["sh"]`'


def without_program(word: str, argument: str = "") -> ShellSyntax | None:
    """Return what the first *word* of a command would do in a shell with its *argument*, if it can name no program."""
    assignment = _ASSIGNMENT.fullmatch(argument if word == "export" else word)
    if assignment:
        value = assignment[2].strip("\"'")
        return ShellSyntax(
            f"`{assignment[0]}` sets a variable in a shell, and none runs,",
            f"set `env = {{ {assignment[1]} = {toml_array([value])[1:-1]} }}`",
        )
    if word.startswith("-"):
        return ShellSyntax(f"`{word}` is an option, not a program,", "write a command and its arguments as one string")
    hint = _BUILTINS.get(word)
    return None if hint is None else ShellSyntax(f"`{word}` is a command of a shell, and none runs,", hint)


_BUILTINS = {
    "cd": "set `directory`",
    "pushd": "set `directory`",
    "source": "leave it out: the environment's programs are found first",
    ".": "leave it out: the environment's programs are found first",
    "export": "set `env`",
    "set": "leave it out: the first command that fails ends the session",
    "exit": "leave it out",
}
