"""Jobs of real workspaces, with real environments, for what need not go through nox."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import OFFLINE
from tests.support.processes import compiled_seeds, find_uv
from wsnox.environment.isolation import install_env
from wsnox.environment.model import Job, Venv
from wsnox.environment.prepare import prepare as prepare_with
from wsnox.errors import InstallError, ProofError
from wsnox.workspace import discover
from wsnox.workspace.model import MemberSelection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from wsnox.environment.model import Proof

__all__ = ["RealHost", "prepare", "real_job", "refused", "site_of_job"]


def real_job(root: Path, *members: str, without_uv: bool = False, environ: Mapping[str, str] | None = None) -> Job:
    """Return the job of a session of *members*, whose environment is made if it is absent."""
    workspace = discover(root)
    location = root / ".nox" / "-".join(members)
    job = Job(
        label="-".join(members),
        version="1",
        workspace=workspace,
        selections=tuple(MemberSelection(member=member) for member in workspace.members if member.name in members),
        root_groups=(),
        root_defaults=False,
        editable=True,
        require_fresh_lock=True,
        venv=Venv(location, location / ("Scripts" if os.name == "nt" else "bin")),
        python_request=platform.python_version(),
        uv=None if without_uv else find_uv(),
        environ={} if environ is None else environ,
    )
    if not location.exists():
        RealHost(job).recreate()
    return job


class RealHost:
    """The host of a preparation of *job* without nox: it installs and makes environments as nox does.

    *methods* stand in place of those of the same names.
    """

    def __init__(self, job: Job, **methods: Callable[..., Any]) -> None:
        self._job = job
        vars(self).update(methods)

    def may_install(self) -> bool:
        """Allow installs."""
        return True

    def install(self, *command: str) -> None:
        """Run *command* in the workspace root."""
        env = {name: value for name, value in {**os.environ, **install_env(os.environ)}.items() if value is not None}
        process = subprocess.run(
            command,
            cwd=self._job.workspace.root,
            env={**env, **OFFLINE, **({} if self._job.uv else compiled_seeds())},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        if process.returncode:
            hint = (process.stdout + process.stderr).decode(errors="replace")
            raise InstallError(self._job.label, "it", hint=hint)

    def recreate(self) -> None:
        """Recreate the environment with the Python that runs the tests."""
        shutil.rmtree(self._job.venv.location, ignore_errors=True)
        location, uv = str(self._job.venv.location), self._job.uv
        virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", location]
        self.install(*(virtualenv if uv is None else [uv, "venv", "--quiet", "--python", sys.executable, location]))

    def on_closure(self, names: Sequence[str]) -> None:
        """Take every closure."""

    def log(self, message: str) -> None:
        """Show nothing."""


def prepare(job: Job, **methods: Callable[..., Any]) -> Proof:
    """Prepare the environment of *job* with a `RealHost`, which has these *methods*."""
    return prepare_with(job, RealHost(job, **methods))


def refused(job: Job) -> list[str]:
    """Return the difference that makes ``nox -R`` refuse the environment of *job*."""
    with pytest.raises(ProofError) as caught:
        prepare(job, may_install=lambda: False)
    return [*caught.value.difference]


def site_of_job(job: Job) -> Path:
    """Return the site directory of *job*'s environment."""
    (site,) = [*job.venv.location.glob("lib/python*/site-packages"), *job.venv.location.glob("Lib/site-packages")]
    return site
