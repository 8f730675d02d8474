"""Which local packages read a file outside of their directories, or of another's own, as far as their texts say so.

A file of a package reads

1. what it names with ``..``: a manifest (``readme``, ``license-files``, ``force-include``, ``package-data``,
   ``pythonpath``, ``extend``), a file of requirements, ``MANIFEST.in``, a test. The path starts at the file itself, or at
   any folder above it in the package.
2. a document of which it has the name, the first folder or the suffix, if some file of the package climbs out of it; and
   any document if it climbs out itself and goes through folders. A test of the root need not climb.
3. a file of the root's own of which it has the first folder, if it climbs out itself.
4. a file that is another package's own, of which it has the first folder behind the package's (``core/tests``).

What a file of a package reads counts as a file of the package. This finds more than is read: a comment names a file like
anything else. A path that code puts together otherwise is not found.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple

from wsnox._record import Record
from wsnox.affected.paths import above, climbing_paths, follow, is_below, joined, may_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.affected.rules import LocalPackage, Meaning

__all__ = ["EVERYBODY", "ROOT", "Line", "Readers", "WorkTree", "strings_to_find"]

ROOT = ""
"""The name of the root's own tests among packages."""

EVERYBODY = "*"
"""The name of each ``conftest.py`` above the members among packages."""


class Line(NamedTuple):
    """A line of *text* in the *file*, whose path is relative to the workspace root."""

    file: str
    text: str


class WorkTree(Record, kw_only=True):
    """The texts of a work tree that can tell who reads a file.

    These are its *links* (path to text), the *lines* of packages and of the root's tests that can name a file outside,
    each ``conftest.py`` above the members with pytest's ``pythonpath`` of the root, and the *noxfile*. *pipelines* are
    the changed files of the CI system that run wsnox, or that such a file uses.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    conftest: str = ""
    noxfile: str = ""
    pipelines: frozenset[str] = frozenset()


_STEPS_UP = ("../", '".."', "'..'", "..\\")
_WALKS = ("rglob", "glob(", "os.walk", "iterdir", "listdir", "scandir", "ls-files")
_CLIMBS = ("parents[", "pardir", "dirname(os.path.dirname", "rootpath", "rootdir", "--show-toplevel")
_PARENT = ".parent"
"""Two of them climb: one is the folder of the file itself."""


def strings_to_find(meanings: Mapping[str, Meaning], packages: Iterable[LocalPackage]) -> tuple[str, ...]:
    """Return strings, one of which is in each line that can tell who reads one of the paths with these *meanings*."""
    folders, strings = {package.name: package.path for package in packages}, [*_STEPS_UP]
    for path, meaning in meanings.items():
        if meaning.document:
            stem, suffix = posixpath.splitext(posixpath.basename(path))
            strings += [*filter(None, [suffix]), *([stem] if stem.isupper() or not suffix else [])]
        if meaning.document or meaning.in_root:
            strings += (
                f"{before}{word}" for word in _first_folder(path) for before in ('"', "'", "/", "from ", "import ")
            )
        for name in meaning.own:
            first = posixpath.relpath(path, folders.get(name, ".")).partition("/")[0]
            strings += (f"{before}{first}" for before in "\"'/")
    if any(meaning.document or meaning.in_root for meaning in meanings.values()):
        strings += (*_WALKS, *_CLIMBS, _PARENT)
    return tuple(dict.fromkeys(strings))


def _first_folder(path: str) -> list[str]:
    return [folder for folder in posixpath.dirname(path).split("/") if folder not in ("", "..")][:1]


def climbs(text: str) -> bool:
    """Return whether code with this *text* reaches a folder above its own."""
    return any(word in text for word in (*_CLIMBS, *_STEPS_UP)) or text.count(_PARENT) > 1


Naming = dict[str, dict[str, str]]
"""By what is named, the packages whose files name it, each with the first of these files."""

_WORD = re.compile(r"[\w.-]+")
_FOLDER = re.compile(r"[\"'/]([\w.-]+)(?=[\"'/])|\b(?:from|import)\s+(\w+)")
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)/(?=([\w.-]+))")


class Readers:
    """The packages that read a file of the workspace at *root*, of whose local *packages* *work_tree* has the texts."""

    def __init__(self, work_tree: WorkTree, packages: Iterable[LocalPackage], root: str) -> None:
        self._root = root
        self.links = {posixpath.join(root, path): text for path, text in work_tree.links.items()}
        self._folders = {package.name: package.path for package in packages}
        folders = {(package.name, self.absolute(package.path)) for package in packages if package.path != "."}
        # A folder may be reached through a link: then git has its files elsewhere.
        folders |= {(name, follow(folder, self.links.get).end) for name, folder in folders}
        self._names_at: dict[str, list[str]] = {}
        for name, folder in sorted(folders):
            self._names_at.setdefault(folder, []).append(name)
        self._paths: Naming = {}
        self._paths_inside: Naming = {}
        self._words: Naming = {}
        self._first_folders: Naming = {}
        self._first_folders_above: Naming = {}
        self._pairs: dict[tuple[str, str], dict[str, str]] = {}
        self._walking: dict[str, str] = {}
        self._climbing = {ROOT, EVERYBODY}
        lines: dict[str, list[str]] = {}
        for line in work_tree.lines:
            if may_read(line.file, line.text):
                lines.setdefault(line.file, []).append(joined(line.text))
        for file, texts in lines.items():
            self._read(file, texts, [*self._owners(file)])
        self._read("conftest.py", [*map(joined, work_tree.conftest.splitlines())], [], other=EVERYBODY)

    def absolute(self, path: str) -> str:
        """Return the absolute form of *path*, which is relative to the root."""
        return posixpath.normpath(posixpath.join(self._root, path))

    def ends(self, path: str, directory: str) -> set[str]:
        """Return where *path* leads from *directory*: as it is written, and through links."""
        absolute = posixpath.join(directory, path)
        ends = {posixpath.normpath(absolute)}
        return ends | {follow(absolute, self.links.get).end} if self.links else ends

    def of(self, path: str, meaning: Meaning) -> dict[str, str]:
        """Return the packages that name *path*, or what holds it or is in it, each with the file that names it."""
        absolute = self.absolute(path)
        naming = [self._paths_inside.get(absolute, {}), *(self._paths.get(folder, {}) for folder in above(absolute))]
        if meaning.document:
            naming += (
                {name: file for name, file in by_text.items() if name in self._climbing}
                for by_text in self._document(path)
            )
        if meaning.in_root:
            # A member may have a folder of this name itself: only who leaves the member's means the root's.
            naming += (self._first_folders_above.get(folder, {}) for folder in _first_folder(path))
        for owner in meaning.own:
            folder = self._folders.get(owner, "")
            first = posixpath.relpath(path, folder or ".").partition("/")[0]
            naming.append(self._pairs.get((posixpath.basename(folder), first), {}))
        return {name: file for by_text in reversed(naming) for name, file in by_text.items() if name not in meaning.own}

    def _document(self, path: str) -> Iterator[dict[str, str]]:
        name, folders = posixpath.basename(path), _first_folder(path)
        stem, suffix = posixpath.splitext(name)
        yield self._walking
        yield from (
            self._words.get(word, {}) for word in ((name if suffix else ""), suffix, (stem if stem.isupper() else ""))
        )
        yield from (self._first_folders.get(folder, {}) for folder in (*folders, *(() if suffix else (name,))))

    # --- the texts ---

    def _read(self, file: str, texts: list[str], owners: list[tuple[str, str]], other: str = ROOT) -> None:
        """Record what the lines *texts* of *file* name, for its *owners* (name and folder), else for *other*."""
        self._read_paths(file, {path for text in texts for path in climbing_paths(file, text)}, owners)
        names = [owner for owner, _ in owners] or [other]
        # A manifest says with `..` what it reads of others; without, it means its own files.
        if posixpath.basename(file) == "pyproject.toml":
            return
        text = "\n".join(texts)
        words = {word for match in _WORD.findall(text) for word in (match, match.rstrip("."))}
        folders = {folder or package for folder, package in _FOLDER.findall(text)}
        indexes: list[tuple[dict[Any, dict[str, str]], Iterable[Any]]] = [
            (self._words, words),
            (self._first_folders, folders),
            (self._pairs, _PAIR.findall(text)),
        ]
        if climbs(text) or EVERYBODY in names:
            self._climbing.update(names)
            indexes.append((self._first_folders_above, folders))
            if any(word in text for word in _WALKS):
                self._walking.update(dict.fromkeys(names, file))
        for name in names:
            for index, keys in indexes:
                for key in keys:
                    index.setdefault(key, {}).setdefault(name, file)

    def _read_paths(self, file: str, paths: set[str], owners: Iterable[tuple[str, str]]) -> None:
        for name, folder in owners if paths else ():
            starts = [start for start in above(self.absolute(file)) if is_below(start, folder)]
            for end in {end for path in paths for start in starts for end in self.ends(path, start)}:
                if not is_below(end, folder):
                    self._paths.setdefault(end, {}).setdefault(name, file)
                    for outer in above(end):
                        self._paths_inside.setdefault(outer, {}).setdefault(name, file)

    def _owners(self, file: str) -> Iterator[tuple[str, str]]:
        """Yield the packages that *file* belongs to, each with its folder."""
        for folder in above(self.absolute(file)):
            yield from ((name, folder) for name in self._names_at.get(folder, ()))
