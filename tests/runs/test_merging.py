"""Several files of one run: what counts where they tell of the same session."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs.made import outcome, reported, run_on
from wsnox.errors import RequestError
from wsnox.runs.merging import merged
from wsnox.runs.nox_report import run_of_report
from wsnox.runs.record import RESULTS, Run

_sessions = st.lists(
    st.builds(outcome, st.sampled_from("abc"), st.sampled_from(RESULTS)), unique_by=lambda session: session.session
)
_runs = st.lists(_sessions, min_size=1, max_size=4).map(
    lambda lists: [run_on(*sessions, day=day) for day, sessions in enumerate(lists, 1)]
)


@given(_runs, st.randoms())
def test_records_in_any_order(runs: list[Run], random: object) -> None:
    """Each session is there once, whatever the order of the files, and however often one is named."""
    whole = merged(runs)
    titles = [session.session for session in whole.sessions]
    assert titles == sorted({session.session for run in runs for session in run.sessions})
    shuffled = [*runs, *runs]
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis has no name for what it hands over
    assert merged(shuffled) == whole


@given(_runs)
def test_the_last_that_ran_a_session_counts(runs: list[Run]) -> None:
    """A job that skipped a session says nothing against one that ran it."""
    for session in merged(runs).sessions:
        results = [other.result for run in runs for other in run.sessions if other.session == session.session]
        ran = [result for result in results if result not in ("skipped", "unaffected")]
        assert session.result == (ran or results)[-1]


def test_a_merged_run_is_merged_again() -> None:
    """What `--format json` writes is a record, and adds nothing to the files that it was made of."""
    runs = [run_on(outcome("a", "failed"), day=1), run_on(outcome("b"), day=2)]
    assert merged([merged(runs), *runs]).sessions == merged(runs).sessions


@pytest.mark.parametrize(
    ("recorded", "nox", "expected"),
    [
        ("passed", "success", "passed"),
        ("failed", "failed", "failed"),
        ("failed", "success", "failed"),
        ("passed", "failed", "failed"),
        ("unaffected", "success", "passed"),
        ("failed", "skipped", "failed"),
    ],
)
def test_a_record_and_a_report(recorded: str, nox: str, expected: str) -> None:
    """They complement each other; no failure is hidden by a file that does not say when it was written."""
    record = run_on(outcome("a", recorded, command="pytest"), outcome("b"))
    report = run_of_report({"sessions": [reported("a", result=nox, reason="why"), reported("c")]})
    for files in ([record, report], [report, record]):
        a, b, c = merged(files).sessions
        assert a.result == expected
        assert [b.result, c.result] == ["passed", "passed"]
        if (recorded, nox) == ("failed", "failed"):
            assert (a.command, a.reason) == ("pytest", "why")


def test_what_nox_did_not_come_to() -> None:
    """It is counted over all jobs, and each once."""
    first, second = (replace(run_on(outcome("a"), day=day), not_run=day) for day in (1, 2))
    assert merged([first, second, first]).not_run == 3


def test_runs_on_several_systems() -> None:
    """A session has the same name on each, and one that failed on the first must not be hidden by the next."""
    linux, windows = (replace(run_on(outcome("a")), platform=name) for name in ("linux", "win32"))
    assert merged([linux, run_on(outcome("b")), linux]).platform == "linux"
    with pytest.raises(RequestError, match="these are runs on linux and win32"):
        merged([windows, linux])


def test_the_times_of_jobs_side_by_side() -> None:
    """A run begins with its first job, and took as long as its longest."""
    late = replace(run_on(outcome("b"), day=2), seconds=20)
    whole = merged([late, run_on(outcome("a"), day=1), run_of_report({"sessions": [reported("c")]})])
    assert (whole.started, whole.seconds) == (run_on(day=1).started, 20)
