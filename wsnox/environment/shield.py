"""Which variables from outside reach the commands of a session, and which its installs.

Commands must see exactly the environment that was proven; installs must put into it exactly what the lockfile says.
What tells *how* to fetch (credentials, proxies, certificates, caches, time-outs, mirrors for build requirements)
passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["for_commands", "for_installs"]

_IMPORTS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "__PYVENV_LAUNCHER__")
_PROJECT = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_ENV_FILE")

_UV_CHANGES = frozenset(
    f"UV_{name}"
    for name in [
        "BREAK_SYSTEM_PACKAGES",
        "BUILD_CONSTRAINT",
        "CONSTRAINT",
        "DRY_RUN",
        "EXCLUDE",
        "EXCLUDE_NEWER",
        "FORK_STRATEGY",
        "FROZEN",
        "LOCKED",
        "NO_BINARY",
        "NO_BINARY_PACKAGE",
        "NO_BUILD",
        "NO_BUILD_ISOLATION",
        "NO_BUILD_PACKAGE",
        "NO_CONFIG",
        "NO_DEFAULT_GROUPS",
        "NO_DEV",
        "NO_EDITABLE",
        "NO_GROUP",
        "NO_INSTALL_LOCAL",
        "NO_INSTALL_PROJECT",
        "NO_INSTALL_WORKSPACE",
        "NO_SOURCES",
        "NO_SYNC",
        "NO_VERIFY_HASHES",
        "OVERRIDE",
        "PRERELEASE",
        "PROJECT",
        "PROJECT_ENVIRONMENT",
        "PYTHON",
        "REINSTALL",
        "REQUIRE_HASHES",
        "RESOLUTION",
        "SYSTEM_PYTHON",
        "TARGET",
        "TORCH_BACKEND",
        "UPGRADE",
        "WORKING_DIR",
        "WORKING_DIRECTORY",
    ]
)
_PIP_KEPT = frozenset(
    f"PIP_{name}"
    for name in [
        "CACHE_DIR",
        "CERT",
        "CLIENT_CERT",
        "CONFIG_FILE",
        "DEFAULT_TIMEOUT",
        "DISABLE_PIP_VERSION_CHECK",
        "EXTRA_INDEX_URL",
        "FIND_LINKS",
        "INDEX_URL",
        "KEYRING_PROVIDER",
        "NO_CACHE_DIR",
        "NO_INPUT",
        "PROGRESS_BAR",
        "PROXY",
        "RETRIES",
        "TIMEOUT",
        "TRUSTED_HOST",
        "USE_FEATURE",
    ]
)


def for_commands() -> dict[str, str | None]:
    """Return what a command's environment has instead of the outer one's: `None` takes a variable away."""
    return {**dict.fromkeys((*_IMPORTS, *_PROJECT)), "PYTHONNOUSERSITE": "1"}


def for_installs(outer: Iterable[str]) -> dict[str, str | None]:
    """Return the same for an install, given the names of the *outer* variables."""
    changing = [name for name in outer if name in _UV_CHANGES or (name.startswith("PIP_") and name not in _PIP_KEPT)]
    # Older releases of uv know PEP 751 files as a preview only, and say so at every run.
    return {**for_commands(), **dict.fromkeys(changing), "UV_PREVIEW_FEATURES": "pylock"}
