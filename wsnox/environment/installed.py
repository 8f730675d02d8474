"""Read what is installed in an environment from its site directories, without starting its interpreter.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. Everything
else at the top level of a site directory must belong to one of them: what no RECORD names is a stray.
"""

from __future__ import annotations

import csv
import json
import os
import re
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wsnox.environment.glance import glance, listing
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from wsnox.environment.glance import Site

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


class _Record(NamedTuple):
    """What a distribution calls its own, as the file called *name* says.

    *top* are the names at the top of the site directory, *near* the paths of at most two levels.
    """

    name: str
    top: set[str]
    near: list[str]


def read_installed(site: Iterable[Path]) -> Installed:
    """Return what is installed in the *site* directories, in name order."""
    distributions: list[Distribution] = []
    strays: list[Path] = []
    sites = [(directory, glance(str(directory))) for directory in site]
    for directory, seen in sites:
        names = seen.names
        owned = set(_OWN)
        for name in sorted(filter(_METADATA.fullmatch, names)):
            record = _record(f"{directory}/{name}")
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


def _distribution(directory: Path, name: str, record: _Record, site: Site) -> Distribution:
    """Return the distribution whose metadata in *directory* is called *name*, with its *record*; so *site* looks."""
    stem, _, suffix = name.rpartition(".")
    legacy, link = suffix != "dist-info", suffix == "egg-link"
    # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
    named, _, version = (stem, "", "") if link else stem.partition("-")
    place = f"{directory}/{name}"
    headers = {} if link else _headers(place)
    return Distribution(
        name=canonicalize_name(headers.get("name", named)),
        version=headers.get("version", version.partition("-py")[0]),
        place=directory / name,
        origin=_origin(f"{place}/direct_url.json"),
        legacy=legacy,
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        complete=legacy or (record.name == "RECORD" and _is_named(named, headers) and _near_the_top(site, record)),
    )


def _is_named(stem: str, headers: dict[str, str]) -> bool:
    """Tell whether the name of the directory is that of the metadata, and the version is one: uv reads no other."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return False
    return canonicalize_name(headers.get("name", "~")) == canonicalize_name(stem)


def _near_the_top(site: Site, record: _Record) -> bool:
    """Tell whether those paths of *record* are there that the listing of a stamp would miss: two levels, caches apart."""
    beyond: dict[str, Mapping[str, str] | frozenset[str]] = {"": site.names}
    for path in record.near:
        folder, _, name = path.rpartition("/")
        names = site.folders.get(folder) or site.metadata.get(folder) or beyond.get(folder)
        if names is None:
            names = beyond[folder] = _names_in(f"{site.directory}/{folder}")
        if name not in names and _is_lost(site.directory, path):
            return False
    return True


def _is_lost(site: str, path: str) -> bool:
    """Tell whether *path*, which its folder does not list, should be there; outside *site* nobody looks."""
    if path.startswith(("..", "/")) or path.endswith(_CACHES):
        return False
    # A file system that ignores case may list it in another.
    return not os.path.lexists(f"{site}/{path}")


def _headers(place: str) -> dict[str, str]:
    """Return name and version from the metadata of the distribution at *place*, as far as it has any."""
    found: dict[str, str] = {}
    content = _first_file(f"{place}/METADATA", f"{place}/PKG-INFO", place)[1]
    # The headers end at the first line that is none; the description below may be long.
    for line in content.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        key, colon, value = line.partition(":")
        if not colon:
            break
        if key.lower() in ("name", "version"):
            found[key.lower()] = value.strip()
    return found


def _origin(path: str) -> dict[str, Any]:
    try:
        origin = json.loads(_read(path).decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"url": ""}
    return origin if _is_origin(origin) else {"url": ""}


def _is_origin(origin: object) -> bool:
    tables = ("archive_info", "dir_info", "vcs_info")
    return isinstance(origin, dict) and all(isinstance(origin.get(table, {}), dict) for table in tables)


def _record(place: str) -> _Record:
    """Return what the metadata at *place* names as its own, empty where it names nothing."""
    records = [f"{place}/{name}" for name in ("RECORD", "installed-files.txt", "SOURCES.txt")]
    path, content = _first_file(*records)
    text = content.decode(errors="replace").replace("\\", "/")
    name = path.rpartition("/")[2]
    if '"' in text:
        paths = [fields[0] for fields in csv.reader(StringIO(text, newline="")) if fields]
    else:
        # Without quotation, as in nearly every one, a path ends at the comma.
        paths = [line.partition(",")[0] for line in text.replace("\r", "\n").split("\n") if line]
    return _Record(name, {path.partition("/")[0] for path in paths}, [path for path in paths if path.count("/") < 2])


# --- files, by paths as text: a `Path` for each would be most of what reading an environment costs ---


def _names_in(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - see above
    except (OSError, ValueError):
        return frozenset()


def _first_file(*paths: str) -> tuple[str, bytes]:
    """Return the first of *paths* that is a file, with its content, both empty where none is."""
    path = next(filter(os.path.isfile, paths), "")
    return path, _read(path) if path else b""


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see above
        return file.read()


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
