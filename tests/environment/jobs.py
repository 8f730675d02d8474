"""Jobs of real workspaces, with real environments, for what need not go through nox."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.sessions.running import OFFLINE
from tests.support.processes import find_uv
from wsnox.environment.locations import python_name
from wsnox.environment.model import Job
from wsnox.environment.variables import install_env
from wsnox.errors import InstallError
from wsnox.workspace import discover
from wsnox.workspace.model import MemberSelection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["real_job", "site_of_job"]


def real_job(root: Path, *members: str, without_uv: bool = False, outer: Mapping[str, str] | None = None) -> Job:
    """Return the job of a session of *members*, whose environment is made where there is none."""
    workspace = discover(root)
    parts = tuple(MemberSelection(member=member) for member in workspace.members if member.name in members)
    location = root / ".nox" / "-".join(members)
    uv = None if without_uv else find_uv()

    def install(*command: str) -> None:
        env = {name: value for name, value in {**os.environ, **install_env(os.environ)}.items() if value is not None}
        done = subprocess.run(
            command, cwd=root, env={**env, **OFFLINE}, check=False, stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode:
            raise InstallError("-".join(members), "it", hint=(done.stdout + done.stderr).decode(errors="replace"))

    def create() -> None:
        shutil.rmtree(location, ignore_errors=True)
        virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", str(location)]
        install(*(virtualenv if uv is None else [uv, "venv", "--quiet", "--python", sys.executable, str(location)]))

    if not location.exists():
        create()
    return Job(
        label="-".join(members),
        version="1",
        workspace=workspace,
        parts=parts,
        root_groups=(),
        root_defaults=False,
        editable=True,
        check=True,
        location=location,
        python=location / ("Scripts" if os.name == "nt" else "bin") / python_name(os.name),
        wanted=platform.python_version(),
        uv=uv,
        outer={} if outer is None else outer,
        may_install=lambda: True,
        install=install,
        recreate=create,
        accept=lambda _: None,
        log=lambda _: None,
    )


def site_of_job(job: Job) -> Path:
    """Return the site directory of *job*'s environment."""
    (found,) = [*job.location.glob("lib/python*/site-packages"), *job.location.glob("Lib/site-packages")]
    return found
