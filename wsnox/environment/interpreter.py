"""An interpreter's own account of itself: its marker values, its ABI, and where it looks for what is installed.

The question runs on the session's Python, which may be older than wsnox's own (3.8 at the least) and has nothing
installed; it is asked in isolated mode, so that no variable and no file of the user's or of the environment's changes
the answer. The answer is cached beside the environments: those of one Python get the same, but for their own paths.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from wsnox._record import Record
from wsnox.closure.compatibility import Platform
from wsnox.errors import InterpreterError
from wsnox.files import atomic_write, read_regular
from wsnox.markers.target import Target, target_of

__all__ = ["Interpreter", "cached_interpreter", "parse_answer", "probe"]

# `-S` and the line about `venv` let Python find out where it looks without running what is there: `.pth` files and
# `sitecustomize` are proven only afterwards. On Windows the prefix itself is one of the places; it holds the environment.
_QUESTION = """
import sys, site
site.addsitedir = lambda *arguments, **options: None
site.venv(set())
import json, os, platform, sysconfig
version = sys.implementation.version
implementation = "%d.%d.%d" % version[:3]
if version.releaselevel != "final":
    implementation += version.releaselevel[0] + str(version.serial)
paths = sysconfig.get_paths()
inside = os.path.join(sys.prefix, "")
directories = {}
for path in [paths["purelib"], paths["platlib"], *site.getsitepackages([sys.prefix])]:
    if path in (paths["purelib"], paths["platlib"]) or path.startswith(inside):
        directories.setdefault(os.path.normcase(os.path.realpath(path)), path)
try:
    glibc = os.confstr("CS_GNU_LIBC_VERSION")
except (AttributeError, OSError, ValueError):
    glibc = None
print(json.dumps({
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": implementation,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
    "site": sorted(directories.values()),
    "scripts": paths["scripts"],
    "prefix": sys.prefix,
    "abi": sysconfig.get_config_var("EXT_SUFFIX"),
    "glibc": (glibc or "").replace("glibc ", ""),
    "macos": platform.mac_ver()[0],
}))
"""

_MARKERS = frozenset(re.findall(r'^        "(\w+)": ', _QUESTION, re.MULTILINE))

# The names of directories of distributions and scripts, on every system.
_DIRECTORIES = frozenset({"site-packages", "dist-packages", "bin", "Scripts"})

# Settings that differ between environments of one Python, and say nothing of it.
_OWN_SETTINGS = re.compile(r"^(prompt|command)\s*=.*$", re.MULTILINE)


class Interpreter(Record):
    """An *executable*, its *target*, its *prefix*, and the *site* directories where it looks for distributions.

    *scripts* is where programs are installed. *platform* is what compiled code for it is for, more closely than markers
    tell.
    """

    executable: Path
    target: Target
    prefix: Path
    site: tuple[Path, ...]
    scripts: Path
    platform: Platform

    @property
    def directories(self) -> tuple[Path, ...]:
        """All directories where a distribution may have what is imported or started."""
        return (*self.site, self.scripts)

    @property
    def is_self_contained(self) -> bool:
        """Whether all its directories are below its prefix, and called as such directories are."""
        return all(
            directory.name in _DIRECTORIES
            and directory.is_relative_to(self.prefix)
            and ".." not in directory.relative_to(self.prefix).parts
            for directory in self.directories
        )


def cached_interpreter(python: Path, location: Path, cache: Path) -> Interpreter:
    """Return the interpreter *python* of the environment at *location*; raise `InterpreterError` where it says nothing.

    It is asked only if no answer for its program, this system and the environment's settings is in the folder *cache*.
    """
    key = _cache_key(python, location)
    if key is None:
        return probe(python)
    path = cache / f"{key}.json"
    try:
        interpreter = parse_answer(json.loads(read_regular(path)), python, location)
        if interpreter.is_self_contained:
            return interpreter
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    interpreter = probe(python)
    if interpreter.is_self_contained:
        # The answer has the directories as they were resolved; stamps are compared with the location as nox calls it.
        if os.path.realpath(interpreter.prefix) == os.path.realpath(location):
            *site, scripts = (location / path.relative_to(interpreter.prefix) for path in interpreter.directories)
            interpreter = replace(interpreter, prefix=location, site=tuple(site), scripts=scripts)
        _cache(path, interpreter)
    return interpreter


def _cache_key(python: Path, location: Path) -> str | None:
    """Return the key of an answer, `None` where the environment does not say which Python it is of."""
    try:
        settings = (location / "pyvenv.cfg").read_text(encoding="utf-8")
        status = python.stat()
    except (OSError, UnicodeDecodeError):
        return None
    if not re.search(r"^home\s*=", settings, re.MULTILINE):
        return None
    program = f"{os.path.realpath(python)} {status.st_size} {status.st_mtime_ns}"
    system = f"{platform.release()} {platform.version()}"
    return hashlib.sha256(f"{program}\n{system}\n{_OWN_SETTINGS.sub('', settings)}".encode()).hexdigest()[:32]


def _cache(path: Path, interpreter: Interpreter) -> None:
    """Write the answer of *interpreter* to *path*, with its directories relative to its prefix."""
    *site, scripts = (directory.relative_to(interpreter.prefix).as_posix() for directory in interpreter.directories)
    answer = {
        "markers": dict(interpreter.target.values),
        "site": site,
        "scripts": scripts,
        # As the interpreter says it: the last part of a suffix is that of the file.
        "abi": f".{interpreter.platform.abi}.so",
        "glibc": interpreter.platform.glibc,
        "macos": interpreter.platform.macos,
    }
    atomic_write(path, json.dumps(answer).encode())


def probe(executable: Path) -> Interpreter:
    """Ask the interpreter at *executable* about itself; raise `InterpreterError` where it gives no answer."""
    try:
        process = subprocess.run(
            [str(executable), "-I", "-S", "-c", _QUESTION],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InterpreterError(str(executable), f"does not answer: {error.strerror or error}") from error
    try:
        answer = json.loads(process.stdout)
        return parse_answer(answer, executable, Path(_text(answer, "prefix")))
    except (ValueError, KeyError, TypeError):
        last = process.stderr.strip().splitlines()[-1:]
        raise InterpreterError(str(executable), ": ".join(["does not answer", *last])) from None


def parse_answer(answer: Any, executable: Path, prefix: Path) -> Interpreter:
    """Return the interpreter that gave *answer*, its directories below *prefix* where they are relative.

    Raise `ValueError`, `KeyError` or `TypeError` for anything but such an answer.
    """
    markers = dict(answer["markers"])
    if markers.keys() != _MARKERS or not all(isinstance(value, str) for value in markers.values()):
        raise ValueError
    site = answer["site"]
    if not isinstance(site, list) or not site or not all(isinstance(part, str) and part for part in site):
        raise TypeError
    # It names a directory, too, so not anything will do.
    abi = _text(answer, "abi").strip(".").rpartition(".")[0]
    if not re.fullmatch(r"(?:[\w-][\w.-]*)?", abi):
        raise ValueError
    return Interpreter(
        executable=executable,
        target=target_of(markers),
        prefix=prefix,
        site=tuple(prefix / part for part in site),
        scripts=prefix / _text(answer, "scripts"),
        platform=Platform(abi=abi, glibc=_text(answer, "glibc"), macos=_text(answer, "macos")),
    )


def _text(answer: Any, key: str) -> str:
    value = answer[key]
    if not isinstance(value, str):
        raise TypeError
    return value
