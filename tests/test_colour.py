"""Who wants colour, and what is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wsnox.colour import Paint, wanted

if TYPE_CHECKING:
    from wsnox.colour import Choice


@pytest.mark.parametrize(
    ("choice", "variables", "in_terminal", "in_pipe"),
    [
        ("auto", "", True, False),
        ("auto", "TERM=dumb", False, False),
        ("auto", "NO_COLOR=1", False, False),
        ("auto", "NO_COLOR=", True, False),
        ("auto", "FORCE_COLOR=1", True, True),
        ("auto", "FORCE_COLOR=", True, False),
        ("auto", "FORCE_COLOR=1 TERM=dumb", True, True),
        ("auto", "FORCE_COLOR=1 NO_COLOR=1", False, False),
        ("auto", "CLICOLOR_FORCE=1", True, True),
        ("auto", "CLICOLOR_FORCE=0", True, False),
        ("always", "NO_COLOR=1 TERM=dumb", True, True),
        ("never", "FORCE_COLOR=1", False, False),
    ],
)
def test_wanted(choice: Choice, variables: str, in_terminal: bool, in_pipe: bool) -> None:  # noqa: FBT001 - parameters of a test
    """The option counts before the variables, `NO_COLOR` before those that force, and these before the terminal."""
    environ = dict(pair.split("=") for pair in variables.split())
    assert wanted(choice, environ, terminal=True) is in_terminal
    assert wanted(choice, environ, terminal=False) is in_pipe


def test_paint() -> None:
    """Without colour, a text stays as it is; an empty one is never painted."""
    assert Paint()("error:", "error") == "error:"
    assert Paint(wanted=True)("error:", "error") == "\x1b[1;31merror:\x1b[0m"
    assert Paint(wanted=True)("", "error") == ""
    text = "error: no `a`, no `b\n\n  hint: in note: c"
    assert Paint().sentence(text) == text
    assert Paint(wanted=True).sentence(text) == (
        "\x1b[1;31merror:\x1b[0m no \x1b[36m`a`\x1b[0m, no `b\n\n  \x1b[1;36mhint:\x1b[0m in note: c"
    )
