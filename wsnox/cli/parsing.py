"""What the words of a command line mean: a command with its arguments, help, or wrong usage."""

from __future__ import annotations

from argparse import Namespace
from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.cli.command_line import COMMANDS
from wsnox.errors import UsageError
from wsnox.text import near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.cli.command_line import Command
    from wsnox.colour import Choice

__all__ = ["color_of", "command_called", "command_of", "own_words", "parse"]


def parse(arguments: Sequence[str]) -> Namespace:
    """Return what *arguments* say, with the *module* to run; raise `UsageError` where they make no sense.

    Options before the command are its own. Without a command, and with ``--help``, it is `wsnox.cli.help`.
    """
    name, words = command_of(arguments)
    if name is None and not words:
        return Namespace(module="wsnox.cli.help", topic=None, color="auto", asked=False)
    if not {"-h", "--help"}.isdisjoint(own_words(arguments)):
        return Namespace(module="wsnox.cli.help", topic=name, color=color_of(arguments), asked=True)
    if name is None:
        raise UsageError(f"`wsnox` has no option `{words[0]}`", hint="a command comes first: `wsnox help` lists them")
    return command_called(name).parser().parsed(words)


def command_of(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the first of *arguments* that is no option, `None` if none is, and all others."""
    words = list(arguments)
    for at, word in enumerate(words):
        if not word.startswith("-") and words[at - 1 : at] not in (["--color"], ["--root"]):
            return word, words[:at] + words[at + 1 :]
    return None, words


def own_words(arguments: Sequence[str]) -> list[str]:
    """Return those of *arguments* that are for wsnox: what follows ``--`` is for another program."""
    words = list(arguments)
    return words[: words.index("--")] if "--" in words else words


def color_of(arguments: Sequence[str]) -> Choice:
    """Return the value of ``--color``, for an error about *arguments* that make no sense otherwise."""
    words = [part for word in own_words(arguments) for part in word.split("=", 1)]
    choices: dict[str, Choice] = {"auto": "auto", "always": "always", "never": "never"}
    given = [value for option, value in pairwise(words) if option == "--color"]
    return choices.get(given[-1], "auto") if given else "auto"


def command_called(name: str) -> Command:
    """Return the command called *name*; raise `UsageError` if there is none."""
    if name not in COMMANDS:
        hint = near_miss(name, COMMANDS) or "`wsnox help` lists the commands"
        raise UsageError(f"unknown command `{name}`", hint=hint)
    return COMMANDS[name]
