"""Read what is installed in an environment from its site directories, without starting its interpreter.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. Everything
else at the top level of a site directory must belong to one of them: what no RECORD names is a stray.
"""

from __future__ import annotations

import csv
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

__all__ = ["Distribution", "Installed", "read_installed", "whole"]

# What `venv`, `virtualenv` and uv put into a site directory themselves, and what Python writes there.
_OWN = frozenset({"__pycache__", "_virtualenv.py", "_virtualenv.pth"})
_METADATA = re.compile(r".+\.(dist-info|egg-info|egg-link)")


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution; *origin* is its ``direct_url.json`` (PEP 610), empty for one from an index.

    *legacy* marks what no installer can remove by its RECORD: ``.egg-info`` and ``.egg-link``.
    """

    name: str
    version: str
    place: Path
    origin: dict[str, Any]
    legacy: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Installed:
    """The distributions of an environment, and the paths at the top of its site directories that none of them owns."""

    distributions: tuple[Distribution, ...]
    strays: tuple[Path, ...]


def read_installed(site: Iterable[Path]) -> Installed:
    """Return what is installed in the *site* directories, in name order."""
    distributions: list[Distribution] = []
    strays: list[Path] = []
    for directory in site:
        if directory.is_dir():
            present = sorted(directory.iterdir())
            places = [place for place in present if _METADATA.fullmatch(place.name)]
            paths = [_listed(place) for place in places]
            distributions += map(_distribution, places, paths)
            owned = {*_OWN, *(name for place, own in zip(places, paths, strict=True) for name in _owned(place, own))}
            strays += [place for place in present if not _is_owned(place, owned)]
    distributions.sort(key=lambda distribution: (distribution.name, distribution.version))
    return Installed(tuple(distributions), tuple(strays))


def _is_owned(place: Path, owned: Collection[str]) -> bool:
    """Tell whether *place* is one of the names *owned*; where a file system ignores case, one may be written otherwise."""
    if place.name in owned:
        return True
    folded = place.name.casefold()
    others = (place.with_name(name) for name in owned if name.casefold() == folded)
    return any(other.exists() and other.samefile(place) for other in others)


def _distribution(place: Path, paths: Iterable[str]) -> Distribution:
    legacy = place.suffix != ".dist-info"
    # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
    stem, _, version = (place.stem, "", "") if place.suffix == ".egg-link" else place.stem.partition("-")
    headers = dict(_headers(place))
    return Distribution(
        name=canonicalize_name(headers.get("name", stem)),
        version=headers.get("version", version.partition("-py")[0]),
        place=place,
        origin=_origin(place / "direct_url.json"),
        legacy=legacy,
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        complete=legacy
        or (_is_named(stem, headers) and (place / "RECORD").is_file() and _near_the_top(place.parent, paths)),
    )


def _is_named(stem: str, headers: dict[str, str]) -> bool:
    """Tell whether the name of the directory is that of the metadata, and the version is one: uv reads no other."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return False
    return canonicalize_name(headers.get("name", "~")) == canonicalize_name(stem)


def _near_the_top(site: Path, paths: Iterable[str]) -> bool:
    """Tell whether those of *paths* are there that the listing of a stamp would miss: two levels, byte code apart."""
    names: dict[str, frozenset[str]] = {}
    for path in paths:
        if path.count("/") > 1 or path.startswith(("..", "/")) or path.endswith((".pyc", "__pycache__")):
            continue
        folder, _, name = path.rpartition("/")
        if folder not in names:
            names[folder] = _names_in(site / folder)
        # A file system that ignores case may list it in another.
        if name not in names[folder] and not os.path.lexists(site / path):
            return False
    return True


def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - a thousand paths would only be made to be taken apart
    except OSError:
        return frozenset()


def _headers(place: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version from the metadata of the distribution at *place*, as far as it has any."""
    for candidate in (place / "METADATA", place / "PKG-INFO", place):
        if candidate.is_file() and candidate.suffix != ".egg-link":
            with candidate.open(encoding="utf-8", errors="replace") as lines:
                # The headers end at the first line that is none; the description below may be long.
                for key, colon, value in (line.partition(":") for line in lines):
                    if not colon:
                        break
                    if key.lower() in ("name", "version"):
                        yield key.lower(), value.strip()
            return


def _origin(path: Path) -> dict[str, Any]:
    try:
        origin = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"url": ""}
    return origin if _is_origin(origin) else {"url": ""}


def _is_origin(origin: object) -> bool:
    tables = ("archive_info", "dir_info", "vcs_info")
    return isinstance(origin, dict) and all(isinstance(origin.get(table, {}), dict) for table in tables)


def _listed(place: Path) -> list[str]:
    """Return the paths that the metadata at *place* names as its own, relative to the site directory."""
    for record in ("RECORD", "installed-files.txt", "SOURCES.txt"):
        listed = place / record
        if listed.is_file():
            with listed.open(encoding="utf-8", errors="replace", newline="") as lines:
                return [fields[0].replace("\\", "/") for fields in csv.reader(lines) if fields]
    return []


def _owned(place: Path, paths: Iterable[str]) -> Iterator[str]:
    """Yield the top-level names in the site directory that the distribution at *place*, with these *paths*, owns."""
    yield place.name
    if place.suffix == ".egg-link":
        yield "easy-install.pth"
    yield from (path.partition("/")[0] for path in paths)


def whole(distribution: Distribution) -> bool:
    """Tell whether every file that the RECORD of *distribution* names is there in its full size, byte code apart."""
    record = distribution.place / "RECORD"
    if not record.is_file():
        return False
    with record.open(encoding="utf-8", newline="") as lines:
        return all(
            _is_there(distribution.place.parent / row[0], row[2] if len(row) == 3 else "")
            for row in csv.reader(lines)
            # Byte code is a cache, and `virtualenv` writes down some that it does not keep.
            if row and not row[0].endswith((".pyc", "__pycache__"))
        )


def _is_there(path: Path, size: str) -> bool:
    try:
        return str(path.stat().st_size) == size or not size
    except OSError:
        return False
