"""The backends that compile: the Python sources they copy, and the extension module that only a build makes."""

from __future__ import annotations

import posixpath
from itertools import chain
from typing import TYPE_CHECKING

from wsnox.leaks.wheels.patterns import read_patterns
from wsnox.leaks.wheels.project import read_toml, strings, table, text
from wsnox.leaks.wheels.trees import tree

if TYPE_CHECKING:
    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["maturin", "scikit_build"]


def maturin(project: Project) -> Files:
    """Maturin (Maturin user guide, project layout): the Rust module, and the Python package around it if there is one."""
    settings = project.tool("maturin")
    module = text(settings, "module-name") or _crate(project)
    packages = (module.partition(".")[0], *strings(settings, "python-packages"))
    root = text(settings, "python-source") or _python_root(project, packages)
    places = [package for package in packages if (project.directory / root / package).is_dir()]
    extension = () if text(settings, "bindings") == "bin" else ((f"{module.replace('.', '/')}.so", ""),)
    return chain(extension, *(tree(project, posixpath.join(root, place), place) for place in places))


def _python_root(project: Project, packages: tuple[str, ...]) -> str:
    names = (project.written_name.replace("-", "_"), *packages)
    return "src" if any(project.is_package("src", name) for name in names) else ""


def _crate(project: Project) -> str:
    """Return the name of the library that Cargo builds, by default the package's."""
    manifest = text(project.tool("maturin"), "manifest-path") or "Cargo.toml"
    cargo = read_toml(project.directory / manifest)
    name = text(cargo, "lib", "name") or text(table(cargo, "package"), "name")
    return (name or project.module).replace("-", "_")


def scikit_build(project: Project) -> Files | None:
    """scikit-build-core (its docs, configuration/wheel, ``wheel.packages``): the packages; what CMake installs is not known."""
    settings = project.tool("scikit-build", "wheel")
    raw = settings.get("packages")
    packages = (
        raw if isinstance(raw, dict) else {posixpath.basename(each): each for each in strings(settings, "packages")}
    )
    if not isinstance(raw, list | dict):
        packages = _searched(project)
    excluded = read_patterns(strings(settings, "exclude"))
    files = [
        (path, source)
        for target, place in packages.items()
        if isinstance(place, str)
        for path, source in tree(project, place, target)
        if not excluded.match(posixpath.relpath(path, target))
    ]
    return iter(files) if files else None


def _searched(project: Project) -> dict[str, str]:
    parts = [part.replace("-", "_") for part in project.written_name.split(".")]
    for root in ("src/", "python/", ""):
        for name in ("_".join(parts), "/".join(parts)):
            if any(project.is_file(root, name, f"__init__.{suffix}") for suffix in ("py", "pyi")):
                return {name: f"{root}{name}"}
    return {}
