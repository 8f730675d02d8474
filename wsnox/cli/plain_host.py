"""Prepare an environment without nox: it is made and filled as nox would, with uv, or else with virtualenv and pip.

A Python is looked for as nox does: the one that runs wsnox where none is named, else on ``PATH``, among those of version
managers, and in the registry of Windows; what is not there, uv may fetch, unless ``NOX_DOWNLOAD_PYTHON`` is ``never``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.environment.installers import refuse_uv
from wsnox.environment.isolation import install_env
from wsnox.environment.lockfile import refuse_contents, usable_lock
from wsnox.environment.prepare import prepare
from wsnox.errors import InstallError, InterpreterError
from wsnox.files import replaced

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wsnox.environment.model import Job, Proof

__all__ = ["prepare_without_nox"]


def prepare_without_nox(job: Job, python: str) -> Proof:
    """Return the proof of the environment of *job*, made of *python* if it is absent (empty: the one that runs wsnox).

    Raise a `WsnoxError` if it cannot be prepared.
    """
    host = _Host(job, python)
    proof = prepare(job, host)
    host.log(str(proof))
    return proof


class _Host:
    """The host of the preparation of *job* (`wsnox.environment.prepare.Host`), whose environment is of *python*."""

    def __init__(self, job: Job, python: str) -> None:
        self._job, self._python = job, python

    def may_install(self) -> bool:
        """Allow installs."""
        return True

    def install(self, *command: str) -> None:
        """Run an install step in the workspace root; what it says goes to stderr, if anybody watches or it fails."""
        process = self._run(command, watched=sys.stderr.isatty())
        if process.returncode:
            sys.stderr.write((process.stdout or b"").decode(errors="replace"))
            sys.stderr.flush()
            tool = "pip" if "pip" in command[:3] and command[0] != self._job.uv else "uv"
            raise InstallError(self._job.label, tool, hint=f"see the output of {tool} above")

    def recreate(self) -> None:
        """Make the environment, unless there is a reason why it could have no closure anyway."""
        job, location = self._job, self._job.venv.location
        refuse_uv(job.uv, job.workspace)
        lock = usable_lock(job.workspace, job.venv.shared, job.environ)
        refuse_contents(job.workspace, lock, job, job.options)
        _mark(location.parent)
        python = self._interpreter()
        virtualenv = (sys.executable, "-m", "virtualenv", "--no-periodic-update")
        tool, words = ("virtualenv", virtualenv) if job.uv is None else ("uv", (job.uv, "venv"))
        with replaced(location):
            process = self._run([*words, "--quiet", "-p", python, str(location)], watched=False)
            if process.returncode:
                first = process.stdout.decode(errors="replace").strip().partition("\n")[0].removeprefix("error: ")
                if python == self._python:
                    raise self._absence(f", and uv has none either ({first})")
                raise InterpreterError(python, f"makes no environment: {tool} said `{first}`")

    def on_closure(self, names: Sequence[str]) -> None:
        """Take every closure: what is to run in it is for the user to know."""

    def log(self, message: str) -> None:
        """Show *message* with what the environment is of."""
        print(f"{self._job.label}: {message}", file=sys.stderr, flush=True)

    def _interpreter(self) -> str:
        """Return the path of the Python to make the environment of, or what uv is to fetch."""
        if not self._python:
            return sys.executable
        from python_discovery import get_interpreter  # noqa: PLC0415 - few environments are made

        found = get_interpreter(self._python)
        if found is not None and found.executable is not None:
            return found.executable
        if self._job.uv is None or os.environ.get("NOX_DOWNLOAD_PYTHON") == "never":
            raise self._absence()
        return self._python

    def _absence(self, more: str = "") -> InterpreterError:
        hint = f"install it, as with `uv python install {self._python}`"
        return InterpreterError(self._python, f"is not on this machine{more}", hint=hint)

    def _run(self, command: Sequence[str], *, watched: bool) -> subprocess.CompletedProcess[bytes]:
        """Run *command* in the workspace root; its output goes to stderr if it is *watched*, and is kept otherwise."""
        env = {name: value for name, value in {**os.environ, **install_env(os.environ)}.items() if value is not None}
        output = sys.stderr if watched else subprocess.PIPE
        root = self._job.workspace.root
        # The input is for the command that is to run in the environment.
        return subprocess.run(  # noqa: S603 - words, and no shell
            command, cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )


def _mark(folder: Path) -> None:
    """Let neither git nor backups look into the *folder* of environments, as nox does."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")):
        with suppress(FileExistsError), (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)
