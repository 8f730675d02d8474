"""Start the real uv, the test backend in a folder, and pip without compiling it first."""

from __future__ import annotations

import atexit
import compileall
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UvError", "compiled_seeds", "find_uv", "lock", "run_backend", "uv"]


class UvError(Exception):
    """uv failed; the text is what it said."""


def find_uv() -> str:
    """Return the path of uv: the one of the Python package ``uv``, else the first on ``PATH``."""
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found is None:
            raise
        return found


def uv(root: Path, *args: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run uv with *args* in *root*, without network and without fetching Pythons, and return what it said."""
    offline = {"UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON": sys.executable, "NO_COLOR": "1"}
    return subprocess.run(
        [find_uv(), *args],
        cwd=root,
        env={**os.environ, **offline, **(env or {})},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


def lock(root: Path, *, env: Mapping[str, str] | None = None) -> Path:
    """Lock the workspace at *root* with the real uv and return the lockfile; raise `UvError` where uv refuses.

    The test is skipped where the workspace is for newer Pythons than the one that runs the tests.
    """
    done = uv(root, "lock", "--offline", env=env)
    if done.returncode:
        if "incompatible with the project's Python requirement" in done.stderr:
            pytest.skip("the workspace is for newer Pythons")
        raise UvError(done.stderr)
    return root / "uv.lock"


def run_backend(source: Path, hook: str, folder: Path) -> str:
    """Run the *hook* of the backend in *source*, have it write into *folder*, and return the name of its file."""
    code = f"import sys, wsnox_test_backend; print(wsnox_test_backend.{hook}(sys.argv[1]))"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.fspath(source)}
    command = [sys.executable, "-c", code, os.fspath(folder.resolve())]
    done = subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


@cache
def compiled_seeds() -> Mapping[str, str]:
    """Return the variables with which virtualenv copies a pip that is compiled: half of what it does once is compiling it."""
    folder = Path(mkdtemp(prefix="seeds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    variables = {"VIRTUALENV_OVERRIDE_APP_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", str(folder / "first")]
    subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True)
    for seed in folder.glob("data/wheel/*/image/*/*/pip-*/pip"):
        compileall.compile_dir(seed, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return variables
