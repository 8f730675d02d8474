"""How many sessions ended how, and what to say of that."""

from __future__ import annotations

import shlex

import pytest

from tests.runs.made import outcome
from wsnox.runs.outline import duration, headline, rerun_command


def test_the_command_that_runs_again() -> None:
    """A shell hands it to nox as it is."""
    command = rerun_command([outcome("a-3.12(cpu)"), outcome("it's(x='1 2')")])
    assert shlex.split(command) == ["nox", "-s", "a-3.12(cpu)", "it's(x='1 2')"]


def test_headlines() -> None:
    """What needs attention comes first, and a run in which nothing ran does not pass."""
    assert headline([outcome("a"), outcome("b", "aborted"), outcome("c", "failed")]) == "2 of 3 sessions failed"
    assert headline([outcome("a"), outcome("b", "skipped")]) == "1 session passed"
    assert headline([outcome("b", "skipped")]) == headline([]) == "No session ran"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.003, "3 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (83.2, "1 min 23 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    """No unit is shown that has become too small."""
    assert duration(seconds) == words
