"""Read what is installed in an environment from its directories, without starting its interpreter.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. What none of
them owns is a stray: see `strays` for modules, and `scripts` for programs.
"""

from __future__ import annotations

import json
import os
import re
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wsnox._record import Record
from wsnox.environment.record import damage, leads_outside, owned_by
from wsnox.environment.scripts import Scripts, entry_scripts, script_damage, stray_scripts
from wsnox.environment.snapshot import changed, snapshot
from wsnox.environment.strays import strays_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.record import Owned
    from wsnox.environment.snapshot import SiteSnapshot

__all__ = ["Distribution", "Installed", "headers_of", "installed_in", "origin_of", "read_installed", "whole"]

# --- What the metadata of an installed distribution says: its name and version, and where it came from ---


def headers_of(place: str) -> dict[str, str]:
    """Return name and version from the metadata of the distribution at *place*, as far as it has any."""
    found: dict[str, str] = {}
    content = _first_file(f"{place}/METADATA", f"{place}/PKG-INFO", place)
    # The headers end at the first line that is none; the description below may be long.
    for line in content.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        key, colon, value = line.partition(":")
        if not colon or len(found) == 2:
            break
        if key.lower() in ("name", "version"):
            found[key.lower()] = value.strip()
    return found


def origin_of(place: str) -> dict[str, Any]:
    """Return the ``direct_url.json`` (PEP 610) of the metadata at *place*, empty where there is none.

    One that cannot be read gives a place that nothing is locked from.
    """
    path = f"{place}/direct_url.json"
    if not isfile(path):  # noqa: PTH113 - see the module's docstring
        return {"url": ""} if os.path.lexists(path) else {}
    try:
        origin = json.loads(_read(path).decode())
    except (OSError, ValueError, RecursionError):
        return {"url": ""}
    return origin if _is_origin(origin) else {"url": ""}


def _is_origin(origin: object) -> bool:
    tables = ("archive_info", "dir_info", "vcs_info")
    return isinstance(origin, dict) and all(isinstance(origin.get(table, {}), dict) for table in tables)


def _first_file(*paths: str) -> bytes:
    """Return the content of the first of *paths* that is a file, nothing where none is."""
    path = next(filter(isfile, paths), "")
    return _read(path) if path else b""


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see the module's docstring
        return file.read()


_METADATA = re.compile(r".+\.(dist-info|egg-info|egg-link)")
_ENTRY_POINTS = "entry_points.txt"


class Distribution(Record):
    """An installed distribution; *origin* is its ``direct_url.json`` (PEP 610), empty for one from an index.

    *legacy* marks what no installer can remove by its RECORD: ``.egg-info`` and ``.egg-link``. *flaw* says what is lost
    of it or wrong with its RECORD, empty for a whole one. It is *changed* where its metadata, its files at the top of the
    site directory or its scripts are not those that were proven.
    """

    name: str
    version: str
    place: Path
    origin: dict[str, Any]
    legacy: bool = False
    flaw: str = ""
    changed: bool = False


class Installed(Record):
    """The distributions of an environment, and the paths in its directories that none of them owns.

    *sites* are these directories as they look, that of the scripts last.
    """

    distributions: tuple[Distribution, ...]
    strays: tuple[Path, ...]
    sites: tuple[SiteSnapshot, ...] = ()


def installed_in(interpreter: Interpreter, before: str | None = None) -> Installed:
    """Return what is installed in the environment of *interpreter*; with the listing *before*, tell what has changed."""
    scripts = Scripts(interpreter.scripts, interpreter.executable, interpreter.prefix)
    return read_installed(interpreter.site, scripts, before)


def read_installed(site: Iterable[Path], scripts: Scripts | None = None, before: str | None = None) -> Installed:
    """Return what is installed in the *site* directories and as *scripts*, in name order.

    Without *scripts*, nobody looks outside the site directories. What is not as in the listing *before* has changed;
    without it, nothing has.
    """
    reader = _Reader([snapshot(str(directory)) for directory in site], scripts, before)
    distributions = sorted(reader.distributions(), key=lambda found: (found.name, found.version))
    return Installed(tuple(distributions), tuple(reader.strays()), tuple(reader.seen))


class _Reader:
    """One look at an environment: its *sites* and *scripts* as they are, and what each distribution owns of them."""

    def __init__(self, sites: list[SiteSnapshot], scripts: Scripts | None, before: str | None) -> None:
        self._sites, self._scripts = sites, scripts
        self._programs = snapshot(str(scripts.directory)) if scripts else None
        self.seen = [*sites, *([self._programs] if self._programs else [])]
        self._changed = [frozenset[str]() if before is None else changed(each, before) for each in self.seen]
        self._owned: dict[str, Mapping[str, Owned]] = {
            each.directory: {
                name: owned_by(f"{each.directory}/{name}") for name in filter(_METADATA.fullmatch, each.names)
            }
            for each in sites
        }
        self._own_scripts = {
            (each.directory, name): self._scripts_of(each, name, owned)
            for each in sites
            for name, owned in self._owned[each.directory].items()
        }
        sizes = ((each, owned.sizes) for each in sites for owned in self._owned[each.directory].values())
        self._empty = {
            f"{each.directory}/{path}" for each, named in sizes for path, size in named.items() if size == "0"
        }

    def distributions(self) -> Iterator[Distribution]:
        """Yield every distribution."""
        for site, changes in zip(self._sites, self._changed, strict=False):
            for name, owned in self._owned[site.directory].items():
                yield self._distribution(site, name, owned, changes)

    def strays(self) -> Iterator[Path]:
        """Yield what belongs to none of them."""
        for site in self._sites:
            named = self._owned[site.directory]
            yield from strays_of(site, (*named, *(path for owned in named.values() for path in owned.sizes)))
        if self._scripts and self._programs:
            own = frozenset[str]().union(*(entry | rows for entry, rows in self._own_scripts.values()))
            yield from stray_scripts(self._scripts, self._programs.names, own)

    def _scripts_of(self, site: SiteSnapshot, name: str, owned: Owned) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names of the scripts that the distribution of the metadata *name* should have, and those it owns."""
        if self._scripts is None:
            return frozenset(), frozenset()
        rows = [path.rpartition("/") for path in owned.sizes if path.startswith("../")]
        directory = os.path.relpath(self._scripts.directory, site.directory).replace("\\", "/") if rows else ""
        return entry_scripts(f"{site.directory}/{name}"), frozenset(
            file for folder, _, file in rows if folder == directory
        )

    def _distribution(self, site: SiteSnapshot, name: str, owned: Owned, changes: frozenset[str]) -> Distribution:
        stem, _, suffix = name.rpartition(".")
        legacy, link = suffix != "dist-info", suffix == "egg-link"
        # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
        named, _, version = (stem, "", "") if link else stem.partition("-")
        place = f"{site.directory}/{name}"
        headers = {} if link else headers_of(place)
        entry, rows = self._own_scripts[site.directory, name]
        return Distribution(
            name=canonicalize_name(headers.get("name", named)),
            version=headers.get("version", version.partition("-py")[0]),
            place=Path(place),
            origin=origin_of(place),
            legacy=legacy,
            flaw="" if legacy else self._flaw(site, name, owned, headers),
            changed=not changes.isdisjoint((name, *owned.sizes)) or not self._changed[-1].isdisjoint(entry | rows),
        )

    def _flaw(self, site: SiteSnapshot, name: str, owned: Owned, headers: dict[str, str]) -> str:
        """Return why the distribution cannot be believed to be whole, empty where it is."""
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        if flaw := owned.flaw or _misnamed(name.partition("-")[0], headers):
            return flaw
        if _ENTRY_POINTS in site.metadata.get(name, ()) and f"{name}/{_ENTRY_POINTS}" not in owned.sizes:
            return f"its RECORD does not name its own {_ENTRY_POINTS}"
        scripts = self._scripts
        if scripts and (path := leads_outside(site.directory, owned, str(scripts.prefix))):
            return f"its RECORD names `{path}`, which is outside the environment"
        if flaw := damage(site.directory, owned, empty=self._empty, outside=scripts is not None):
            return flaw
        there = self._programs.names if self._programs else frozenset[str]()
        return script_damage(self._own_scripts[site.directory, name][0], scripts, there) if scripts else ""


def _misnamed(stem: str, headers: dict[str, str]) -> str:
    """Tell whether the name of the directory is not that of the metadata, or the version is none: uv reads no other."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return "its metadata has no version"
    found = canonicalize_name(headers.get("name", "~"))
    return "" if found == canonicalize_name(stem) else "its metadata is under another name"


def whole(distribution: Distribution) -> bool:
    """Return whether every file of *distribution* is there in the full size that its RECORD gives, byte code apart."""
    owned = owned_by(str(distribution.place))
    return not owned.flaw and all(
        _is_there(distribution.place.parent / path, owned.sizes[path]) for path in owned.paths
    )


def _is_there(path: Path, size: str) -> bool:
    try:
        return str(path.stat().st_size) == size or not size
    except OSError:
        return False
