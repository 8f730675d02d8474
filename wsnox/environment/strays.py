"""What lies in a site directory and belongs to no distribution, as far as Python might import it.

At the top of the directory that is everything that no RECORD names. In a package it is modules and folders of modules
alone, since programs write data beside their own code; what is deeper than a package's own folder is the package's.
Namespace packages have no owner, so they are followed to where their packages begin.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.snapshot import is_namespace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wsnox.environment.snapshot import SiteSnapshot

__all__ = ["strays_of"]

_MODULES = (".py", ".pyc", ".pyw", ".so", ".pyd")
# Byte code there is imported only beside its source.
_CACHE = "__pycache__"


def strays_of(site: SiteSnapshot, owned: Iterable[str]) -> Iterator[Path]:
    """Yield the paths in *site* that are none of the *owned* ones (from the site directory), nor above one."""
    own = _by_first(owned)
    directory = Path(site.directory)
    for name in sorted(site.names):
        if name in own:
            yield from _inside(site, name, own[name])
        elif not _is_owned(directory / name, own):
            yield directory / name


def _inside(site: SiteSnapshot, folder: str, owned: Iterable[str]) -> Iterator[Path]:
    names = site.folders.get(folder)
    if not names:
        return
    own = _by_first(owned)
    directory = Path(site.directory, folder)
    for name in sorted(names):
        if name not in own:
            if _is_importable(directory / name) and not _is_owned(directory / name, own):
                yield directory / name
        elif is_namespace(folder, names):
            yield from _inside(site, f"{folder}/{name}", own[name])


def _by_first(paths: Iterable[str]) -> Mapping[str, list[str]]:
    """Return *paths* by their first part, without it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        first, _, rest = path.partition("/")
        found[first].append(rest)
    return found


def _is_importable(place: Path) -> bool:
    """Return whether *place*, in a package, is a module or holds one; dots and hyphens keep a folder from being imported."""
    if place.name.endswith(_MODULES):
        return place.name.partition(".")[0].isidentifier()
    if not place.name.isidentifier() or not place.is_dir():
        return False
    found = (name for folder, _, names in os.walk(place) if not folder.endswith(_CACHE) for name in names)
    return place.is_symlink() or any(name.endswith(_MODULES) for name in found)


def _is_owned(place: Path, owned: Collection[str]) -> bool:
    """Return whether *place* is one of the names *owned* in another case, where a file system ignores that."""
    folded = place.name.casefold()
    others = (place.with_name(name) for name in owned if name.casefold() == folded)
    return any(other.exists() and other.samefile(place) for other in others)
