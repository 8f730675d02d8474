"""Which session says an error that several share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wsnox.errors import LockNotFoundError, WsnoxError
from wsnox.noxfile.shared_errors import abort
from wsnox.noxfile.this_run import RUN, begin_run, end_run, run_folder

if TYPE_CHECKING:
    from pathlib import Path


def _told(session: str, error: WsnoxError, shared: Path) -> str:
    """Return what nox says of the *session*: its way to end one is an exception of no base but `Exception`."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - a private class of nox
        abort(session, error, shared)
    assert type(caught.value).__name__ == "_SessionQuit"
    return str(caught.value)


@pytest.fixture(autouse=True)
def _run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a run whose name nobody else sees."""
    monkeypatch.setenv(RUN, f"{os.getpid()}-x")
    begin_run()


def test_the_first_says_it(tmp_path: Path) -> None:
    """The others name it; another error is said by itself."""
    missing, other = LockNotFoundError(tmp_path), WsnoxError("it rains", hint="stay inside")
    assert _told("a", missing, tmp_path) == str(missing)
    assert _told("b", missing, tmp_path) == "not run, for the same reason as `a`"
    assert _told("b", other, tmp_path) == "it rains\n\nhint: stay inside"
    assert _told("a", other, tmp_path) == "not run, for the same reason as `b`"


def test_each_run_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another run says is its own matter; a child goes on with the run of its parent."""
    error = WsnoxError("it rains")
    first = os.environ[RUN]
    assert _told("a", error, tmp_path) == "it rains"
    begin_run()
    parent = os.environ[RUN]
    assert _told("b", error, tmp_path) == "it rains"
    monkeypatch.setenv(RUN, first)
    assert _told("c", error, tmp_path) == "not run, for the same reason as `a`"
    monkeypatch.setenv(RUN, parent)
    monkeypatch.setattr("os.getpid", lambda: -1)
    begin_run()
    assert os.environ[RUN] == parent
    assert _told("c", error, tmp_path) == "not run, for the same reason as `b`"


def test_a_run_leaves_no_notes(tmp_path: Path) -> None:
    """At its end a run removes what it noted, and what runs left that were killed long ago; others may go on."""
    own, killed, other = run_folder(tmp_path), tmp_path / "runs" / "killed", tmp_path / "runs" / "other"
    for folder in (killed, other):
        folder.mkdir(parents=True)
    os.utime(killed, (0, 0))
    assert _told("a", WsnoxError("it rains"), tmp_path) == "it rains"
    assert own.is_dir()

    end_run(tmp_path)

    assert [*(tmp_path / "runs").iterdir()] == [other]


def test_who_cannot_note_it_says_it(tmp_path: Path) -> None:
    """Twice is better than never."""
    (tmp_path / "runs").touch()
    assert _told("a", WsnoxError("it rains"), tmp_path) == "it rains"
    assert _told("b", WsnoxError("it rains"), tmp_path) == "it rains"
