"""Snapshots of an environment's directories: names, two levels deep and through namespaces.

Of files at the top and of metadata, size and time count as well. Both the proof and the stamp go by snapshots, so that
what is remembered is what was proven.

A warm session takes one of each directory, and little else. So what a folder holds is kept as one text, its names sorted
and joined by ``/``: that is made, compared and written in half the time that sets of names take.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from stat import S_ISLNK
from typing import TYPE_CHECKING

from wsnox._record import Record, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["METADATA", "SiteSnapshot", "changed", "fingerprint", "is_importable", "is_namespace", "snapshot"]

METADATA = (".dist-info", ".egg-info")
"""How the names of directories end that describe a distribution."""

_CACHE = "__pycache__"
_DEEPEST = 6
"""How deep namespaces are followed: none that is in use is deeper."""

_MODULES = (".py", ".pyc", ".pyw", ".so", ".pyd")
# What an import takes for the module of a folder, on whatever Python: its sources, its byte code, and extensions with
# the tags that they have (`importlib.machinery.all_suffixes`). Stubs and documents of that name make no package.
_OF_FOLDER = r"(?:^|/)__init__\.(?:pyc?|(?:(?:abi3t?|(?:cpython|pypy|graalpy)[\w-]*)\.)?so|(?:cp\d[\w-]*\.)?pyd)(?:/|$)"


class SiteSnapshot(Record):
    """A *directory*: size and time by name of its *files*, the names in its *folders*, and the files of its *metadata*.

    Names in a folder are sorted and joined by ``/``, and so are the files of metadata, each with its size and time. Byte
    code that Python caches is left out. A symbolic link is a file, and a folder too where it leads to one. Folders in
    namespaces are there by their paths, as ``google/cloud``.
    """

    directory: str
    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """All names in the directory."""
        return frozenset((*self.files, *(name for name in self.folders if "/" not in name), *self.metadata))

    def names_in(self, folder: str) -> frozenset[str]:
        """Return the names in one of the folders."""
        return frozenset(self.folders[folder].split("/")) - {""}


def snapshot(directory: str, with_links: set[str] | None = None) -> SiteSnapshot:
    """Return a snapshot of *directory*, empty if it is absent; raise `OSError` where nobody may look.

    The folders that have links in them are added to those *with links*, where somebody asks for them.
    """
    site = SiteSnapshot(directory)
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name != _CACHE:
                _add_entry(site, entry, with_links)
    return site


def _add_entry(site: SiteSnapshot, entry: os.DirEntry[str], with_links: set[str] | None) -> None:
    name = entry.name
    try:
        is_folder = entry.is_dir()
        if not is_folder or entry.is_symlink():
            site.files[name] = _state(entry)
        if is_folder and name.endswith(METADATA):
            with os.scandir(entry.path) as files:
                site.metadata[name] = "/".join(sorted([f"{file.name} {_state(file)}" for file in files]))
        elif is_folder:
            _add_folder(site, name, entry.path, with_links)
    except OSError as error:
        # It may be gone by now, or closed to us: no reason to see nothing of the rest.
        site.files[name] = f"unreadable ({error.strerror})"


def _add_folder(site: SiteSnapshot, name: str, path: str, with_links: set[str] | None) -> None:
    if with_links is None:
        # Names are all it takes, and quicker than entries.
        names = os.listdir(path)  # noqa: PTH208 - see above
    else:
        with os.scandir(path) as entries:
            listed = [*entries]
        names = [entry.name for entry in listed]
        if any(map(os.DirEntry.is_symlink, listed)):
            with_links.add(name)
    if _CACHE in names:
        names.remove(_CACHE)
    names.sort()
    text = site.folders[name] = "/".join(names)
    if is_namespace(name, text):
        # The name of a file has a suffix, and where it has none, it is no folder all the same.
        for inner in filter(str.isidentifier, names):
            below = f"{path}/{inner}"
            try:
                if not S_ISLNK(os.lstat(below).st_mode):
                    _add_folder(site, f"{name}/{inner}", below, with_links)
            except NotADirectoryError:
                pass


def is_namespace(name: str, names: str) -> bool:
    """Return whether the folder *name* with these *names* in it is a namespace package (PEP 420), or part of one."""
    # Most packages have their sources, and list them first: a warm session asks about every folder.
    if names.startswith("__init__.py/") or ("__init__." in names and re.search(_OF_FOLDER, names)):
        return False
    return name.count("/") < _DEEPEST and name.rpartition("/")[2].isidentifier()


def is_importable(path: Path) -> bool:
    """Return whether *path*, in a package, is a module or holds one; dots and hyphens keep a folder from being imported.

    Where a link leads, anything may be, now or later: but for links to files, one counts for a module.
    """
    if path.name.endswith(_MODULES):
        return path.name.partition(".")[0].isidentifier()
    if not path.name.isidentifier():
        return False
    if path.is_symlink() or not path.is_dir():
        return _leads_on(path)
    for folder, folders, files in os.walk(path):
        # Byte code in a cache is imported only beside its source.
        if not folder.endswith(_CACHE) and any(file.endswith(_MODULES) for file in files):
            return True
        if any(_leads_on(Path(folder, name)) for name in (*folders, *files)):
            return True
    return False


def _leads_on(path: Path) -> bool:
    return path.is_symlink() and not path.is_file()


def _state(entry: os.DirEntry[str]) -> str:
    status = entry.stat(follow_symlinks=False)
    state = f"{status.st_size} {status.st_mtime_ns}"
    if not S_ISLNK(status.st_mode):
        return state
    # With uv's `link-mode = "symlink"` the content lies in its cache, which may be cleaned.
    try:
        status = entry.stat()
    except OSError:
        return f"{state} to nothing"
    return state if entry.is_dir() else f"{state} to {status.st_size} {status.st_mtime_ns}"


def fingerprint(sites: Iterable[SiteSnapshot]) -> str:
    """Return *sites* as text that is the same where they look the same."""
    return "\0\0".join("\0".join(sorted(_lines(site))) for site in sites)


def changed(site: SiteSnapshot, before: str) -> frozenset[str]:
    """Return the names of the files and the metadata of *site* that the fingerprint *before* has otherwise, or not."""
    lines = frozenset(before.split("\0"))
    states = [("file", *file) for file in site.files.items()] + [("metadata", *item) for item in site.metadata.items()]
    return frozenset(name for kind, name, state in states if f"{kind}/{name}//{state}" not in lines)


def _lines(site: SiteSnapshot) -> Iterator[str]:
    # No name has a zero byte in it, and none two slashes.
    for kind, states in (("file", site.files), ("folder", site.folders), ("metadata", site.metadata)):
        for name, state in states.items():
            yield f"{kind}/{name}//{state}"
