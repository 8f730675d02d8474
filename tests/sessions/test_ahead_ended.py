"""However nox ends, what it prepares ahead ends with it: soon, without a word, and so that the next run gets it right."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.noxfile.test_background import is_gone
from tests.sessions.running import distributions, nox, start
from tests.sessions.test_ahead import AWAITED, FIRST, SECOND, commands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="nothing is prepared ahead there"),
]


def test_a_run_that_ends_early_leaves_nothing_behind(workspace: WorkspaceFactory) -> None:
    """Under ``-x`` what prepares ahead ends with nox, and the next run makes the environment whole."""
    root = commands(
        workspace(FIRST, SECOND), ["python", "-c", "raise SystemExit(1)"], ["python", "-c", "import second"]
    )

    ran = nox(root, "-x", "-s", "first", "second")

    assert ran.results == {"first": "failed"}
    again = nox(root, "-s", "second")
    assert again.code == 0, again.said
    assert distributions(root, "second") == {"leaf-2.1", "second-1.0"}


def test_an_interrupt_ends_both(workspace: WorkspaceFactory) -> None:
    """Interrupted, nox ends, and with it all that prepares ahead."""
    held = AWAITED + "print('ready', flush=True)\ntime.sleep(600)\n"
    root = commands(workspace(FIRST, SECOND), ["python", "-c", held], ["python", "-c", "import second"])
    with start(root, "-s", "first", "second", start_new_session=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready"):
                break
        # Were the command interrupted as well, nox might lose its exit code (`Popen` does, in a race), and go on.
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
        assert process.returncode != 0, rest
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)

    assert nox(root, "-s", "second").code == 0


# In the place of uv: its second sync never ends, nor what that has started, whatever it is asked to.
HANGS = """\
#!{python}
import os, pathlib, subprocess, sys, time
state = pathlib.Path({state!r})
if sys.argv[1:3] == ["pip", "sync"]:
    if state.exists():
        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        held = [subprocess.Popen([sys.executable, "-c", deaf]).pid for _ in range(2)]
        state.write_text(" ".join(map(str, [os.getpid(), *held])))
        time.sleep(600)
    state.touch()
os.execv({uv!r}, ["uv", *sys.argv[1:]])
"""


@pytest.mark.parametrize("how", ["fails", "interrupted", "terminated", "killed"])
def test_an_installation_that_hangs_ends_with_nox(workspace: WorkspaceFactory, tmp_path: Path, how: str) -> None:
    """However nox ends, the installation ahead and what that has started end, too: the next run can have the lock."""
    state, hanging = tmp_path / "state", tmp_path / "uv"
    uv = shutil.which("uv")
    hanging.write_text(HANGS.format(python=sys.executable, state=str(state), uv=uv), encoding="utf-8")
    hanging.chmod(0o755)
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(state)!r}).read_text(): time.sleep(0.01)\n"
    rest = "raise SystemExit(1)" if how == "fails" else "print('ready', flush=True); time.sleep(600)"
    root = commands(workspace(FIRST, SECOND), ["python", "-c", wait + rest], ["python", "-c", "import second"])
    with start(
        root, "-x", "-s", "first", "second", env={"UV": str(hanging)}, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        if how != "fails":
            assert any(line.startswith("ready") for line in process.stdout)
        match how:
            case "interrupted":
                process.send_signal(signal.SIGINT)
            case "terminated":
                os.killpg(process.pid, signal.SIGTERM)
            case "killed":
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    assert all(is_gone(int(pid)) for pid in state.read_text().split())
    assert nox(root, "-s", "second").code == 0


# In the place of uv: its second sync notes that it was asked to end, and does not.
DEAF = """\
#!{python}
import os, pathlib, signal, sys, time
state = pathlib.Path({state!r})
if sys.argv[1:3] == ["pip", "sync"]:
    if state.exists():
        signal.signal(signal.SIGTERM, lambda *_: state.write_text("asked"))
        state.write_text("ready")
        for _ in range(6000): time.sleep(0.01)
    state.touch()
os.execv({uv!r}, ["uv", *sys.argv[1:]])
"""


def test_who_interrupts_twice_sees_no_traceback(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Ctrl-C while nox, at its end, waits for an installation that takes its time: nox waits no longer, and says nothing."""
    state, deaf = tmp_path / "state", tmp_path / "uv"
    deaf.write_text(DEAF.format(python=sys.executable, state=str(state), uv=shutil.which("uv")), encoding="utf-8")
    deaf.chmod(0o755)
    until = f"import pathlib, time\nwhile pathlib.Path({str(state)!r}).read_text() != {{!r}}: time.sleep(0.01)\n"
    held = until.format("ready") + "print('ready', flush=True); time.sleep(600)"
    root = commands(workspace(FIRST, SECOND), ["python", "-c", held], ["python", "-c", "pass"])
    with start(root, "-s", "first", "second", env={"UV": str(deaf)}, start_new_session=True) as process:
        assert process.stdout is not None
        assert any(line.startswith("ready") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        subprocess.run([sys.executable, "-c", until.format("asked")], timeout=60, check=True)
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]

    assert "first interrupted" in rest
    assert "Traceback" not in rest
