"""RECORD, the list of the files of an installed distribution (PyPA specifications, recording installed projects)."""

from __future__ import annotations

import csv
import posixpath
import re
from io import StringIO

__all__ = ["parse_record"]

# Where a path may have more than one spelling; every other is normal as it stands.
_UNUSUAL = re.compile(r'\\|\./|//|/\.|/[",\r\n]')


def parse_record(text: str) -> tuple[dict[str, str], str]:
    """Return the sizes by path that a RECORD with this *text* gives, and why it cannot be believed, if it cannot.

    Paths are relative to the site directory and POSIX; a size is text, and may be empty.
    """
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    sizes: dict[str, str] = {}
    flaw = ""
    try:
        for row in rows:
            if row:
                path, _, size = row
                if not path or (size and not size.isdecimal()):
                    raise ValueError
                sizes[path] = size
    except (csv.Error, ValueError):
        flaw = f"its RECORD is cut or broken at line {rows.line_num}"
    if _UNUSUAL.search(text):
        sizes = {posixpath.normpath(path.replace("\\", "/")): size for path, size in sizes.items()}
    return sizes, flaw or ("" if sizes else "its RECORD is empty")
