"""The files of a package: wheels and source distribution, with the hash rule of each kind of source.

Hashes are required on the archives of ``url`` and ``path`` sources and forbidden on source trees; an index may leave
them out. A wheel's file name must parse, and its version must be the package's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from wsnox.lock.fields import MalformedField, optional, same_version, string, table, tables, text
from wsnox.lock.model import Archive, Artifact, Directory, Git, Registry, Url, Virtual
from wsnox.lock.wheel_rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.lock.model import Source
    from wsnox.lock.wheel_rows import Row

__all__ = ["may_suit_python", "read_sdist", "read_wheels"]

_HASH = re.compile(r"(md5|sha256|sha384|sha512|blake2b):[0-9a-f]+")
_WHEEL = re.compile(r"[^\s/\\-]+-(?P<version>[^\s/\\-]+)(-\d[^\s/\\-]*)?(-[^\s/\\-]+){3,4}\.whl")
_TREE = "a source tree has no hash"

HashRule = Literal["required", "forbidden", "optional"]


def read_wheels(wire: dict[str, Any], source: Source, version: str | None, where: str) -> tuple[Artifact, ...]:
    """Return the wheels of the package *wire* with this *source* and *version*."""
    if "wheels" not in wire:
        return ()
    rule, found = _hash_rule(source), wire["wheels"]
    named = (
        _of_rows(found.rows, rule)
        if type(found) is Rows
        else (_wheel(raw, source, rule) for raw in tables(wire, "wheels", where))
    )
    wheels: list[Artifact] = []
    try:
        for wheel, said in named:
            if said != version:
                _refuse_other_version(wheel.filename, said, version)
            wheels.append(wheel)
    except MalformedField as error:
        raise error.prefixed(f"{where}.wheels[{len(wheels)}]") from None
    return tuple(wheels)


def read_sdist(wire: dict[str, Any], source: Source, where: str) -> Artifact | None:
    """Return the source distribution of the package *wire*, `None` where it has none."""
    if "sdist" not in wire:
        return None
    raw = table(wire, "sdist", where)
    try:
        sdist = _artifact(raw, source, _hash_rule(source))
    except MalformedField as error:
        raise error.prefixed(f"{where}.sdist") from None
    if "/" in sdist.filename or "\\" in sdist.filename or sdist.filename in (".", ".."):
        raise MalformedField(f"`{sdist.filename}` is no file name", f"{where}.sdist")
    return sdist


def _hash_rule(source: Source) -> HashRule:
    match source:
        case Url() | Archive():
            return "required"
        case Directory() | Virtual() | Git(path=""):
            return "forbidden"
        case Registry() | Git():
            return "optional"


def _of_rows(rows: Iterable[Row], rule: HashRule) -> Iterator[tuple[Artifact, str]]:
    """Yield the wheel in each of *rows*, which all have hashes, with the version in its name."""
    if rule == "forbidden":
        raise MalformedField(_TREE, "hash")
    for key, place, filename, version, digest, size in rows:
        url, path = (place, "") if key == "url" else ("", place)
        yield Artifact(filename, url, path, digest, int(size) if size else None), version


def _wheel(raw: dict[str, Any], source: Source, rule: HashRule) -> tuple[Artifact, str]:
    wheel = _artifact(raw, source, rule)
    parts = _WHEEL.fullmatch(wheel.filename)
    if parts is None:
        raise MalformedField(f"`{wheel.filename}` is no wheel file name", "")
    return wheel, parts["version"]


def _refuse_other_version(filename: str, said: str, version: str | None) -> None:
    """Raise where *said*, the version in the name of a wheel, is not *version*; local labels aside, as either may have one.

    uv compares them as versions (PEP 440), so `2.8` is `2.8.0`.
    """
    if version is None or said.partition("+")[0] == version.partition("+")[0]:
        return
    if not same_version(said.replace("_", "-").partition("+")[0], version.partition("+")[0]):
        raise MalformedField(f"`{filename}` is not of version `{version}`", "")


def _artifact(raw: dict[str, Any], source: Source, rule: HashRule) -> Artifact:
    digest = string(raw, "hash")
    if digest is None:
        if rule == "required":
            raise MalformedField("missing", "hash")
    elif rule == "forbidden":
        raise MalformedField(_TREE, "hash")
    elif not _HASH.fullmatch(digest):
        raise MalformedField(f"`{digest}` is no hash of a known kind", "hash")
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


def may_suit_python(filename: str, minor: int) -> bool:
    """Return whether CPython 3.*minor* may take the file: its tags (PEP 425) name this version, any, or a stable ABI."""
    if not filename.endswith(".whl") or filename.count("-") < 4:
        return True
    pythons, abi = filename.split("-")[-3:-1]
    for tag in pythons.split("."):
        if not tag.startswith("cp3") or not tag[3:].isdigit():
            return True
        if int(tag[3:]) == minor or ("abi3" in abi and int(tag[3:]) <= minor):
            return True
    return False
