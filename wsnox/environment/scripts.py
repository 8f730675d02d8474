"""The scripts of an environment: those that its distributions must have, and what else may be in their directory.

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
from wsnox.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["Scripts", "entry_scripts", "is_copy", "script_damage", "stray_scripts"]

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


def entry_scripts(metadata: str) -> frozenset[str]:
    """Return the names of the scripts in the ``entry_points.txt`` (PyPA specifications) of this *metadata* directory."""
    path = f"{metadata}/entry_points.txt"
    if not isfile(path):  # noqa: PTH113 - a `Path` each costs most of the reading
        return frozenset()
    names, section = set(), ""
    for line in map(str.strip, read_regular(path).decode(errors="replace").split("\n")):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section in _SECTIONS and "=" in line and not line.startswith(("#", ";")):
            name = line.partition("=")[0].strip()
            if name and not {"/", "\\"} & {*name}:
                names.add(name)
    return frozenset(names)


def script_damage(names: Collection[str], scripts: Scripts, files: Collection[str]) -> str:
    """Return what is wrong with the scripts *names* of a distribution, whose directory has these *files*; else nothing."""
    for name in sorted(names):
        file = next((file for file in (name, f"{name}.exe", f"{name}-script.py") if file in files), None)
        if file is None:
            return f"its script `{name}` is missing"
        if not _starts_own_python(scripts.directory, file):
            return f"its script `{name}` is for another Python"
    return ""


def _starts_own_python(directory: Path, name: str) -> bool:
    """Return whether the script *name* names a Python of its own *directory*, or none that can be told."""
    try:
        with (directory / name).open("rb", buffering=0) as file:
            lines = file.read(2048).split(b"\n", 2)[:2]
    except OSError:
        return False
    # A path that is too long or has a space in it stands in the second line, which a shell reads.
    python = _INTERPRETER.search(b"\n".join(lines)) if lines[0].startswith(b"#!") else None
    return python is None or _is_same(directory, Path(os.fsdecode(python[1])))


def stray_scripts(scripts: Scripts, files: Iterable[str], owned: Collection[str]) -> Iterator[Path]:
    """Yield those *files* in the directory of *scripts* that are neither *owned* by a distribution nor the environment's own."""
    for name in sorted(files):
        if name not in owned and not _is_environments(scripts, name):
            path = scripts.directory / name
            if not any(_is_same(path, scripts.directory / other) for other in owned if other.lower() == name.lower()):
                yield path


def _is_environments(scripts: Scripts, name: str) -> bool:
    path, python = scripts.directory / name, scripts.python
    if os.name == "nt" and _WINDOWS.fullmatch(name.lower()):
        return True
    if _FOR_SHELLS.fullmatch(name):
        return path.is_file()
    if _is_same(path, python):
        return True
    if path.is_symlink() and name.startswith("libpypy"):
        # The library that `virtualenv` links beside a PyPy.
        return os.path.dirname(os.path.realpath(path)) == os.path.dirname(os.path.realpath(python))  # noqa: PTH120 - text
    # An environment without links has copies.
    return _PYTHON.fullmatch(name) is not None and is_copy(path, python)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def is_copy(path: Path, other: Path) -> bool:
    """Return whether *path* and *other* are files of the same bytes."""
    try:
        return path.is_file() and filecmp.cmp(path, other, shallow=False)
    except OSError:
        return False
