"""What a site directory looks like at a glance: names, two levels deep, and of metadata the size and time of each file.

Both the proof and the stamp go by it, so that what is remembered is what was proven.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["METADATA", "Site", "glance", "listing"]

METADATA = (".dist-info", ".egg-info")
"""How the names of directories end that describe a distribution."""

_CACHE = "__pycache__"


class Site(Record):
    """A site *directory*: size and time by name of its *files*, the names in its *folders*, and the *metadata*.

    Byte code that Python caches is left out. A symbolic link is a file, and a folder too where it leads to one.
    """

    directory: str
    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, frozenset[str]] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """All names in the directory."""
        return frozenset((*self.files, *self.folders, *self.metadata))


def glance(directory: str) -> Site:
    """Return what *directory* looks like now, empty where there is none; raise `OSError` where nobody may look."""
    site = Site(directory)
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name != _CACHE:
                _enter(site, entry)
    return site


def _enter(site: Site, entry: os.DirEntry[str]) -> None:
    try:
        is_folder = entry.is_dir()
        if not is_folder or entry.is_symlink():
            site.files[entry.name] = _state(entry)
        if is_folder and entry.name.endswith(METADATA):
            with os.scandir(entry.path) as inside:
                site.metadata[entry.name] = {file.name: _state(file) for file in inside}
        elif is_folder:
            # Names are all it takes, and quicker than entries.
            site.folders[entry.name] = frozenset(os.listdir(entry.path)) - {_CACHE}  # noqa: PTH208 - see above
    except OSError as error:
        # It is there, whatever it is, and may be gone or closed to us: no reason to see nothing of the rest.
        site.files[entry.name] = f"unreadable ({error.strerror})"


def _state(entry: os.DirEntry[str]) -> str:
    state = entry.stat(follow_symlinks=False)
    return f"{state.st_size} {state.st_mtime_ns}"


def listing(sites: Iterable[Site]) -> str:
    """Return *sites* as text that is the same where they look the same."""
    # No name has a zero byte in it.
    return "\0".join("\n".join(sorted(_lines(site))) for site in sites)


def _lines(site: Site) -> Iterator[str]:
    yield from (f"{name} {state}" for name, state in site.files.items())
    yield from (f"{name} {sorted(names)}" for name, names in site.folders.items())
    yield from (f"{name} {sorted(files.items())}" for name, files in site.metadata.items())
