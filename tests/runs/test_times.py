"""How long sessions take, from several runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.runs.made import outcome, run_on
from wsnox.runs.merging import read_any
from wsnox.runs.times import times_of, write_times

if TYPE_CHECKING:
    from pathlib import Path


def test_a_session_keeps_its_time(tmp_path: Path) -> None:
    """One that failed early or was skipped is no measure; one that never passed is the best that there is."""
    first = run_on(outcome("a", commands=30), outcome("new", "failed", commands=1))
    second = run_on(outcome("a", "failed", commands=1), outcome("b", "skipped", commands=0), outcome("c", commands=5))
    times = times_of([first, second])
    assert times == {"a": 30, "c": 5, "new": 1}
    write_times(tmp_path / "cache/times.json", times)
    assert times_of([read_any(str(tmp_path / "cache/times.json"), times=True)]) == times


def test_a_name_stands_for_its_pythons() -> None:
    """A function that a shell cannot name exactly is one job, which takes as long as all its runs."""
    run = run_on(*(outcome(f"lint-3.1{minor}(a b)", name="lint", commands=minor) for minor in (1, 2)))
    assert times_of([run]) == {"lint-3.11(a b)": 1, "lint-3.12(a b)": 2, "lint": 3}
