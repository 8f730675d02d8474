"""The distributions installed in an environment, and what belongs to none of them, read without starting its Python.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. A stray is what
Python might import or start and no distribution owns:

- at the top of a site directory, everything that no RECORD names;
- in a package, modules and folders of modules alone, since programs write data beside their own code; below a package's
  own folder everything is the package's; namespace packages have no owner, and are followed to where their packages begin;
- in the directory of scripts, see `scripts`.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wsnox._record import Record
from wsnox.environment.record import damage, leads_outside, owned_by
from wsnox.environment.scripts import Scripts, entry_scripts, script_damage, stray_scripts
from wsnox.environment.snapshot import SiteSnapshot, changed, is_importable, is_namespace, snapshot
from wsnox.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.record import Owned

__all__ = ["Distribution", "Installed", "headers_of", "installed_in", "is_complete", "origin_of", "read_installed"]

_METADATA = re.compile(r".+\.(dist-info|egg-info|egg-link)")
_ENTRY_POINTS = "entry_points.txt"
_UNREADABLE = {"url": ""}
_VCS = ("git", "hg", "bzr", "svn")
_FIELDS = {
    **dict.fromkeys(("subdirectory", "hash", "commit_id", "requested_revision"), str),
    "hashes": dict,
    "editable": bool,
}


class Distribution(Record):
    """An installed distribution, with its *metadata* directory or file.

    *origin* is its ``direct_url.json`` (PEP 610), empty for one from an index. *legacy* marks ``.egg-info`` and
    ``.egg-link``, which no installer can remove by a RECORD. *flaw* says what is lost of it or wrong with its RECORD,
    empty for a complete one; *record* is the digest of that. It is *changed* where its metadata, its files at the top of
    the site directory or its scripts are not those that were proven.
    """

    name: str
    version: str
    metadata: Path
    origin: dict[str, Any]
    legacy: bool = False
    flaw: str = ""
    changed: bool = False
    record: str = ""


class Installed(Record):
    """The distributions of an environment, and the *strays* in its directories.

    *sites* are snapshots of these directories, that of the scripts last.
    """

    distributions: tuple[Distribution, ...]
    strays: tuple[Path, ...]
    sites: tuple[SiteSnapshot, ...] = ()


def installed_in(interpreter: Interpreter, before: str | None = None, *, sizes: bool = True) -> Installed:
    """Return what is installed in the environment of *interpreter*; see `read_installed`."""
    scripts = Scripts(interpreter.scripts, interpreter.executable, interpreter.prefix)
    return read_installed(interpreter.site, scripts, before, sizes=sizes)


def read_installed(
    site: Iterable[Path], scripts: Scripts | None = None, before: str | None = None, *, sizes: bool = True
) -> Installed:
    """Return what is installed in the *site* directories and as *scripts*, in name order.

    Without *scripts*, nothing outside the site directories is looked at. What is not as in the fingerprint *before* has
    changed; without it, nothing has. Without *sizes*, no file is taken for one that lost its content.
    """
    reader = _Reader(site, scripts, before, sizes=sizes)
    distributions = sorted(reader.distributions(), key=lambda distribution: (distribution.name, distribution.version))
    return Installed(tuple(distributions), tuple(reader.strays()), reader.snapshots)


class _Metadata(NamedTuple):
    """The metadata *name* in a *site*, with the files *owned*, the *required* scripts, and the *scripts* that are owned."""

    site: SiteSnapshot
    name: str
    owned: Owned
    required: frozenset[str]
    scripts: frozenset[str]


class _Reader:
    """One look at the *site* directories and *scripts* of an environment, as `read_installed` is asked for it."""

    def __init__(self, site: Iterable[Path], scripts: Scripts | None, before: str | None, *, sizes: bool) -> None:
        self._scripts = scripts
        self._sites = [snapshot(str(directory)) for directory in site]
        self._programs = snapshot(str(scripts.directory)) if scripts else SiteSnapshot("")
        self.snapshots = (*self._sites, self._programs) if scripts else tuple(self._sites)
        self._changed = {
            each.directory: frozenset[str]() if before is None else changed(each, before) for each in self.snapshots
        }
        self._metadata = [
            self._read(each, name) for each in self._sites for name in filter(_METADATA.fullmatch, each.names)
        ]
        self._empty = {
            f"{metadata.site.directory}/{folder}{name}"
            for metadata in (self._metadata if sizes else ())
            for folder, names in metadata.owned.folders.items()
            for name, size in names.items()
            if size == "0"
        }
        self._sizes = sizes

    def distributions(self) -> Iterator[Distribution]:
        """Yield every distribution."""
        return map(self._distribution, self._metadata)

    def strays(self) -> Iterator[Path]:
        """Yield everything that belongs to none of them."""
        for site in self._sites:
            children: dict[str, set[str]] = defaultdict(set)
            for metadata in self._metadata:
                if metadata.site is site:
                    children[""].add(metadata.name)
                    for folder, names in metadata.owned.folders.items():
                        path = folder[:-1]
                        children[path].update(names)
                        while path:
                            path, _, last = path.rpartition("/")
                            children[path].add(last)
            yield from _strays_in(site, "", site.names, children)
        if self._scripts:
            own = frozenset[str]().union(*(metadata.required | metadata.scripts for metadata in self._metadata))
            yield from stray_scripts(self._scripts, self._programs.names, own)

    def _read(self, site: SiteSnapshot, name: str) -> _Metadata:
        owned, scripts = owned_by(f"{site.directory}/{name}"), self._scripts
        required = entry_scripts(f"{site.directory}/{name}") if scripts else frozenset[str]()
        rows: Iterable[str] = ()
        if scripts and any(folder.startswith("../") for folder in owned.folders):
            directory = os.path.relpath(scripts.directory, site.directory).replace("\\", "/")
            rows = owned.folders.get(f"{directory}/", ())
        return _Metadata(site, name, owned, required, frozenset(rows))

    def _distribution(self, metadata: _Metadata) -> Distribution:
        site, name, owned, required, scripts = metadata
        stem, _, suffix = name.rpartition(".")
        legacy, link = suffix != "dist-info", suffix == "egg-link"
        # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
        project, _, version = (stem, "", "") if link else stem.partition("-")
        path = f"{site.directory}/{name}"
        headers, origin = {} if link else headers_of(path), origin_of(path)
        changes, changed_scripts = self._changed[site.directory], self._changed.get(self._programs.directory, ())
        return Distribution(
            name=canonicalize_name(headers.get("name", project)),
            version=headers.get("version", version.partition("-py")[0]),
            metadata=Path(path),
            origin=origin,
            legacy=legacy,
            flaw="" if legacy else self._flaw(metadata, headers, origin),
            changed=name in changes
            or any(file in owned for file in changes)
            or not (required | scripts).isdisjoint(changed_scripts),
            record=owned.digest,
        )

    def _flaw(self, metadata: _Metadata, headers: dict[str, str], origin: dict[str, Any]) -> str:
        """Return why the distribution cannot be believed to be complete, empty where it can."""
        site, name, owned, required, _ = metadata
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        if flaw := owned.flaw or _misnamed(name.partition("-")[0], headers):
            return flaw
        if _ENTRY_POINTS in site.metadata.get(name, ()) and f"{name}/{_ENTRY_POINTS}" not in owned:
            return f"its RECORD does not name its own {_ENTRY_POINTS}"
        if origin == _UNREADABLE:
            # uv would stop at it.
            return "its direct_url.json cannot be read"
        scripts, empty = self._scripts, self._empty if self._sizes else None
        if scripts is None:
            return damage(site.directory, owned, outside=False, empty=empty)
        if path := leads_outside(site.directory, owned, str(scripts.prefix)):
            return f"its RECORD names `{path}`, which is outside the environment"
        if flaw := damage(site.directory, owned, outside=True, empty=empty):
            return flaw
        return script_damage(required, scripts, self._programs.names)


def _misnamed(stem: str, headers: dict[str, str]) -> str:
    """Return whether the metadata has no version, or another name than its directory: uv reads neither."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return "its metadata has no version"
    name = canonicalize_name(headers.get("name", "~"))
    return "" if name == canonicalize_name(stem) else "its metadata is under another name"


def is_complete(distribution: Distribution) -> bool:
    """Return whether every file of *distribution* has the full size that its RECORD gives, byte code apart."""
    owned, site = owned_by(str(distribution.metadata)), distribution.metadata.parent
    if owned.flaw or damage(str(site), owned, outside=True, empty=None):
        return False
    return all(
        not size or name.endswith((".pyc", "__pycache__")) or str((site / folder / name).stat().st_size) == size
        for folder, names in owned.folders.items()
        for name, size in names.items()
    )


# What the metadata says. As text: a `Path` for each file would be most of what reading an environment costs.


def headers_of(metadata: str) -> dict[str, str]:
    """Return name and version from the *metadata* of a distribution, as far as it has any."""
    headers: dict[str, str] = {}
    file = next(filter(isfile, (f"{metadata}/METADATA", f"{metadata}/PKG-INFO", metadata)), "")
    content = read_regular(file) if file else b""
    # The headers end at the first line that is none; the description below may be long.
    for line in content.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        key, colon, value = line.partition(":")
        if not colon or len(headers) == 2:
            break
        if key.lower() in ("name", "version"):
            headers[key.lower()] = value.strip()
    return headers


def origin_of(metadata: str) -> dict[str, Any]:
    """Return the ``direct_url.json`` (PEP 610) in *metadata*, empty where it is absent.

    One that cannot be read, by uv or here, gives a URL that nothing is locked from.
    """
    path = f"{metadata}/direct_url.json"
    if not isfile(path):  # noqa: PTH113 - see above
        return _UNREADABLE if os.path.lexists(path) else {}
    try:
        origin = json.loads(read_regular(path).decode(), object_pairs_hook=_without_repeats)
        # Python reads more than is JSON: infinite numbers, those that are none, and half of a surrogate pair as text.
        json.dumps(origin, ensure_ascii=False, allow_nan=False).encode()
    except (OSError, ValueError, RecursionError):
        return _UNREADABLE
    return origin if _is_origin(origin) else _UNREADABLE


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return *pairs* as a table; raise `ValueError` where a name stands twice, of which nobody knows what counts."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError
    return table


def _is_origin(origin: Any) -> bool:
    """Return whether *origin* has a URL, one of the three tables at least, and in each field what PEP 610 says."""
    if not isinstance(origin, dict) or not isinstance(origin.get("url"), str):
        return False
    tables = [origin[name] for name in ("archive_info", "dir_info", "vcs_info") if name in origin]
    if not tables or not all(isinstance(table, dict) for table in tables):
        return False
    fields = [(name, value) for table in (origin, *tables) for name, value in table.items() if value is not None]
    if not all(isinstance(value, _FIELDS.get(name, object)) for name, value in fields):
        return False
    hashes = origin.get("archive_info", {}).get("hashes") or {}
    is_known = "vcs_info" not in origin or origin["vcs_info"].get("vcs") in _VCS
    return is_known and all(isinstance(value, str) for value in hashes.values())


def _strays_in(
    site: SiteSnapshot, folder: str, names: frozenset[str], children: Mapping[str, set[str]]
) -> Iterator[Path]:
    directory, owned = Path(site.directory, folder), children[folder]
    for name in sorted(names):
        if name in owned:
            path = f"{folder}/{name}" if folder else name
            if path in site.folders and (not folder or is_namespace(folder, names)):
                yield from _strays_in(site, path, site.folders[path], children)
        elif (not folder or is_importable(directory / name)) and not _is_other_case(directory / name, owned):
            yield directory / name


def _is_other_case(path: Path, owned: Iterable[str]) -> bool:
    """Return whether *path* is one of the names *owned* in another case, where a file system ignores that."""
    folded = path.name.casefold()
    others = (path.with_name(name) for name in owned if name.casefold() == folded)
    return any(other.exists() and other.samefile(path) for other in others)
