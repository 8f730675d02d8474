"""What is made of nox's results, and of the notes that its children leave."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nox.sessions

from tests.runs.made import outcome
from wsnox.noxfile.outcomes import leave_note, outcome_of_result, with_notes
from wsnox.noxfile.recorder import _hand_over_results, _quietly

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _result(duration: float = 2.0, status: str = "SUCCESS", **function: Any) -> Any:
    """Return a result of nox of a session that is the noxfile's own, unless *function* has another mark."""
    own = SimpleNamespace(**{"python": None, "venv_params": (), **function})
    runner = SimpleNamespace(name="own", friendly_name="own", signatures=[], func=own)
    return SimpleNamespace(session=runner, duration=duration, status=SimpleNamespace(name=status), reason=None)


def test_where_the_time_went() -> None:
    """Until the environment was proven is preparation; a session of the noxfile has none that wsnox knows of."""
    member = SimpleNamespace(name="a")
    session = SimpleNamespace(name="a", kind="test", members=(member,))
    mark: dict[str, Any] = {"venv_params": SimpleNamespace(session=session)}
    never, half = (
        outcome_of_result(_result(**mark), 0, {}),
        outcome_of_result(_result(**mark), time.perf_counter() - 1, {}),
    )
    own = outcome_of_result(_result(python="3.12"), 0, {})

    assert (never.preparation, never.commands) == (2, 0)
    assert half.preparation <= 1 <= half.commands < 2
    assert (own.preparation, own.commands, own.kind, own.python) == (0, 2, "other", "3.12")
    # A clock that went on between two calls must not make a time negative.
    assert outcome_of_result(_result(0.0, **mark), time.perf_counter() - 1, {}).preparation == 0


def test_why_a_session_failed() -> None:
    """Nox has a reason where it gave up; of a command that failed, only what wsnox found out tells more."""
    failed = _result(status="FAILED")
    assert outcome_of_result(failed, 0, {"reason": "`pytest` is in the group `dev`", "command": "pytest"}).reason
    failed.reason = "Python interpreter 3.99 not found."
    assert outcome_of_result(failed, 0, {}).reason == failed.reason


def test_notes_of_children(tmp_path: Path) -> None:
    """A note says more than nox's result, but not how the session ended; a child that was killed left none."""
    leave_note(tmp_path, "a", outcome("a", size=3))
    leave_note(tmp_path, "b", outcome("b", size=2))
    (tmp_path / "broken").mkdir()
    ended = {
        "a": outcome("a", "failed"),
        "b": outcome("b"),
        "c": outcome("c", "failed", commands=0),
        "d": outcome("d", "failed", command="pytest"),
    }

    merged = list(with_notes(ended, tmp_path))

    assert [(one.result, one.size, one.reason) for one in merged] == [
        ("failed", 3, ""),
        ("passed", 2, ""),
        ("failed", 0, "its process was ended"),
        ("failed", 0, ""),
    ]
    leave_note(tmp_path, "d", outcome("d", "aborted", reason="interrupted"))
    of_an_interrupted_run = [*with_notes(ended, tmp_path, interrupted=True)][2:]
    assert [(one.result, one.reason) for one in of_an_interrupted_run] == [("aborted", "interrupted")] * 2
    for note in tmp_path.glob("*.json"):
        note.write_text("{", encoding="utf-8")
    assert list(with_notes({"b": ended["b"]}, tmp_path)) == [ended["b"]]


def test_another_nox_runs_all_the_same(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where results are not as expected, or do not exist, nox goes on, and the reason is logged."""

    class Strange:
        def __init__(self, value: int) -> None:
            self.value = value

    def take(result: Any) -> None:
        raise AttributeError(f"no duration: {result.value}")

    monkeypatch.setattr(nox.sessions, "Result", Strange)
    _hand_over_results(_quietly(take))
    with caplog.at_level("DEBUG", logger="nox"):
        assert Strange(1).value == 1
    assert "cannot record this run: AttributeError('no duration: 1')" in caplog.text
    monkeypatch.delattr(nox.sessions, "Result")
    _hand_over_results(take)
