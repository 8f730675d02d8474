"""What interpreters said, remembered beside the environments: every environment of one Python gets the same answer.

An answer belongs to the program that an environment's Python leads to, the settings in its ``pyvenv.cfg``, and the
system it runs on. An environment's Python is its own wherever ``pyvenv.cfg`` has a ``home`` (PEP 405), so its prefix
need not be asked for; without one nothing is remembered, and the interpreter is asked itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wsnox.environment.drafts import write_whole
from wsnox.environment.probe import answered, probe
from wsnox.files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.probe import Interpreter
    from wsnox.environment.records import Job

__all__ = ["interpreter_of"]

# What the directories are called where distributions and scripts are, on every system.
_PLACES = frozenset({"site-packages", "dist-packages", "bin", "Scripts"})

# What differs between environments of one Python, and says nothing of it.
_OWN = re.compile(r"^(prompt|command)\s*=.*$", re.MULTILINE)


def interpreter_of(job: Job) -> Interpreter:
    """Return the interpreter of *job*'s environment, asking it only where no environment of its Python was asked."""
    key = _key(job)
    if key is None:
        return probe(job.python)
    path = job.shared / "interpreters" / f"{key}.json"
    try:
        return _recalled(json.loads(read_regular(path)), job)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        interpreter = _at_its_location(probe(job.python), job.location)
        _remember(path, interpreter)
        return interpreter


def _key(job: Job) -> str | None:
    try:
        settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8")
        state = job.python.stat()
    except (OSError, UnicodeDecodeError):
        return None
    if not re.search(r"^home\s*=", settings, re.MULTILINE):
        return None
    program = f"{os.path.realpath(job.python)} {state.st_size} {state.st_mtime_ns}"
    system = f"{platform.release()} {platform.version()}"
    return hashlib.sha256(f"{program}\n{system}\n{_OWN.sub('', settings)}".encode()).hexdigest()[:32]


def _recalled(said: Any, job: Job) -> Interpreter:
    """Return the interpreter of *job* as *said* has it; raise where that has another form, or leads out of the environment."""
    interpreter = answered(said, job.python, job.location)
    if not _is_within(interpreter):
        raise ValueError
    return interpreter


def _is_within(interpreter: Interpreter) -> bool:
    """Return whether all directories of *interpreter* are its own, as they are called: below its prefix, and for these things."""
    return all(
        place.name in _PLACES
        and place.is_relative_to(interpreter.prefix)
        and ".." not in place.relative_to(interpreter.prefix).parts
        for place in interpreter.places
    )


def _at_its_location(interpreter: Interpreter, location: Path) -> Interpreter:
    """Return *interpreter* with the environment's *location* as it is called here, by which stamps are compared."""
    prefix = interpreter.prefix
    if os.path.realpath(prefix) != os.path.realpath(location) or not _is_within(interpreter):
        return interpreter
    *site, scripts = (location / directory.relative_to(prefix) for directory in interpreter.places)
    return replace(interpreter, prefix=location, site=tuple(site), scripts=scripts)


def _remember(path: Path, interpreter: Interpreter) -> None:
    """Write down what *interpreter* said, with its directories relative to its prefix."""
    if not _is_within(interpreter):
        return
    *site, scripts = (directory.relative_to(interpreter.prefix).as_posix() for directory in interpreter.places)
    said = {
        "markers": dict(interpreter.target.values),
        "site": site,
        "scripts": scripts,
        # As the interpreter says it: the last part of a suffix is that of the file.
        "abi": f".{interpreter.platform.abi}.so",
        "glibc": interpreter.platform.glibc,
        "macos": interpreter.platform.macos,
    }
    write_whole(path, json.dumps(said).encode())
