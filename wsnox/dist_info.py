"""RECORD, the list of the files of an installed distribution (PyPA specifications, recording installed projects)."""

from __future__ import annotations

import csv
import posixpath
from io import StringIO

__all__ = ["parse_record"]

# Without any of these, every path is normal as it stands.
_UNUSUAL = ('"', "\\", "./", "//", "/,", ".,")


def parse_record(text: str) -> tuple[dict[str, str], str]:
    """Return the sizes by path that a RECORD with this *text* gives, and what is wrong with it, empty if nothing is.

    Paths are relative to the site directory and POSIX; a size is text, and may be empty.
    """
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    sizes: dict[str, str] = {}
    broken = False
    try:
        for path, _, size in filter(None, rows):
            broken = not path or not (size.isdecimal() or not size)
            if broken:
                break
            sizes[path] = size
    except (csv.Error, ValueError):
        # Not CSV, or not three fields.
        broken = True
    if any(mark in text for mark in _UNUSUAL):
        sizes = {posixpath.normpath(path.replace("\\", "/")): size for path, size in sizes.items()}
    if broken:
        return sizes, f"its RECORD is cut or broken at line {rows.line_num}"
    return sizes, "" if sizes else "its RECORD is empty"
