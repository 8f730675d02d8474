"""What the metadata of an installed distribution says: its name and version, and where it came from.

Files are read by paths as text: a `Path` for each would be most of what reading an environment costs.
"""

from __future__ import annotations

import json
import os
from os.path import isfile
from typing import Any

__all__ = ["headers_of", "origin_of"]


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
