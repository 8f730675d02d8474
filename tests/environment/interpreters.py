"""The CPythons of this machine, found without starting every one that might be there."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

__all__ = ["MINORS", "interpreter", "path_with"]

MINORS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
"""What CI may have; a test of one that the machine lacks is skipped."""


def interpreter(minor: str) -> Path:
    """Return the CPython of this *minor* version, or skip the test."""
    found = _found(minor)
    if found is None:
        pytest.skip(f"no CPython {minor} on this machine")
    return found


def path_with(*minors: str) -> str:
    """Return a ``PATH`` on which the CPythons of *minors* come first, or skip the test."""
    return os.pathsep.join([*(str(interpreter(minor).parent) for minor in minors), os.environ.get("PATH", "")])


@cache
def _found(minor: str) -> Path | None:
    return next((candidate for candidate in _candidates(minor) if _is(candidate, minor)), None)


def _candidates(minor: str) -> list[Path]:
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == minor:
        return [Path(sys.executable)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    tool_cache = Path(os.environ.get("RUNNER_TOOL_CACHE", "/nowhere"))
    folders = [
        *sorted(pyenv.glob(f"versions/{minor}.*/bin")),
        *sorted(tool_cache.glob(f"Python/{minor}.*/*/bin")),
        *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
    ]
    names = (f"python{minor}", f"python{minor}.exe")
    return [folder / name for folder in folders for name in names if (folder / name).is_file()]


def _is(candidate: Path, minor: str) -> bool:
    code = "import platform; print(platform.python_implementation(), platform.python_version())"
    try:
        said = subprocess.run([candidate, "-I", "-c", code], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return False
    return said.stdout.startswith(f"CPython {minor}.")
