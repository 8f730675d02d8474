"""What nox reports, read as a run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runs.made import reported
from wsnox.runs.nox_report import run_of_report


def test_a_session_of_a_variant_on_a_python() -> None:
    """Python and variant are told from what nox calls the session."""
    row = reported("a:types-3.12(cpu)", 2, "failed", name="a:types", reason="Command mypy failed")
    (session,) = run_of_report({"sessions": [row]}).sessions
    assert (session.session, session.name) == ("a:types-3.12(cpu)", "a:types")
    assert (session.python, session.variant, session.seconds) == ("3.12", "cpu", 2)
    assert (session.result, session.reason) == ("failed", "Command mypy failed")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "it has no list of `sessions`"),
        ({}, "it has no list of `sessions`"),
        ({"sessions": 1}, "it has no list of `sessions`"),
        ({"sessions": [{"name": "a"}]}, "a session has no 'signatures'"),
        ({"sessions": [reported("a", result="lost")]}, "a session has no 'lost'"),
        ({"sessions": [1]}, "a session is not what nox writes"),
        ({"sessions": [{**reported("a"), "duration": "long"}]}, "could not convert"),
        ({"sessions": [{**reported("a"), "duration": float("inf")}]}, "a session has the `duration` inf"),
        ({"sessions": [{**reported("a"), "signatures": 1}]}, "a session is not what nox writes"),
    ],
)
def test_anything_else_is_refused(data: Any, problem: str) -> None:
    """A broken report must not count as one without sessions."""
    with pytest.raises(ValueError, match=problem):
        run_of_report(data)
