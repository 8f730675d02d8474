"""The wheel in an environment that had nothing, on a machine without uv and without a registry."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import without_uv, write_noxfile
from tests.support.wheels import repack_with_dependencies
from tests.support.workspaces import MemberSpec
from wsnox.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and with all that it needs, made again from what is installed here."""
    found = tmp_path_factory.mktemp("all-of-it")
    shutil.copy(wheel, found)
    for name in ("nox", "packaging", "pathspec", "tomli", "typing-extensions"):
        repack_with_dependencies(name, found)
    return found


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {**os.environ, **without_uv(), "PIP_NO_INDEX": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def scripts(folder: Path, tmp_path: Path) -> Path:
    """Return the scripts of a new environment, into which its own pip has put wsnox and what it needs."""
    _run(sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "fresh", cwd=tmp_path)
    scripts = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin")
    _run(scripts / "python", "-m", "pip", "install", "--quiet", "--find-links", folder, "wsnox", cwd=tmp_path)
    return scripts


def test_pip_install_and_a_session(scripts: Path, tmp_path: Path, workspace: WorkspaceFactory) -> None:
    """`pip install wsnox` is all that a machine with nothing but CPython and pip needs for a session."""
    assert _run(scripts / "wsnox", "--version", cwd=tmp_path) == f"wsnox {__version__}\n"
    member = MemberSpec("project-a", dependencies=["pyhumps"])
    root = write_noxfile(workspace(member, wsnox={"commands": ["python -V"]}))
    version = platform.python_version()
    assert f"2 distributions for Python {version}" in _run(scripts / "wsnox", "closure", "project-a", cwd=root)
    said = _run(scripts / "nox", "-s", "project-a", cwd=root)
    assert "project-a: 2 distributions, exactly its locked closure" in said
    assert f"Python {version}" in said
