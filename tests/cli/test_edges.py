"""Where the command meets the system: streams that are closed or full, files that may not be read, folders that are gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="shells and permissions are of another kind there"),
]

COMMANDS = (
    "list",
    "check",
    "closure project-a",
    "export project-a",
    "graph",
    "matrix --format github",
    "--help",
    "--version",
)


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace."""
    return workspace(MemberSpec("project-a", dependencies=["leaf"]), MemberSpec("project-b"))


def _shell(root: Path, script: str) -> tuple[int, str]:
    """Run *script*, in which ``wsnox`` is the command, and return its exit code and what it said on stderr."""
    function = f'wsnox() {{ "{sys.executable}" -m wsnox "$@"; }}'
    done = subprocess.run(
        ["bash", "-c", f"{function}\n{script}"], cwd=root, check=False, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_streams(root: Path, command: str) -> None:
    """A closed stdout is no mistake, and neither is a reader that goes away; a full disk is one that has a sentence."""
    assert _shell(root, f"wsnox {command} >&-")[0] == 0
    assert _shell(root, f"wsnox {command} >&- 2>&-")[0] == 0
    assert _shell(root, f"wsnox {command} 2>&-")[0] == 0
    assert _shell(root, f"wsnox {command} | true; exit ${{PIPESTATUS[0]}}")[0] in (0, 141)
    if Path("/dev/full").exists():
        code, said = _shell(root, f"wsnox {command} >/dev/full")
        assert code == 0 or said.endswith("error: No space left on device\n")


def test_a_working_directory_that_is_gone(root: Path, tmp_path: Path) -> None:
    """It gets a sentence, and so does a folder that never was one."""
    (tmp_path / "gone").mkdir()
    code, said = _shell(root, f"cd '{tmp_path}/gone' && rmdir '{tmp_path}/gone' && wsnox list")
    assert (code, said) == (5, "error: the working directory is gone\n\nhint: change to one that exists\n")
    assert _shell(root, "wsnox list --root nowhere") == (5, "error: `nowhere` is no directory\n")
    code, said = _shell(root, f"wsnox list --root {'x' * 5000}")
    assert (code, said.endswith("x` is no directory\n")) == (5, True)


def test_interrupted(root: Path) -> None:
    """Ctrl-C ends the command as it ends any other program."""
    code = "import sys, wsnox.cli.graph as g, os, signal\ng.run = lambda _: os.kill(os.getpid(), signal.SIGINT)\n"
    script = f"{code}from wsnox.cli import main\nsys.exit(main(['graph']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=root, check=False, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


def _as_anybody() -> list[str]:
    """Return the words before a command that take away the right to read everything, where there is one to take."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("whoever runs the tests may read everything")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.parametrize(
    ("path", "mode", "sentence"),
    [
        ("packages", 0o000, "`{}` cannot be read (permission denied), and may hold workspace members"),
        ("packages", 0o444, "Permission denied: `{}"),
        ("packages/project-a", 0o000, "Permission denied: `{}/pyproject.toml`"),
        ("packages/project-a/pyproject.toml", 0o000, "`{}`: cannot be read (Permission denied)"),
        (".python-version", 0o000, "`{}`: cannot be read (Permission denied)"),
        ("uv.lock", 0o000, "`{}`: cannot be read (Permission denied)"),
    ],
)
def test_what_may_not_be_read(root: Path, path: str, mode: int, sentence: str) -> None:
    """It is said, and never taken for what is not there: a workspace with fewer members would pass."""
    anybody = _as_anybody()
    (root / "pyproject.toml").write_text(
        (root / "pyproject.toml").read_text(encoding="utf-8").replace('"packages/project-a"', '"packages/*"'), encoding="utf-8"
    )  # fmt: skip
    (root / ".python-version").write_text("3.12\n", encoding="utf-8")
    (root / "noxfile.py").write_text("import wsnox\n\nwsnox.sessions()\n", encoding="utf-8")
    (root / path).chmod(mode)
    commands = {
        "error: ": [sys.executable, "-m", "wsnox", "closure", "project-a"],
        "wsnox: ": [sys.executable, "-m", "nox", "-l"],
    }
    try:
        for start, command in commands.items():
            done = subprocess.run([*anybody, *command], cwd=root, check=False, capture_output=True, encoding="utf-8")
            if path == "uv.lock" and "nox" in command:
                assert done.returncode == 0, "it is not read for a list"
                continue
            assert done.returncode != 0, done.stdout
            assert done.stderr.startswith(start + sentence.format(root / path)), done.stderr
    finally:
        (root / path).chmod(0o755)
