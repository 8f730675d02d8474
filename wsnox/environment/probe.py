"""Ask an interpreter what it is: its marker values, and where it looks for what is installed.

The question runs on the session's Python, which may be older than wsnox's own (3.8 at the least) and has nothing
installed; it is asked in isolated mode, so that no variable and no file of the user's changes the answer.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from wsnox.closure.target import Target, target_of
from wsnox.errors import InterpreterError
from wsnox.record import Record

__all__ = ["Interpreter", "probe"]

_QUESTION = """
import json, os, platform, sys, sysconfig
version = sys.implementation.version
implementation = "%d.%d.%d" % version[:3]
if version.releaselevel != "final":
    implementation += version.releaselevel[0] + str(version.serial)
paths = sysconfig.get_paths()
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
    "site": sorted({paths["purelib"], paths["platlib"]}),
    "prefix": sys.prefix,
    "abi": sysconfig.get_config_var("EXT_SUFFIX"),
}))
"""


class Interpreter(Record):
    """An *executable*, its *target*, its *prefix*, and the *site* directories where its distributions are installed.

    *abi* names what compiled code for it is for, more closely than markers do.
    """

    executable: Path
    target: Target
    prefix: Path
    site: tuple[Path, ...]
    abi: str


def probe(executable: Path) -> Interpreter:
    """Return what the interpreter at *executable* says of itself; raise `InterpreterError` where it says nothing."""
    try:
        answer = subprocess.run(
            [str(executable), "-I", "-c", _QUESTION],
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
        said: dict[str, Any] = json.loads(answer)
        site = tuple(map(Path, said["site"]))
        abi = str(said["abi"]).strip(".").rpartition(".")[0]
        return Interpreter(executable, target_of(said["markers"]), Path(said["prefix"]), site, abi)
    except (ValueError, KeyError, TypeError, AttributeError):
        last = complaint.strip().splitlines()[-1:]
        raise InterpreterError(str(executable), ": ".join(["does not answer", *last])) from None
