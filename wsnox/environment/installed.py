"""Read what is installed in an environment from its site directories, without starting its interpreter.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. Everything
else at the top level of a site directory must belong to one of them: what no RECORD names is a stray.
"""

from __future__ import annotations

import csv
import os
import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wsnox.environment.glance import glance, listing
from wsnox.environment.metadata import headers_of, origin_of, owned_by
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from wsnox.environment.glance import Site
    from wsnox.environment.metadata import Owned

__all__ = ["Distribution", "Installed", "read_installed", "whole"]

# What `venv`, `virtualenv` and uv put into a site directory themselves, and what Python writes there.
_OWN = frozenset({"__pycache__", "_virtualenv.py", "_virtualenv.pth"})
_METADATA = re.compile(r".+\.(dist-info|egg-info|egg-link)")
# Byte code is a cache, and `virtualenv` writes down some that it does not keep.
_CACHES = (".pyc", "__pycache__")


class Distribution(Record):
    """An installed distribution; *origin* is its ``direct_url.json`` (PEP 610), empty for one from an index.

    *legacy* marks what no installer can remove by its RECORD: ``.egg-info`` and ``.egg-link``.
    """

    name: str
    version: str
    place: Path
    origin: dict[str, Any]
    legacy: bool = False
    complete: bool = True


class Installed(Record):
    """The distributions of an environment, and the paths at the top of its site directories that none of them owns.

    *listing* is what the directories looked like then.
    """

    distributions: tuple[Distribution, ...]
    strays: tuple[Path, ...]
    listing: str = ""


def read_installed(site: Iterable[Path]) -> Installed:
    """Return what is installed in the *site* directories, in name order."""
    distributions: list[Distribution] = []
    strays: list[Path] = []
    sites = [(directory, glance(str(directory))) for directory in site]
    for directory, seen in sites:
        names = seen.names
        owned = set(_OWN)
        for name in sorted(filter(_METADATA.fullmatch, names)):
            record = owned_by(f"{directory}/{name}")
            owned |= {name, *record.top}
            if name.endswith(".egg-link"):
                owned.add("easy-install.pth")
            distributions.append(_distribution(directory, name, record, seen))
        strays += [directory / name for name in sorted(names - owned) if not _is_owned(directory / name, owned)]
    distributions.sort(key=lambda distribution: (distribution.name, distribution.version))
    return Installed(tuple(distributions), tuple(strays), listing(seen for _, seen in sites))


def _is_owned(place: Path, owned: Collection[str]) -> bool:
    """Tell whether *place* is one of the names *owned* in another case, where a file system ignores that."""
    folded = place.name.casefold()
    others = (place.with_name(name) for name in owned if name.casefold() == folded)
    return any(other.exists() and other.samefile(place) for other in others)


def _distribution(directory: Path, name: str, record: Owned, site: Site) -> Distribution:
    """Return the distribution whose metadata in *directory* is called *name*, with its *record*; so *site* looks."""
    stem, _, suffix = name.rpartition(".")
    legacy, link = suffix != "dist-info", suffix == "egg-link"
    # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
    named, _, version = (stem, "", "") if link else stem.partition("-")
    place = f"{directory}/{name}"
    headers = {} if link else headers_of(place)
    return Distribution(
        name=canonicalize_name(headers.get("name", named)),
        version=headers.get("version", version.partition("-py")[0]),
        place=directory / name,
        origin=origin_of(place),
        legacy=legacy,
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        complete=legacy or (record.file == "RECORD" and _is_named(named, headers) and _is_whole(site, record)),
    )


def _is_named(stem: str, headers: dict[str, str]) -> bool:
    """Tell whether the name of the directory is that of the metadata, and the version is one: uv reads no other."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return False
    return canonicalize_name(headers.get("name", "~")) == canonicalize_name(stem)


def _is_whole(site: Site, record: Owned) -> bool:
    """Tell whether those names of *record* are there that the listing of a stamp would miss: two levels, caches apart."""
    for folder, names in record.names.items():
        if not names:
            continue
        there = site.folders.get(folder) or site.metadata.get(folder) if folder else site.names
        missing = names.difference(_names_in(f"{site.directory}/{folder}") if there is None else there)
        if any(_is_lost(site.directory, f"{folder}/{name}" if folder else name) for name in missing):
            return False
    return True


def _is_lost(site: str, path: str) -> bool:
    """Tell whether *path*, which its folder does not list, should be there; outside *site* nobody looks."""
    if path.startswith("..") or path.endswith(_CACHES):
        return False
    # A file system that ignores case may list it in another.
    return not os.path.lexists(f"{site}/{path}")


def _names_in(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - as text, like what metadata says
    except (OSError, ValueError):
        return frozenset()


def whole(distribution: Distribution) -> bool:
    """Tell whether every file that the RECORD of *distribution* names is there in its full size, byte code apart."""
    record = distribution.place / "RECORD"
    if not record.is_file():
        return False
    with record.open(encoding="utf-8", newline="") as lines:
        return all(
            _is_there(distribution.place.parent / row[0], row[2] if len(row) == 3 else "")
            for row in csv.reader(lines)
            if row and not row[0].endswith(_CACHES)
        )


def _is_there(path: Path, size: str) -> bool:
    try:
        return str(path.stat().st_size) == size or not size
    except OSError:
        return False
