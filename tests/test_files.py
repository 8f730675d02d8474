"""A pipe, a socket or a device in the place of a file ends in one sentence, and is never waited for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from wsnox.files import read_regular

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such files")

MEMBER = '[project]\nname = "member"\nversion = "1"\n'
ROOT = '[tool.uv.workspace]\nmembers = ["member"]\n'
LOCK = """\
version = 1
requires-python = ">=3.9"
[manifest]
members = ["member"]
[[package]]
name = "member"
version = "1"
source = { editable = "member" }
"""


def _special(path: Path, kind: str) -> None:
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            with socket.socket(socket.AF_UNIX) as server:
                here = Path.cwd()
                # The name of a socket may not be long.
                os.chdir(path.parent)
                try:
                    server.bind(path.name)
                finally:
                    os.chdir(here)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace of one member."""
    (tmp_path / "member").mkdir()
    (tmp_path / "member" / "pyproject.toml").write_text(MEMBER)
    (tmp_path / "pyproject.toml").write_text(ROOT)
    (tmp_path / "uv.lock").write_text(LOCK)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
@pytest.mark.parametrize("name", ["uv.lock", "member/pyproject.toml", "uv.toml", ".python-version"])
def test_no_command_waits(root: Path, name: str, kind: str) -> None:
    """The file is named, and what is wrong with it."""
    _special(root / name, kind)
    command = [sys.executable, "-m", "wsnox", "list", "--root", str(root)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode in (3, 4)
    assert done.stderr.startswith(f"error: `{root / name}`: ")
    # The system itself refuses to open a socket.
    assert "not a regular file" in done.stderr or kind == "socket"
    assert "Traceback" not in done.stderr


def test_what_is_read(tmp_path: Path) -> None:
    """A file is read whole, through links as well; a directory and what is absent are told by the system's words."""
    (tmp_path / "file").write_bytes(b"a\r\n" * 100_000)
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "file") == read_regular(tmp_path / "link") == b"a\r\n" * 100_000
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "absent")
