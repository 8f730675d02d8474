"""Which files a session reads besides those that it installs, as far as text says so.

A changed file in the directory of a local package counts for the sessions that have the package, and a document for none
(`wsnox.affected.rules`). In addition, these count:

1. what a command, or a value of ``env``, names. A path is taken from the directory of the session, with its placeholders
   filled, and may stand inside a word (``--config={root}/x.toml``, ``-C../..``) or in the text of a shell. A path that
   begins with a variable, or with what a command prints, can lead anywhere.
2. what a file of a local package names with ``..``: its manifest (``readme``, ``license-files``, ``force-include``,
   ``package-data``, ``pythonpath``, ``extend``), a file of requirements, ``MANIFEST.in``, a test. It then counts as a file
   of the package. The path starts at the file itself, or at any folder above it in the package.
3. a document of which a file of a local package has the name, the folder or the suffix; and any document where code
   climbs out of its package and goes through folders. It then counts as a file of the package.
4. a document, for sessions that run commands in the workspace root, or name something outside of their members.

This finds more than is read: a comment names a file like anything else. A path that code puts together is not found.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record
from wsnox.affected.links import above, follow, is_below
from wsnox.affected.model import FileChanged
from wsnox.workspace.placeholders import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.affected.rules import LocalPackage, Meaning
    from wsnox.workspace.sessions import SessionRun

__all__ = ["Line", "Readers", "WorkTree", "strings_to_find"]


class Line(NamedTuple):
    """A line of *text* in the *file*, whose path is relative to the workspace root."""

    file: str
    text: str


class WorkTree(Record, kw_only=True):
    """The texts of a work tree that can tell who reads a file.

    These are its *links* (path to text), the *lines* of files in local packages that can name a file outside, each
    ``conftest.py`` above the members with pytest's ``pythonpath`` of the root, and the *noxfile*. *root_tests* tells
    whether the root has tests, which a session without commands runs.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    conftest: str = ""
    noxfile: str = ""
    root_tests: bool = False


_STEPS_UP = ("../", '".."', "'..'", "..\\")
_WALKS = ("rglob", "glob(", "os.walk", "iterdir", "listdir", "scandir", "ls-files")
_CLIMBS = ("parents[", ".parent.parent", "pardir", "dirname(os.path.dirname", "rootpath", "rootdir", "--show-toplevel")


def strings_to_find(documents: Iterable[str]) -> tuple[str, ...]:
    """Return strings, one of which is in each line that names something outside of its package, or one of *documents*."""
    strings: list[str] = []
    for path in documents:
        strings += _words_for(posixpath.basename(path))
        strings += (f"{before}{folder}" for folder in _folders(path) for before in ('"', "'", "/", "from ", "import "))
        strings += filter(None, (posixpath.splitext(path)[1],))
    return tuple(dict.fromkeys((*_STEPS_UP, *strings, *((*_WALKS, *_CLIMBS, "include") if strings else ()))))


class Readers:
    """Who reads a file of the workspace at *root*, of whose local *packages* and sessions *work_tree* has the texts.

    With *functions* the sessions are functions of the noxfile, which can read whatever the noxfile names.
    """

    def __init__(
        self, work_tree: WorkTree, packages: Iterable[LocalPackage], root: str, *, functions: bool = False
    ) -> None:
        self._work_tree, self._root, self._functions = work_tree, root, functions
        self._links = {posixpath.join(root, path): text for path, text in work_tree.links.items()}
        folders = {(package.name, self.absolute(package.path)) for package in packages if package.path != "."}
        # A folder may be reached through a link: then git has its files elsewhere.
        folders |= {(name, follow(folder, self._links.get).end) for name, folder in folders}
        self._names_at: dict[str, list[str]] = {}
        for name, folder in sorted(folders):
            self._names_at.setdefault(folder, []).append(name)
        lines: dict[str, list[str]] = {}
        for line in work_tree.lines:
            lines.setdefault(line.file, []).append(_URL.sub("", line.text))
        self._texts: list[tuple[str, str, bool]] = []
        self._naming: dict[str, dict[str, str]] = {}
        self._naming_inside: dict[str, dict[str, str]] = {}
        for file, texts in lines.items():
            self._index(file, texts)

    def absolute(self, path: str) -> str:
        """Return the absolute form of *path*, which is relative to the root."""
        return posixpath.normpath(posixpath.join(self._root, path))

    # --- local packages ---

    def packages(self, path: str, *, document: bool) -> dict[str, str]:
        """Return the local packages that name *path*, or what holds it or is in it, each with the file that names it."""
        absolute = self.absolute(path)
        files: dict[str, str] = {}
        for file, text, walks in self._texts if document else ():
            if walks or _document_pattern(path).search(text):
                files = {**{name: file for name, _ in self._owners(file)}, **files}
        for naming in (
            *(self._naming.get(folder, {}) for folder in [*above(absolute)][::-1]),
            self._naming_inside.get(absolute, {}),
        ):
            files |= naming
        return files

    def _index(self, file: str, texts: list[str]) -> None:
        """Record what the lines *texts* of *file* name."""
        text = "\n".join(texts)
        if posixpath.basename(file) != "pyproject.toml" and (not _is_prose(file) or _INCLUSION.search(text)):
            self._texts.append((file, text, _walks_outside(text)))
        paths = {path for line in texts for path in _climbing(line, file.endswith(_SETTINGS), _is_prose(file))}
        for name, folder in self._owners(file) if paths else ():
            starts = [start for start in above(self.absolute(file)) if is_below(start, folder)]
            ends = {end for path in paths for start in starts for end in self._ends(path, start)}
            for end in ends:
                if not is_below(end, folder):
                    self._naming.setdefault(end, {}).setdefault(name, file)
                    for outer in above(end):
                        self._naming_inside.setdefault(outer, {}).setdefault(name, file)

    def _owners(self, file: str) -> Iterator[tuple[str, str]]:
        """Yield the packages that *file* belongs to, each with its folder."""
        for folder in above(self.absolute(file)):
            yield from ((name, folder) for name in self._names_at.get(folder, ()))

    def _ends(self, path: str, directory: str) -> set[str]:
        """Return where *path* leads from *directory*: as it is written, and through links."""
        absolute = posixpath.join(directory, path)
        ends = {posixpath.normpath(absolute)}
        return ends | {follow(absolute, self._links.get).end} if self._links else ends

    # --- sessions ---

    def everyone_reads(self, path: str, meaning: Meaning) -> bool:
        """Return whether a ``conftest.py`` above the members names *path*: a document, or a file of the root's project."""
        folder = path.partition("/")[0] if meaning.in_root and "/" in path else ""
        return (meaning.document and self._names_document(self._work_tree.conftest, path)) or (
            folder != "" and re.search(rf"\b{re.escape(folder)}\b", self._work_tree.conftest) is not None
        )

    def files_read(self, run: SessionRun, changed: Iterable[tuple[str, str, Meaning]]) -> Iterator[FileChanged]:
        """Yield which *changed* files (path, absolute path, meaning) *run* reads besides those of its packages, and why."""
        if run.session.kind == "imports":
            return
        directory = run.session.directory.as_posix()
        named = self.named_by(run)
        if self._functions:
            named |= self._named_by_noxfile({directory, self._root})
        for path, absolute, meaning in changed:
            folder = posixpath.dirname(absolute)
            sources = (source for end, source in named.items() if is_below(absolute, end) or is_below(end, absolute))
            if source := next(sources, ""):
                yield FileChanged(path, f"which {source} names")
            elif meaning.document and (why := self._why_document(run, path, names_outside=bool(named))):
                yield FileChanged(path, why)
            elif (
                meaning.packages
                and folder not in (directory, self._root)
                and is_below(directory, folder)
                and not _is_prose(path)
            ):
                # Tools look for their settings, and pytest for `conftest.py`, in the folders above.
                yield FileChanged(path, "in a folder above it")

    def named_by(self, run: SessionRun) -> dict[str, str]:
        """Return the absolute paths outside of its directory that *run* names, each with the part of it that does."""
        session, directory = run.session, run.session.directory.as_posix()
        commands = ((command,) if isinstance(command, str) else command for command in session.commands or ())
        named: dict[str, str] = {}
        texts = (
            *((word, "a command of it") for words in commands for word in words),
            *((text, "its `env`") for text in session.env.values()),
        )
        for text, source in texts:
            if _VARIABLE.search(text):
                named.setdefault("/", source)
            filled = fill(text.replace("\\", "/"), lambda name: _value(run, name))
            for path in _paths_in(filled):
                for end in self._ends(path.replace(_ROOT, self._root), directory):
                    if directory == self._root or not is_below(end, directory):
                        named.setdefault(end, source)
        return named

    def _named_by_noxfile(self, directories: set[str]) -> dict[str, str]:
        """Return what the text of the noxfile names, seen from any of *directories*."""
        lines = self._work_tree.noxfile.splitlines()
        paths = {path for line in lines for path in _paths_in(line.replace("\\", "/"))} - {".", "./"}
        ends = (posixpath.normpath(posixpath.join(start, path)) for start in directories for path in paths)
        return dict.fromkeys(ends, "the noxfile")

    def _why_document(self, run: SessionRun, path: str, *, names_outside: bool) -> str:
        """Return why *run* may read the document at *path*, empty where nothing suggests it."""
        commands = run.session.commands
        if run.session.directory.as_posix() == self._root:
            runs = commands or (commands is None and (self._functions or self._work_tree.root_tests))
            return "which what runs in the workspace root may read" if runs else ""
        if self._functions and self._names_document(self._work_tree.noxfile, path):
            return "which `noxfile.py` names"
        return "which what it names outside of its directory may read" if names_outside else ""

    def _names_document(self, text: str, path: str) -> bool:
        return _document_pattern(path).search(text) is not None or _walks_outside(text)


# --- paths in a line of text ---


_ROOT = "\0"
"""Stands for the workspace root in the text of a command: whatever its path holds, it is one component."""

_SEPARATOR = re.compile(r"[\s\"'`,;:=()\[\]{}<>|&!]+")
_QUOTE = re.compile(r"[\"'`]+")
_VARIABLE = re.compile(r"\$\(|`|\$\w+/|\$\{[^}]*\}/")
_URL = re.compile(r"\w[\w+.-]*://\S+")
_JOINED = re.compile(r"[\"']\s*[,/]\s*[\"']")
_SETTINGS = (".toml", ".cfg", ".ini", ".in", ".txt")
_REPOSITORY = re.compile(r"\s*[\"']?(root|search_parent_directories)[\"']?\s*=")
"""Settings of setuptools-scm and the like: they say where the repository is, and read no file of it."""

_INCLUSION = re.compile(r"include|--8<--|snippet", re.IGNORECASE)


def _value(run: SessionRun, placeholder: str) -> str:
    """Return what a *placeholder* of a command stands for in a path, a wildcard where that is not known."""
    session = run.session
    match placeholder:
        case "root":
            return _ROOT
        case "directory":
            return _ROOT if session.integration else posixpath.join(_ROOT, session.members[0].path)
        case "module":
            return "*"
        case "python":
            return run.python or "*"
        case _:
            return session.value_of(placeholder, session.directory)


def _paths_in(text: str) -> Iterator[str]:
    """Yield what may be a path in *text*, up to a wildcard: all of it, what is quoted, each piece between separators."""
    # A lone `/` between other words is an operator, not a folder.
    pieces = (text, *_QUOTE.split(text), *(piece for piece in _SEPARATOR.split(text) if piece != "/"))
    for piece in dict.fromkeys(pieces):
        step_up = re.search(r"\.\.(?=/|$)", piece)
        starts = 0, 2 if re.match(r"-\w", piece) else 0, max(piece.find(_ROOT), 0), step_up.start() if step_up else 0
        for start in starts:
            path = piece[start:]
            wildcard = re.search(r"[*?]", path)
            if path := path[: path.rfind("/", 0, wildcard.start()) + 1] if wildcard else path:
                yield path


@lru_cache(maxsize=10_000)
def _climbing(line: str, settings: bool, prose: bool) -> tuple[str, ...]:  # noqa: FBT001 - kinds of files
    """Return the paths with ``..`` in a *line* of *settings*, of *prose* or of code, where more than ``..`` must be named."""
    line = _JOINED.sub("/", line.replace("\\", "/"))
    if ".." not in line or (prose and not _INCLUSION.search(line)) or (settings and _REPOSITORY.match(line)):
        return ()
    return tuple(
        path
        for path in dict.fromkeys(_paths_in(line))
        if ".." in (parts := path.split("/")) and (settings or not {"", ".", ".."}.issuperset(parts))
    )


# --- documents ---


@lru_cache(maxsize=1_000)
def _document_pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of a line that names the document at *path*: by its name, a folder, or its suffix alone."""
    folders = (rf"[\"'/]{re.escape(folder)}[\"'/]|\b(from|import)\s+{re.escape(folder)}\b" for folder in _folders(path))
    name, suffix = posixpath.basename(path), posixpath.splitext(path)[1]
    ending = (rf"(?<!\w){re.escape(suffix)}\b",) if suffix else ()
    # A name without a suffix could be any word.
    names = (
        rf"(?<![\w.-]){re.escape(word)}(?![\w-])" if "." in word or word.isupper() else rf"[\"'/]{re.escape(word)}[\"']"
        for word in _words_for(name)
    )
    return re.compile("|".join((*names, *folders, *ending)))


def _words_for(name: str) -> tuple[str, ...]:
    """Return the words that name the document *name*: one like ``README.md`` is known without its suffix."""
    stem = posixpath.splitext(name)[0]
    return (name, stem) if stem.isupper() else (name,)


def _folders(path: str) -> list[str]:
    return [folder for folder in posixpath.dirname(path).split("/") if folder not in ("", "..")]


def _walks_outside(text: str) -> bool:
    """Return whether code goes through folders above its own."""
    return any(word in text for word in _WALKS) and any(word in text for word in (*_CLIMBS, *_STEPS_UP))


def _is_prose(file: str) -> bool:
    """Return whether *file* is a text for people, which names files without reading them."""
    return file.endswith((".md", ".rst"))
