"""What the metadata of an installed distribution says: its name and version, where it came from, and what is its own.

Files are read by paths as text: a `Path` for each would be most of what reading an environment costs.
"""

from __future__ import annotations

import csv
import json
import os
from bisect import bisect_left
from io import StringIO
from typing import Any, NamedTuple

__all__ = ["Owned", "headers_of", "origin_of", "owned_by"]


class Owned(NamedTuple):
    """What a distribution calls its own at the top of the site directory and one level below, as the *file* says.

    *names* are by folder, of which the top is empty.
    """

    file: str
    names: dict[str, set[str]]

    @property
    def top(self) -> set[str]:
        """The names at the top, those of folders included."""
        return self.names[""] | self.names.keys()


def owned_by(place: str) -> Owned:
    """Return what the metadata at *place* names as its own, nothing where it names nothing."""
    records = [f"{place}/{name}" for name in ("RECORD", "installed-files.txt", "SOURCES.txt")]
    path, content = _first_file(*records)
    text = content.decode(errors="replace").replace("\\", "/")
    if '"' in text:
        entries, end = [fields[0] for fields in csv.reader(StringIO(text, newline="")) if fields], "\0"
    else:
        # Without quotation, as in nearly every one, a path ends at the comma.
        entries, end = text.replace("\r", "\n").split("\n"), ","
    return Owned(path.rpartition("/")[2], _near_the_top(sorted(filter(None, entries)), end))


def _near_the_top(entries: list[str], end: str) -> dict[str, set[str]]:
    """Return the names in at most one folder, by folder, of *entries* in order, whose paths go up to *end*."""
    names: dict[str, set[str]] = {"": set()}
    index = 0
    while index < len(entries):
        folder, inside, rest = entries[index].partition(end)[0].partition("/")
        name, deeper, _ = rest.partition("/")
        if deeper:
            names.setdefault(folder, set())
            # Most entries lie deeper, and all of one folder stand together: `0` is what comes after `/`.
            index = bisect_left(entries, f"{folder}/{name}0", index)
            continue
        if not inside:
            names[""].add(folder)
        elif folder:
            names.setdefault(folder, set()).add(name)
        index += 1
    return names


def headers_of(place: str) -> dict[str, str]:
    """Return name and version from the metadata of the distribution at *place*, as far as it has any."""
    found: dict[str, str] = {}
    content = _first_file(f"{place}/METADATA", f"{place}/PKG-INFO", place)[1]
    # The headers end at the first line that is none; the description below may be long.
    for line in content.partition(b"\n\n")[0].decode(errors="replace").split("\n"):
        key, colon, value = line.partition(":")
        if not colon or len(found) == 2:
            break
        if key.lower() in ("name", "version"):
            found[key.lower()] = value.strip()
    return found


def origin_of(place: str) -> dict[str, Any]:
    """Return the ``direct_url.json`` (PEP 610) of the metadata at *place*, empty where there is none."""
    try:
        origin = json.loads(_read(f"{place}/direct_url.json").decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"url": ""}
    return origin if _is_origin(origin) else {"url": ""}


def _is_origin(origin: object) -> bool:
    tables = ("archive_info", "dir_info", "vcs_info")
    return isinstance(origin, dict) and all(isinstance(origin.get(table, {}), dict) for table in tables)


def _first_file(*paths: str) -> tuple[str, bytes]:
    """Return the first of *paths* that is a file, with its content, both empty where none is."""
    path = next(filter(os.path.isfile, paths), "")
    return path, _read(path) if path else b""


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see the module's docstring
        return file.read()
