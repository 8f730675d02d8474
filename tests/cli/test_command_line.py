"""What the words of a command line mean, and what is said of those that mean nothing."""

from __future__ import annotations

import re
import shlex
from importlib import import_module

import pytest

from wsnox.cli import main
from wsnox.cli.command_line import COMMANDS
from wsnox.cli.parsing import color_of, parse


def test_every_command_can_be_run() -> None:
    """An entry has its module, and a summary that fits on a line of a list."""
    for command in COMMANDS.values():
        assert callable(import_module(f"wsnox.cli.{command.module or command.name}").run)
        assert len(command.summary) <= 68


@pytest.mark.parametrize("line", [line for command in COMMANDS.values() for line, _ in command.examples])
def test_examples_can_be_parsed(line: str) -> None:
    """What the help shows is right."""
    words = shlex.split(re.split(r" [|>] ", re.sub(r'[$()"]', "", line).removeprefix("eval "))[0])
    name, *rest = words[words.index("wsnox") + 1 :]
    assert parse([name, *rest]).module == f"wsnox.cli.{COMMANDS[name].module or name}"


@pytest.mark.parametrize(
    "words",
    [
        "list --color never --root a",
        "--color never list --root a",
        "--root=a list --color=never",
        "--root a --color never list",
    ],
)
def test_options_before_the_command(words: str) -> None:
    """They are the command's own, wherever they stand."""
    args = parse(words.split())
    assert (args.module, args.color, args.root) == ("wsnox.cli.list", "never", "a")


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("list", "auto"),
        ("--color always list", "always"),
        ("list --frozen --color=never", "never"),
        ("list --color pink", "auto"),
        ("list --color", "auto"),
        ("list -- --color always", "auto"),
    ],
)
def test_colour_of_a_line_that_is_wrong(words: str, choice: str) -> None:
    """Its error has the colours that were asked for; what is behind ``--`` is for another program."""
    assert color_of(words.split()) == choice


@pytest.mark.parametrize(
    ("words", "sentence", "hint"),
    [
        ("clsoure", "unknown command `clsoure`", "did you mean `closure`?"),
        ("frobnicate", "unknown command `frobnicate`", "`wsnox help` lists the commands"),
        ("help clsoure", "unknown command `clsoure`", "did you mean `closure`?"),
        ("--frozen", "`wsnox` has no option `--frozen`", "a command comes first: `wsnox help` lists them"),
        ("closure --frozen=1", "`wsnox closure` has no option `--frozen`", ""),
        ("closure --all-pack", "`wsnox closure` has no option `--all-pack`", "did you mean `--all-packages`?"),
        ("list project-a", "`wsnox list` has no argument `project-a`", ""),
        ("why", "`wsnox why` needs PACKAGE", ""),
        ("editor", "`wsnox editor` needs TOOL", ""),
        ("affected", "`wsnox affected` needs one of --since --explain --history", ""),
        ("list --root", "`--root` needs a value", ""),
        ("matrix --format github --report", "`--report` needs at least one value", ""),
        ("list --json=x", "`--json` takes no value, and got `x`", ""),
        ("export -o", "`-o` needs a value", ""),
        ("matrix --format githb", "`--format` cannot be `githb`", "did you mean `github`?"),
        ("list --color pink", "`--color` cannot be `pink`", "known: `always`, `auto`, `never`"),
        ("matrix --format github --shards 0", "`--shards` `0` is not a number above zero", ""),
        ("affected --since a --explain b", "`--explain` cannot be used with `--since`", ""),
        ("affected --history 2 --format markdown", "`--history` cannot be used with `--format`", ""),
        ("affected --explain a --format text", "`--explain` cannot be used with `--format`", ""),
        ("affected --explain a --all", "`--explain` cannot be used with `--all`", ""),
        ("diff a", "`wsnox diff` needs B, or `--session`", ""),
        ("closure a --session b", "`--session` cannot be used with `MEMBER`", ""),
        ("check --session a --session b", "`--session` may be given once", ""),
        ("check --python 3.12 --python 3.13", "`--python` may be given once", ""),
        ("list --platform linux --platform macos", "`--platform` may be given once", ""),
        ("closure a --all-packages", "`MEMBER` cannot be used with `--all-packages`", ""),
        ("export --extra x --all-extras", "`--extra` cannot be used with `--all-extras`", ""),
        ("why a b --only-group x --group y", "`--only-group` cannot be used with `--group`", ""),
        ("diff a b --only-group x --all-groups", "`--only-group` cannot be used with `--all-groups`", ""),
        ("closure --only-group x --extra y", "`--only-group` cannot be used with `--extra`", ""),
        ("closure --only-group x --all-extras", "`--only-group` cannot be used with `--all-extras`", ""),
    ],
    ids=lambda value: value if " " not in value or value.startswith("wsnox") else None,
)
def test_usage(capsys: pytest.CaptureFixture[str], words: str, sentence: str, hint: str) -> None:
    """Wrong usage is 2, whatever the workspace: one sentence, with the name that was meant or where to look."""
    code = main(words.split())
    printed = capsys.readouterr()
    hint = hint or f"`wsnox {words.split(maxsplit=1)[0]} --help` says what it takes"
    assert (code, printed.err) == (2, f"error: {sentence}\n\nhint: {hint}\n")
    assert printed.out == ("WSNOX_AFFECTED_FAILED\n" if words == "affected" else "")


@pytest.mark.parametrize(
    "words", ["affected --sinc main", "--color always affected", "affected --since main --python 3"]
)
def test_wrong_usage_of_affected_is_a_name_that_nox_refuses(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """The shell discards the exit code, wherever options stand."""
    assert main(words.split()) == 2
    assert capsys.readouterr().out == "WSNOX_AFFECTED_FAILED\n"
