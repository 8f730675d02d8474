"""Whether an environment is the one that nox made: its own Python, settings and directories, and a pip that works.

One that is not is made anew, as what it should hold is cached, and costs little.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.record import owned_by
from wsnox.environment.site_packages import is_complete, read_installed
from wsnox.errors import InterpreterError
from wsnox.files import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.stamp import Stamp

__all__ = ["is_requested", "usable_interpreter", "why_replaced"]

# What counts more than an environment's `pyvenv.cfg`: CPython, `Modules/getpath.py`, and `site.venv` before 3.14.
_BEFORE_SETTINGS = frozenset({"pybuilddir.txt", "pyvenv.cfg"})


def why_replaced(stamp: Stamp | None, location: Path, settings: str) -> str:
    """Return why the environment at *location* is not the one that its *stamp* was written for, empty if it is.

    *settings* is the digest of its ``pyvenv.cfg``.
    """
    if stamp is None:
        return ""
    if not stamp.finished:
        return "its last preparation did not finish"
    proven_at = stamp.inputs.get("location", "another place")
    if proven_at != os.path.realpath(location):
        return f"it was made in `{proven_at}`"
    unchanged = stamp.inputs.get("pyvenv.cfg") == settings
    return "" if unchanged else "its `pyvenv.cfg` is not the one that it was proven with"


def usable_interpreter(python: Path, location: Path, request: str, *, cache: Path, pip: bool) -> Interpreter:
    """Return the interpreter *python* of the environment at *location*, of the version that *request* names.

    Where packages are installed with *pip*, that must be complete. Raise `InterpreterError` where anything is wrong.
    Answers of interpreters are kept in the folder *cache*.
    """
    # Looked at first: the Python that is asked would go by it.
    for name in _names_in(python.parent):
        if name in _BEFORE_SETTINGS or name.endswith("._pth"):
            raise InterpreterError(str(python), f"would go by the `{name}` beside it")
    interpreter = cached_interpreter(python, location, cache)
    if os.path.realpath(interpreter.prefix) != os.path.realpath(location):
        raise InterpreterError(str(python), f"belongs to `{interpreter.prefix}`")
    if not is_requested(interpreter.target.python, request):
        raise InterpreterError(str(python), f"is Python {interpreter.target.python}, not {request}")
    settings = (location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    # As `site` reads it: the last line counts, and without any the system's packages are seen.
    system = re.findall(r"^\s*include-system-site-packages\s*=(.*)$", settings, re.IGNORECASE | re.MULTILINE)
    if not system or str(system[-1]).strip().lower() == "true":
        hint = "`VIRTUALENV_SYSTEM_SITE_PACKAGES` or virtualenv's settings file ask nox for that"
        raise InterpreterError(str(python), "sees the packages of the system", hint=hint)
    homes = re.findall(r"^\s*home\s*=\s*(.*?)\s*$", settings, re.IGNORECASE | re.MULTILINE)
    # Copies, and the launchers on Windows, do not tell where they came from.
    if python.is_symlink() and not all(_leads_through(python, home) for home in homes):
        raise InterpreterError(str(python), "has a `pyvenv.cfg` that names the `home` of another Python")
    if outside := [path for path in interpreter.directories if not is_inside(path, location)]:
        leads = f"has a `{outside[0].name}` that leads to `{os.path.realpath(outside[0])}`"
        raise InterpreterError(str(python), leads)
    if pip and not _has_pip(interpreter.site):
        raise InterpreterError(str(python), "has a pip that is missing or in pieces")
    return interpreter


def is_requested(version: str, request: str) -> bool:
    """Return whether *version* is one that *request* (``3.12``, ``3.13t``, ``pypy3.10``, a path) names, as far as it does."""
    release = re.search(r"\d+(\.\d+)*", request) if "/" not in request and "\\" not in request else None
    return release is None or f"{version}.".startswith(f"{release[0]}.")


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all it takes
    except OSError:
        return []


def _leads_through(python: Path, home: str) -> bool:
    """Return whether one of the links from *python* to its program leads to the folder *home*."""
    while python.is_symlink():
        python = python.parent / python.readlink()
        try:
            if python.parent.samefile(home):
                return True
        except (OSError, ValueError):
            continue
    return False


def _has_pip(site: Iterable[Path]) -> bool:
    """Return whether there is one pip in *site*, complete, that owns nothing else: it stays where nothing locks it."""
    pips = [distribution for distribution in read_installed(site).distributions if distribution.name == "pip"]
    if len(pips) != 1 or not is_complete(pips[0]):
        return False
    tops = {path.partition("/")[0] for path in owned_by(str(pips[0].metadata)).paths}
    return all(top in ("..", "__pycache__", "pip") or top.startswith("pip-") for top in tops)
