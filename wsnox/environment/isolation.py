"""What a session's commands and installs may see of the system around them: variables and programs.

Commands must see exactly the environment that was proven; installs must put into it exactly what the lockfile says.
Variables that say *how* to fetch (credentials, proxies, certificates, caches, time-outs, mirrors for build requirements)
pass.

nox looks for a program in the environment, and if it is not there, takes whatever ``PATH`` has: another version than the
locked one, or a tool that no closure has. That passes here and fails elsewhere, so it has to be allowed by name.

- Whatever lies in the environment's folder is the environment's, however the command names it.
- A path into the workspace is a script of the repository's, and the user's own; but not in another environment there,
  such as uv's ``.venv``, and not as a link that leads out.
- Everything else is outside, and allowed where ``external`` has its name, or the path as the command has it.

`ALWAYS` is allowed everywhere: git comes with no distribution, runs on no Python, and fails where it is not. A shell is
not, as it looks on ``PATH`` for what it runs: ``bash -c "ruff check"`` would be the same leak with a detour. Nor are
``env``, ``time``, ``xargs`` and ``make``, for that reason, nor ``uv``, which installs and runs what it resolves itself.
"""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record
from wsnox.files import path_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wsnox.environment.model import Venv

__all__ = ["ALWAYS", "Programs", "activated_env", "command_env", "find_uv", "install_env", "plain_name"]

ALWAYS = ("git",)

_IMPORTS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "__PYVENV_LAUNCHER__")
_PROJECT = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_ENV_FILE")

# What nox takes away from every command in an environment (`nox.virtualenv`, 2026.8 to 2026.10).
_BY_NOX = ("CONDA_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_RESPECT_VIRTUALENV", "UV_PYTHON", "UV_SYSTEM_PYTHON")

_UV_CHANGES = """
    BREAK_SYSTEM_PACKAGES BUILD_CONSTRAINT CONSTRAINT DRY_RUN EXCLUDE EXCLUDE_NEWER FORK_STRATEGY FROZEN LOCKED
    NO_BINARY NO_BINARY_PACKAGE NO_BUILD NO_BUILD_ISOLATION NO_BUILD_PACKAGE NO_CONFIG NO_DEFAULT_GROUPS NO_DEV
    NO_EDITABLE NO_GROUP NO_INSTALL_LOCAL NO_INSTALL_PROJECT NO_INSTALL_WORKSPACE NO_SOURCES NO_SYNC
    NO_VERIFY_HASHES OVERRIDE PRERELEASE PROJECT PROJECT_ENVIRONMENT PYTHON REINSTALL REQUIRE_HASHES RESOLUTION
    SYSTEM_PYTHON TARGET TORCH_BACKEND UPGRADE WORKING_DIR WORKING_DIRECTORY
"""
_PIP_KEPT = """
    CACHE_DIR CERT CLIENT_CERT CONFIG_FILE DEFAULT_TIMEOUT DISABLE_PIP_VERSION_CHECK EXTRA_INDEX_URL FIND_LINKS
    INDEX_URL KEYRING_PROVIDER NO_CACHE_DIR NO_INPUT PROGRESS_BAR PROXY RETRIES TIMEOUT TRUSTED_HOST USE_FEATURE
"""

# Beside these, an environment keeps its programs: of Python (PEP 405), and of conda.
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_EXECUTABLE = (".exe", ".cmd", ".bat", ".com")

Kind = Literal["environment", "repository", "allowed", "outside"]


class Programs(Record, kw_only=True):
    """The programs for the environment *venv* in the workspace at *root*.

    *external* programs may come from outside, as the configuration says.
    """

    venv: Venv
    root: Path
    external: tuple[str, ...] = ()

    def kind(self, program: str) -> Kind:
        """Return what *program* is, as a command in the working directory names it."""
        is_path = os.path.dirname(program) != ""  # noqa: PTH120 - `Path` forgets the `./`
        # On Windows, a name is looked for in the working directory, too.
        path = program if is_path else shutil.which(program, path=os.fspath(self.venv.bin))
        if path is not None and _lies_in(self.venv.location, os.path.abspath(path), follow=False):  # noqa: PTH100 - `..`, not links
            return "environment"
        if self._is_allowed(program):
            return "allowed"
        if path is not None and _lies_in(self.root, path, follow=True):
            return "repository"
        return "outside"

    def broken(self, program: str) -> Path | None:
        """Return the file of the environment that has the name of *program* and does not run, `None` without any."""
        file = self.venv.bin / plain_name(program)
        return file if os.path.lexists(file) and shutil.which(program, path=os.fspath(self.venv.bin)) is None else None

    def _is_allowed(self, program: str) -> bool:
        """Return whether *program* may come from outside: a name allows it wherever it is, a path only itself."""
        names = (name for name in (*ALWAYS, *self.external) if "/" not in name and "\\" not in name)
        return program in self.external or plain_name(program) in map(plain_name, names)


def plain_name(program: str, os_name: str = os.name) -> str:
    """Return the name of *program*, a name or path; on Windows without what makes a file one, and in lower case."""
    if os_name != "nt":
        return program.rpartition("/")[2]
    name = program.replace("\\", "/").rpartition("/")[2].lower()
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name of another system
    return stem if suffix in _EXECUTABLE else name


def _lies_in(directory: Path, path: str, *, follow: bool) -> bool:
    """Return whether *path* lies below *directory*, and in no environment below it; *follow* a link that *path* is."""
    inside = path_inside(path if follow else os.path.dirname(path), directory)  # noqa: PTH120 - as text, of each command
    if inside is None:
        return False
    folder = os.path.dirname(inside) if follow else inside  # noqa: PTH120 - as above
    while folder:
        if any(os.path.exists(os.path.join(directory, folder, mark)) for mark in _ENVIRONMENTS):  # noqa: PTH110, PTH118 - as above
            return False
        folder = os.path.dirname(folder)  # noqa: PTH120 - as above
    return True


def find_uv() -> str | None:
    """Return the uv to use, `None` without any: the one that ``UV`` names, the one beside wsnox, the one on ``PATH``."""
    named = os.environ.get("UV")
    if named:
        return shutil.which(named)
    try:
        return _unnamed_uv(os.environ.get("PATH"))
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _unnamed_uv(path: str | None) -> str:
    """Return the uv beside wsnox or on *path*, found once a process; raise `FileNotFoundError` where there is none."""
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - an optional dependency

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv", path=path)
        if found is None:
            raise FileNotFoundError from None
        return found


def command_env() -> dict[str, str | None]:
    """Return the variables that a command has otherwise than nox: `None` takes one away."""
    return {**dict.fromkeys((*_IMPORTS, *_PROJECT)), "PYTHONNOUSERSITE": "1"}


def activated_env(venv: Venv, environ: Mapping[str, str], *, uv: bool) -> dict[str, str]:
    """Return the variables of a command that runs in *venv* without nox, where those around are *environ*.

    They are the ones that nox gives a command of a session; *uv* is whether that would make environments with uv.
    """
    location = str(venv.location)
    changed = {**dict.fromkeys(_BY_NOX), **command_env(), "VIRTUAL_ENV": location, "UV_PROJECT_ENVIRONMENT": location}
    if uv:
        changed["UV_PYTHON"] = location
    env = {name: value for name, value in {**environ, **changed}.items() if value is not None}
    path = env.get("PATH")
    return {**env, "PATH": f"{venv.bin}{os.pathsep}{path}" if path else str(venv.bin)}


def install_env(environ: Iterable[str]) -> dict[str, str | None]:
    """Return the same for an install, given the names of the variables in the *environ* of nox."""
    changing = [name for name in environ if _is_changing(name)]
    # Older releases of uv know PEP 751 files as a preview only, and say so at every run.
    return {**command_env(), **dict.fromkeys(changing), "UV_PREVIEW_FEATURES": "pylock"}


def _is_changing(name: str) -> bool:
    """Return whether the variable changes what is installed, or where."""
    tool, _, option = name.partition("_")
    return (tool == "UV" and option in _UV_CHANGES.split()) or (tool == "PIP" and option not in _PIP_KEPT.split())
