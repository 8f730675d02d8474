"""Which files of a distribution are modules, and which names belong to that distribution alone.

The files of a project are where its `layout` says, and nothing is built for it; those of an installed distribution are
named in its RECORD. A regular package belongs to one distribution, so its name stands for all below it. A namespace
package does not: the names below it stand there (PyPA guide, packaging namespace packages).
"""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import ImportPackageError
from wsnox.imports.layout import read_layout
from wsnox.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.imports.layout import Layout
    from wsnox.workspace import Member

__all__ = [
    "Module",
    "Shipped",
    "import_package",
    "parents",
    "prefixes_of",
    "read_built",
    "read_shipped",
    "top_level",
    "walk",
]

SUFFIXES = (".py", ".so", ".pyd", ".pyx", ".pyi")
"""How modules, their stubs and their sources end, in the order in which an import takes them."""

# The two older styles of namespace packages have an `__init__.py`, the same in every distribution.
_NAMESPACE = re.compile(rb"\bextend_path\b|\bdeclare_namespace\b")


class Module(Record, kw_only=True):
    """A module that a distribution ships, by its dotted *name*, from *file* (POSIX, relative to the project)."""

    name: str
    file: str


class Shipped(Record, kw_only=True):
    """What the wheel of a project ships: its *modules* by name, and the *prefixes* that belong to it alone.

    *unread* names a build setting that decides and is not read (a ``setup.py``, an unknown backend): then the rest is a
    guess, of what a build backend usually takes.
    """

    modules: tuple[Module, ...]
    prefixes: tuple[str, ...]
    unread: str = ""


def top_level(module: str) -> str:
    """Return the first part of the dotted *module*."""
    return module.partition(".")[0]


def parents(module: str) -> Iterator[str]:
    """Yield the dotted names above *module*, the nearest first."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def read_shipped(directory: Path, name: str) -> Shipped:
    """Return what the wheel of the project in *directory* ships, whose normalised distribution name is *name*."""
    layout = read_layout(directory, name)
    sources = {**dict.fromkeys(layout.built, ""), **dict(_wheel_files(directory, layout))}
    modules: dict[str, str] = {}
    for path in sorted(sources, key=_import_order):
        module = _dotted(path)
        if module and sources[path] and _is_importable(path) and "-" not in module and not path.endswith(".pyi"):
            modules.setdefault(module, sources[path])

    def is_namespace(init: str) -> bool:
        try:
            return init.endswith(".py") and _NAMESPACE.search((directory / sources[init]).read_bytes()) is not None
        except OSError:
            return False

    return _shipped(modules, prefixes_of(sources, is_namespace), unread=layout.unread)


def import_package(member: Member) -> str:
    """Return the dotted name of the package, or the module, that the wheel of *member* ships.

    Of several it is the one with the name of the distribution. Raise `ImportPackageError` if the settings that are read
    do not tell.
    """
    shipped = read_shipped(member.directory, member.name)
    named = member.name.replace("-", "_")
    names = [prefix for prefix in shipped.prefixes if "-" not in prefix]
    if shipped.unread:
        raise ImportPackageError(member.name, f"{shipped.unread} decides what its wheel ships, and is not read")
    if len(names) == 1 or named in names:
        return named if named in names else names[0]
    raise ImportPackageError(
        member.name, f"its wheel ships {quoted(names)}" if names else "no wheel of it ships a module"
    )


def read_built(code: Sequence[str], files: Iterable[str]) -> Shipped:
    """Return what a built wheel ships, whose code files are *code* (paths in the wheel).

    Each is taken for a copy of the one among the project's *files* that ends with the same path, in the fewest folders.
    """
    modules: dict[str, str] = {}
    for file in sorted(files, key=lambda file: file.count("/")):
        for path in code:
            if f"/{file}".endswith(f"/{path}"):
                modules.setdefault(_dotted(path), file)
    return _shipped(modules, prefixes_of(code))


def _shipped(files: dict[str, str], prefixes: Iterable[str], unread: str = "") -> Shipped:
    modules = tuple(Module(name=name, file=file) for name, file in sorted(files.items()))
    return Shipped(modules=modules, prefixes=tuple(sorted(prefixes)), unread=unread)


def _wheel_files(directory: Path, layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield the files of code by their path in the wheel and their path from the project in *directory*."""
    is_included, is_excluded = _matcher(layout.included), _matcher(layout.excluded)
    roots = [(posixpath.normpath(root), target) for root, target in layout.roots]
    for root, target in roots:
        inner = {other for other, _ in roots} - {root}

        def enters(path: str, inner: set[str] = inner) -> bool:
            folder = posixpath.basename(path)
            return folder != "__pycache__" and folder.removesuffix("-stubs").isidentifier() and path not in inner

        start = "" if root == "." else root
        for source in () if posixpath.isabs(root) else walk(directory, start, enters, follow_links=True):
            if not source.endswith(SUFFIXES) or source in inner or is_excluded(source):
                continue
            path = posixpath.normpath(posixpath.join(target, posixpath.relpath(source, root)))
            package = posixpath.dirname(path).replace("/", ".")
            if (
                (not layout.included or is_included(source))
                and any(fnmatchcase(package, pattern) for pattern in layout.packages)
                and not any(fnmatchcase(package, pattern) for pattern in layout.without)
                and (not layout.regular or (directory / posixpath.dirname(source) / "__init__.py").is_file())
            ):
                yield "" if path == "." else path, source


def walk(
    directory: Path,
    start: str,
    enters: Callable[[str], bool],
    *,
    follow_links: bool = False,
    followed: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Yield the files at or below *start*, by POSIX path from *directory*, in name order.

    *enters* says of the path of a folder whether to look into it. Links to folders are passed over, or followed: each
    once along one path, on which those to *followed* have been.
    """
    try:
        entries = sorted(os.scandir(directory / start), key=lambda entry: entry.name)
    except NotADirectoryError:
        yield start
        return
    except OSError:
        return
    for entry in entries:
        path = f"{start}/{entry.name}" if start else entry.name
        # `os.path` takes a link that leads to itself for neither a file nor a folder; the entry would raise.
        is_link = entry.is_symlink()
        if os.path.isfile(entry) if is_link else entry.is_file():  # noqa: PTH113 - see above
            yield path
        elif (os.path.isdir(entry) if is_link else entry.is_dir()) and enters(path):  # noqa: PTH112 - see above
            if not is_link:
                yield from walk(directory, path, enters, follow_links=follow_links, followed=followed)
            elif follow_links and (real := os.path.realpath(entry)) not in followed:
                yield from walk(directory, path, enters, follow_links=True, followed=followed | {real})


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - few projects exclude anything

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except ValueError:
        # The backend refuses such a pattern: then there is no wheel at all.
        return lambda _: True


def prefixes_of(paths: Iterable[str], is_namespace: Callable[[str], bool] = lambda _: False) -> frozenset[str]:
    """Return the shortest dotted names that cover every module of *paths*, which are paths in a site directory.

    *is_namespace* says of an ``__init__`` file whether its package is nevertheless a namespace. It is asked only where
    no package above has been found to be a regular one.
    """
    files = [path for path in paths if path.endswith(SUFFIXES) and _is_importable(path)]
    packages: set[str] = set()
    for path in sorted((path for path in files if _stem(path) == "__init__"), key=lambda path: path.count("/")):
        folder = posixpath.dirname(path)
        if folder and not _outermost(folder, packages) and not is_namespace(path):
            packages.add(folder)
    prefixes: set[str] = set()
    for path in files:
        if package := _outermost(posixpath.dirname(path), packages):
            prefixes.add(package.replace("/", "."))
        elif _stem(path) != "__init__" and not path.endswith(".pyi"):
            prefixes.add(_dotted(path))
    return frozenset(prefixes)


def _outermost(folder: str, packages: set[str]) -> str:
    """Return the outermost of *packages* that *folder* is or lies in, empty if there is none."""
    end = folder.find("/")
    while end != -1:
        if folder[:end] in packages:
            return folder[:end]
        end = folder.find("/", end + 1)
    return folder if folder in packages else ""


def _is_importable(path: str) -> bool:
    first, *rest = [*filter(None, posixpath.dirname(path).split("/")), _stem(path)]
    # A distribution of stubs has them in a folder that is named like the package (PEP 561).
    return (first.removesuffix("-stubs") if rest else first).isidentifier() and all(map(str.isidentifier, rest))


def _stem(path: str) -> str:
    """Return the last name of the module at *path*: ``a.cpython-312-x86_64-linux-gnu.so`` is ``a``."""
    return posixpath.basename(path).partition(".")[0]


def _dotted(path: str) -> str:
    folder, stem = posixpath.dirname(path), _stem(path)
    return ".".join([*filter(None, folder.split("/")), *([stem] if stem != "__init__" else [])])


def _import_order(path: str) -> tuple[bool, int]:
    """Order *path* as an import looks for it: a package first, then by suffix."""
    return _stem(path) != "__init__", next(rank for rank, suffix in enumerate(SUFFIXES) if path.endswith(suffix))
