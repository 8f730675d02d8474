"""The distributions installed in an environment, and what belongs to none of them, read without starting its Python.

A distribution is a ``.dist-info`` or ``.egg-info`` directory, or an ``.egg-info`` or ``.egg-link`` file. A stray is what
Python might import or start and no distribution owns:

- at the top of a site directory, everything that no RECORD names;
- in a package, modules and folders of modules alone, since programs write data beside their own code; below a package's
  own folder everything is the package's; namespace packages have no owner, and are followed to where their packages begin;
- among the scripts, everything but scripts of distributions and what the environment was made with: the directory of a
  script is the first entry of its ``sys.path``.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.environment.integrity import Scripts, damage, is_copy, is_same_file, leads_outside, script_damage
from wsnox.environment.metadata import Owned, metadata_at
from wsnox.environment.snapshot import SiteSnapshot, changed, is_importable, snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.metadata import Metadata

__all__ = ["Distribution", "Installed", "installed_in", "known_site_packages", "read_installed"]

_METADATA = (".dist-info", ".egg-info", ".egg-link")

# What `venv`, `virtualenv` and uv put among the scripts: for shells, and the Python itself.
_FOR_SHELLS = frozenset({
    "Activate.ps1",
    "pydoc.bat",
    *(
        f"{start}activate{suffix}"
        for start in ("", "de", "De", "dE", "DE")
        for suffix in ("", ".bat", ".csh", ".fish", ".nu", ".ps1", ".sh", ".xsh")
    ),
})  # fmt: skip
# Compiled where an environment has no links.
_PYTHON = r"(?:python|pypy|graalpy)w?\d*(?:\.\d+)?t?(?:_d)?(?:-[a-z0-9]+)?"
_WINDOWS = r"(?:python|pypy|graalpy)w?[\d.]*t?(?:_d)?\.exe|(?:python|vcruntime|api-ms-|libpypy)[\w.-]*\.dll"


class Distribution(Record):
    """An installed distribution, the *location* of its metadata, and what that says (see `Metadata`).

    *flaw* says what is lost of it or wrong with its RECORD, empty for a complete one. It is *changed* where its metadata,
    its files at the top of the site directory or its scripts are not those that were proven.
    """

    name: str
    version: str
    location: str
    origin: dict[str, Any]
    legacy: bool = False
    flaw: str = ""
    changed: bool = False
    owned: Owned = Owned({})

    @property
    def metadata(self) -> Path:
        """Its metadata directory or file."""
        return Path(self.location)


class Installed(Record):
    """The distributions of an environment in name order, and the *strays* in its directories.

    *sites* are snapshots of these directories, that of the scripts last.
    """

    distributions: tuple[Distribution, ...]
    strays: tuple[Path, ...]
    sites: tuple[SiteSnapshot, ...] = ()


def installed_in(interpreter: Interpreter, before: str | None = None, *, sizes: bool = True) -> Installed:
    """Return what is installed in the environment of *interpreter*; see `read_installed`."""
    scripts = Scripts(interpreter.scripts, interpreter.executable, interpreter.prefix)
    return read_installed(interpreter.site, scripts, before, sizes=sizes)


def read_installed(
    site: Iterable[Path], scripts: Scripts | None = None, before: str | None = None, *, sizes: bool = True
) -> Installed:
    """Return what is installed in the *site* directories and as *scripts*.

    Without *scripts*, nothing outside the site directories is looked at. What is not as in the fingerprint *before* has
    changed; without it, nothing has. Without *sizes*, no file is taken for one that lost its content.
    """
    reader = _Reader(site, scripts, before, sizes=sizes)
    distributions = sorted(
        (reader.distribution(site, name) for site, name in reader.metadata),
        key=lambda distribution: (distribution.name, distribution.version),
    )
    return Installed(tuple(distributions), tuple(reader.strays()), reader.snapshots)


class _Reader:
    """One look at the *site* directories and *scripts* of an environment, as `read_installed` is asked for it."""

    def __init__(self, site: Iterable[Path], scripts: Scripts | None, before: str | None, *, sizes: bool) -> None:
        self._scripts = scripts
        with_links: dict[str, set[str]] = {str(directory): set() for directory in site}
        self._sites = [snapshot(directory, links) for directory, links in with_links.items()]
        programs = snapshot(str(scripts.directory)) if scripts else SiteSnapshot("")
        self.snapshots = (*self._sites, programs) if scripts else tuple(self._sites)
        self._programs = programs.names
        self._known = {
            at: names for site in self._sites for at, names in _names_by_location(site, with_links[site.directory])
        }
        self._plain = {
            f"{site.directory}/{name}/"
            for site in self._sites
            for name in (*site.folders, *site.metadata)
            if name not in site.files
        }
        self._changed_programs, *changes = (
            frozenset[str]() if before is None else changed(snapshot, before) for snapshot in (programs, *self._sites)
        )
        self._changed = {site.directory: names for site, names in zip(self._sites, changes, strict=True)}
        self.metadata = {
            (site.directory, name): metadata_at(f"{site.directory}/{name}", site.metadata.get(name))
            for site in self._sites
            for name in site.names
            if name.endswith(_METADATA) and name not in _METADATA
        }
        folders = {site.directory: self._folder_of_scripts(site.directory) for site in self._sites}
        self._own_scripts = {
            (site, name): data.scripts.union(data.owned.folders.get(folders[site], ()))
            for (site, name), data in self.metadata.items()
        }
        self._empty: set[str] | None = None
        if sizes:
            self._empty = {
                f"{site}/{folder}{name}"
                for (site, _), data in self.metadata.items()
                for folder, names in data.owned.folders.items()
                for name, size in names.items()
                if size == "0"
            }

    def _folder_of_scripts(self, site: str) -> str:
        """Return the folder of the scripts as a RECORD in the directory *site* calls it, or what it calls none."""
        return f"{os.path.relpath(self._scripts.directory, site)}/".replace("\\", "/") if self._scripts else "\0"

    def distribution(self, site: str, name: str) -> Distribution:
        """Return the distribution of this metadata."""
        data, changes = self.metadata[site, name], self._changed[site]
        return Distribution(
            name=data.name,
            version=data.version,
            location=f"{site}/{name}",
            origin=data.origin,
            legacy=data.legacy,
            flaw="" if data.legacy else data.flaw or self._damage(site, data),
            changed=name in changes
            or any(file in data.owned for file in changes)
            or not self._own_scripts[site, name].isdisjoint(self._changed_programs),
            owned=data.owned,
        )

    def _damage(self, site: str, data: Metadata) -> str:
        scripts = self._scripts
        if scripts is None:
            return damage(site, data.owned, outside=False, empty=self._empty, known=self._known)
        if path := leads_outside(site, data.owned, str(scripts.prefix), self._plain):
            return f"its RECORD names `{path}`, which is outside the environment"
        lost = damage(site, data.owned, outside=True, empty=self._empty, known=self._known)
        return lost or script_damage(data.scripts, scripts, self._programs)

    def strays(self) -> Iterator[Path]:
        """Yield everything that belongs to no distribution."""
        for site in self._sites:
            children: dict[str, set[str]] = defaultdict(set)
            for (directory, name), data in self.metadata.items():
                if directory == site.directory:
                    children[""].add(name)
                    for folder, names in data.owned.folders.items():
                        path = folder[:-1]
                        is_known = path in children
                        children[path].update(names)
                        while path and not is_known:
                            path, _, last = path.rpartition("/")
                            children[path].add(last)
            yield from _strays_in(site, children, self._known)
        if self._scripts:
            yield from _stray_scripts(
                self._scripts, self._programs, frozenset[str]().union(*self._own_scripts.values())
            )


def _names_by_location(site: SiteSnapshot, with_links: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what is in folders of *site*, by location as ``/site/a/``, where nothing there is a link that leads nowhere.

    *with_links* are the folders with links in them.
    """
    lost = {
        name for name, state in site.files.items() if state.endswith(" to nothing") or state.startswith("unreadable")
    }
    yield f"{site.directory}/", site.names - lost
    for folder in site.folders.keys() - with_links:
        yield f"{site.directory}/{folder}/", site.names_in(folder)
    for folder, text in site.metadata.items():
        files = text.split("/")
        # The state of a file has two words, and that of a link has more.
        if text.count(" ") == 2 * len(files):
            yield f"{site.directory}/{folder}/", frozenset([file.partition(" ")[0] for file in files])


def _strays_in(
    site: SiteSnapshot, children: Mapping[str, set[str]], known: Mapping[str, frozenset[str]]
) -> Iterator[Path]:
    """Yield what is at the top of *site* or in a folder of distributions there and not among the *children* that they own.

    *known* are the names in some folders, by location as ``/site/a/``.
    """
    looked_at = {""}
    # A folder comes before those in it.
    for folder in ("", *sorted(site.folders)):
        above, _, last = folder.rpartition("/")
        if folder and (above not in looked_at or last not in children[above]):
            continue
        looked_at.add(folder)
        names = (known.get(f"{site.directory}/{folder}/") or site.names_in(folder)) if folder else site.names
        owned = children[folder]
        for name in sorted(names - owned):
            path = Path(site.directory, folder, name)
            if (not folder or is_importable(path)) and not _is_other_case(path, owned):
                yield path


def _is_other_case(path: Path, owned: Iterable[str]) -> bool:
    """Return whether *path* is one of the names *owned* in another case, where a file system ignores that."""
    folded = path.name.casefold()
    return any(is_same_file(path.with_name(name), path) for name in owned if name.casefold() == folded)


def _stray_scripts(scripts: Scripts, files: Iterable[str], owned: Collection[str]) -> Iterator[Path]:
    directory = str(scripts.directory)
    for name in sorted(files):
        if name not in owned and not _came_with_environment(scripts, f"{directory}/{name}", name):
            path = scripts.directory / name
            if not _is_other_case(path, owned):
                yield path


def _came_with_environment(scripts: Scripts, path: str, name: str) -> bool:
    python = scripts.python
    if os.name == "nt" and re.fullmatch(_WINDOWS, name.lower()):
        return True
    if name in _FOR_SHELLS:
        return os.path.isfile(path)  # noqa: PTH113 - text is quicker
    if is_same_file(path, python):
        return True
    if name.startswith("libpypy") and os.path.islink(path):  # noqa: PTH114 - as above
        # The library that `virtualenv` links beside a PyPy.
        return os.path.dirname(os.path.realpath(path)) == os.path.dirname(os.path.realpath(python))  # noqa: PTH120 - text
    # An environment without links has copies.
    return re.fullmatch(_PYTHON, name) is not None and is_copy(Path(path), python)


def known_site_packages(root: Path, *folders: Path) -> tuple[Path, ...]:
    """Return the site directories of the environments of the workspace *root*, and of all environments in *folders*.

    Their metadata tells which distribution has a module. Those of uv come first: they hold the most.
    """
    named = (os.environ.get(variable) for variable in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"))
    environments = [root / ".venv", *(root / path for path in named if path)]
    for folder in folders:
        with suppress(OSError):
            environments += sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    layouts = ("lib/python3*/site-packages", "Lib/site-packages")
    sites = (site for path in environments for layout in layouts for site in sorted(path.glob(layout)))
    return tuple(dict.fromkeys(sites))
