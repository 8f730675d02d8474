"""Walk the trees that backends copy into a wheel; only files that can be modules, or say that there are some, count."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["SUFFIXES", "below", "folders", "move", "relative", "tree"]

SUFFIXES = (".py", ".pyi", ".pyx", ".so", ".pyd")
"""How the names of files end that can be modules, or stubs of them, or sources of them."""


def below(project: Project, start: str, *, enter: Callable[[str], bool] | None = None) -> Iterator[str]:
    """Yield the files of code at or below *start*, by their path from the project, each folder in name order.

    Byte code and hidden folders are passed over, links are followed once. A folder is gone into where *enter* says so
    of its path; without it, where its name can be that of a package. A place outside of all projects holds nothing.
    """
    if not posixpath.isabs(start):
        yield from _walk(project.directory / start, _joined("", start), enter or _can_be_package, frozenset())


def _can_be_package(path: str) -> bool:
    name = posixpath.basename(path)
    return name.isidentifier() or name.endswith("-stubs")


def _joined(folder: str, name: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, name))
    return "" if path == "." else path


def _walk(place: os.PathLike[str], path: str, enter: Callable[[str], bool], entered: frozenset[str]) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except NotADirectoryError:
        if path.endswith(SUFFIXES):
            yield path
        return
    except OSError:
        return
    for entry in entries:
        here = f"{path}/{entry.name}" if path else entry.name
        if entry.name.endswith(SUFFIXES) and entry.is_file():
            yield here
        elif entry.is_dir() and entry.name[0] != "." and entry.name != "__pycache__" and enter(here):
            real = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if real not in entered:
                yield from _walk(entry, here, enter, (entered | {real}) if real else entered)


def folders(project: Project, start: str) -> list[str]:
    """Return the names of the folders in *start*, in name order, hidden ones left out."""
    if posixpath.isabs(start):
        return []
    try:
        with os.scandir(project.directory / start) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")
    except OSError:
        return []


def tree(project: Project, source: str, target: str) -> Files:
    """Yield the files of code at or below *source*, from the project, as files at or below *target* in the wheel."""
    yield from move(below(project, source), source, target)


def move(paths: Iterator[str], source: str, target: str) -> Files:
    """Yield the *paths*, which are at or below *source*, as files at or below *target* in the wheel."""
    start = _joined("", source)
    for path in paths:
        yield _joined(target, relative(path, start)), path


def relative(path: str, start: str) -> str:
    """Return *path*, which is at or below *start*, from there."""
    if not start:
        return path
    return "." if path == start else path.removeprefix(f"{start}/")
