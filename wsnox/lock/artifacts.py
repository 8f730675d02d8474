"""The files of a package: wheels and source distribution, with the rule of hashes of each kind of source.

Hashes are required on the archives of ``url`` and ``path`` sources and forbidden on source trees; an index may leave
them out. A wheel's file name must parse, and its version must be the package's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, overload
from urllib.parse import unquote

from wsnox.lock.fields import MalformedField, at, items, optional, string, table, tables, text
from wsnox.lock.wheel_rows import Rows

if TYPE_CHECKING:
    from wsnox.lock.sources import Source

__all__ = ["Artifact", "read_sdist", "read_wheels"]

_HASH = re.compile(r"(md5|sha256|sha384|sha512|blake2b):[0-9a-f]+")
_WHEEL = r"[^\s/\\-]+-(?P<version>[^\s/\\-]+)(-\d[^\s/\\-]*)?(-[^\s/\\-]+){3,4}\.whl"
_TREE = "a source tree has no hash"


class Artifact(NamedTuple):
    """A wheel or source distribution, at *url* or *path*; at neither where it is the archive that the source names."""

    filename: str
    url: str = ""
    path: str = ""
    hash: str = ""
    size: int | None = None


class Wheels(Sequence[Artifact]):
    """The wheels that stand in *rows*, made when somebody looks at them; they equal a tuple of the same."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @cached_property
    def _artifacts(self) -> tuple[Artifact, ...]:
        return tuple(
            Artifact(
                name,
                location if key == "url" else "",
                location if key == "path" else "",
                digest,
                int(size) if size else None,
            )
            for key, location, name, digest, size in self._rows.rows
        )

    def __len__(self) -> int:
        return len(self._artifacts)

    @overload
    def __getitem__(self, index: int) -> Artifact: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Artifact]: ...
    def __getitem__(self, index: int | slice) -> Artifact | Sequence[Artifact]:
        return self._artifacts[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Wheels):
            return self._rows == other._rows or self._artifacts == other._artifacts
        return self._artifacts == other

    def __hash__(self) -> int:
        return hash(self._artifacts)

    def __repr__(self) -> str:
        return repr(self._artifacts)


def read_wheels(wire: dict[str, Any], source: Source, version: str | None) -> Sequence[Artifact]:
    """Return the wheels of the package *wire* with this *source* and *version*."""
    if "wheels" not in wire:
        return ()

    def from_table(raw: dict[str, Any]) -> Artifact:
        wheel = _artifact(raw, source)
        parts = re.fullmatch(_WHEEL, wheel.filename)
        if parts is None:
            raise MalformedField(f"`{wheel.filename}` is not a wheel file name")
        _check_version(wheel.filename, parts["version"], version)
        return wheel

    wheels = wire["wheels"]
    if type(wheels) is Rows:
        if source.hash_rule == "forbidden":
            raise MalformedField(_TREE, "wheels[0].hash")
        if wheels.version != version:
            at("wheels[0]", lambda rows: _check_version(rows.rows[0][2], rows.version, version), wheels)
        return Wheels(wheels)
    return items(tables(wire, "wheels"), from_table, "wheels")


def read_sdist(wire: dict[str, Any], source: Source) -> Artifact | None:
    """Return the source distribution of the package *wire*, `None` where it has none."""
    if "sdist" not in wire:
        return None
    raw = table(wire, "sdist")
    try:
        sdist = _artifact(raw, source)
    except MalformedField as error:
        raise error.prefixed("sdist") from None
    if "/" in sdist.filename or "\\" in sdist.filename or sdist.filename in (".", ".."):
        raise MalformedField(f"`{sdist.filename}` is not a file name", "sdist")
    return sdist


def _artifact(raw: dict[str, Any], source: Source) -> Artifact:
    digest, rule = string(raw, "hash"), source.hash_rule
    if digest is None:
        if rule == "required":
            raise MalformedField("no value", "hash")
    elif rule == "forbidden":
        raise MalformedField(_TREE, "hash")
    elif not _HASH.fullmatch(digest):
        raise MalformedField(f"`{digest}` is not a hash of a known kind", "hash")
    # A lockfile has ten artifacts a package, and nearly all of them have neither of these two keys.
    url, path = string(raw, "url") or "", (string(raw, "path") or "" if "path" in raw else "")
    filename = string(raw, "filename") if "filename" in raw else None
    filename = filename or _basename(url or path or source.archive)
    return Artifact(filename, url, path, digest or "", optional(raw, "size", int))


def _basename(location: str) -> str:
    # A query may hold slashes.
    if "#" in location or "?" in location:
        location = location.partition("#")[0].partition("?")[0]
    name = location.rpartition("/")[2]
    return text(unquote(name)) if "%" in name else name


def _check_version(filename: str, version_in_name: str, version: str | None) -> None:
    """Raise if *version_in_name* is not *version*, local labels aside, as either may have one.

    uv compares them as versions (PEP 440), so `2.8` is `2.8.0`.
    """
    if version is None or version_in_name.partition("+")[0] == version.partition("+")[0]:
        return
    from wsnox.markers.versions import same_version  # noqa: PLC0415 - nearly all are the same text

    if not same_version(version_in_name.replace("_", "-").partition("+")[0], version.partition("+")[0]):
        raise MalformedField(f"`{filename}` is not of version `{version}`")
