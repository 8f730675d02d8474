"""The files of resolutions are the same wherever they are made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import packaging
import pytest

import wsnox
from tests.environment.interpreters import interpreter
from tests.resolutions.promises import member, write_releases
from tests.support.workspaces import MemberSpec, lock, write_workspace

pytestmark = pytest.mark.real

PROGRAM = "import sys; from wsnox.cli import main; sys.exit(main(sys.argv[1:]))"


def test_the_python_that_runs_it_changes_nothing(tmp_path: Path) -> None:
    """The files are for the Pythons of their sessions, whichever one starts uv: versions, markers and order are the same."""
    root = write_workspace(
        tmp_path / "w",
        [
            member(
                "app",
                "parse-kit>=1.0",
                "wire>=6 ; python_version < '3.12'",
                "wire>=7 ; python_version >= '3.12'",
                "forked>=1",
                requires_python=">=3.9",
                groups={"dev": ["checker"]},
            ),
            MemberSpec("tool", dependencies=["plug>=0.1"], tool={"wsnox": {"resolutions": []}}),
        ],
        index=write_releases(tmp_path / "index"),
        wsnox={"resolutions": ["lowest", "latest", "published", "below"]},
    )
    lock(root)
    # What wsnox needs for it is written in Python.
    paths = {Path(module.__file__).parents[1] for module in (wsnox, packaging) if module.__file__}
    made = []
    for minor in ("3.11", "3.12"):
        done = subprocess.run(
            [interpreter(minor), "-c", PROGRAM, "lock", "--upgrade", "--root", root],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.fspath, sorted(paths)))},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        files = {file.name: file.read_bytes() for file in (root / "resolutions").iterdir()}
        made.append(files)
        for name in files:
            (root / "resolutions" / name).unlink()
    assert len(made[0]) == 4
    assert made[0] == made[1]
