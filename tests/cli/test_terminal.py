"""Colours and widths as a terminal and a pipe get them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.terminals import at_terminal

if TYPE_CHECKING:
    from pathlib import Path

WRONG = [sys.executable, "-m", "wsnox", "clsoure"]
PAINTED = (
    "\x1b[1;31merror:\x1b[0m unknown command \x1b[36m`clsoure`\x1b[0m\n\n"
    "\x1b[1;36mhint:\x1b[0m did you mean \x1b[36m`closure`\x1b[0m?\n"
)
PLAIN = "error: unknown command `clsoure`\n\nhint: did you mean `closure`?\n"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
@pytest.mark.parametrize(
    ("words", "variable", "shown"),
    [
        ([], "", PAINTED),
        ([], "NO_COLOR", PLAIN),
        (["--color", "never"], "FORCE_COLOR", PLAIN),
        (["--color=always"], "NO_COLOR", PAINTED),
    ],
)
def test_an_error_at_a_terminal(tmp_path: Path, words: list[str], variable: str, shown: str) -> None:
    """It has colours, unless somebody wants none."""
    environ = {variable: "1"} if variable else {}
    assert at_terminal([*WRONG, *words], cwd=tmp_path, columns=80, environ=environ) == shown


@pytest.mark.parametrize(
    ("variable", "shown"), [("TERM", PLAIN), ("FORCE_COLOR", PAINTED), ("CLICOLOR_FORCE", PAINTED)]
)
def test_an_error_in_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, shown: str) -> None:
    """It has none, unless somebody forces them."""
    monkeypatch.setenv(variable, "1")
    done = subprocess.run(WRONG, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", shown)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
@pytest.mark.parametrize(("columns", "variable", "most"), [(60, "", 60), (0, "", 80), (300, "", 100), (60, "90", 90)])
def test_the_width_of_a_terminal(tmp_path: Path, columns: int, variable: str, most: int) -> None:
    """It is the terminal's own, or what `COLUMNS` says; lines of prose are never longer than can be read."""
    environ = {"COLUMNS": variable, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "wsnox", "help", "closure"]
    shown = at_terminal(command, cwd=tmp_path, columns=columns, environ=environ)
    assert most - 12 <= max(map(len, shown.splitlines())) <= most
