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
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from wsnox.environment.drafts import write_whole
from wsnox.environment.probe import answered, probe
from wsnox.files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.probe import Interpreter
    from wsnox.environment.records import Job

__all__ = ["interpreter_of"]

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
        interpreter = probe(job.python)
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
    parts = [PurePosixPath(directory) for directory in said["site"]]
    if any(part.is_absolute() or ".." in part.parts or not part.parts for part in parts):
        raise ValueError
    return answered(said, job.python, job.location)


def _remember(path: Path, interpreter: Interpreter) -> None:
    """Write down what *interpreter* said, with its site directories relative to its prefix."""
    prefix, platform = interpreter.prefix, interpreter.platform
    if not all(directory.is_relative_to(prefix) for directory in interpreter.site):
        return
    site = [directory.relative_to(prefix).as_posix() for directory in interpreter.site]
    said = {
        "markers": dict(interpreter.target.values),
        "site": site,
        # As the interpreter says it: the last part of a suffix is that of the file.
        "abi": f".{platform.abi}.so",
        "glibc": platform.glibc,
        "macos": platform.macos,
    }
    write_whole(path, json.dumps(said).encode())
