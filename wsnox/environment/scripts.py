"""The scripts of an environment: which its distributions must have there, and what else may be in their directory.

The directory of a script is the first entry of its ``sys.path``, so a module there is importable by all of them.
"""

from __future__ import annotations

import filecmp
import os
import re
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["Scripts", "entry_scripts", "script_damage", "stray_scripts"]

# What `venv`, `virtualenv` and uv put there: for shells, and the Python itself.
_FOR_SHELLS = re.compile(r"(?i:de)?activate(?:\.(?:bat|csh|fish|nu|ps1|sh|xsh))?|Activate\.ps1|pydoc\.bat")
_PYTHON = re.compile(r"(?:python|pypy|graalpy)w?\d*(?:\.\d+)?t?(?:_d)?(?:-[a-z0-9]+)?")
_WINDOWS = re.compile(r"(?:python|pypy|graalpy)w?[\d.]*t?(?:_d)?\.exe|(?:python|vcruntime|api-ms-|libpypy)[\w.-]*\.dll")
_SECTIONS = frozenset({"console_scripts", "gui_scripts"})
_INTERPRETER = re.compile(rb"(/[^\n\"']*)/(?:python|pypy|graalpy)[\w.-]*")


class Scripts(Record):
    """The *directory* of scripts of the environment at *prefix*, and its *python*."""

    directory: Path
    python: Path
    prefix: Path


def entry_scripts(place: str) -> frozenset[str]:
    """Return the names of the scripts in the ``entry_points.txt`` (PyPA specifications) of the metadata at *place*."""
    path = f"{place}/entry_points.txt"
    if not isfile(path):  # noqa: PTH113 - a `Path` each costs most of the reading
        return frozenset()
    with open(path, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - a `Path` each costs most of the reading
        return frozenset(_script_names(lines))


def _script_names(lines: Iterable[str]) -> Iterator[str]:
    section = ""
    for line in map(str.strip, lines):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section in _SECTIONS and "=" in line and not line.startswith(("#", ";")):
            name = line.partition("=")[0].strip()
            if name and not {"/", "\\"} & {*name}:
                yield name


def script_damage(names: Collection[str], scripts: Scripts, there: Collection[str]) -> str:
    """Return what is wrong with the scripts *names* of a distribution, where *there* is in the directory; else nothing."""
    for name in sorted(names):
        found = next((each for each in (name, f"{name}.exe", f"{name}-script.py") if each in there), None)
        if found is None:
            return f"its script `{name}` is missing"
        if not _is_for(scripts.directory, found):
            return f"its script `{name}` is for another Python"
    return ""


def _is_for(directory: Path, name: str) -> bool:
    """Return whether the script *name* names a Python of its own *directory*, or none that can be told."""
    try:
        with (directory / name).open("rb", buffering=0) as file:
            lines = file.read(2048).split(b"\n", 2)[:2]
    except OSError:
        return False
    # What is too long or has a space in it stands in the second line, which a shell reads.
    found = _INTERPRETER.search(b"\n".join(lines)) if lines[0].startswith(b"#!") else None
    if found is None:
        return True
    return _is_same(directory, Path(os.fsdecode(found[1])))


def stray_scripts(scripts: Scripts, there: Iterable[str], owned: Collection[str]) -> Iterator[Path]:
    """Yield what is *there* in the directory of *scripts*, and neither *owned* by a distribution nor the environment's own."""
    for name in sorted(there):
        if name not in owned and not _is_environments(scripts, name):
            place = scripts.directory / name
            if not any(_is_same(place, scripts.directory / other) for other in owned if other.lower() == name.lower()):
                yield place


def _is_environments(scripts: Scripts, name: str) -> bool:
    place = scripts.directory / name
    if os.name == "nt" and _WINDOWS.fullmatch(name.lower()):
        return True
    if _FOR_SHELLS.fullmatch(name):
        return place.is_file()
    if _is_same(place, scripts.python) or (place.is_symlink() and _is_library(place, scripts.python)):
        return True
    # An environment without links has copies.
    return _PYTHON.fullmatch(name) is not None and _is_copy(place, scripts.python)


def _is_library(place: Path, python: Path) -> bool:
    """Return whether *place* is the library that `virtualenv` links beside a PyPy."""
    found, program = (Path(os.path.realpath(each)) for each in (place, python))
    return place.name.startswith("libpypy") and found.parent == program.parent


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _is_copy(one: Path, other: Path) -> bool:
    try:
        return one.is_file() and filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
