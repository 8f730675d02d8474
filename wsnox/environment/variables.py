"""Environment variables that must not reach the commands of a session, or its installs, and environments they name.

Commands must see exactly the environment that was proven; installs must put into it exactly what the lockfile says.
Variables that say *how* to fetch (credentials, proxies, certificates, caches, time-outs, mirrors for build requirements)
pass.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    """Return the variables that a command has otherwise than nox: `None` takes one away."""
    return {**dict.fromkeys((*_IMPORTS, *_PROJECT)), "PYTHONNOUSERSITE": "1"}


def install_env(environ: Iterable[str]) -> dict[str, str | None]:
    """Return the same for an install, given the names of the variables in the *environ* of nox."""
    changing = [name for name in environ if name in _UV_CHANGES or (name.startswith("PIP_") and name not in _PIP_KEPT)]
    # Older releases of uv know PEP 751 files as a preview only, and say so at every run.
    return {**command_env(), **dict.fromkeys(changing), "UV_PREVIEW_FEATURES": "pylock"}


def known_site_packages(root: Path, *folders: Path) -> tuple[Path, ...]:
    """Return the site directories of the environments of the workspace *root*, and of all environments in *folders*.

    Their metadata tells which distribution has a module. Those of uv come first: they hold the most.
    """
    named = (os.environ.get(variable) for variable in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"))
    environments = [root / ".venv", *(root / path for path in named if path)]
    for folder in folders:
        with suppress(OSError):
            environments += sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    layouts = ("lib/python3*/site-packages", "Lib/site-packages")
    sites = (site for path in environments for layout in layouts for site in sorted(path.glob(layout)))
    return tuple(dict.fromkeys(sites))
