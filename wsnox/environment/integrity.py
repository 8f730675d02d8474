"""Whether all files of an installed distribution are there, inside the environment, and its scripts for its own Python.

As text, and folder by folder, as in `metadata`: this is most of what reading an environment costs.
"""

from __future__ import annotations

import filecmp
import os
import re
from stat import S_ISLNK
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.files import is_inside

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping
    from pathlib import Path

    from wsnox.environment.metadata import Owned

__all__ = ["Scripts", "damage", "has_every_size", "is_copy", "is_same_file", "leads_outside", "script_damage"]

# Byte code is a cache, and `virtualenv` writes down some that it does not keep.
_CACHES = (".pyc", "__pycache__")
_NONE: Mapping[str, frozenset[str]] = {}
_INTERPRETER = re.compile(rb"(/[^\n\"']*)/(?:python|pypy|graalpy)[\w.-]*")


class Scripts(Record):
    """The *directory* of scripts of the environment at *prefix*, and its *python*."""

    directory: Path
    python: Path
    prefix: Path


def damage(
    site: str, owned: Owned, *, outside: bool, empty: Container[str] | None, known: Mapping[str, frozenset[str]] = _NONE
) -> str:
    """Return what of *owned* in the directory *site*, and *outside* of it, is lost; empty if nothing is.

    *known* are the names in folders that somebody has listed, by location, as ``/site/a/``, but for links to nothing.

    With *empty*, a file without content is lost, too, if its RECORD gives it some: that is what a power failure leaves.
    It is not where another distribution says that it is *empty*. Other sizes are not compared: distributions share
    files, and wheels name wrong ones.
    """
    for folder, sizes in owned.folders.items():
        if not outside and folder.startswith(("../", "/")):
            continue
        location = folder if folder.startswith("/") else f"{site}/{folder}"
        names = known.get(location)
        for name in sizes.keys() - (_names_in(location) if names is None else names):
            # A file system may list it in another case.
            if not name.endswith(_CACHES) and not _exists(location + name):
                return f"`{folder}{name}` is missing"
        if empty is not None:
            for name, size in sizes.items():
                path = location + name
                if size.strip("0") and not name.endswith(_CACHES) and path not in empty and _size(path) == 0:
                    return f"`{folder}{name}` is empty"
    return ""


def has_every_size(site: str, owned: Owned) -> bool:
    """Return whether every file of *owned* in the directory *site* has the size that its RECORD gives, if it gives one."""
    return all(
        not size or name.endswith(_CACHES) or str(_size(f"{site}/{folder}{name}")) == size
        for folder, sizes in owned.folders.items()
        for name, size in sizes.items()
    )


def _names_in(folder: str) -> frozenset[str]:
    """Return the names of all that lies in *folder*, but for links, which may lead to nothing."""
    try:
        with os.scandir(folder) as entries:
            return frozenset([entry.name for entry in entries if not entry.is_symlink()])
    except (OSError, ValueError):
        return frozenset()


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)  # noqa: PTH110 - see the module's docstring
    except ValueError:
        return False


def _size(path: str) -> int | None:
    """Return the size of the file at *path*, `None` if it is gone by now: another look will tell."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 - see the module's docstring
    except OSError:
        return None


def leads_outside(site: str, owned: Owned, home: str, plain: Container[str] = ()) -> str:
    """Return the first path of *owned* in *site* that is not in the directory *home*, empty if all are.

    The *plain* folders, by location as ``/site/a/``, are no links.

    An installer that removes the distribution would follow it: through a row of the RECORD, or through a linked folder.
    """
    paths = {folder: folder + next(iter(names)) for folder, names in owned.folders.items()}
    for folder in [*paths]:
        above = folder
        while not folder.startswith("/") and (above := above[: above.rfind("/", 0, -1) + 1]):
            paths.setdefault(above, paths[folder])
    for folder, path in paths.items():
        location = folder if folder.startswith("/") else f"{site}/{folder}"
        # Nearly all folders lie where they seem to, and links are resolved slowly.
        is_plain = not path.startswith(("../", "/")) and (location in plain or not _is_link(location.rstrip("/")))
        if not is_plain and not is_inside(location, home):
            return path
    return ""


def _is_link(path: str) -> bool:
    try:
        return S_ISLNK(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def script_damage(names: Collection[str], scripts: Scripts, files: Collection[str]) -> str:
    """Return what is wrong with the scripts *names* of a distribution, whose directory has these *files*; else nothing."""
    for name in sorted(names):
        file = next((file for file in (name, f"{name}.exe", f"{name}-script.py") if file in files), None)
        if file is None:
            return f"its script `{name}` is missing"
        if not _starts_own_python(str(scripts.directory), file):
            return f"its script `{name}` is for another Python"
    return ""


def _starts_own_python(directory: str, name: str) -> bool:
    """Return whether the script *name* names a Python of its own *directory*, or none that can be told."""
    try:
        with open(f"{directory}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - see the module's docstring
            lines = file.read(2048).split(b"\n", 2)[:2]
    except OSError:
        return False
    # A path that is too long or has a space in it stands in the second line, which a shell reads.
    python = _INTERPRETER.search(b"\n".join(lines)) if lines[0].startswith(b"#!") else None
    if python is None:
        return True
    named = os.fsdecode(python[1])
    return named == directory or is_same_file(directory, named)


def is_same_file(path: str | Path, other: str | Path) -> bool:
    """Return whether both exist and are one file or directory."""
    try:
        return os.path.samefile(path, other)  # noqa: PTH121 - see the module's docstring
    except (OSError, ValueError):
        return False


def is_copy(path: Path, other: Path) -> bool:
    """Return whether *path* and *other* are files of the same bytes."""
    try:
        return path.is_file() and filecmp.cmp(path, other, shallow=False)
    except OSError:
        return False
