"""Snapshots of an environment's directories: names, two levels deep and through namespaces.

Of files at the top and of metadata, size and time count as well. Both the proof and the stamp go by snapshots, so that
what is remembered is what was proven.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["METADATA", "SiteSnapshot", "changed", "fingerprint", "is_importable", "is_namespace", "snapshot"]

METADATA = (".dist-info", ".egg-info")
"""How the names of directories end that describe a distribution."""

_CACHE = "__pycache__"
_DEEPEST = 6
"""How deep namespaces are followed: none that is in use is deeper."""

_MODULES = (".py", ".pyc", ".pyw", ".so", ".pyd")
# What an import takes for the module of a folder, on whatever Python: its sources, its byte code, and extensions with
# the tags that they have (`importlib.machinery.all_suffixes`). Stubs and documents of that name make no package.
_OF_FOLDER = re.compile(r"/__init__\.(?:pyc?|(?:(?:abi3t?|(?:cpython|pypy|graalpy)[\w-]*)\.)?so|(?:cp\d[\w-]*\.)?pyd)/")


class SiteSnapshot(Record):
    """A *directory*: size and time by name of its *files*, the names in its *folders*, and the *metadata*.

    Byte code that Python caches is left out. A symbolic link is a file, and a folder too where it leads to one. Folders
    in namespaces are there by their paths, as ``google/cloud``.
    """

    directory: str
    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, frozenset[str]] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """All names in the directory."""
        return frozenset((*self.files, *(name for name in self.folders if "/" not in name), *self.metadata))


def snapshot(directory: str) -> SiteSnapshot:
    """Return a snapshot of *directory*, empty if it is absent; raise `OSError` where nobody may look."""
    site = SiteSnapshot(directory)
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name != _CACHE:
                _add_entry(site, entry)
    return site


def _add_entry(site: SiteSnapshot, entry: os.DirEntry[str]) -> None:
    try:
        is_folder = entry.is_dir()
        if not is_folder or entry.is_symlink():
            site.files[entry.name] = _state(entry)
        if is_folder and entry.name.endswith(METADATA):
            with os.scandir(entry.path) as files:
                site.metadata[entry.name] = {file.name: _state(file) for file in files}
        elif is_folder:
            _add_folder(site, entry.name, entry.path)
    except OSError as error:
        # It may be gone by now, or closed to us: no reason to see nothing of the rest.
        site.files[entry.name] = f"unreadable ({error.strerror})"


def _add_folder(site: SiteSnapshot, name: str, path: str) -> None:
    # Names are all it takes, and quicker than entries.
    names = site.folders[name] = frozenset(os.listdir(path)) - {_CACHE}  # noqa: PTH208 - see above
    if is_namespace(name, names):
        for inner in names:
            # The name of a file has a suffix, and where it has none, it is no folder all the same.
            if inner.isidentifier() and not os.path.islink(f"{path}/{inner}"):  # noqa: PTH114 - as text, like the names
                with suppress(NotADirectoryError):
                    _add_folder(site, f"{name}/{inner}", f"{path}/{inner}")


def is_namespace(name: str, names: Collection[str]) -> bool:
    """Return whether the folder *name* with these *names* in it is a namespace package (PEP 420), or part of one."""
    if "__init__.py" in names or name.count("/") >= _DEEPEST or not name.rpartition("/")[2].isidentifier():
        return False
    # As one text, which takes a fifth of the time of asking name by name.
    text = f"/{'/'.join(names)}/"
    return "/__init__." not in text or _OF_FOLDER.search(text) is None


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
    if not entry.is_symlink():
        return state
    # With uv's `link-mode = "symlink"` the content lies in its cache, which may be cleaned.
    try:
        status = entry.stat()
    except OSError:
        return f"{state} to nothing"
    return state if entry.is_dir() else f"{state} to {status.st_size} {status.st_mtime_ns}"


def fingerprint(sites: Iterable[SiteSnapshot]) -> str:
    """Return *sites* as text that is the same where they look the same."""
    # No name has a zero byte in it.
    return "\0".join("\n".join(sorted(_lines(site))) for site in sites)


def changed(site: SiteSnapshot, before: str) -> frozenset[str]:
    """Return the names of the files and the metadata of *site* that the fingerprint *before* has otherwise, or not."""
    lines = frozenset(re.split("[\0\n]", before))
    files = (name for name, state in site.files.items() if _file_line(name, state) not in lines)
    metadata = (name for name, files in site.metadata.items() if _metadata_line(name, files) not in lines)
    return frozenset((*files, *metadata))


def _lines(site: SiteSnapshot) -> Iterator[str]:
    yield from (_file_line(name, state) for name, state in site.files.items())
    yield from (f"{name} {sorted(names)}" for name, names in site.folders.items())
    yield from (_metadata_line(name, files) for name, files in site.metadata.items())


def _file_line(name: str, state: str) -> str:
    return f"{name} {state}"


def _metadata_line(name: str, files: dict[str, str]) -> str:
    return f"{name} {sorted(files.items())}"
