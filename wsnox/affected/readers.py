"""Which files outside of what it installs a session reads, as far as text says so.

A changed file in the directory of a local package counts for the sessions that have the package, and a document for none
(`wsnox.affected.rules`). Here is what counts on top of that:

1. What a command, or a value of ``env``, names. A path is taken from where the session stands, with its placeholders
   filled, and may stand inside a word (``--config={root}/x.toml``, ``-C../..``) or in the text of a shell. A path that
   begins with a variable, or with what a command prints, can lead anywhere.
2. What a file of a local package names with ``..``: its manifest (``readme``, ``license-files``, ``force-include``,
   ``package-data``, ``pythonpath``, ``extend``), a file of requirements, ``MANIFEST.in``, a test. It then counts as a file
   of the package. The place from which the path leads is the file itself, or any folder above it in the package.
3. A document of which a file of a local package has the name, the folder or the suffix, or where code that climbs out
   of its package goes through folders: it may be read, and counts as a file of the package.
4. A document, for sessions that run commands in the workspace root, or name something outside of their members.

Too much may be found so: a comment names a file like anything else. A path that is put together otherwise is not.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record
from wsnox.affected.links import above, is_below, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wsnox.affected.rules import Tree
    from wsnox.workspace.sessions import SessionRun

__all__ = [
    "NOTHING_READ",
    "Line",
    "Readers",
    "Reading",
    "is_document",
    "named_by",
    "named_by_function",
    "names",
    "strings_to_find",
    "touched",
]

_ROOT = "\0"
"""Stands for the workspace root in the text of a command: whatever its path holds, it is one component."""

_APART = re.compile(r"[\s\"'`,;:=()\[\]{}<>|&!]+")
_QUOTED = re.compile(r"[\"'`]+")
_VARIABLE = re.compile(r"\$\(|`|\$\w+/|\$\{[^}]*\}/")
_PLACEHOLDER = re.compile(r"\{(root|member)\}")
_URL = re.compile(r"\w[\w+.-]*://\S+")
_JOINED = re.compile(r"[\"']\s*[,/]\s*[\"']")
_SETTINGS = (".toml", ".cfg", ".ini", ".in", ".txt")
_WHERE_THE_REPOSITORY_IS = re.compile(r"\s*[\"']?(root|search_parent_directories)[\"']?\s*=")
"""Settings of setuptools-scm and its kin: they say where the repository is, and read no file of it."""

_BEFORE_A_FOLDER = ('"', "'", "/", "from ", "import ")
_STEPS_UP = ("../", '".."', "'..'", "..\\")
_TAKEN_IN = re.compile(r"include|--8<--|snippet", re.IGNORECASE)
_WALKS = ("rglob", "glob(", "os.walk", "iterdir", "listdir", "scandir", "ls-files")
_CLIMBS = ("parents[", ".parent.parent", "pardir", "dirname(os.path.dirname", "rootpath", "rootdir", "--show-toplevel")


class Line(NamedTuple):
    """A line of *text* in the *file*, whose path is relative to the workspace root."""

    file: str
    text: str


class Reading(Record, kw_only=True):
    """What is known of who reads what.

    The *links* of the repository (path to text), the *lines* that can name a file, the text of each ``conftest.py`` above
    the members with pytest's ``pythonpath`` of the root, that of the *noxfile*, and whether the root has tests, which a session without commands runs.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    conftest: str = ""
    noxfile: str = ""
    root_tests: bool = False


NOTHING_READ = Reading()


def strings_to_find(documents: Iterable[str]) -> tuple[str, ...]:
    """Return strings of which a line has one that names something outside of its package, or one of *documents*."""
    named = [
        word
        for path in documents
        for word in (
            *_names(posixpath.basename(path)),
            *(f"{before}{folder}" for folder in _folders(path) for before in _BEFORE_A_FOLDER),
            *filter(None, (posixpath.splitext(path)[1],)),
        )
    ]
    return tuple(dict.fromkeys((*_STEPS_UP, *named, *((*_WALKS, *_CLIMBS, "include") if named else ()))))


# --- paths in texts -------------------------------------------------------------------------------------------------


def _paths_in(text: str) -> Iterator[str]:
    """Yield what may be a path in *text*: all of it, what stands between quotes, each piece without separators."""
    # A lone `/` between other words is a sign, no folder.
    pieces = (text, *_QUOTED.split(text), *(each for each in _APART.split(text) if each != "/"))
    for piece in dict.fromkeys(pieces):
        for start in (0, 2 if re.match(r"-\w", piece) else 0, piece.find(_ROOT), _first_step_up(piece)):
            if path := _without_wildcards(piece[max(start, 0) :]):
                yield path


def _first_step_up(piece: str) -> int:
    found = re.search(r"\.\.(?=/|$)", piece)
    return found.start() if found else 0


def _without_wildcards(path: str) -> str:
    """Return *path* up to its first component with a wildcard."""
    found = re.search(r"[*?]", path)
    return path[: path.rfind("/", 0, found.start()) + 1] if found else path


def named_by(run: SessionRun, root: str, links: Mapping[str, str]) -> dict[str, str]:
    """Return what the commands and ``env`` of *run* name outside of its directory, each with which of the two it is.

    All paths are absolute, those of *links* too; *root* is the workspace's.
    """
    spec, directory = run.session, run.session.directory.as_posix()
    words = (word for each in spec.commands or () for word in ((each,) if isinstance(each, str) else each))
    values = {"root": _ROOT, "member": spec.name if spec.integration else run.selections[0].member.name}
    found: dict[str, str] = {}
    for text, by in (
        *((word, "a command of it") for word in words),
        *((value, "its `env`") for value in spec.env.values()),
    ):
        if _VARIABLE.search(text):
            found.setdefault("/", by)
        filled = _PLACEHOLDER.sub(lambda placeholder: values[placeholder[1]], text.replace("\\", "/"))
        for path in _paths_in(filled):
            for place in _places(path.replace(_ROOT, root), directory, links):
                if directory == root or not is_below(place, directory):
                    found.setdefault(place, by)
    return found


def named_by_function(noxfile: str, directories: Iterable[str]) -> dict[str, str]:
    """Return what the text of a *noxfile* names, seen from any of *directories*: what its functions can read."""
    paths = {path for line in noxfile.splitlines() for path in _paths_in(line.replace("\\", "/"))} - {".", "./"}
    places = (posixpath.normpath(posixpath.join(each, path)) for each in directories for path in paths)
    return dict.fromkeys(places, "the noxfile")


def _places(path: str, directory: str, links: Mapping[str, str]) -> set[str]:
    """Return where *path* leads from *directory*: as it is written, and as *links* have it."""
    whole = posixpath.join(directory, path)
    return {posixpath.normpath(whole), *((way_of(whole, links.get).end,) if links else ())}


def touched(path: str, places: Iterable[str]) -> str | None:
    """Return the first of *places* that is *path*, holds it, or is in it, as in a submodule; `None` without one."""
    return next((place for place in places if is_below(path, place) or is_below(place, path)), None)


# --- lines of files -------------------------------------------------------------------------------------------------


class Readers:
    """Knows the local packages, which are *trees*, of which a file names a path; *root* is the workspace's."""

    def __init__(self, reading: Reading, trees: Iterable[Tree], root: str) -> None:
        self._root = root
        self._links = {posixpath.join(root, path): text for path, text in reading.links.items()}
        folders = {(tree.name, self._absolute(tree.path)) for tree in trees if tree.path != "."}
        # A folder may be reached through a link: then git has its files elsewhere.
        folders |= {(name, way_of(folder, self._links.get).end) for name, folder in folders}
        self._names_at: dict[str, list[str]] = {}
        for name, folder in sorted(folders):
            self._names_at.setdefault(folder, []).append(name)
        lines: dict[str, list[str]] = {}
        for line in reading.lines:
            lines.setdefault(line.file, []).append(_URL.sub("", line.text))
        self._readable: list[tuple[str, str, bool]] = []
        self._at: dict[str, dict[str, str]] = {}
        self._in: dict[str, dict[str, str]] = {}
        for file, texts in lines.items():
            self._note(file, texts)

    def _note(self, file: str, texts: Sequence[str]) -> None:
        """Take in what the *texts* of a *file* name."""
        whole = "\n".join(texts)
        if not _is_manifest(file) and (not is_document(file) or _TAKEN_IN.search(whole)):
            self._readable.append((file, whole, _goes_through_folders(whole)))
        paths = {path for text in texts for path in _climbing(file.endswith(_SETTINGS), is_document(file), text)}
        for name, folder in self._owners(file) if paths else ():
            for place in self._outside(file, folder, paths):
                self._at.setdefault(place, {}).setdefault(name, file)
                for each in above(place):
                    self._in.setdefault(each, {}).setdefault(name, file)

    def of(self, path: str, *, document: bool) -> dict[str, str]:
        """Return the local packages that name *path*, what holds it or is in it, each with the file that does."""
        whole = self._absolute(path)
        found = dict(self._in.get(whole, {}))
        for each in above(whole):
            found = {**self._at.get(each, {}), **found}
        return {**(self._of_document(path) if document else {}), **found}

    def _of_document(self, path: str) -> dict[str, str]:
        named = _naming(path)
        found: dict[str, str] = {}
        for file, whole, goes_through in self._readable:
            if goes_through or named(whole):
                found |= {name: file for name, _ in self._owners(file) if name not in found}
        return found

    def _owners(self, file: str) -> Iterator[tuple[str, str]]:
        """Yield the packages that *file* is of, each with its folder."""
        for folder in above(self._absolute(file)):
            yield from ((name, folder) for name in self._names_at.get(folder, ()))

    def _outside(self, file: str, folder: str, paths: Iterable[str]) -> set[str]:
        """Return what *paths*, which the *file* of the package in *folder* names, lead to outside of that."""
        starts = [each for each in above(self._absolute(file)) if is_below(each, folder)]
        found = {place for path in paths for start in starts for place in _places(path, start, self._links)}
        return {place for place in found if not is_below(place, folder)}

    def _absolute(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._root, path))


@lru_cache(maxsize=10_000)
def _climbing(settings: bool, document: bool, text: str) -> tuple[str, ...]:  # noqa: FBT001 - kinds of files
    """Return the paths with ``..`` in the line *text* of *settings*, a *document* or code; in code one must name something."""
    text = _JOINED.sub("/", text.replace("\\", "/"))
    if ".." not in text or (document and not _TAKEN_IN.search(text)):
        return ()
    if settings and _WHERE_THE_REPOSITORY_IS.match(text):
        return ()
    found = {path: path.split("/") for path in _paths_in(text)}
    return tuple(
        path
        for path, parts in found.items()
        if ".." in parts and (settings or any(part not in ("", ".", "..") for part in parts))
    )


def names(text: str, path: str) -> bool:
    """Tell whether *text* names the document at *path*, or goes through folders above its own."""
    return bool(_naming(path)(text)) or _goes_through_folders(text)


def _naming(path: str) -> Callable[[str], object]:
    """Return what tells whether a line names the document at *path*: by its name, a folder, or its suffix alone."""
    folders = (rf"[\"'/]{re.escape(each)}[\"'/]|\b(from|import)\s+{re.escape(each)}\b" for each in _folders(path))
    name, suffix = posixpath.basename(path), posixpath.splitext(path)[1]
    ending = (rf"(?<!\w){re.escape(suffix)}\b",) if suffix else ()
    # A name without a suffix could be any word.
    named = (
        rf"(?<![\w.-]){re.escape(each)}(?![\w-])" if "." in each or each.isupper() else rf"[\"'/]{re.escape(each)}[\"']"
        for each in _names(name)
    )
    return re.compile("|".join((*named, *folders, *ending))).search


def _names(name: str) -> tuple[str, ...]:
    """Return the words that name the document *name*: one like ``README.md`` is known without its suffix."""
    stem = posixpath.splitext(name)[0]
    return (name, stem) if stem.isupper() else (name,)


def _folders(path: str) -> list[str]:
    return [each for each in posixpath.dirname(path).split("/") if each not in ("", "..")]


def _goes_through_folders(text: str) -> bool:
    return any(each in text for each in _WALKS) and any(each in text for each in (*_CLIMBS, *_STEPS_UP))


def _is_manifest(file: str) -> bool:
    return posixpath.basename(file) == "pyproject.toml"


def is_document(file: str) -> bool:
    """Tell whether *file* is a text for people, which names files without reading them."""
    return file.endswith((".md", ".rst"))
