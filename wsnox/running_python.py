"""The marker values of the interpreter that runs wsnox (PyPA specifications, dependency specifiers).

packaging has the same, in a module with a parser of markers that takes as long to load as Python itself.
"""

from __future__ import annotations

import os
import platform
import sys

__all__ = ["marker_values"]


def marker_values() -> dict[str, str]:
    """Return the value of each variable of markers but ``extra``."""
    version = sys.implementation.version
    serial = "" if version.releaselevel == "final" else f"{version.releaselevel[0]}{version.serial}"
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{version.major}.{version.minor}.{version.micro}{serial}",
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }
