"""The Python files of a member: those that its wheel ships, and the rest, which is tests and scripts.

What is shipped is read from the settings of the build backend, see `layout`. A member from which no wheel is built is an
application: its code is every file at the top, in ``src`` or in a package that is not a test, script or example.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.imports.shipped import read_built, read_shipped, top_level, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.imports.parser import Import
    from wsnox.imports.shipped import Shipped
    from wsnox.workspace import Member

__all__ = ["MemberFiles", "is_local", "is_test", "member_files", "python_files", "without_tests"]

_SKIPPED = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages"})
_RUN_APART = frozenset({"dodo.py", "fabfile.py", "noxfile.py", "setup.py", "tasks.py"})
_NO_APPLICATION = frozenset(
    [
        "benchmarks",
        "demo",
        "demos",
        "doc",
        "docs",
        "example",
        "examples",
        "notebooks",
        "recipes",
        "sample",
        "samples",
        "scripts",
        "testing",
        "tools",
    ]
)
_TEST_RUNNERS = frozenset({"hypothesis", "pytest", "unittest"})
_GENERATED = ("_pb2", "_pb2_grpc")


class MemberFiles(Record, kw_only=True):
    """The files (POSIX, relative to the directory of *member*) that hold the modules *shipped*, and the *rest*.

    Tests inside a package are among the rest, even if its wheel has them.
    """

    member: Member
    shipped: Shipped
    files: tuple[str, ...]
    rest: tuple[str, ...]

    @property
    def code(self) -> tuple[str, ...]:
        """The files whose imports the member has to declare: those that it ships, or those of an application."""
        manifest = self.member.manifest.declared
        is_built = manifest.package if manifest.package is not None else bool(manifest.build_system)
        if self.files or self.shipped.prefixes or is_built:
            return self.files
        packages = {"src", *(file.removesuffix("/__init__.py") for file in self.rest if file.count("/") == 1)}
        return tuple(file for file in self.rest if _is_application_code(file, packages))


def _is_application_code(file: str, packages: Collection[str]) -> bool:
    folders = file.split("/")[:-1]
    return not is_test(file) and _NO_APPLICATION.isdisjoint(folders) and (not folders or folders[0] in packages)


def member_files(member: Member, inside: Iterable[Member] = (), wheel: Sequence[str] = ()) -> MemberFiles:
    """Return the Python files of *member*.

    What lies in the directories of the members *inside* of it is theirs, even if a build backend would take it along.
    Where the layout is a guess, the code files in a *wheel* that was built from the member show what it ships.
    """
    inner = tuple(f"{other.directory.relative_to(member.directory).as_posix()}/" for other in inside)
    shipped = read_shipped(member.directory, member.name)
    if shipped.unread and wheel:
        shipped = read_built(wheel, python_files(member.directory))
    shipped = _without(shipped, inner)
    files = {
        module.file for module in shipped.modules if module.file.endswith(".py") and not _is_among_tests(module.file)
    }
    rest = tuple(file for file in python_files(member.directory) if file not in files)
    return MemberFiles(member=member, shipped=shipped, files=tuple(sorted(files)), rest=rest)


def _without(shipped: Shipped, folders: tuple[str, ...]) -> Shipped:
    """Return *shipped* without the files in *folders*, and with a prefix for each namespace package that has code."""
    modules = tuple(module for module in shipped.modules if not module.file.startswith(folders))
    names = {module.name for module in modules}
    prefixes = [
        prefix
        for prefix in shipped.prefixes
        if not folders or any(f"{name}.".startswith(f"{prefix}.") for name in names)
    ]
    covered = tuple(f"{prefix}." for prefix in prefixes)
    uncovered = sorted(name for name in names if not f"{name}.".startswith(covered))
    return replace(shipped, modules=modules, prefixes=(*prefixes, *uncovered))


def python_files(directory: Path) -> Iterator[str]:
    """Yield the Python files of the project in *directory*.

    Further projects, environments and build output below it are not looked into, and files at its top that a tool runs
    in an environment of their own, such as a noxfile, are left out.
    """

    def enters(path: str) -> bool:
        folder = path.rpartition("/")[2]
        if folder in _SKIPPED or folder.startswith("."):
            return False
        return not any((directory / path / file).is_file() for file in ("pyproject.toml", "pyvenv.cfg"))

    return (file for file in walk(directory, "", enters) if file.endswith(".py") and file not in _RUN_APART)


def is_test(file: str) -> bool:
    """Return whether *file* is one that pytest collects, or stands in a folder of tests."""
    return _is_among_tests(file) or _is_named_as_test(file)


def _is_among_tests(file: str) -> bool:
    *folders, name = file.split("/")
    return not {"tests", "test"}.isdisjoint(folders) or name == "conftest.py"


def _is_named_as_test(file: str) -> bool:
    name = file.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def without_tests(imports: Sequence[Import]) -> tuple[Import, ...]:
    """Return *imports* without those of files that are named like tests, and import a test runner."""
    tests = {
        imported.file
        for imported in imports
        if _is_named_as_test(imported.file) and top_level(imported.module) in _TEST_RUNNERS
    }
    return tuple(imported for imported in imports if imported.file not in tests)


def is_local(directory: Path, imported: Import, paths: Collection[str] = ()) -> bool:
    """Return whether *imported* stands beside its file, in a folder above it up to *directory*, or in *paths* of that.

    That is where Python and pytest look for the helpers of a script or test. Code that protoc generates may be absent.
    """
    top = top_level(imported.module)
    if top.endswith(_GENERATED):
        return True
    folders = [folder for folder in (directory / imported.file).parents if folder.is_relative_to(directory)]
    return any(_has_module(folder, top) for folder in (*folders, *(directory / path for path in paths)))


def _has_module(folder: Path, name: str) -> bool:
    if (folder / f"{name}.py").is_file():
        return True
    if (folder / name / "pyproject.toml").is_file():
        # A project of its own, which has to be installed.
        return False
    try:
        entries = os.listdir(folder / name)  # noqa: PTH208 - only the names are needed
    except OSError:
        return False
    return any(entry.endswith(".py") or (folder / name / entry / "__init__.py").is_file() for entry in entries)
