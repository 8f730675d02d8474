"""An empty environment as uv made it, so that uv makes only the first two of their kind.

uv starts, reads its settings and looks up the interpreter; the dozen small files that it then writes are a tenth of that.
So what it made first is described: folders, links, and texts in which the environment's own place is left open. If what it
made second, elsewhere, is described alike, the description is proven, and further environments are written from it. Where
they differ in more than their place, such as by the name of the folder, uv makes each.

A description holds for one uv, one interpreter, the settings and variables of uv, and this version of wsnox. It is kept in
the user's cache, for all workspaces with the same settings. What is written from it is looked at and proven as what uv makes
is.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import tomli

from wsnox._record import Record
from wsnox.environment.user_cache import Entry, user_cache
from wsnox.files import read_regular, remove
from wsnox.workspace.uv_settings import setting_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Layout", "Templates", "layout_of"]

_SETTINGS = "pyvenv.cfg"
# Each shell quotes other characters in its own way.
_PLAIN = re.compile(r"[\w./+-]+", re.ASCII)
# Of what is larger, uv made more than an empty environment.
_MOST_FILES, _MOST_BYTES = 50, 50_000


class Layout(Record):
    """An empty environment: its *folders*, its *links*, and the texts of its *files*, all by their path in it.

    Texts are split where the place of the environment stands in them.
    """

    folders: tuple[str, ...]
    links: Mapping[str, str]
    files: Mapping[str, tuple[str, ...]]

    def write(self, location: Path) -> None:
        """Make the environment at *location*; raise `OSError` if anything is there, or it cannot be made."""
        place = str(location)
        for path in ("", *self.folders):
            os.mkdir(f"{place}/{path}")  # noqa: PTH102 - text is quicker, here and below
        for path, target in self.links.items():
            os.symlink(target, f"{place}/{path}")  # noqa: PTH211 - see above
        # Without its settings, which come last, nothing takes it for an environment.
        for path in sorted(self.files, key=_SETTINGS.__eq__):
            with open(f"{place}/{path}", "xb") as file:  # noqa: PTH123 - see above
                file.write(place.join(self.files[path]).encode())


def layout_of(location: Path) -> Layout | None:
    """Return the layout of the environment at *location*, `None` if it has anything that a layout cannot have.

    That is a place which scripts may have to quote, what no text is, links to its own place, permissions that new files do
    not have, and more than a few small files. Raise `OSError` if it cannot be read.
    """
    place = str(location)
    if not _PLAIN.fullmatch(place):
        return None
    folders, links, files = [], {}, {}
    modes = {stat.S_IMODE(location.stat().st_mode)}
    for path in sorted(location.rglob("*")):
        name, mode = path.relative_to(location).as_posix(), path.lstat().st_mode
        if stat.S_ISLNK(mode):
            links[name] = str(path.readlink())
        elif stat.S_ISDIR(mode):
            folders.append(name)
            modes.add(stat.S_IMODE(mode))
        else:
            try:
                text = read_regular(path).decode()
            except (OSError, UnicodeDecodeError):
                return None
            files[name] = tuple(text.split(place))
            # A new folder may be searched by all who may read it, and a new file run by nobody.
            modes.add(stat.S_IMODE(mode) ^ (mode & 0o444) >> 2)
    size = sum(len(part) for parts in files.values() for part in parts)
    if len(modes) > 1 or len(files) > _MOST_FILES or size > _MOST_BYTES or any(place in to for to in links.values()):
        return None
    return Layout(tuple(folders), links, files)


class Templates:
    """What *uv* makes of the interpreter *python*, as the user's cache has it, else the folder *shared* beside environments.

    uv runs in *directory* and sees the variables *environ*.
    """

    def __init__(self, shared: Path, uv: str, python: str, *, directory: Path, environ: Mapping[str, str]) -> None:
        self.uv, self._python = uv, python
        self._entry = Entry.of(
            (uv, python, *_settings(directory, environ)),
            _programs(uv, python),
            kind="template",
            folder=user_cache(environ) or shared / "templates",
        )

    def write(self, location: Path) -> bool:
        """Make an environment at *location* if its layout is proven, and return whether it was made."""
        place, layout = self._read()
        if layout is None or place or not _PLAIN.fullmatch(str(location)) or os.path.lexists(location):
            return False
        try:
            layout.write(location)
        except OSError:
            with suppress(OSError):
                remove(location, inside=location.parent)
            return False
        return True

    def learn(self, location: Path) -> None:
        """Remember the environment that uv has just made at *location*."""
        try:
            layout = layout_of(location)
            is_certain = _is_of(location, self._python) and _is_uv(self.uv)
        except OSError:
            return
        if layout is None or not is_certain:
            return
        place, known = self._read()
        is_proven = known == layout and place != str(location)
        self._entry.write(
            {
                # Where the only one was made that is known.
                "place": "" if is_proven else str(location),
                "folders": layout.folders,
                "links": layout.links,
                "files": layout.files,
            }
        )

    def _read(self) -> tuple[str, Layout | None]:
        """Return the layout that is known, and the place where it was seen unless it is proven."""
        try:
            raw = self._entry.read()
            files = {path: tuple(map(_text, parts)) for path, parts in raw["files"].items()}
            links = {path: _text(target) for path, target in raw["links"].items()}
            return _text(raw["place"]), Layout(tuple(map(_text, raw["folders"])), links, files)
        except (KeyError, TypeError, AttributeError):
            return "", None


def _programs(uv: str, python: str) -> Iterator[str]:
    """Yield what tells the programs from others that take their place."""
    # Where Python belongs to an environment, that says of which Python it is.
    for path in (uv, os.path.realpath(uv), python, os.path.realpath(python), f"{Path(python).parents[1]}/{_SETTINGS}"):
        with suppress(OSError):
            state = os.stat(path)  # noqa: PTH116 - see above
            yield f"{path} {state.st_size} {state.st_mtime_ns} {state.st_ino}"


def _settings(directory: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings of a uv that runs in *directory* and sees *environ*: a copy elsewhere has the same."""
    outside = [directory / environ["UV_CONFIG_FILE"]] if "UV_CONFIG_FILE" in environ else []
    for folder in (directory, *directory.parents):
        for path, read in ((folder / "uv.toml", _content), (folder / "pyproject.toml", _table)):
            with suppress(OSError):
                yield f"{path.name} {read(path)}"
    for path in (*setting_files(environ), *outside):
        with suppress(OSError):
            yield f"{path} {_content(path)}"
    yield from sorted(f"{name}={value}" for name, value in environ.items() if name.startswith("UV_"))


def _content(path: Path) -> str:
    return read_regular(path).decode("utf-8", "surrogateescape")


def _table(path: Path) -> str:
    """Return the settings of uv in the manifest at *path*, or all of it where it is no TOML."""
    text = _content(path)
    try:
        return repr(tomli.loads(text)["tool"]["uv"])
    except KeyError:
        return ""
    except (ValueError, TypeError, RecursionError):
        return text


def _is_of(location: Path, python: str) -> bool:
    """Return whether the environment at *location* is of *python* itself, and not of one that a script starts."""
    return os.path.realpath(location / "bin" / "python") == os.path.realpath(python)


def _is_uv(program: str) -> bool:
    """Return whether *program* is uv itself, and not what starts one of several; raise `OSError` if it cannot be read."""
    path = Path(os.path.realpath(program))
    with path.open("rb") as file:
        return path.name == "uv" and file.read(2) != b"#!"


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw
