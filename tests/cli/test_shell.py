"""``wsnox shell``: the user's own shell, in the environment whatever its files set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import OFFLINE
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.name == "nt", reason="no terminal to open there")]

LIB = MemberSpec("lib", dependencies=["pyhumps"])
FILES = {
    "bash": {".bashrc": "export PYTHONPATH=/nowhere PATH=/usr/bin:$PATH MINE=1\n"},
    "zsh": {".zshenv": "export MINE=1\n", ".zshrc": "export PYTHONPATH=/nowhere PATH=/usr/bin:$PATH\n"},
    "sh": {},
}
SAID = 'print("said:", shutil.which("python"), os.environ.get("PYTHONPATH"), os.environ.get("MINE"))'


@pytest.mark.parametrize("shell", FILES)
def test_what_a_shell_sees(shell: str, workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Its own files are read, and leave it in the environment; its exit code is that of wsnox."""
    import pty

    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    root, home = workspace(LIB), tmp_path / "home"
    home.mkdir()
    for name, text in FILES[shell].items():
        (home / name).write_text(text, encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "wsnox", "shell", "lib"],
        cwd=root,
        env={**os.environ, **OFFLINE, "SHELL": program, "HOME": str(home), "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, f"python -c 'import os, shutil, humps; {SAID}'\nexit 7\n".encode())

    output = b""
    try:
        while part := os.read(ours, 4096):
            output += part
    except OSError:
        # That is how the other end closes on Linux.
        pass
    os.close(ours)

    mine = "1" if FILES[shell] else "None"
    assert process.wait() == 7, output
    assert f"said: {root / '.nox/lib/bin/python'} None {mine}" in output.decode().replace("\r", "")


def test_without_a_terminal(workspace: WorkspaceFactory) -> None:
    """Nobody could type anything, and nothing is prepared for it."""
    root = workspace(LIB, locked=False)
    done = subprocess.run(
        [sys.executable, "-m", "wsnox", "shell", "lib"],
        cwd=root,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (5, "error: a shell needs a terminal")
    assert not Path(root, ".nox").exists()
