"""Is the environment whole? One that is not is made anew: what it should hold is cached, and costs little.

Not whole is an environment whose preparation was killed, whose interpreter does not answer, or answers as another one
(without its ``pyvenv.cfg``, the Python in it *is* the one it was made from, and must never be touched), which sees the
system's packages, or whose pip is in pieces where pip must install. So is one of another Python than the session's.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wsnox.environment.installed import read_installed, whole
from wsnox.environment.remembered import interpreter_of
from wsnox.environment.stamp import read_stamp
from wsnox.errors import InterpreterError, ProofError

if TYPE_CHECKING:
    from wsnox.environment.probe import Interpreter
    from wsnox.environment.records import Job

__all__ = ["healthy"]


def healthy(job: Job, *, permitted: bool) -> Interpreter:
    """Return the interpreter of *job*'s environment, which is made anew where it is not whole and that is *permitted*."""
    stamp = read_stamp(job.stamp)
    if stamp is None or stamp.finished:
        try:
            return _examined(job)
        except InterpreterError as error:
            reason = error.sentence
    else:
        reason = "its last preparation did not finish"
    if not permitted:
        raise ProofError(job.label, [f"! {reason}"], hint="run nox without `-R`, so that it may be made anew")
    job.log(f"{job.label}: making the environment anew, as {reason}")
    job.recreate()
    return _examined(job)


def _examined(job: Job) -> Interpreter:
    interpreter = interpreter_of(job)
    if os.path.realpath(interpreter.prefix) != os.path.realpath(job.location):
        raise InterpreterError(str(job.python), f"belongs to `{interpreter.prefix}`")
    if not _is_wanted(interpreter.target.python, job.wanted):
        raise InterpreterError(str(job.python), f"is Python {interpreter.target.python}, not {job.wanted}")
    if _sees_system(job):
        hint = "nox makes it so where `VIRTUALENV_SYSTEM_SITE_PACKAGES` or virtualenv's settings file ask for that"
        raise InterpreterError(str(job.python), "sees the packages of the system", hint=hint)
    if job.uv is None:
        pips = [found for found in read_installed(interpreter.site).distributions if found.name == "pip"]
        if len(pips) != 1 or not whole(pips[0]):
            raise InterpreterError(str(job.python), "has a pip that is missing or in pieces")
    return interpreter


def _sees_system(job: Job) -> bool:
    settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    said = re.findall(r"^\s*include-system-site-packages\s*=(.*)$", settings, re.IGNORECASE | re.MULTILINE)
    # As `site` reads it: the last line counts, and without any the system's packages are seen.
    return not said or str(said[-1]).strip().lower() == "true"


def _is_wanted(version: str, wanted: str) -> bool:
    """Tell whether *version* is one that *wanted* (``3.12``, ``3.13t``, ``pypy3.10``, a path) names, as far as it does."""
    found = re.search(r"\d+(\.\d+)*", wanted) if "/" not in wanted and "\\" not in wanted else None
    return found is None or f"{version}.".startswith(f"{found[0]}.")
