"""Killed: whenever a run of nox dies, the next one ends with a proven environment, and never passes on half of one.

The whole process group is killed, so that neither uv nor pip nor a build lives on.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import OFFLINE, distributions, nox, site_of, without_uv, write_noxfile
from tests.support.installed import broken_records
from tests.support.projects import write_modules
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups to kill"),
]

LIBRARY = MemberSpec("library", dependencies=["leaf"])
MEMBER = MemberSpec("member", dependencies=["library", "pyhumps", "many"])
COMMANDS: dict[str, Any] = {"commands": [["python", "-c", "import humps, leaf, library, member, many.deep.m7"]]}
WAYS = {
    "uv": ([], False),
    "wheels": ([], False),
    "virtualenv": (["--force-venv-backend", "virtualenv"], False),
    "pip": (["--force-venv-backend", "virtualenv"], True),
}


def killed(root: Path, options: list[str], env: Mapping[str, str], seconds: float) -> bool:
    """Start nox, kill it with all that it started after so many *seconds*, and tell whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nox", *options, "-s", "member"],
        cwd=root,
        env={**os.environ, **OFFLINE, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def written(workspace: WorkspaceFactory, tmp_path: Path, wheelhouse: Path, way: str) -> Path:
    """Return a locked workspace whose member needs a package of many files, for the kill to fall among them."""
    own = tmp_path / "own"
    shutil.copytree(wheelhouse, own)
    modules = {f"many/deep/m{number}.py": f"value = {number}\n" for number in range(200)}
    build_wheel(own, Wheel("many", "1.0", modules={"many/__init__.py": "", **modules}))
    return write_noxfile(workspace(LIBRARY, MEMBER, index=own, wsnox={**COMMANDS, "editable": way != "wheels"}))


def campaign(root: Path, way: str, kills: int, seed: int, longest: float) -> dict[str, int]:
    """Kill *kills* runs at random moments, each followed by a run that must be exact; return what was seen."""
    options, without = WAYS[way]
    env = without_uv() if without else {}
    moments = random.Random(seed)
    seen = {"killed": 0, "finished": 0, "recreated": 0}
    for number in range(kills):
        if number % 2 == 0:
            shutil.rmtree(root / ".nox", ignore_errors=True)
        else:
            # Something to change in an environment that is already there.
            write_modules(site_of(root, "member"), {"stray/__init__.py": "", "many/extra.py": ""})
            shutil.rmtree(site_of(root, "member") / "leaf-2.1.dist-info")
        was_running = killed(root, options, env, moments.uniform(0.15, longest))
        seen["killed" if was_running else "finished"] += 1
        ran = nox(root, *options, "-s", "member", env=env)
        assert ran.code == 0, (number, ran.said)
        assert "exactly its locked closure" in ran.line("member: 5"), (number, ran.said)
        seen["recreated"] += "recreating the environment" in ran.said
        assert broken_records(site_of(root, "member")) == [], number
        found = {name for name in distributions(root, "member") if not name.startswith("pip-")}
        assert found == {"leaf-2.1", "library-1.0", "many-1.0", "member-1.0", "pyhumps-3.8.0"}, number
    return seen


@pytest.mark.parametrize("way", list(WAYS))
def test_killed_at_random_moments(workspace: WorkspaceFactory, tmp_path: Path, wheelhouse: Path, way: str) -> None:
    """A few kills with each installer and backend, cold and over an environment that has to be repaired."""
    root = written(workspace, tmp_path, wheelhouse, way)
    seen = campaign(root, way, 2, seed=len(way), longest=3.0 if way == "pip" else 1.2)
    assert sum((seen["killed"], seen["finished"])) == 2
