"""A guard ends what runs when it is released, and lets nothing run that it cannot end."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.noxfile.test_background import is_gone
from wsnox.noxfile.guard import Guard, ReleasedError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it needs a POSIX shell")

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return all processes that are started from now on."""
    processes: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        processes.append(start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    return processes


def test_the_exit_code_is_that_of_the_command(tmp_path: Path) -> None:
    """It runs where it should, with no other variables."""
    guard = Guard()
    code = "import os, sys; sys.exit(len({'HOME', 'SET'} & {*os.environ}) + 2 * (os.getcwd() == sys.argv[1]))"

    ended = guard.run([sys.executable, "-c", code, str(tmp_path)], tmp_path, {"SET": "1", "HOME": None})
    guard.release()

    assert ended == 3


def test_nothing_begins_after_the_release(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Whoever lets go of it does not wait for what would come next."""
    guard = Guard()
    guard.release()

    with pytest.raises(ReleasedError):
        guard.run(SLEEPS, tmp_path, {})
    assert started == []


def test_without_its_shell_nothing_runs_on(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Where somebody has ended the shell, a process that nothing could end is ended at once, and was not a success."""
    guard = Guard()
    assert guard.run([sys.executable, "-c", ""], tmp_path, {}) == 0
    started[0].kill()
    started[0].wait()

    with pytest.raises(OSError, match="pipe"):
        guard.run(SLEEPS, tmp_path, {})
    assert is_gone(started[-1].pid)
    guard.release()
