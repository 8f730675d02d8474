"""Turn the files of a wheel into the modules that it ships and the names that belong to it alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.leaks.records import Module, Shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["as_shipped"]

_RANKS = (".py", ".so", ".pyd", ".pyx")
# PyPA, packaging namespace packages: the two styles that need an `__init__.py`, the same in every distribution.
_NAMESPACE = re.compile(rb"\bextend_path\b|\bdeclare_namespace\b")
_ENOUGH = 1 << 16


def as_shipped(directory: Path, files: Iterable[tuple[str, str]], *, sure: bool) -> Shipped:
    """Return what a wheel of these *files* ships: each its path in the wheel, and its path from *directory*.

    A file that only a build makes has no path there. It gives a prefix, and no module.
    """
    found = {path: source for path, source in files if _is_importable(path)}
    packages = _packages(directory, found)
    modules = _modules(found)
    prefixes = {prefix for path in found if (prefix := _prefix(path, packages))}
    return Shipped(modules=tuple(modules), prefixes=tuple(sorted(prefixes)), sure=sure)


def _is_importable(path: str) -> bool:
    *folders, file = path.split("/")
    top = folders[0].removesuffix("-stubs") if folders else ""
    parts = [top, *folders[1:]] if folders else []
    return all(part.isidentifier() for part in (*parts, _stem(file)))


def _stem(file: str) -> str:
    """Return the module that *file* holds: ``a.cpython-312-x86_64-linux-gnu.so`` is ``a``."""
    return file.partition(".")[0]


def _modules(found: Mapping[str, str]) -> Iterator[Module]:
    """Yield the modules in name order; where several files could be one, the first that Python would load."""
    sources: dict[str, str] = {}
    for path in sorted(found, key=_precedence):
        name = _dotted(path)
        if name and found[path] and "-" not in name and not path.endswith(".pyi"):
            sources.setdefault(name, found[path])
    yield from (Module(name=name, file=sources[name]) for name in sorted(sources))


def _precedence(path: str) -> tuple[bool, int]:
    """Order *path* as an import looks for it: a package, then what is closest to source."""
    file = path.rpartition("/")[2]
    rank = next((rank for rank, suffix in enumerate(_RANKS) if file.endswith(suffix)), len(_RANKS))
    return _stem(file) != "__init__", rank


def _dotted(path: str) -> str:
    folder, _, file = path.rpartition("/")
    stem = _stem(file)
    inside = folder.replace("/", ".")
    if stem == "__init__":
        return inside
    return f"{inside}.{stem}" if inside else stem


def _packages(directory: Path, found: Mapping[str, str]) -> frozenset[str]:
    """Return the folders of the regular packages that lie in no other."""
    packages: set[str] = set()
    for path in sorted(found, key=lambda path: path.count("/")):
        folder, _, file = path.rpartition("/")
        if folder and _stem(file) == "__init__" and folder not in packages and not _above(folder, packages):
            source = found[path]
            if not (source.endswith(".py") and _is_namespace(directory / source)):
                packages.add(folder)
    return frozenset(packages)


def _above(folder: str, packages: Collection[str]) -> str:
    """Return the outermost of *packages* that *folder* is or lies in, an empty string where there is none."""
    parts = folder.split("/")
    return next((here for end in range(1, len(parts) + 1) if (here := "/".join(parts[:end])) in packages), "")


def _prefix(path: str, packages: Collection[str]) -> str:
    """Return the shortest name that owns the file at *path*; the ``__init__`` of a namespace, and stubs, own none."""
    folder, _, file = path.rpartition("/")
    package = _above(folder, packages) if folder else ""
    if package:
        return package.replace("/", ".")
    return "" if _stem(file) == "__init__" or file.endswith(".pyi") else _dotted(path)


def _is_namespace(init: Path) -> bool:
    try:
        with init.open("rb") as content:
            return _NAMESPACE.search(content.read(_ENOUGH)) is not None
    except OSError:
        return False
