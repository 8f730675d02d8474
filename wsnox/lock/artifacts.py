"""The files of a package: wheels and source distribution, with the hash rule of each kind of source.

Hashes are required on the archives of ``url`` and ``path`` sources and forbidden on source trees; an index may leave
them out. A wheel's file name must parse, and its version must be the package's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from wsnox.lock.records import Archive, Artifact, Directory, Git, Registry, Url, Virtual
from wsnox.lock.wire import Broken, optional, string, table, tables, text

if TYPE_CHECKING:
    from wsnox.lock.records import Source

__all__ = ["read_sdist", "read_wheels"]

_HASH = re.compile(r"(md5|sha256|sha384|sha512|blake2b):[0-9a-f]+")
_WHEEL = re.compile(r"[^\s/\\-]+-(?P<version>[^\s/\\-]+)(-\d[^\s/\\-]*)?(-[^\s/\\-]+){3,4}\.whl")

HashRule = Literal["required", "forbidden", "optional"]


def read_wheels(wire: dict[str, Any], source: Source, version: str | None, where: str) -> tuple[Artifact, ...]:
    """Return the wheels of the package *wire* with this *source* and *version*."""
    if "wheels" not in wire:
        return ()
    rule = _hash_rule(source)
    wheels: list[Artifact] = []
    found = tables(wire, "wheels", where)
    try:
        for raw in found:
            wheels.append(_wheel(raw, source, rule, version))  # noqa: PERF401 - their number tells which is broken
    except Broken as error:
        raise error.below(f"{where}.wheels[{len(wheels)}]") from None
    return tuple(wheels)


def read_sdist(wire: dict[str, Any], source: Source, where: str) -> Artifact | None:
    """Return the source distribution of the package *wire*, `None` where it has none."""
    if "sdist" not in wire:
        return None
    raw = table(wire, "sdist", where)
    try:
        sdist = _artifact(raw, source, _hash_rule(source))
    except Broken as error:
        raise error.below(f"{where}.sdist") from None
    if "/" in sdist.filename or "\\" in sdist.filename or sdist.filename in (".", ".."):
        raise Broken(f"`{sdist.filename}` is no file name", f"{where}.sdist")
    return sdist


def _hash_rule(source: Source) -> HashRule:
    match source:
        case Url() | Archive():
            return "required"
        case Directory() | Virtual() | Git(path=""):
            return "forbidden"
        case Registry() | Git():
            return "optional"


def _wheel(raw: dict[str, Any], source: Source, rule: HashRule, version: str | None) -> Artifact:
    wheel = _artifact(raw, source, rule)
    parts = _WHEEL.fullmatch(wheel.filename)
    if parts is None:
        raise Broken(f"`{wheel.filename}` is no wheel file name", "")
    found = parts["version"]
    if version is not None and found != version and found.partition("+")[0] != version.partition("+")[0]:
        _refuse_other_version(wheel.filename, found, version)
    return wheel


def _refuse_other_version(filename: str, found: str, version: str) -> None:
    # Only where the texts differ are they worth parsing: `1.0` and `1.0.0` are one version.
    from packaging.version import Version  # noqa: PLC0415

    try:
        same = Version(found.replace("_", "-")).public == Version(version).public
        same = same or Version(found) == Version(version.partition("+")[0])
    except ValueError:  # a number of more digits than Python converts is no `InvalidVersion`
        same = False
    if not same:
        raise Broken(f"`{filename}` is not of version `{version}`", "")


def _artifact(raw: dict[str, Any], source: Source, rule: HashRule) -> Artifact:
    digest = string(raw, "hash")
    if digest is None:
        if rule == "required":
            raise Broken("missing", "hash")
    elif rule == "forbidden":
        raise Broken("a source tree has no hash", "hash")
    elif not _HASH.fullmatch(digest):
        raise Broken(f"`{digest}` is no hash of a known kind", "hash")
    # A lockfile has ten artifacts a package, and nearly all of them have neither of these two keys.
    url, path = string(raw, "url") or "", (string(raw, "path") or "" if "path" in raw else "")
    named = string(raw, "filename") if "filename" in raw else None
    filename = named or _basename(url or path or _own_file(source))
    return Artifact(filename, url, path, digest or "", optional(raw, "size", int))


def _own_file(source: Source) -> str:
    """Return where the archive of a ``url``, ``path`` or git archive source is: its artifacts do not repeat it."""
    match source:
        case Url(url=place) | Archive(path=place) | Git(path=place):
            return place
        case Registry() | Directory() | Virtual():
            return ""


def _basename(place: str) -> str:
    # A query may hold slashes.
    if "#" in place or "?" in place:
        place = place.partition("#")[0].partition("?")[0]
    name = place.rpartition("/")[2]
    return text(unquote(name), "") if "%" in name else name
