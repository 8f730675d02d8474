"""The record of a run, on disk and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.errors import RequestError
from wsnox.runs.record import RESULTS, Outcome, Run, is_run_record, last_run_file, read_run, run_of, write_run

if TYPE_CHECKING:
    from pathlib import Path

FAILED: dict[str, Any] = {"session": "a-3.12", "name": "a", "result": "failed"}
RUN: dict[str, Any] = {"version": 1, "wsnox": "1.0", "started": "2026-01-02T03:04:05+00:00", "seconds": 1}

_seconds = st.floats(0, 1e6)
_outcomes = st.builds(
    Outcome,
    session=st.text(),
    name=st.text(),
    result=st.sampled_from(RESULTS),
    members=st.lists(st.text()).map(tuple),
    python=st.text(),
    reason=st.text(),
    preparation=_seconds,
    commands=_seconds,
    unchanged=st.booleans(),
    size=st.integers(),
    findings=st.lists(st.fixed_dictionaries({"sentence": st.text(), "fix": st.text()})).map(tuple),
)


@given(st.builds(Run, wsnox=st.text(), started=st.text(), seconds=_seconds, sessions=st.lists(_outcomes).map(tuple)))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, run: Run) -> None:
    """Whatever a session is called and says: the record is the same again."""
    path = last_run_file(tmp_path_factory.getbasetemp() / ".nox")
    write_run(path, run)

    assert read_run(path) == run
    assert is_run_record(json.loads(path.read_bytes()))


def test_what_a_later_wsnox_adds_is_left_out() -> None:
    """A record has the defaults of what it does not say, and what this wsnox does not know is no error."""
    run = run_of({**RUN, "sessions": [{**FAILED, "later": 1}], "later": []})

    assert run.sessions == (Outcome(session="a-3.12", name="a", result="failed"),)
    assert run.sessions[0].needs_attention


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "it is not an object"),
        ({**RUN, "version": 2}, "its `version` is 2"),
        (RUN, "it has no `sessions`"),
        ({**RUN, "sessions": {}}, "its `sessions` is {}"),
        ({**RUN, "sessions": [1]}, "it is not an object"),
        ({**RUN, "sessions": [{"name": "a"}]}, "it has no `session`"),
        ({**RUN, "sessions": [{**FAILED, "result": "good"}]}, "`good` is not a result"),
        ({**RUN, "sessions": [{**FAILED, "unchanged": 1}]}, "its `unchanged` is 1"),
        ({**RUN, "sessions": [{**FAILED, "members": [1]}]}, "its `members` are not names"),
        ({**RUN, "sessions": [{**FAILED, "findings": [1]}]}, "its `findings` are not objects"),
        ({**RUN, "sessions": [{**FAILED, "findings": [{"fix": "uv add"}]}]}, "objects with a `sentence`"),
        ({**RUN, "sessions": [{**FAILED, "commands": float("inf")}]}, "its `commands` is inf"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, data: Any, says: str) -> None:
    """One sentence names the file and what is wrong in it."""
    path = tmp_path / "run.json"
    path.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(RequestError, match=r"run\.json` is not a record of a run: ") as caught:
        read_run(path)
    assert says in str(caught.value)
