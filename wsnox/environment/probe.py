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

from wsnox.closure.target import Target, target_of
from wsnox.errors import InterpreterError
from wsnox.record import Record

__all__ = ["Interpreter", "abi_of", "probe"]

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
}))
"""


class Interpreter(Record):
    """An *executable*, its *target*, its *prefix*, and the *site* directories where it looks for distributions.

    *abi* names what compiled code for it is for, more closely than markers do. *scripts* is where programs are installed.
    """

    executable: Path
    target: Target
    prefix: Path
    site: tuple[Path, ...]
    abi: str
    scripts: Path

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
        raise InterpreterError(str(executable), error.strerror or str(error)) from error
    return _understood(executable, answer.stdout, answer.stderr)


def _understood(executable: Path, answer: str, complaint: str) -> Interpreter:
    try:
        said: dict[str, Any] = json.loads(answer)
        site = tuple(map(Path, said["site"]))
        abi = abi_of(str(said["abi"]).strip(".").rpartition(".")[0])
        target, prefix, scripts = target_of(said["markers"]), Path(said["prefix"]), Path(said["scripts"])
        return Interpreter(executable, target, prefix, site, abi, scripts)
    except (ValueError, KeyError, TypeError, AttributeError):
        last = complaint.strip().splitlines()[-1:] or [""]
        raise InterpreterError(str(executable), last[0]) from None


def abi_of(said: object) -> str:
    """Return *said* as the name of an ABI, which names a directory, too; raise `ValueError` for what is no such name."""
    if not isinstance(said, str) or not re.fullmatch(r"(?:[\w-][\w.-]*)?", said):
        raise ValueError
    return said
