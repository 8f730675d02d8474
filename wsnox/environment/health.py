"""Is the environment whole? One that is not is made anew: what it should hold is cached, and costs little.

Not whole is an environment whose preparation was killed, which was moved or copied from where it was made, whose
interpreter does not answer, or answers as another one (without its ``pyvenv.cfg``, the Python in it *is* the one it was
made from, and must never be touched), which sees the
system's packages, or whose pip is in pieces where pip must install. So is one of another Python than the session's, one
whose settings are not those that were proven, or that Python would take from elsewhere (CPython's ``Modules/getpath``),
and one of whose directories leads out of it: what installers and wsnox remove there would be somebody else's.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wsnox.environment.inputs import settings_digest
from wsnox.environment.installed import read_installed, whole
from wsnox.environment.recorded import owned_by
from wsnox.environment.remembered import interpreter_of
from wsnox.environment.removal import is_inside
from wsnox.environment.stamp import read_stamp
from wsnox.errors import InterpreterError, ProofError

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.installed import Distribution
    from wsnox.environment.probe import Interpreter
    from wsnox.environment.records import Job
    from wsnox.environment.stamp import Stamp

__all__ = ["healthy"]

# CPython, `Modules/getpath.py`, and `site.venv` before 3.14.
_BEFORE_SETTINGS = frozenset({"pybuilddir.txt", "pyvenv.cfg"})


def healthy(job: Job, *, permitted: bool) -> Interpreter:
    """Return the interpreter of *job*'s environment, which is made anew where it is not whole and that is *permitted*."""
    reason = _why_not_itself(read_stamp(job.stamp), job)
    if not reason:
        try:
            return _examined(job)
        except InterpreterError as error:
            reason = error.sentence
    if not permitted:
        raise ProofError(job.label, [f"! {reason}"], hint="run nox without `-R`, so that it may be made anew")
    job.log(f"{job.label}: making the environment anew, as {reason}")
    job.recreate()
    return _examined(job)


def _why_not_itself(stamp: Stamp | None, job: Job) -> str:
    """Return why the environment of *job* is not what its *stamp* was written for, empty where it is."""
    if stamp is None:
        return ""
    if not stamp.finished:
        return "its last preparation did not finish"
    place = stamp.inputs.get("place", "another place")
    if place != os.path.realpath(job.location):
        return f"it was made in `{place}`"
    same = stamp.inputs.get("pyvenv.cfg") == settings_digest(job.location)
    return "" if same else "its `pyvenv.cfg` is not the one that it was proven with"


def _examined(job: Job) -> Interpreter:
    # Looked at first: the Python that is asked would go by it.
    if found := _before_settings(job):
        raise InterpreterError(str(job.python), f"would go by the `{found}` beside it")
    interpreter = interpreter_of(job)
    if os.path.realpath(interpreter.prefix) != os.path.realpath(job.location):
        raise InterpreterError(str(job.python), f"belongs to `{interpreter.prefix}`")
    if not _is_wanted(interpreter.target.python, job.wanted):
        raise InterpreterError(str(job.python), f"is Python {interpreter.target.python}, not {job.wanted}")
    if _sees_system(job):
        hint = "nox makes it so where `VIRTUALENV_SYSTEM_SITE_PACKAGES` or virtualenv's settings file ask for that"
        raise InterpreterError(str(job.python), "sees the packages of the system", hint=hint)
    if not _is_at_home(job):
        raise InterpreterError(str(job.python), "has a `pyvenv.cfg` that names the `home` of another Python")
    if outside := [place for place in interpreter.places if not is_inside(place, job.location)]:
        leads = f"has a `{outside[0].name}` that leads to `{os.path.realpath(outside[0])}`"
        raise InterpreterError(str(job.python), leads)
    if job.uv is None:
        pips = [found for found in read_installed(interpreter.site).distributions if found.name == "pip"]
        if len(pips) != 1 or not whole(pips[0]) or not _is_alone(pips[0]):
            raise InterpreterError(str(job.python), "has a pip that is missing or in pieces")
    return interpreter


def _before_settings(job: Job) -> str:
    """Return what beside the environment's Python counts more than its ``pyvenv.cfg``, empty where nothing does."""
    try:
        names = sorted(os.listdir(job.python.parent))  # noqa: PTH208 - names are all it takes
    except OSError:
        return ""
    return next((name for name in names if name in _BEFORE_SETTINGS or name.endswith("._pth")), "")


def _is_at_home(job: Job) -> bool:
    """Return whether the environment's Python leads through the ``home`` that it takes its standard library from."""
    settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    homes = re.findall(r"^\s*home\s*=\s*(.*?)\s*$", settings, re.IGNORECASE | re.MULTILINE)
    # Copies, and the launchers on Windows, do not tell where they came from.
    return not job.python.is_symlink() or all(_leads_through(job.python, home) for home in homes)


def _leads_through(python: Path, home: str) -> bool:
    while python.is_symlink():
        python = python.parent / python.readlink()
        try:
            if python.parent.samefile(home):
                return True
        except (OSError, ValueError):
            continue
    return False


def _is_alone(pip: Distribution) -> bool:
    """Return whether *pip*, which stays where nothing locks it, owns nothing else that could be imported."""
    own = ("..", "__pycache__", "pip")
    return all(
        first in own or first.startswith("pip-")
        for first in (path.partition("/")[0] for path in owned_by(str(pip.place)).sizes)
    )


def _sees_system(job: Job) -> bool:
    settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    said = re.findall(r"^\s*include-system-site-packages\s*=(.*)$", settings, re.IGNORECASE | re.MULTILINE)
    # As `site` reads it: the last line counts, and without any the system's packages are seen.
    return not said or str(said[-1]).strip().lower() == "true"


def _is_wanted(version: str, wanted: str) -> bool:
    """Tell whether *version* is one that *wanted* (``3.12``, ``3.13t``, ``pypy3.10``, a path) names, as far as it does."""
    found = re.search(r"\d+(\.\d+)*", wanted) if "/" not in wanted and "\\" not in wanted else None
    return found is None or f"{version}.".startswith(f"{found[0]}.")
