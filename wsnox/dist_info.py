"""RECORD, the list of the files of an installed distribution (PyPA specifications, recording installed projects)."""

from __future__ import annotations

import csv
import posixpath
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["parse_record"]

# Without any of these, commas and lines are what they seem.
_UNUSUAL = ('"', "\\", "\r")


def parse_record(text: str) -> tuple[dict[str, dict[str, str]], str]:
    """Return the sizes that a RECORD with this *text* gives, and what is wrong with it, empty if nothing is.

    They are text, which may be empty, by name in each folder. Folders are POSIX, and relative to the site directory as
    ``a/b/``.
    """
    if not any(mark in text for mark in _UNUSUAL):
        # An environment has thousands of files, and reading their rows is most of what its proof costs.
        with suppress(ValueError):
            folders = _by_folder(_plain_rows(text))
            if folders and all(posixpath.normpath(f"{folder}x") == f"{folder}x" for folder in folders):
                return folders, ""
    return _read(text)


def _plain_rows(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield folder, name and size of each file; raise `ValueError` for a row of another form."""
    for line in filter(None, text.split("\n")):
        path, _, size = line.split(",")
        folder, slash, name = path.rpartition("/")
        if name in ("", ".", "..") or (size and not size.isdecimal()):
            raise ValueError
        yield folder + slash, name, size


def _read(text: str) -> tuple[dict[str, dict[str, str]], str]:
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    files: list[tuple[str, str, str]] = []
    broken = False
    try:
        for path, _, size in filter(None, rows):
            broken = not path or not (size.isdecimal() or not size)
            if broken:
                break
            folder, slash, name = posixpath.normpath(path.replace("\\", "/")).rpartition("/")
            files.append((folder + slash, name, size))
    except (csv.Error, ValueError):
        # Not CSV, or not three fields.
        broken = True
    if broken:
        return _by_folder(files), f"its RECORD is cut or broken at line {rows.line_num}"
    return _by_folder(files), "" if files else "its RECORD is empty"


def _by_folder(files: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    folders: dict[str, dict[str, str]] = {}
    for folder, name, size in files:
        if folder not in folders:
            folders[folder] = {}
        folders[folder][name] = size
    return folders
