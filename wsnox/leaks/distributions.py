"""Which modules the distributions of an environment ship, as their RECORDs say, without starting its interpreter.

A distribution installed in place names only a ``.pth`` file in its RECORD; its source tree tells what it ships.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["prefixes_in"]

_CODE = (".py", ".so", ".pyd")
_INIT = "/__init__.py"


def prefixes_in(site: Iterable[Path]) -> Mapping[str, frozenset[str]]:
    """Return the module prefixes (see `Shipped`) of each distribution in the *site* directories, by normalised name.

    The first directory that tells of a distribution counts. One that only brings others has no module, which is known.
    """
    found: dict[str, frozenset[str]] = {}
    for place in site:
        for metadata in sorted((*place.glob("*.dist-info"), *place.glob("*.egg-info"))):
            name = canonicalize_name(metadata.stem.partition("-")[0])
            if name not in found and (prefixes := _prefixes(metadata)) is not None:
                found[name] = prefixes
    return found


def _prefixes(metadata: Path) -> frozenset[str] | None:
    """Return the prefixes of the distribution with this *metadata*, `None` where it does not tell."""
    if metadata.suffix == ".egg-info":
        # It lists the files of the source tree, if any.
        return frozenset(each for each in _lines(metadata / "top_level.txt") if each.isidentifier()) or None
    try:
        paths = [row[0] for row in csv.reader(_lines(metadata / "RECORD")) if row]
    except csv.Error:
        return None
    modules = frozenset(_modules(paths))
    whole = f"{metadata.name}/RECORD" in paths and not any(path.endswith(".pth") for path in paths)
    return modules if modules or whole else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _modules(paths: Iterable[str]) -> Iterator[str]:
    packages = {path.removesuffix(_INIT) for path in paths if path.endswith(_INIT)}
    for path in paths:
        if path.endswith(_CODE) and not path.startswith(("../", "/")):
            parts = _prefix(path, packages).split("/")
            if all(part.isidentifier() for part in parts):
                yield ".".join(parts)


def _prefix(path: str, packages: set[str]) -> str:
    """Return the outermost regular package that the module at *path* is in, else the module itself."""
    folder, _, file = path.rpartition("/")
    parts = folder.split("/") if folder else []
    outermost = ("/".join(parts[: index + 1]) for index in range(len(parts)))
    # `_speedups.cpython-312-x86_64-linux-gnu.so` is the module `_speedups`.
    module = f"{folder}/{file.partition('.')[0]}" if folder else file.partition(".")[0]
    return next((package for package in outermost if package in packages), module)
