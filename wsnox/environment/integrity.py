"""Whether an environment is the one that nox made: its own Python, settings and directories, and a pip that works.

One that is not is made anew, as what it should hold is cached, and costs little.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.record import owned_by
from wsnox.environment.scripts import is_copy
from wsnox.environment.site_packages import is_complete, read_installed
from wsnox.errors import InterpreterError
from wsnox.files import is_inside, read_regular

if TYPE_CHECKING:
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.stamp import Stamp

__all__ = ["is_requested", "usable_interpreter", "why_replaced"]

# What counts more than an environment's `pyvenv.cfg`: CPython, `Modules/getpath.py`, and `site.venv` before 3.14.
_BEFORE_SETTINGS = frozenset({"pybuilddir.txt", "pyvenv.cfg"})

# As pip calls its own entry points, and `virtualenv` too.
_PIP_SCRIPT = re.compile(r"pip(?:-?\d+(?:\.\d+)?t?)?(?:\.exe)?")


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
    if _is_script(python):
        raise InterpreterError(str(python), "is a script, which may start any Python with anything")
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
    if not all(_is_from(python, home) for home in homes):
        raise InterpreterError(str(python), "has a `pyvenv.cfg` that names the `home` of another Python")
    if outside := [path for path in interpreter.directories if not is_inside(path, location)]:
        leads = f"has a `{outside[0].name}` that leads to `{os.path.realpath(outside[0])}`"
        raise InterpreterError(str(python), leads)
    if pip and not _has_pip(interpreter):
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


def _is_script(python: Path) -> bool:
    """Return whether *python* itself is a script; where a link leads is for the Python that it was made from to say."""
    try:
        return not python.is_symlink() and read_regular(python).startswith(b"#!")
    except OSError:
        return False


def _is_from(python: Path, home: str) -> bool:
    """Return whether *python* is the program of an environment that was made from a Python in the folder *home*."""
    if python.is_symlink():
        return _leads_through(python, home)
    # The launchers on Windows start another program, and `virtualenv` changes its copy of a framework's on macOS.
    if sys.platform in ("win32", "darwin"):
        return True
    return any(is_copy(python, Path(home, name)) for name in _names_in(Path(home)))


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


def _has_pip(interpreter: Interpreter) -> bool:
    """Return whether *interpreter* has one pip, complete, that owns nothing else: it stays where nothing locks it."""
    installed = read_installed(interpreter.site)
    pips = [distribution for distribution in installed.distributions if distribution.name == "pip"]
    if len(pips) != 1 or not is_complete(pips[0]):
        return False
    metadata = pips[0].metadata
    scripts = os.path.relpath(interpreter.scripts, metadata.parent).replace("\\", "/")
    # `virtualenv` leaves a mark beside the metadata.
    own = {"__pycache__", "pip", metadata.name, f"{metadata.stem}.virtualenv"}
    return all(
        path.partition("/")[0] in own
        or (path.startswith(f"{scripts}/") and _PIP_SCRIPT.fullmatch(path, len(scripts) + 1) is not None)
        for path in owned_by(str(metadata)).paths
    )
