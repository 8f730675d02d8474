"""Which modules the wheel of a project ships, and the names that belong to it alone; nothing is built for it."""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wsnox.imports.layout import read_layout
from wsnox.imports.model import Module, Shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.imports.layout import Layout

__all__ = ["read_shipped"]

SUFFIXES = (".py", ".so", ".pyd", ".pyx", ".pyi")
"""How files end that can be modules, stubs or sources of them: the first is what Python would load before the others."""

# PyPA, packaging namespace packages: the two styles that need an `__init__.py`, the same in every distribution.
_NAMESPACE = re.compile(rb"\bextend_path\b|\bdeclare_namespace\b")


def read_shipped(directory: Path, name: str) -> Shipped:
    """Return what the wheel of the project in *directory* ships, whose normalised distribution name is *name*."""
    layout = read_layout(directory, name)
    files = {path: source for path, source in _files(directory, layout) if _is_importable(path)}
    regular = _regular_packages(directory, files)
    prefixes = {prefix for path in files if (prefix := _prefix(path, regular))}
    return Shipped(modules=tuple(_modules(files)), prefixes=tuple(sorted(prefixes)), unread=layout.unread)


# --- the files of the wheel ---


def _files(directory: Path, layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield the path in the wheel and the path from the project of each file of code; one that is built has no latter."""
    yield from ((path, "") for path in layout.built)
    is_included, is_excluded = _matcher(layout.included or ("*",)), _matcher(layout.excluded)
    for root, target in layout.roots:
        start = _plain(root)
        inner = {_plain(other) for other, _ in layout.roots} - {start}
        for source in _code_below(directory, start, inner):
            path = _plain(posixpath.join(target, posixpath.relpath(source, start or ".")))
            if is_included(source) and not is_excluded(source) and _has_package(directory, layout, source, path):
                yield path, source


def _plain(path: str) -> str:
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    if patterns in ((), ("*",)):
        return lambda _: bool(patterns)
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - few projects exclude anything

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except ValueError:
        # The backend refuses such a pattern: then there is no wheel at all.
        return lambda _: True


def _has_package(directory: Path, layout: Layout, source: str, path: str) -> bool:
    """Return whether the package of the file at *path* in the wheel, and at *source* here, is one that *layout* takes."""
    package = posixpath.dirname(path).replace("/", ".")
    if not _matches(package, layout.packages) or _matches(package, layout.without):
        return False
    return not layout.regular or (directory / posixpath.dirname(source) / "__init__.py").is_file()


def _matches(package: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(package, pattern) for pattern in patterns)


def _code_below(
    directory: Path, start: str, others: Collection[str], entered: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield the files of code at or below *start*, by their path from *directory*, each folder in name order.

    The paths *others*, hidden folders and those that cannot be packages are passed over; a link is followed once on a way.
    """
    if posixpath.isabs(start):
        return
    try:
        entries = sorted(os.scandir(directory / start), key=lambda entry: entry.name)
    except NotADirectoryError:
        entries = []
        if start.endswith(SUFFIXES):
            yield start
    except OSError:
        return
    for entry in entries:
        path = f"{start}/{entry.name}" if start else entry.name
        if path in others:
            continue
        if entry.name.endswith(SUFFIXES) and entry.is_file():
            yield path
        elif entry.is_dir() and entry.name != "__pycache__" and entry.name.removesuffix("-stubs").isidentifier():
            real = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if real not in entered:
                yield from _code_below(directory, path, others, (entered | {real}) if real else entered)


def _is_importable(path: str) -> bool:
    *folders, file = path.split("/")
    top = [folders[0].removesuffix("-stubs"), *folders[1:]] if folders else []
    return all(part.isidentifier() for part in (*top, _stem(file)))


def _stem(file: str) -> str:
    """Return the module that *file* holds: ``a.cpython-312-x86_64-linux-gnu.so`` is ``a``."""
    return file.partition(".")[0]


# --- their modules, and the names that belong to nobody else ---


def _modules(files: Mapping[str, str]) -> Iterator[Module]:
    """Yield the modules in name order; where several files could be one, the one that Python would load first."""
    sources: dict[str, str] = {}
    for path in sorted(files, key=_precedence):
        name = _dotted(path)
        if name and files[path] and "-" not in name and not path.endswith(".pyi"):
            sources.setdefault(name, files[path])
    yield from (Module(name=name, file=sources[name]) for name in sorted(sources))


def _precedence(path: str) -> tuple[bool, int]:
    """Order *path* as an import looks for it: a package first, then by suffix."""
    file = path.rpartition("/")[2]
    rank = next(rank for rank, suffix in enumerate(SUFFIXES) if file.endswith(suffix))
    return _stem(file) != "__init__", rank


def _dotted(path: str) -> str:
    folder, _, file = path.rpartition("/")
    names = [*filter(None, folder.split("/")), *([_stem(file)] if _stem(file) != "__init__" else [])]
    return ".".join(names)


def _regular_packages(directory: Path, files: Mapping[str, str]) -> frozenset[str]:
    """Return the folders of the regular packages that lie in no other."""
    packages: set[str] = set()
    for path in sorted(files, key=lambda path: path.count("/")):
        folder, _, file = path.rpartition("/")
        if folder and _stem(file) == "__init__" and not _outermost(folder, packages):
            source = files[path]
            if not (source.endswith(".py") and _is_namespace(directory / source)):
                packages.add(folder)
    return frozenset(packages)


def _is_namespace(init: Path) -> bool:
    try:
        return _NAMESPACE.search(init.read_bytes()) is not None
    except OSError:
        return False


def _outermost(folder: str, packages: Collection[str]) -> str:
    """Return the outermost of *packages* that *folder* is or lies in, an empty text where it is in none."""
    parts = folder.split("/")
    return next((head for end in range(1, len(parts) + 1) if (head := "/".join(parts[:end])) in packages), "")


def _prefix(path: str, packages: Collection[str]) -> str:
    """Return the shortest name that owns the file at *path*; the ``__init__`` of a namespace, and stubs, own none."""
    folder, _, file = path.rpartition("/")
    package = _outermost(folder, packages) if folder else ""
    if package:
        return package.replace("/", ".")
    return "" if _stem(file) == "__init__" or file.endswith(".pyi") else _dotted(path)
