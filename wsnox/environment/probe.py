"""Ask an interpreter what it is: its marker values, and where it looks for what is installed.

The question runs on the session's Python, which may be older than wsnox's own (3.8 at the least) and has nothing
installed; it is asked in isolated mode, so that no variable and no file of the user's or of the environment's changes
the answer.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from wsnox.closure.fitting import Platform
from wsnox.closure.target import Target, target_of
from wsnox.errors import InterpreterError
from wsnox.record import Record

__all__ = ["Interpreter", "answered", "probe"]

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
places = {}
for place in [paths["purelib"], paths["platlib"], *site.getsitepackages([sys.prefix])]:
    if place in (paths["purelib"], paths["platlib"]) or place.startswith(inside):
        places.setdefault(os.path.normcase(os.path.realpath(place)), place)
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
    "site": sorted(places.values()),
    "scripts": paths["scripts"],
    "prefix": sys.prefix,
    "abi": sysconfig.get_config_var("EXT_SUFFIX"),
    "glibc": (glibc or "").replace("glibc ", ""),
    "macos": platform.mac_ver()[0],
}))
"""


_MARKERS = frozenset(re.findall(r'^        "(\w+)": ', _QUESTION, re.MULTILINE))


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
    def places(self) -> tuple[Path, ...]:
        """All directories where a distribution may have what is imported or started."""
        return (*self.site, self.scripts)


def probe(executable: Path) -> Interpreter:
    """Return what the interpreter at *executable* says of itself; raise `InterpreterError` where it says nothing."""
    try:
        answer = subprocess.run(
            [str(executable), "-I", "-S", "-c", _QUESTION],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InterpreterError(str(executable), f"does not answer: {error.strerror or error}") from error
    return _understood(executable, answer.stdout, answer.stderr)


def _understood(executable: Path, answer: str, complaint: str) -> Interpreter:
    try:
        said = json.loads(answer)
        return answered(said, executable, Path(_text(said, "prefix")))
    except (ValueError, KeyError, TypeError):
        last = complaint.strip().splitlines()[-1:]
        raise InterpreterError(str(executable), ": ".join(["does not answer", *last])) from None


def answered(said: Any, executable: Path, prefix: Path) -> Interpreter:
    """Return the interpreter that gave the answer *said*, its directories below *prefix* where they are relative.

    Raise `ValueError`, `KeyError` or `TypeError` for what is no such answer.
    """
    markers = dict(said["markers"])
    if markers.keys() != _MARKERS or not all(isinstance(value, str) for value in markers.values()):
        raise ValueError
    site = said["site"]
    if not isinstance(site, list) or not site or not all(isinstance(part, str) and part for part in site):
        raise TypeError
    return Interpreter(
        executable=executable,
        target=target_of(markers),
        prefix=prefix,
        site=tuple(prefix / part for part in site),
        scripts=prefix / _text(said, "scripts"),
        platform=Platform(abi=_abi(_text(said, "abi")), glibc=_text(said, "glibc"), macos=_text(said, "macos")),
    )


def _abi(suffix: str) -> str:
    """Return the name of an ABI from the *suffix* of its modules; it names a directory, too, so not anything will do."""
    abi = suffix.strip(".").rpartition(".")[0]
    if not re.fullmatch(r"(?:[\w-][\w.-]*)?", abi):
        raise ValueError
    return abi


def _text(said: Any, key: str) -> str:
    value = said[key]
    if not isinstance(value, str):
        raise TypeError
    return value
