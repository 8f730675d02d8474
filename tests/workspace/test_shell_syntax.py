"""What only a shell understands is refused with the way to do without; what merely looks like it is a word."""

from __future__ import annotations

import pytest

from wsnox.workspace.shell_syntax import shell_syntax_of
from wsnox.workspace.tables import Table

NO_SHELL = "needs a shell, and none runs, in `t.commands[0]`"
SET_SHELL = 'to run one: `["sh", "-c", "{}"]`, with `external = ["sh"]`'


def _problems(command: object, tmp: str = "x") -> list[str]:
    from pathlib import Path

    from wsnox.workspace.config import read_config

    problems: list[str] = []
    read_config(Table({"commands": [command]}, path=Path(tmp), where="t", problems=problems))
    return problems


@pytest.mark.parametrize(
    ("command", "sentence", "hint"),
    [
        ("pytest -q && mypy .", f"`&&` {NO_SHELL}", "write `pytest -q`, `mypy .` as commands of their own"),
        ("pytest; mypy", f"`;` {NO_SHELL}", "write `pytest`, `mypy` as commands of their own"),
        ("pytest ; mypy", f"`;` {NO_SHELL}", "write `pytest`, `mypy` as commands of their own"),
        ("server &", f"`&` {NO_SHELL}", "see `background`"),
        *[
            (f"pytest {rest}", f"`{syntax}` {NO_SHELL}", SET_SHELL.format(f"pytest {rest}"))
            for rest, syntax in [
                ("|| true", "||"),
                ("| tee x", "|"),
                (">x", ">x"),
                ("2>&1", "2>&1"),
                ("< x", "<"),
                ("-k $NAME", "$NAME"),
                ("--rootdir=${HOME}/x", "${HOME}"),
                ("$(pwd)", "$("),
                ("`pwd`", "`"),
            ]
        ],
        ("cd src", "`cd` is a command of a shell, and none runs, in `t.commands[0]`", "set `directory`"),
        (["cd", "src"], "`cd` is a command of a shell, and none runs, in `t.commands[0]`", "set `directory`"),
        *[
            (command, "`A=x y` sets a variable in a shell, and none runs, in `t.commands[0]`", 'set `env = { A = "x y" }`')
            for command in (["A=x y", "pytest"], ["export", "A=x y"])
        ],
        ("A=1 pytest", "`A=1` sets a variable in a shell, and none runs, in `t.commands[0]`", 'set `env = { A = "1" }`'),
        (
            "tools\\run.bat x",
            "`tools\\run.bat` loses its backslashes in `t.commands[0]`",
            "write `/`, or the command as an array of words",
        ),
        (
            "-q",
            "`-q` is an option, not a program, in `t.commands[0]`",
            "write a command and its arguments as one string",
        ),
    ],
)  # fmt: skip
def test_refused(command: object, sentence: str, hint: str) -> None:
    """The command would start something else, or fail at an argument: it is told when the configuration is read."""
    assert _problems(command) == [f"{sentence} ({hint})"]


@pytest.mark.parametrize(
    "command",
    [
        "pytest -k 'a or b' -m \"not slow\" {posargs:tests -x}",
        "sh -c 'cd src && pytest > $HOME/x; ls'",
        'python -c "import a; print(a)"',
        r"find . -exec rm {} \;",
        "awk '{print $1}' $1 a$ x|y k=v --url=http://h/?a=1&b=2 a>=1 >=3.10 a;b",
        ["pytest", "&&", "$HOME", "2>&1", "|", "a;"],
        "cdk deploy",
        r"grep a\.b my\ file",
        ["tools\\run.bat"],
        "set-up x",
        "./cd",
    ],
)
def test_words(command: str | list[str]) -> None:
    """What is quoted, or a word of an array, reaches the program as it stands; so does what a shell leaves alone, too."""
    assert shell_syntax_of(command if isinstance(command, str) else tuple(command)) is None
    assert _problems(command) == []
