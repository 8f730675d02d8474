"""Help: where nothing is asked, of all commands and of one, as wide as the terminal."""

from __future__ import annotations

import re

import pytest

from wsnox.cli import main
from wsnox.cli.command_line import COMMANDS
from wsnox.cli.help import command_help, overview
from wsnox.colour import Paint


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The commands are listed, on stderr and with the exit code of wrong usage, as of uv: a script wanted something."""
    code, out, err = _said(capsys)
    assert (code, out) == (2, "")
    assert (0, err, "") == _said(capsys, "help") == _said(capsys, "--help") == _said(capsys, "-h")
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{command.summary[:20]}", err, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_one_command(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Three ways lead to it; it has a usage, all that the command takes, and an example."""
    said = _said(capsys, "help", name)
    assert said == _said(capsys, name, "--help") == _said(capsys, name, "-h", "--whatever")
    assert (said[0], said[2]) == (0, "")
    assert f"\nUsage: wsnox {name}" in said[1]
    assert "\nExamples:\n  # " in said[1]
    for action in COMMANDS[name].parser().arguments:
        assert (*action.option_strings, str(action.metavar))[0] in said[1]


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_width(name: str, width: int) -> None:
    """No line of prose is wider than the terminal; an example is one line, to be copied."""
    lines = [*(command_help(COMMANDS[name], Paint(), width) if name else overview(Paint(), width))]
    examples = {line for command in COMMANDS.values() for line, _ in command.examples}
    prose = [line for line in "\n".join(lines).split("\n") if line.strip() not in examples and "Usage:" not in line]
    assert max(map(len, prose)) <= max(width, 56)


def test_what_must_be_given_stands_in_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Options as well as arguments."""
    usage = "\nUsage: wsnox affected (--since REV | --explain PATH | --history N) [OPTIONS]\n"
    assert usage in _said(capsys, "help", "affected")[1]


def test_paint() -> None:
    """Colour changes no letter and no column."""
    plain, painted = ("\n".join(command_help(COMMANDS["why"], Paint(wanted), 80)) for wanted in (False, True))
    assert "\x1b[36m--extra E\x1b[0m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain
