"""The marker values of the interpreter that runs wsnox (PyPA specifications, dependency specifiers).

packaging has the same, in a module with a parser of markers that takes as long to load as Python itself. `platform` has their
parts, and reads the texts of every other implementation and system, too: it is loaded for those alone.
"""

from __future__ import annotations

import os
import sys

__all__ = ["marker_values", "python_version"]


def marker_values() -> dict[str, str]:
    """Return the value of each variable of markers but ``extra``."""
    version = sys.implementation.version
    serial = "" if version.releaselevel == "final" else f"{version.releaselevel[0]}{version.serial}"
    system, release, system_version, machine = _system()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{version.major}.{version.minor}.{version.micro}{serial}",
        "os_name": os.name,
        "platform_machine": machine,
        "platform_python_implementation": _implementation(),
        "platform_release": release,
        "platform_system": system,
        "platform_version": system_version,
        "python_full_version": python_version(),
        "python_version": ".".join(python_version().split(".")[:2]),
        "sys_platform": sys.platform,
    }


def python_version() -> str:
    """Return the full version of this interpreter, as `platform.python_version` does."""
    return sys.version.split()[0]


def _implementation() -> str:
    """Return the implementation of this interpreter, as `platform.python_implementation` does."""
    known = {"cpython": "CPython", "pypy": "PyPy"}.get(sys.implementation.name)
    if known is not None:
        return known
    import platform  # noqa: PLC0415 - see above

    return platform.python_implementation()


def _system() -> tuple[str, str, str, str]:
    """Return the system, its release and version, and the machine, as `platform.uname` does."""
    if sys.platform in ("linux", "darwin"):
        found = os.uname()
        return found.sysname, found.release, found.version, found.machine
    import platform  # noqa: PLC0415 - see above

    return platform.system(), platform.release(), platform.version(), platform.machine()
