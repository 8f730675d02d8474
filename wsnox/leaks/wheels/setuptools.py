"""What setuptools puts into a wheel, from ``pyproject.toml``, ``setup.cfg`` and what ``setup.py`` says literally.

Sources: setuptools docs, userguide/pyproject_config, userguide/declarative_config, userguide/package_discovery. The
first of the three files that names packages or modules counts; with none, they are discovered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.leaks.wheels.discovery import (
    find_modules,
    find_packages,
    flat_modules,
    flat_packages,
    outermost,
    within,
)
from wsnox.leaks.wheels.setuptools_settings import read_settings
from wsnox.leaks.wheels.trees import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.leaks.wheels.project import Files, Project
    from wsnox.leaks.wheels.setuptools_settings import Find

__all__ = ["discovered", "setuptools"]


def setuptools(project: Project) -> tuple[Files, bool]:
    """Return the files of the wheel, and whether the settings could be read whole and would build."""
    settings = read_settings(project)
    if settings.find is not None:
        packages, folders = _found(project, settings.find, settings.folders)
    elif settings.packages is None and settings.modules is None:
        files, builds = discovered(project, settings.folders)
        return files, builds and settings.sure
    else:
        packages, folders = list(settings.packages or ()), dict(settings.folders)
    return _files(project, packages, settings.modules or (), folders), settings.sure


def _found(project: Project, find: Find, folders: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the packages that *find* finds, and the *folders* that they are in: a place of search becomes one."""
    known, packages = dict(folders), []
    if find.moves and len(find.where) == 1 and find.where[0] not in (".", ""):
        known.setdefault("", find.where[0])
    for where in find.where:
        here = find_packages(project, where, include=find.include, exclude=find.exclude, namespaces=find.namespaces)
        packages += here
        if find.moves and where not in (".", "") and known.get("") != where:
            known.update({package: f"{where}/{package.replace('.', '/')}" for package in outermost(here)})
    return packages, known


def discovered(project: Project, folders: Mapping[str, str]) -> tuple[Files, bool]:
    """Return the files that setuptools finds by itself, and whether it would build a wheel of them."""
    named = {package: folder for package, folder in folders.items() if package}
    if named:
        packages = [name for package, folder in named.items() for name in within(project, package, folder)]
        return _files(project, packages, (), folders), True
    source = folders.get("", "src")
    if (project.directory / source).is_dir():
        packages = find_packages(project, source, namespaces=True)
        return _files(project, packages, find_modules(project, source), {"": source}), True
    packages = flat_packages(project)
    tops = outermost(packages)
    modules = [] if tops else flat_modules(project)
    return _files(project, packages, modules, folders), len(tops) < 2 and len(modules) < 2


def _files(
    project: Project, packages: list[str], modules: tuple[str, ...] | list[str], folders: Mapping[str, str]
) -> Files:
    """Yield the modules of *packages*, not of folders below them, and single *modules*."""
    for package in dict.fromkeys(packages):
        for name in _code_in(project, folder := _folder(package, folders)):
            yield f"{package.replace('.', '/')}/{name}", f"{folder}/{name}" if folder else name
    for module in modules:
        package, _, name = module.rpartition(".")
        folder = _folder(package, folders) if package else folders.get("", "")
        file = f"{folder}/{name}.py" if folder not in ("", ".") else f"{name}.py"
        if project.is_file(file):
            yield f"{module.replace('.', '/')}.py", file


def _code_in(project: Project, folder: str) -> Iterator[str]:
    try:
        names = sorted(entry.name for entry in (project.directory / folder).iterdir())
    except OSError:
        return
    yield from (name for name in names if name.endswith(SUFFIXES))


def _folder(package: str, folders: Mapping[str, str]) -> str:
    """Return the folder of *package*: that of the nearest package above it which has one, and the rest of the name."""
    parts = package.split(".")
    for end in range(len(parts), -1, -1):
        above = ".".join(parts[:end])
        if above in folders:
            return "/".join(part for part in (folders[above].strip("/"), *parts[end:]) if part not in ("", "."))
    return "/".join(parts)
