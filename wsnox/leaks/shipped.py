"""Which modules the wheel of a project ships: the build backend's reading of its settings, without building."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.leaks.records import Shipped
from wsnox.leaks.wheels.hatch import hatch
from wsnox.leaks.wheels.naming import as_shipped
from wsnox.leaks.wheels.native import maturin, scikit_build
from wsnox.leaks.wheels.pdm import pdm
from wsnox.leaks.wheels.project import at, open_project, text
from wsnox.leaks.wheels.setuptools import discovered, setuptools
from wsnox.leaks.wheels.simple import flit, poetry, uv_build
from wsnox.leaks.wheels.trees import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["read_shipped"]

# By the first name of the module that `build-backend` names, and the further ones where it takes them to tell.
_BACKENDS: Mapping[str, Callable[[Project], Files | None]] = {
    "uv_build": uv_build,
    "uv": uv_build,
    "hatchling": hatch,
    "flit_core": flit,
    "flit": flit,
    "poetry": poetry,
    "poetry_dynamic_versioning": poetry,
    "pdm": pdm,
    "maturin": maturin,
    "scikit_build_core": scikit_build,
}


def read_shipped(directory: Path, name: str) -> Shipped:
    """Return what the wheel of the project in *directory* ships, whose normalised distribution name is *name*.

    Nothing is shipped by what uv does not build (uv docs, reference/settings, ``package``): a project that says so, or
    that says nothing of it and has no build system.
    """
    project = open_project(directory, name)
    package = at(project.tables, "tool", "uv", "package")
    if package is False or ("build-system" not in project.tables and package is not True):
        return Shipped(modules=(), prefixes=())
    files, sure = _files(project)
    return as_shipped(directory, files, sure=sure)


def _files(project: Project) -> tuple[Files, bool]:
    backend = text(project.tables, "build-system", "build-backend") or "setuptools"
    top = backend.partition(".")[0].partition(":")[0]
    if at(project.tables, "build-system", "backend-path"):
        return _usual(project), False
    if top == "setuptools":
        return setuptools(project)
    files = _BACKENDS[top](project) if top in _BACKENDS else None
    return (_usual(project), False) if files is None else (files, True)


def _usual(project: Project) -> Files:
    """Return the files of the usual layouts: all in ``src``, what is named like the project, else what is found.

    A backend of the project's own is most often one around setuptools, whose settings then say more.
    """
    if project.tool("setuptools"):
        return setuptools(project)[0]
    for source in (project.module, f"{project.module}.py", f"python/{project.module}"):
        if not (project.directory / "src").is_dir() and (project.directory / source).exists():
            return tree(project, source, source.rpartition("/")[2])
    return discovered(project, {})[0]
