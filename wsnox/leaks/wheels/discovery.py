"""How setuptools finds packages and modules (its docs, userguide/package_discovery): by a search, or all by itself.

The names it reserves in a flat layout are those of ``setuptools.discovery``.
"""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wsnox.leaks.wheels.trees import folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.leaks.wheels.project import Project

__all__ = ["find_modules", "find_packages", "flat_modules", "flat_packages", "outermost", "within"]

_RESERVED_FOLDERS = frozenset(
    [
        "ci",
        "bin",
        "debian",
        "doc",
        "docs",
        "documentation",
        "manpages",
        "news",
        "newsfragments",
        "changelog",
        "test",
        "tests",
        "unit_test",
        "unit_tests",
        "example",
        "examples",
        "scripts",
        "tools",
        "util",
        "utils",
        "python",
        "build",
        "dist",
        "venv",
        "env",
        "requirements",
        "tasks",
        "fabfile",
        "site_scons",
        "benchmark",
        "benchmarks",
        "exercise",
        "exercises",
        "htmlcov",
    ]
)
_RESERVED_MODULES = frozenset(
    [
        "setup",
        "conftest",
        "test",
        "tests",
        "example",
        "examples",
        "build",
        "toxfile",
        "noxfile",
        "pavement",
        "dodo",
        "tasks",
        "fabfile",
        "SConstruct",
        "sconstruct",
        "Sconstruct",
        "sConstruct",
        "conanfile",
        "manage",
        "benchmark",
        "benchmarks",
        "exercise",
        "exercises",
    ]
)


def find_packages(
    project: Project,
    where: str,
    *,
    include: Sequence[str] = ("*",),
    exclude: Sequence[str] = (),
    namespaces: bool,
) -> list[str]:
    """Return the packages in *where*, from the project, that one of *include* matches, and none of *exclude*."""

    def is_package(place: str, _: str) -> bool:
        return namespaces or project.is_package(where, place)

    def is_in(name: str) -> bool:
        return any(fnmatchcase(name, each) for each in include) and not any(fnmatchcase(name, each) for each in exclude)

    pruned = frozenset(exclude)
    found = _search(project, where, "", is_package, lambda name: not pruned & {f"{name}*", f"{name}.*"})
    return [name for name in found if is_in(name)]


def _search(
    project: Project, where: str, above: str, is_package: Callable[[str, str], bool], goes_on: Callable[[str], bool]
) -> Iterator[str]:
    for folder in folders(project, posixpath.join(where, above)):
        place = f"{above}/{folder}" if above else folder
        name = place.replace("/", ".")
        if "." in folder or folder.endswith("__pycache__") or not is_package(place, name):
            continue
        yield name
        if goes_on(name):
            yield from _search(project, where, place, is_package, goes_on)


def within(project: Project, package: str, where: str) -> list[str]:
    """Return *package*, which lies in the folder *where*, and all that can be a package below it."""
    return [package, *(f"{package}.{name}" for name in find_packages(project, where, namespaces=True))]


def find_modules(project: Project, where: str) -> list[str]:
    """Return the modules in the folder *where*, from the project."""
    files = sorted((project.directory / where).glob("*.py"))
    return [file.stem for file in files if file.stem.isidentifier()]


def flat_packages(project: Project) -> list[str]:
    """Return the packages at the top of the project and below, reserved names apart."""

    def is_package(_: str, name: str) -> bool:
        top, *rest = name.split(".")
        return _is_free(top, _RESERVED_FOLDERS) and all(part.isidentifier() for part in (_unstubbed(top), *rest))

    return list(_search(project, "", "", is_package, lambda _: True))


def _unstubbed(name: str) -> str:
    return name.removesuffix("-stubs").replace("-", "_") if name.endswith("-stubs") else name


def _is_free(name: str, reserved: frozenset[str]) -> bool:
    return name not in reserved and name[0] not in "._"


def flat_modules(project: Project) -> list[str]:
    """Return the modules at the top of the project, reserved names apart."""
    return [module for module in find_modules(project, "") if _is_free(module, _RESERVED_MODULES)]


def outermost(packages: Sequence[str]) -> list[str]:
    """Return those of *packages* that lie in no other, stubs apart; with several, setuptools refuses a flat layout."""
    own = {package for package in packages if not package.partition(".")[0].endswith("-stubs")}
    return [package for package in sorted(own) if not own & set(_above(package))]


def _above(package: str) -> Iterator[str]:
    parts = package.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts)))
