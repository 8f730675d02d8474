"""``wsnox help`` and ``--help``: the commands in groups, or what one of them takes, as wide as a reader's lines are.

argparse writes a usage of all options, and other help in each version of Python; so the text is made here.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from wsnox.cli.command_line import COMMANDS
from wsnox.cli.parsing import command_called
from wsnox.cli.terminal import paint_for, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.cli.arguments import CommandParser
    from wsnox.cli.command_line import Command
    from wsnox.colour import Paint

__all__ = ["command_help", "overview", "place", "run", "usage", "value_of"]

_WIDEST = 100
"""Lines that are longer than this are hard to read."""
_TERM = 26
"""Where the meanings of arguments begin at most; one that is longer has its meaning below it."""
_FIRST = (
    ("wsnox init", "begin in a workspace that has a `uv.lock`"),
    ("wsnox check", "find what is wrong without installing anything"),
    ("wsnox why project-a pyhumps", "see what brings a package into a member"),
)


def run(args: argparse.Namespace) -> int:
    """Print the help that *args* ask for; where none was *asked* for, the command line lacks a command, as it does for uv."""
    stream = sys.stdout if args.asked else sys.stderr
    paint, width = paint_for(stream, args.color), min(width_of(stream) or 80, _WIDEST)
    lines = overview(paint, width) if args.topic is None else command_help(command_called(args.topic), paint, width)
    print("\n".join(lines), file=stream)
    return 0 if args.asked else 2


def overview(paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines that say which commands there are."""
    column = max(map(len, COMMANDS)) + 2
    yield from _paragraph(
        "One nox session for each member of a uv workspace, each in exactly its locked closure.", width
    )
    yield f"\n{paint('Usage:', 'heading')} {paint('wsnox', 'name')} [OPTIONS] COMMAND"
    for group, commands in groupby(COMMANDS.values(), key=lambda command: command.group):
        yield f"\n{paint(f'{group}:', 'heading')}"
        yield from _pairs(((command.name, command.summary) for command in commands), column, paint, width)
    yield f"\n{paint('Options:', 'heading')}"
    yield from _pairs((("-h, --help", "show this help"), ("-V, --version", "show the version")), 15, paint, width)
    yield f"\n{paint('Examples:', 'heading')}"
    yield from _examples(_FIRST, paint)
    yield "\n`wsnox help COMMAND` says more about a command."


def command_help(command: Command, paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines that say what *command* does and takes."""
    parser = command.parser()
    column = min(_TERM, max(len(_term(action)) for action in parser.arguments) + 2)
    yield from _paragraph(command.description, width)
    yield f"\n{paint('Usage:', 'heading')} {paint(f'wsnox {command.name}', 'name')}{usage(parser)}"
    for title, (about, actions) in parser.groups.items():
        yield f"\n{paint(f'{title.capitalize()}:', 'heading')}"
        yield from _paragraph(about, width, "  ")
        yield from _pairs(((_term(action), _meaning(action)) for action in actions), column, paint, width)
    yield f"\n{paint('Examples:', 'heading')}"
    yield from _examples(command.examples, paint)


def usage(parser: CommandParser) -> str:
    """Return what follows the name of the command in its usage."""
    actions = parser.arguments
    needed = "".join(f" {_alternatives(options)}" for options in parser.needed)
    places = "".join(f" {place(action)}" for action in actions if not action.option_strings)
    return f"{needed} [OPTIONS]{places}{f' -- {parser.words}...' if parser.words else ''}"


def _alternatives(options: Sequence[argparse.Action]) -> str:
    texts = [f"{option.option_strings[-1]} {value_of(option)}" for option in options]
    return texts[0] if len(texts) == 1 else f"({' | '.join(texts)})"


def place(action: argparse.Action) -> str:
    """Return how the argument *action* without an option stands in a usage."""
    forms = {"*": "[{}]...", "+": "{}...", "?": "[{}]", argparse.REMAINDER: "[{}]..."}
    return forms.get(str(action.nargs), "{}").format(action.metavar)


def value_of(action: argparse.Action) -> str:
    """Return what the option *action* takes, empty for a flag."""
    value = "" if action.nargs == 0 else str(action.metavar or "|".join(map(str, action.choices or ())))
    return f"{value}..." if action.nargs == "+" else value


def _term(action: argparse.Action) -> str:
    return f"{', '.join(action.option_strings)} {value_of(action)}".strip() or str(action.metavar)


def _meaning(action: argparse.Action) -> str:
    """Return what *action* means, with its default where that is not said."""
    told = not action.option_strings or not isinstance(action.default, str) or action.default in str(action.help)
    return f"{action.help}" if told else f"{action.help}; default: {action.default}"


def _paragraph(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _pairs(pairs: Iterable[tuple[str, str]], column: int, paint: Paint, width: int) -> Iterator[str]:
    """Yield each term with its meaning beside it, or below where the term is long."""
    for term, meaning in pairs:
        lines = _paragraph(meaning, width - column - 2)
        # A painted term is longer than it looks.
        gap = " " * (column - len(term))
        first = [lines.pop(0)] if len(term) < column else []
        yield f"  {paint(term, 'name')}{gap}{''.join(first)}".rstrip()
        yield from (f"{' ' * (column + 2)}{line}" for line in lines)


def _examples(examples: Iterable[tuple[str, str]], paint: Paint) -> Iterator[str]:
    for line, meaning in examples:
        yield paint(f"  # {meaning}", "faint")
        yield f"  {line}"
