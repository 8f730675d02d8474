"""What matters of a run: causes once, the grid, and a command that runs again what failed."""

from __future__ import annotations

import shlex

import pytest

from tests.runs.made import finding, outcome
from wsnox.runs.outline import Column, causes, duration, grid, headline, rerun_command, why, without_hint

EXIT = "Command pytest failed with exit code 1"


def test_one_cause_is_told_once() -> None:
    """What has nothing in common but the words of nox is not one cause; what is one cause is told where it began.

    The member that is to be changed comes before the one that only installs it.
    """
    stale = "`uv.lock` does not match"
    leak = finding("core", "requests")
    found = causes(
        [
            outcome("a-3.11", "failed", name="a", reason=EXIT, command="pytest -q"),
            outcome("a-3.12", "failed", name="a", reason=EXIT, command="pytest -q"),
            outcome("b", "failed", reason=EXIT, command="pytest -q"),
            outcome("c", "failed", reason="not run, for the same reason as `d`"),
            outcome("d", "failed", reason=stale),
            outcome("e", "failed", reason="not run, for the same reason as `d`"),
            outcome("b-user", "failed", reason=EXIT, command="pytest f", findings=(leak,)),
            outcome("core", "failed", reason=EXIT, command="pytest g", findings=({**leak, "version": "2"},)),
            outcome("f", "failed"),
            outcome("g", "failed"),
            outcome("h", "failed", reason="not run, for the same reason as `gone`"),
            outcome("i"),
        ]
    )
    assert [[session.session for session in cause.sessions] for cause in found] == [
        ["a-3.11", "a-3.12"],
        ["b"],
        ["d", "c", "e"],
        ["core", "b-user"],
        ["f"],
        ["g"],
        ["h"],
    ]
    assert found[2].reason == stale
    assert [item["module"] for item in found[3].findings] == ["requests"]


def test_the_grid() -> None:
    """A row a member, what several share last; a column for each task and Python, 3.9 before 3.10; variants share a cell."""
    sessions = [
        outcome("contracts", name="contracts", kind="integration", python="3.10"),
        outcome("z-3.10(cpu)", name="z", kind="test", python="3.10", variant="cpu"),
        outcome("z-3.10(cuda)", name="z", kind="test", python="3.10", variant="cuda"),
        outcome("z-3.9(cpu)", name="z", kind="test", python="3.9", variant="cpu"),
        outcome("a:types", name="a:types", kind="task", python="3.9"),
    ]
    table = grid(sessions)
    assert table.columns == (Column("tests", "3.9"), Column("tests", "3.10"), Column("types", "3.9"))
    assert [(name, [len(cell) for cell in cells]) for name, cells in table.rows] == [
        ("a", [0, 0, 1]),
        ("z", [1, 2, 0]),
        ("contracts", [0, 1, 0]),
    ]
    assert table.tells_more_than_a_list
    assert not grid([outcome("a"), outcome("b")]).tells_more_than_a_list


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


def test_why_a_session_failed() -> None:
    """A leak says more than nox does, and a command more than nothing."""
    leak = finding("a", "x")
    assert why(outcome("a", "failed", reason=EXIT, command="pytest", findings=(leak,))) == without_hint(leak)
    assert why(outcome("a", "failed", reason=EXIT, command="pytest -q")) == EXIT
    assert why(outcome("a", "failed", command="pytest -q")) == "`pytest -q` failed"
    assert why(outcome("a")) == ""


def test_a_sentence_without_its_hint() -> None:
    """A command stands where it can be copied, and not in the sentence as well."""
    assert without_hint(finding("a", "x")) == "a imports `x` (a.py:1), which it does not declare"
    assert without_hint({"sentence": "a cannot import `x`"}) == "a cannot import `x`"
