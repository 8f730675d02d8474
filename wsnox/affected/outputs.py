"""Files that runs of sessions write beside the sources: reports of nox, of tests, and of coverage, told by their content.

Whoever calls them what they like, as ``nox --report`` asks, must not run every session next time because of that. Only what
git does not track is asked about: a report that was added to the repository is data of its tests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_output"]

_XML = rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*|<!--.*?-->\s*)*"
_STARTS = {
    # nox's own, wsnox's record of a run, and coverage's.
    ".json": re.compile(
        rb'\{\s*(?:"result": ?[01],\s*"sessions": ?\[|"version": ?\d+,\s*"wsnox": ?"|"meta": ?\{\s*"format": ?\d+,\s*"version": ?")'
    ),
    # JUnit's form, and Cobertura's.
    ".xml": re.compile(_XML + rb"<(?:testsuites?|coverage)\b", re.DOTALL),
    ".info": re.compile(rb"(?:TN:[^\n]*\r?\n)?SF:"),
    ".lcov": re.compile(rb"(?:TN:[^\n]*\r?\n)?SF:"),
}
_DATA_OF_COVERAGE = re.compile(rb"SQLite format 3\0")
_READ = 2048


def is_output(path: Path) -> bool:
    """Return whether the file at *path* begins as one that a run writes; not if it cannot be read."""
    is_data = path.name == ".coverage" or path.name.startswith(".coverage.")
    start = _DATA_OF_COVERAGE if is_data else _STARTS.get(path.suffix)
    if start is None:
        return False
    try:
        with path.open("rb") as file:
            return start.match(file.read(_READ)) is not None
    except OSError:
        return False
