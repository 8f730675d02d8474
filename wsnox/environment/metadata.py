"""What the metadata of an installed distribution says: its name and version, where it came from, and what is its own.

Files are read by paths as text: a `Path` for each would be most of what reading an environment costs.
"""

from __future__ import annotations

import csv
import json
import os
from io import StringIO
from typing import Any, NamedTuple

__all__ = ["Owned", "headers_of", "origin_of", "owned_by"]


class Owned(NamedTuple):
    """What a distribution calls its own, as the file called *name* says.

    *top* are the names at the top of the site directory, *near* the paths of at most two levels.
    """

    name: str
    top: set[str]
    near: list[str]


def owned_by(place: str) -> Owned:
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
    return Owned(name, {path.partition("/")[0] for path in paths}, [path for path in paths if path.count("/") < 2])


def headers_of(place: str) -> dict[str, str]:
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
