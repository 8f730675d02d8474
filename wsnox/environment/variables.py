"""Which variables from outside reach the commands of a session, and which its installs.

Commands must see exactly the environment that was proven; installs must put into it exactly what the lockfile says.
What tells *how* to fetch (credentials, proxies, certificates, caches, time-outs, mirrors for build requirements)
passes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["command_env", "install_env", "known_site_packages"]

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


def command_env() -> dict[str, str | None]:
    """Return what a command's environment has instead of the outer one's: `None` takes a variable away."""
    return {**dict.fromkeys((*_IMPORTS, *_PROJECT)), "PYTHONNOUSERSITE": "1"}


def install_env(outer: Iterable[str]) -> dict[str, str | None]:
    """Return the same for an install, given the names of the *outer* variables."""
    changing = [name for name in outer if name in _UV_CHANGES or (name.startswith("PIP_") and name not in _PIP_KEPT)]
    # Older releases of uv know PEP 751 files as a preview only, and say so at every run.
    return {**command_env(), **dict.fromkeys(changing), "UV_PREVIEW_FEATURES": "pylock"}


# --- Environments at hand, whose metadata tells which distribution has a module: uv's own, the active one ---


_SITE = ("lib/python3*/site-packages", "Lib/site-packages")


def known_site_packages(root: Path, *further: Path) -> tuple[Path, ...]:
    """Return the site directories of the environments of the workspace *root*, and of all in the *further* folders.

    Those of uv come first: they hold the most.
    """
    named = (os.environ.get(variable) for variable in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"))
    own = [root / ".venv", *(root / place for place in named if place)]
    below = [place for folder in further for place in _folders(folder)]
    return tuple(dict.fromkeys(site for place in (*own, *below) for part in _SITE for site in sorted(place.glob(part))))


def _folders(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(place for place in folder.iterdir() if not place.name.startswith("."))
    except OSError:
        return
