"""Write what makes a folder buildable with no network: modules, the build backend, its ``backend.json``."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BUILD_SYSTEM", "BackendProject", "module_name", "write_backend", "write_modules"]

_BACKEND = "wsnox_test_backend"
BUILD_SYSTEM = {"requires": [], "build-backend": _BACKEND, "backend-path": ["."]}
"""The ``[build-system]`` table of a project whose folder holds the backend."""


class BackendProject(TypedDict):
    """The keys of ``backend.json``."""

    name: str
    version: str
    requires: list[str]
    extras: dict[str, list[str]]
    requires_python: str
    scripts: dict[str, str]
    tag: str


def module_name(name: str) -> str:
    """Return the module that a distribution of this *name* has by default."""
    return re.sub(r"[-_.]+", "_", name).lower()


def write_modules(folder: Path, modules: Mapping[str, str]) -> None:
    """Write each of the *modules* (path below *folder* and text)."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def write_backend(folder: Path, project: BackendProject) -> None:
    """Put the build backend and what it must know of *project* into *folder*."""
    shutil.copyfile(Path(__file__).with_name("backend.py"), folder / f"{_BACKEND}.py")
    text = json.dumps(project, indent=1, sort_keys=True)
    (folder / "backend.json").write_text(f"{text}\n", encoding="utf-8")
