"""Judge an environment without wsnox: by the RECORD files that installers leave."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broken_records"]


def broken_records(site: Path) -> list[str]:
    """Return what the RECORDs in *site* name and is not there in its full size, and metadata that has none."""
    return [line for info in sorted(site.glob("*.dist-info")) for line in _broken(info)]


def _broken(info: Path) -> list[str]:
    record = info / "RECORD"
    if not record.is_file():
        return [f"{info.name} has no RECORD"]
    with record.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.reader(lines) if row and not row[0].endswith((".pyc", "__pycache__"))]
    places = [(info.parent / row[0], row[2]) for row in rows]
    return [
        f"{info.name}: {place.name}"
        for place, size in places
        if not place.is_file() or (size and place.stat().st_size != int(size))
    ]
