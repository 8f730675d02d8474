"""Why sessions failed: each cause once."""

from __future__ import annotations

from tests.runs.made import finding, outcome
from wsnox.runs.causes import causes, why, without_hint

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
