"""Which local packages read a file outside of their directories, or of another's own, as far as their texts say so.

A file of a package reads

1. what it names with ``..``: a manifest (``readme``, ``license-files``, ``force-include``, ``package-data``,
   ``pythonpath``, ``extend``), a file of requirements, ``MANIFEST.in``, a test. The path starts at the file itself, or at
   any folder above it in the package.
2. if it leaves its package (``..``, enough of ``.parent`` from ``__file__``, ``rootpath`` in a test): a document of which it has the name or the first
   folder, a file of the root's own of which it has the first folder, and any document if it goes through folders. A test
   need not leave the package itself if another file does, such as its ``conftest.py``; and a test of the root need not.
3. a file that is another package's own, of which it has the first folder behind the package's (``core/tests``), or
   imports that folder (``packages.core.tests``, ``examples.a``).

What the noxfile imports is everybody's, as the ``conftest.py`` above the members is.

What it reads counts as a file of the package, or as a file of the package alone where it is one itself. This finds more
than is read: a comment names a file like anything else. A path that code puts together otherwise is not found.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record, field
from wsnox.affected.paths import SETTINGS, above, absolute, climbing_paths, follow, is_below, joined, may_read, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from wsnox.affected.rules import LocalPackage, Meaning

__all__ = ["EVERYBODY", "ROOT", "Line", "Reader", "Readers", "WorkTree", "strings_to_find"]

ROOT = ""
"""The name of the root's own tests among packages."""

EVERYBODY = "*"
"""The name of each ``conftest.py`` above the members, and of what the noxfile imports, among packages."""


class Reader(NamedTuple):
    """A *package* that reads a file: for all that install it, or for its own sessions *alone*."""

    package: str
    alone: bool = False


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


# --- what is searched for ---


_STEPS_UP = ("../", '".."', "'..'", "..\\")
_WALKS = ("rglob", "glob(", "os.walk", "iterdir", "listdir", "scandir", "ls-files")
_LEAVES = ("pardir", "dirname(os.path.dirname", "rootpath", "rootdir", "--show-toplevel")
_PARENT, _FILE, _PROJECT = ".parent", "__file__", "self.root"
"""How code climbs, from its own file, or in a build hook of hatchling from the directory of its project."""


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
            first = relative(path, folders.get(name, ".")).partition("/")[0]
            strings += (f"{before}{first}" for before in ('"', "'", "/", ".", "from ", "import "))
    if any(meaning.document or meaning.in_root for meaning in meanings.values()):
        strings += (*_WALKS, *_LEAVES, _PARENT, _FILE, _PROJECT)
    return tuple(dict.fromkeys(strings))


def _first_folder(path: str) -> list[str]:
    return [folder for folder in posixpath.dirname(path).split("/") if folder not in ("", "..")][:1]


# --- who reads ---


_WORD = re.compile(r"[\w.-]+")
_SUFFIX = re.compile(r"\*(\.\w+)")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
_FOLDER = re.compile(r"[\"'/]([\w.-]+)(?=/?[\"'*{])|\b(?:from|import)\s+(\w+)")
_FOLDER_BELOW = re.compile(r"(?:/\s*|join(?:path)?\([^)]*?)[\"']?([\w.-]+)(?=/?[\"'*{])|\b(?:from|import)\s+(\w+)")
_PARENTS = re.compile(r"parents\[(\d*)")
_ONLY_UP = re.compile(r"[\"'/](\.\.(?:/\.\.)*)(?=[\"'/])")

_IMPORTED = re.compile(r"(?:\b(?:from|import)\s+|[\"'])(\w+(?:\.\w+)+)")
_LOADS = re.compile(r"^\s*(from|import)\s|sys\.path|import_module|run_path|exec\(")
_FOLDERS_OF_EACH = ("tests", "test")
"""Folders that nearly every package has: code that imports them means its own."""

_CODE = (".py", ".pyx", ".sh", ".cfg", ".ini", ".toml", "file")


class _Text(NamedTuple):
    """The *lines* of a *file* that were searched for, and who reads what they name.

    It *climbs* where it reaches a folder above its package, and *leaves* it where it does, or names a file outside.
    """

    file: str
    lines: str
    readers: tuple[Reader, ...]
    climbs: bool
    leaves: bool


Naming = dict[str, dict[Reader, str]]
"""By what is named, its readers, each with the first file that names it."""


class Readers:
    """The packages that read a file of the workspace at *root*, of whose local *packages* *work_tree* has the texts.

    *owners* returns the packages that own a file alone (`Meaning.own`).
    """

    def __init__(
        self,
        work_tree: WorkTree,
        packages: Iterable[LocalPackage],
        root: str,
        owners: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        self._root = root
        self.links = {posixpath.join(root, path): text for path, text in work_tree.links.items()}
        self._folders = {package.name: package.path for package in packages}
        folders = {(package.name, absolute(package.path, root)) for package in packages if package.path != "."}
        # A folder may be reached through a link: then git has its files elsewhere.
        folders |= {(name, follow(folder, self.links.get).end) for name, folder in folders}
        self._names_at: dict[str, list[str]] = {}
        for name, folder in sorted(folders):
            self._names_at.setdefault(folder, []).append(name)
        self._paths: Naming = {}
        self._paths_inside: Naming = {}
        self._words: Naming = {}
        self._folders_of_documents: Naming = {}
        self._folders_below: Naming = {}
        self._own_folders: Naming = {}
        self._imported: Naming = {}
        self._walking: dict[Reader, str] = {}
        lines: dict[str, list[str]] = {}
        for line in work_tree.lines:
            if may_read(line.file, line.text):
                lines.setdefault(line.file, []).append(joined(line.text))
        texts = [self._text(file, texts, frozenset(owners(file))) for file, texts in lines.items()]
        conftest = "\n".join(map(joined, work_tree.conftest.splitlines()))
        loading = "\n".join(joined(line) for line in work_tree.noxfile.splitlines() if _LOADS.search(line))
        texts += (
            _Text(file, text, (Reader(EVERYBODY),), climbs=True, leaves=True)
            for file, text in (("conftest.py", conftest), ("noxfile.py", loading))
        )
        leaving = {reader.package for text in texts if text.leaves for reader in text.readers}
        for text in texts:
            self._add(text, leaving)

    def ends(self, path: str, directory: str) -> set[str]:
        """Return where *path* leads from *directory*: as it is written, and through links."""
        written = posixpath.join(directory, path)
        ends = {posixpath.normpath(written)}
        return ends | {follow(written, self.links.get).end} if self.links else ends

    def of(self, path: str, meaning: Meaning) -> dict[Reader, str]:
        """Return the readers of *path*, or of what holds it or is in it, each with the file that names it."""
        absolute_path = absolute(path, self._root)
        naming = [self._paths_inside.get(absolute_path, {})]
        naming += (
            self._paths[folder] for folder in above(absolute_path if self._paths else "") if folder in self._paths
        )
        below_root = re.sub(r"^(\.\./)+", "", path) if path.startswith("../") else path
        if meaning.document:
            name = posixpath.basename(path)
            stem, suffix = posixpath.splitext(name)
            words = [name if suffix else "", stem if stem.isupper() else ""]
            if below_root == path:
                # Whoever goes through folders, or looks for a suffix, does so in the workspace.
                naming.append(self._walking)
                words.append(suffix)
            naming += (self._words.get(word, {}) for word in words if word)
            naming += (self._folders_of_documents.get(folder, {}) for folder in above(below_root))
        if meaning.in_root and not meaning.packages:
            naming += (self._folders_below.get(folder, {}) for folder in above(below_root))
        for owner in meaning.own:
            folder = self._folders.get(owner, "")
            first = relative(path, folder or ".").partition("/")[0]
            naming.append(self._own_folders.get(f"{posixpath.basename(folder)}/{first}", {}))
            if first not in _FOLDERS_OF_EACH:
                # Where a package is installed in place, all of its directory may be in the path of imports.
                naming.append(self._imported.get(first, {}))
        readers = {reader: file for by_text in reversed(naming) for reader, file in by_text.items()}
        return {reader: file for reader, file in readers.items() if reader.package not in meaning.own}

    # --- the texts ---

    def _text(self, file: str, lines: list[str], alone: frozenset[str]) -> _Text:
        """Return the *lines* of *file*, of which the packages *alone* are; record what they name with ``..``."""
        path, text = absolute(file, self._root), "\n".join(dict.fromkeys(lines))
        places = [(name, folder) for folder in above(path) for name in self._names_at.get(folder, ())]
        climbing = {path for line in lines for path in climbing_paths(file, line)}
        climbs, leaves = False, False
        for name, folder in places:
            depth = path.count("/") - folder.count("/")
            starts = [start for start in above(path) if is_below(start, folder)] if climbing else []
            ends = {end for climb in climbing for start in starts for end in self.ends(climb, start)}
            outside = {end for end in ends if not is_below(end, folder)}
            climbs = climbs or _climbs(file, text, depth)
            leaves = leaves or climbs or bool(outside)
            # Code that names all that is around the package has no more than climbed; settings mean it.
            for end in outside if file.endswith(SETTINGS) else (end for end in outside if not is_below(folder, end)):
                reader = Reader(name, name in alone)
                self._paths.setdefault(end, {}).setdefault(reader, file)
                for outer in above(end):
                    self._paths_inside.setdefault(outer, {}).setdefault(reader, file)
        readers = tuple(Reader(name, name in alone) for name, _ in places) or (Reader(ROOT),)
        return _Text(file, text, readers, climbs, leaves)

    def _add(self, text: _Text, leaving: Collection[str]) -> None:
        """Record what *text* names, where the packages *leaving* have a file that leads out of them."""
        # A manifest says with `..` what it reads of others; without, it means its own files. Data reads nothing.
        if posixpath.basename(text.file) == "pyproject.toml" or not text.file.endswith(_CODE):
            return
        # A path may start anywhere in one that is longer.
        paths = {path for match in _PATH.findall(text.lines) for path in _ends_of(match)}
        # So does a module of a folder that is in the path of imports: `packages.core.tests`, but not `core.tests`.
        modules = {module.replace(".", "/") for module in _IMPORTED.findall(text.lines)}
        below = {path for module in modules for path in [*_ends_of(module)][1:]}
        for reader in text.readers:
            _record(self._own_folders, {"/".join(path.split("/")[:2]) for path in paths | below}, reader, text.file)
            _record(self._imported, {path.partition("/")[0] for path in modules}, reader, text.file)
        readers = [
            reader
            for reader in text.readers
            if text.leaves or reader.package == ROOT or (reader.alone and reader.package in leaving)
        ]
        if not readers:
            return
        walks = any(word in text.lines for word in _WALKS)
        words = {word for match in _WORD.findall(text.lines) for word in (match, match.rstrip("."))}
        suffixes = {*_SUFFIX.findall(text.lines), *(word for word in words if walks or text.leaves)}
        named = {word for word in words if not word.startswith(".") or word.count(".") > 1} | suffixes
        # A word in quotes may be a folder of documents, or of what is in everybody's path; for one of the root it must be
        # part of a path, as members have folders of the same names.
        folders, folders_below = (
            {folder or package for folder, package in pattern.findall(text.lines)}
            for pattern in (_FOLDER, _FOLDER if Reader(EVERYBODY) in text.readers else _FOLDER_BELOW)
        )
        for reader in readers:
            _record(self._words, named, reader, text.file)
            _record(self._folders_of_documents, paths | folders, reader, text.file)
            _record(self._folders_below, paths | folders_below, reader, text.file)
            if walks and text.climbs:
                self._walking.setdefault(reader, text.file)


def _record(naming: Naming, names: Iterable[str], reader: Reader, file: str) -> None:
    for name in names:
        naming.setdefault(name, {}).setdefault(reader, file)


def _ends_of(path: str) -> Iterator[str]:
    """Yield *path*, and what is left of it without its first components, down to two."""
    parts = path.split("/")
    yield from ("/".join(parts[start:]) for start in range(len(parts) - 1))


_TEST = re.compile(r"(^|/)(tests?/|test_|conftest\.py$)")


def _climbs(file: str, text: str, depth: int) -> bool:
    """Return whether *file*, with code of this *text*, reaches a folder above its package, in which it lies *depth* folders deep.

    Code that is no test goes through the files of its user, unless it starts from its own.
    """
    if not (_TEST.search(file) or _FILE in text):
        return file.endswith("build.py") and _PROJECT in text and _PARENT in text
    return (
        any(word in text for word in _LEAVES)
        or any(not number or int(number) >= depth for number in _PARENTS.findall(text))
        or (_FILE in text and len(re.findall(r"\.parent\b", text)) > depth)
        or any(steps.count("..") >= depth for steps in _ONLY_UP.findall(text))
    )
