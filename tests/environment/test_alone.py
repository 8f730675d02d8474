"""The lock of an environment: others wait, its holder does not, and the system lets go of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout

from wsnox.environment.other_runs import environment_lock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from wsnox.environment.other_runs import environment_lock
with environment_lock(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("holds", flush=True)
    time.sleep(60)
"""


def other(location: Path) -> FileLock:
    """Return the lock as another run of nox sees it."""
    return FileLock(location.parent / ".wsnox" / "locks" / f"{location.name}.lock")


def is_free(location: Path) -> bool:
    """Tell whether another run would get the lock at once."""
    lock = other(location)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def test_within_itself(tmp_path: Path) -> None:
    """Who holds the lock may have it again, and holds it until the outermost is done."""
    location, said = tmp_path / "member", list[str]()
    with environment_lock(location, lambda: said.append("waits")):
        with environment_lock(location, lambda: said.append("waits")):
            assert not is_free(location)
        assert not is_free(location)
    assert is_free(location)
    assert said == []


def test_each_environment_has_its_own(tmp_path: Path) -> None:
    """Nobody waits for another environment."""
    with environment_lock(tmp_path / "a", lambda: None):
        (tmp_path / ".wsnox" / "locks" / "b.lock").touch()
        assert is_free(tmp_path / "b")


def test_after_an_error(tmp_path: Path) -> None:
    """An error in the work lets go of the lock."""
    with pytest.raises(ZeroDivisionError), environment_lock(tmp_path / "member", lambda: None):
        raise ZeroDivisionError
    assert is_free(tmp_path / "member")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there is killed so")
def test_after_its_holder_was_killed(tmp_path: Path) -> None:
    """Somebody waits, says so, and goes on when the holder is killed."""
    location = tmp_path / "member"
    command = [sys.executable, "-c", HOLD, str(location)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds\n"
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "waits\n"
            os.kill(holder.pid, signal.SIGKILL)
            assert waiting.stdout.readline() == "holds\n"
            waiting.kill()


def test_no_place(tmp_path: Path) -> None:
    """Where there can be no lock, that is an error of the system's with the place in it."""
    (tmp_path / ".wsnox").touch()
    with pytest.raises(OSError, match=r"\.wsnox"), environment_lock(tmp_path / "member", lambda: None):
        pytest.fail("there is no lock")
