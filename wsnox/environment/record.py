"""The files that an installed distribution owns, by its RECORD (PyPA specifications, recording installed projects).

An environment of 75 distributions has thousands of files, and is looked at several times in a cold session. So paths are
text, and folders are listed once: a `Path`, or a question to the system, for each file takes several times as long.
"""

from __future__ import annotations

import hashlib
import os
from stat import S_ISLNK
from typing import TYPE_CHECKING, NamedTuple

from wsnox.dist_info import parse_record
from wsnox.files import is_inside, read_regular

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

__all__ = ["Owned", "damage", "leads_outside", "owned_by"]

# Byte code is a cache, and `virtualenv` writes down some that it does not keep.
_CACHES = (".pyc", "__pycache__")


class Owned(NamedTuple):
    """The files of a distribution: their sizes as text by name, by *folders* from the site directory, as ``a/b/``.

    A size may be empty. *flaw* says why its RECORD cannot be believed, and is empty where it can. *digest* is that of the
    RECORD.
    """

    folders: dict[str, dict[str, str]]
    flaw: str = ""
    digest: str = ""

    @classmethod
    def of(cls, sizes: Mapping[str, str], flaw: str = "", digest: str = "") -> Owned:
        """Return the files with these *sizes* by path from the site directory."""
        folders: dict[str, dict[str, str]] = {}
        for path, size in sizes.items():
            # As `_split` does, whose call for every file would be a tenth of what reading an environment costs.
            cut = path.rfind("/") + 1
            folder = path[:cut]
            if folder not in folders:
                folders[folder] = {}
            folders[folder][path[cut:]] = size
        return cls(folders, flaw, digest)

    def __contains__(self, path: object) -> bool:
        folder, name = _split(str(path))
        return name in self.folders.get(folder, ())

    @property
    def paths(self) -> Iterator[str]:
        """The paths of all files, from the site directory."""
        return (folder + name for folder, names in self.folders.items() for name in names)


def _split(path: str) -> tuple[str, str]:
    cut = path.rfind("/") + 1
    return path[:cut], path[cut:]


def owned_by(metadata: str) -> Owned:
    """Return the files of the distribution with this *metadata* directory."""
    try:
        if not os.path.isfile(f"{metadata}/RECORD"):  # noqa: PTH113 - see the module's docstring
            return Owned({}, "it has no RECORD")
        content = read_regular(f"{metadata}/RECORD")
    except (OSError, ValueError):
        return Owned({}, "its RECORD cannot be read")
    sizes, flaw = parse_record(content.decode(errors="replace"))
    name = metadata.rpartition("/")[2]
    lacking = [file for file in ("METADATA", "RECORD") if f"{name}/{file}" not in sizes]
    if lacking and not flaw:
        # The RECORD of a distribution that lost its end, or that somebody else wrote.
        flaw = f"its RECORD does not name its own {lacking[0]}"
    return Owned.of(sizes, flaw, hashlib.sha256(content).hexdigest())


def damage(site: str, owned: Owned, *, outside: bool, empty: Container[str] | None) -> str:
    """Return what of *owned* in the directory *site*, and *outside* of it, is lost; empty where nothing is.

    With *empty*, a file without content is lost, too, if its RECORD gives it some: that is what a power failure leaves.
    It is not where another distribution says that it is *empty*. Other sizes are not compared: distributions share
    files, and wheels name wrong ones.
    """
    for folder, sizes in owned.folders.items():
        if not outside and folder.startswith(("../", "/")):
            continue
        location = folder if folder.startswith("/") else f"{site}/{folder}"
        for name in sizes.keys() - _names_in(location):
            # A file system may list it in another case.
            if not name.endswith(_CACHES) and not _exists(location + name):
                return f"`{folder}{name}` is missing"
        if empty is not None:
            for name, size in sizes.items():
                path = location + name
                if size.strip("0") and not name.endswith(_CACHES) and path not in empty and _is_empty(path):
                    return f"`{folder}{name}` is empty"
    return ""


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


def _is_empty(path: str) -> bool:
    try:
        return os.stat(path).st_size == 0  # noqa: PTH116 - see the module's docstring
    except OSError:
        # It was there just now, and another look will tell.
        return False


def leads_outside(site: str, owned: Owned, home: str) -> str:
    """Return the first path of *owned* in *site* that is not in the directory *home*, empty where all are.

    An installer that removes the distribution would follow it: through a row of the RECORD, or through a linked folder.
    """
    paths = {folder: folder + next(iter(names)) for folder, names in owned.folders.items()}
    for folder in [*paths]:
        above = folder
        while not folder.startswith("/") and (above := _split(above[:-1])[0]):
            paths.setdefault(above, paths[folder])
    for folder, path in paths.items():
        location = folder if folder.startswith("/") else f"{site}/{folder}"
        # Nearly all folders lie where they seem to, and links are resolved slowly.
        is_plain = not path.startswith(("../", "/")) and not _is_link(location.rstrip("/"))
        if not is_plain and not is_inside(location, home):
            return path
    return ""


def _is_link(path: str) -> bool:
    try:
        return S_ISLNK(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False
