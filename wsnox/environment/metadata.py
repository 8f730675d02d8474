"""The metadata directory of an installed distribution (PyPA specifications): name, version, origin, files, scripts.

An environment of 75 distributions has thousands of files, and is looked at several times in a cold session. So paths are
text: a `Path`, or a question to the system, for each file takes several times as long.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.version import InvalidVersion, Version

from wsnox.dist_info import parse_record
from wsnox.files import read_regular
from wsnox.package_names import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Metadata", "Owned", "metadata_at"]

_is_file = os.path.isfile
_ENTRY_POINTS, _DIRECT_URL = "entry_points.txt", "direct_url.json"
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


class Owned(NamedTuple):
    """The files of a distribution: their sizes as text by name, by *folders* from the site directory, as ``a/b/``.

    A size may be empty. *flaw* says why its RECORD cannot be believed, and is empty if it can. *digest* is that of the
    RECORD.
    """

    folders: dict[str, dict[str, str]]
    flaw: str = ""
    digest: str = ""

    def __contains__(self, path: object) -> bool:
        folder, slash, name = str(path).rpartition("/")
        return name in self.folders.get(folder + slash, ())

    @property
    def paths(self) -> Iterator[str]:
        """The paths of all files, from the site directory."""
        return (folder + name for folder, names in self.folders.items() for name in names)


class Metadata(NamedTuple):
    """What a metadata directory, or the file in its place, says of its distribution.

    *origin* is its ``direct_url.json`` (PEP 610), empty for one from an index; one that cannot be read gives a URL that
    nothing is locked from. *scripts* are the names of the scripts that it must have. *legacy* marks ``.egg-info`` and
    ``.egg-link``, which no installer can remove by a RECORD. *flaw* says why the rest cannot be believed, and is empty if
    it can.
    """

    name: str
    version: str
    origin: dict[str, Any]
    owned: Owned
    scripts: frozenset[str]
    legacy: bool
    flaw: str


def metadata_at(path: str, listing: str | None = None) -> Metadata:
    """Return what the metadata at *path* says.

    *listing* is text with the names of all files in the directory, if somebody has looked: others are not looked for.
    """
    directory = path.rpartition("/")[2]
    stem, _, suffix = directory.rpartition(".")
    # The name of an `.egg-link` is the project's, hyphens and all, and has no version.
    project, _, version = (stem, "", "") if suffix == "egg-link" else stem.partition("-")
    headers = {} if suffix == "egg-link" else _headers(path)
    # A file system may list a name in another case than it is asked for.
    names = f"{_ENTRY_POINTS}/{_DIRECT_URL}" if listing is None else listing.casefold()
    entry_points, legacy = f"{path}/{_ENTRY_POINTS}" if _ENTRY_POINTS in names else "", suffix != "dist-info"
    owned, origin = _owned(path), _origin(path) if _DIRECT_URL in names else {}
    name, flaw = canonicalize_name(headers.get("name", project)), ""
    if not legacy:
        # A killed install leaves a directory whose RECORD was not written yet, a killed pip one that it renamed.
        flaw = owned.flaw or _misnamed(project, name, headers)
        if not flaw and entry_points and f"{directory}/{_ENTRY_POINTS}" not in owned and os.path.lexists(entry_points):
            flaw = f"its RECORD does not name its own {_ENTRY_POINTS}"
        if not flaw and origin == _UNREADABLE:
            # uv would stop at it.
            flaw = "its direct_url.json cannot be read"
    return Metadata(
        name=name,
        version=headers.get("version", version.partition("-py")[0]),
        origin=origin,
        owned=owned,
        scripts=_scripts(entry_points) if entry_points else frozenset(),
        legacy=legacy,
        flaw=flaw,
    )


def _headers(path: str) -> dict[str, str]:
    """Return name and version, as far as the metadata has any."""
    try:
        content = read_regular(f"{path}/METADATA")
    except OSError:
        file = next(filter(_is_file, (f"{path}/METADATA", f"{path}/PKG-INFO", path)), "")
        content = read_regular(file) if file else b""
    headers: dict[str, str] = {}
    # The headers end at the first line that is none; the description below may be long.
    for line in content.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        key, colon, value = line.partition(":")
        if not colon or len(headers) == 2:
            break
        if key.lower() in ("name", "version"):
            headers[key.lower()] = value.strip()
    return headers


def _misnamed(project: str, name: str, headers: Mapping[str, str]) -> str:
    """Return what is wrong with *headers* that give this *name*, in metadata named after *project*: uv reads neither."""
    try:
        Version(headers.get("version", ""))
    except InvalidVersion:
        return "its metadata has no version"
    is_same = "name" in headers and (name == project or name == canonicalize_name(project))
    return "" if is_same else "its metadata is under another name"


def _owned(path: str) -> Owned:
    file = f"{path}/RECORD"
    try:
        content = read_regular(file)
    except (OSError, ValueError):
        return Owned({}, "its RECORD cannot be read" if _is_file(file) else "it has no RECORD")
    return _named(content, path.rpartition("/")[2])


# The sessions of a run install the same wheels, and all of a RECORD is in its text.
@lru_cache(maxsize=512)
def _named(content: bytes, directory: str) -> Owned:
    """Return the files that a RECORD with this *content* names in the metadata *directory* of a distribution."""
    folders, flaw = parse_record(content.decode(errors="replace"))
    own = folders.get(f"{directory}/", {})
    lacking = [file for file in ("METADATA", "RECORD") if file not in own]
    if lacking and not flaw:
        # The RECORD of a distribution that lost its end, or that somebody else wrote.
        flaw = f"its RECORD does not name its own {lacking[0]}"
    return Owned(folders, flaw, hashlib.sha256(content).hexdigest())


def _scripts(file: str) -> frozenset[str]:
    """Return the names of the scripts in the ``entry_points.txt`` at *file*; what cannot be the name of a file is left out."""
    if not _is_file(file):
        return frozenset()
    names, section = set(), ""
    for line in map(str.strip, read_regular(file).decode(errors="replace").split("\n")):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section in _SCRIPTS and "=" in line and not line.startswith(("#", ";")):
            name = line.partition("=")[0].strip()
            if name and not {"/", "\\"} & {*name}:
                names.add(name)
    return frozenset(names)


# --- direct_url.json ------------------------------------------------------------------------------------------------

_UNREADABLE = {"url": ""}
_VCS = ("git", "hg", "bzr", "svn")
_FIELDS = {
    **dict.fromkeys(("subdirectory", "hash", "commit_id", "requested_revision"), str),
    "hashes": dict,
    "editable": bool,
}


def _origin(path: str) -> dict[str, Any]:
    file = f"{path}/{_DIRECT_URL}"
    if not _is_file(file):
        return _UNREADABLE if os.path.lexists(file) else {}
    try:
        origin = json.loads(read_regular(file).decode(), object_pairs_hook=_without_repeats)
        # Python reads more than is JSON: infinite numbers, those that are none, and half of a surrogate pair as text.
        json.dumps(origin, ensure_ascii=False, allow_nan=False).encode()
    except (OSError, ValueError, RecursionError):
        return _UNREADABLE
    return origin if _is_origin(origin) else _UNREADABLE


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return *pairs* as a table; raise `ValueError` if a name stands twice, as nobody knows which one counts."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError
    return table


def _is_origin(origin: Any) -> bool:
    """Return whether *origin* has a URL, at least one of the three tables, and in each field what PEP 610 says."""
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
