"""Which changed files a session reads besides those of its packages, as far as its commands and its directory tell.

1. What a command, or a value of ``env``, names. A path is taken from the directory of the session, with its placeholders
   filled, and may stand inside a word (``--config={root}/x.toml``, ``-C../..``) or in the text of a shell. A path that
   begins with a variable, or with what a command prints, can lead anywhere.
2. For functions of the noxfile, what the noxfile names.
3. A document, where commands run in the workspace root.
4. Files of a package in the folders above the session's: tools look there for settings, and pytest for ``conftest.py``.
5. The file of another resolution, from which its versions are.
6. What a file of a member's own names, a test say (`wsnox.affected.readers`).
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from wsnox.affected.model import FileChanged
from wsnox.affected.paths import above, absolute, is_below, paths_in
from wsnox.workspace.placeholders import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wsnox.affected.rules import Meaning
    from wsnox.workspace.sessions import SessionRun

    Ends = Callable[[str, str], set[str]]

__all__ = ["ChangedFiles", "SessionFiles"]


class ChangedFiles:
    """The changed files of the workspace at *root* that concern whoever reads them, besides those whom *meanings* name."""

    def __init__(self, meanings: Mapping[str, Meaning], root: str) -> None:
        readable = {path: meaning for path, meaning in meanings.items() if not (meaning.final or meaning.everything)}
        self._by_absolute = dict(sorted((absolute(path, root), path) for path in readable))
        self._absolute = [*self._by_absolute]
        self.documents = tuple(path for path, meaning in readable.items() if meaning.document)
        self._of_packages: dict[str, list[str]] = {}
        self.read_by: dict[str, dict[str, str]] = {}
        for path, meaning in readable.items():
            for name, file in meaning.read_by:
                self.read_by.setdefault(name, {})[path] = file
        for file, path in self._by_absolute.items():
            if (readable[path].packages or readable[path].own) and not path.endswith((".md", ".rst")):
                self._of_packages.setdefault(file[: file.rfind("/")], []).append(path)

    def touching(self, end: str) -> Iterator[str]:
        """Yield the paths that are the absolute path *end*, lie below it, or hold it."""
        first, last = bisect_left(self._absolute, f"{end}/"), bisect_left(self._absolute, f"{end}0")
        below = self._absolute if end == "/" else self._absolute[first:last]
        yield from (self._by_absolute[path] for path in (*above(end), *below) if path in self._by_absolute)

    def above(self, directory: str, root: str) -> Iterator[str]:
        """Yield the files of packages in the folders above *directory*, without *root*."""
        for folder in above(posixpath.dirname(directory)):
            if folder != root:
                yield from self._of_packages.get(folder, ())


_ROOT = "\0"
"""Stands for the workspace root in the text of a command: whatever its path holds, it is one component."""

_VARIABLE = re.compile(r"\$\(|`|\$\w+/|\$\{[^}]*\}/")


def _value(run: SessionRun, placeholder: str) -> str:
    """Return what a *placeholder* of a command stands for in a path, a wildcard where that is not known."""
    session = run.session
    match placeholder.partition(":")[0]:
        case "root":
            return _ROOT
        case "directory":
            return _ROOT if session.integration else posixpath.join(_ROOT, session.members[0].path)
        case "module" | "port":
            return "*"
        case "python":
            return run.python or "*"
        case _:
            return session.value_of(placeholder, session.directory)


class SessionFiles:
    """The files that runs in the workspace at *root* read; *ends* tells where a path leads from a directory.

    With a *noxfile* (its text) the runs are those of its functions, which can read whatever it names.
    """

    def __init__(self, root: str, ends: Ends, noxfile: str | None = None) -> None:
        self._root, self._ends, self._noxfile = root, ends, noxfile

    def read_by(self, run: SessionRun, changed: ChangedFiles) -> Iterator[FileChanged]:
        """Yield which of the *changed* files *run* reads, and why, sorted by path."""
        if run.session.kind == "imports":
            return
        directory = run.session.directory.as_posix()
        named = self.named_by(run) | self._named_by_noxfile({directory, self._root})
        reasons = {
            path: f"which {source} names" for end, source in reversed(named.items()) for path in changed.touching(end)
        }
        if directory == self._root and (any(run.session.every_command) or self._noxfile is not None):
            reasons |= {
                path: "which what runs in the workspace root may read"
                for path in changed.documents
                if path not in reasons
            }
        if run.resolution_file:
            versions = posixpath.join(self._root, run.resolution_file)
            reasons |= dict.fromkeys(changed.touching(versions), "which has its versions")
        for selection in run.selections:
            read = changed.read_by.get(selection.member.name, {})
            reasons |= {path: f"which {file} names" for path, file in read.items() if path not in reasons}
        reasons |= {
            path: "in a folder above it" for path in changed.above(directory, self._root) if path not in reasons
        }
        yield from (FileChanged(path, why) for path, why in sorted(reasons.items()))

    def named_by(self, run: SessionRun) -> dict[str, str]:
        """Return the absolute paths outside of its directory that *run* names, each with the part of it that does."""
        session, directory = run.session, run.session.directory.as_posix()
        commands = ((command,) if isinstance(command, str) else command for command in session.every_command)
        named: dict[str, str] = {}
        texts = (
            *((word, "a command of it") for words in commands for word in words),
            *((text, "its `env`") for text in session.env.values()),
        )
        for text, source in texts:
            if _VARIABLE.search(text):
                named.setdefault("/", source)
            filled = fill(text.replace("\\", "/"), lambda name: _value(run, name))
            for path in paths_in(filled, _ROOT):
                for end in self._ends(path.replace(_ROOT, self._root), directory):
                    if directory == self._root or not is_below(end, directory):
                        named.setdefault(end, source)
        return named

    def _named_by_noxfile(self, directories: set[str]) -> dict[str, str]:
        """Return what the text of the noxfile names, seen from any of *directories*."""
        lines = (self._noxfile or "").splitlines()
        paths = {path for line in lines for path in paths_in(line.replace("\\", "/"))} - {".", "./"}
        ends = (posixpath.normpath(posixpath.join(start, path)) for start in directories for path in paths)
        return dict.fromkeys(ends, "the noxfile")
