"""The edge to the files of a workspace: the texts that tell who reads a changed file, and what the wheel of a member has."""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from wsnox.affected.git import Revision, git, run_git, top_of
from wsnox.affected.paths import above, is_below
from wsnox.affected.readers import Line, WorkTree, strings_to_find
from wsnox.errors import RequestError
from wsnox.imports.layout import read_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.affected.rules import Meaning, Rules
    from wsnox.imports.layout import Layout
    from wsnox.workspace import Workspace
    from wsnox.workspace.tables import Table

__all__ = ["Wheels", "read_work_tree"]


def read_work_tree(
    workspace: Workspace,
    rules: Rules,
    meanings: Mapping[str, Meaning],
    links: Mapping[str, str],
    base: str = "HEAD",
) -> WorkTree:
    """Return the texts that tell who reads the paths with these *meanings*, which changed since the commit *base*.

    Raise `RequestError` where git cannot search the work tree.
    """
    root = workspace.root
    strings = strings_to_find(meanings, rules.packages)
    folders = sorted({package.path for package in rules.packages})
    # The folders above members that are in no member, those above the root included.
    members = {member.directory for member in workspace.members if member.path != "."}
    above = {folder for member in workspace.members for folder in (member.directory, *member.directory.parents)}
    outside = sorted(folder for folder in above if members.isdisjoint((folder, *folder.parents)))
    pipelines = [path for path, meaning in meanings.items() if meaning.pipeline]
    return WorkTree(
        links=links,
        lines=tuple(Line(file, text) for file, text in _search(root, [*folders, *_TESTS_OF_ROOT], strings)),
        conftest="\n".join((*(_text(folder / "conftest.py") for folder in outside), *_python_path(root))),
        noxfile=_text(root / "noxfile.py"),
        pipelines=_running_wsnox(root, pipelines, base) if pipelines else frozenset(),
    )


_TESTS_OF_ROOT = ("tests", "test")
_PYTEST_SETTINGS = ("pyproject.toml", "pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
_PYTHON_PATH = re.compile(r"^\s*pythonpath\s*=\s*(\[.*?\]|.*?(?=^\S|\Z))", re.MULTILINE | re.DOTALL)


def _python_path(root: Path) -> Iterator[str]:
    """Yield, in quotes, the folders from which the settings of pytest in *root* let every test import."""
    for name in _PYTEST_SETTINGS:
        for setting in _PYTHON_PATH.findall(_text(root / name)):
            yield from (f'"{folder}"' for folder in re.findall(r"[\w./-]+", setting))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


# --- lines ---


_GREP = (
    "--literal-pathspecs", "-c", "grep.lineNumber=false", "-c", "grep.column=false", "-c", "grep.fullName=false",
    "grep", "-I", "-F", "-z", "--no-color", "--untracked", "-f", "-",
)  # fmt: skip


def _search(root: Path, folders: Iterable[str], strings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line of the files in *folders*, tracked or not, that has one of *strings*: its file and its text.

    Paths are relative to *root*. Binary files have no lines.
    """
    top = top_of(root)
    directories = {Path(os.path.realpath(root / folder)) for folder in folders}
    inside = sorted(
        os.path.relpath(directory, root)
        for directory in directories
        if directory.is_dir() and directory.is_relative_to(top)
    )
    if not inside:
        return
    patterns = os.fsencode("".join(f"{string}\n" for string in strings if "\n" not in string))
    completed = run_git(root, *_GREP, "--", *inside, stdin=patterns)
    if completed.returncode > 1:
        message = completed.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RequestError(f"git cannot search `{root}`: {message}")
    for line in completed.stdout.split(b"\n"):
        file, _, text = line.partition(b"\0")
        if text:
            yield os.fsdecode(file), text.decode(errors="replace")


# --- pipelines ---


_NOX = re.compile(r"\b(ws)?nox\b")
_RUNNERS = {"make": "Makefile", "just": "justfile", "task": "Taskfile.yml", "tox": "tox.ini", "poe": "pyproject.toml"}
"""Programs that a pipeline may start instead of nox, and the file of the root that says what they do."""

_PIPELINES = (".github", ".gitlab", ".gitlab-ci.yml", ".buildkite", ".circleci", "azure-pipelines.yml")


def _running_wsnox(root: Path, changed: Sequence[str], base: str) -> frozenset[str]:
    """Return those *changed* files of a CI system that run wsnox, now or at the commit *base*.

    One runs wsnox if it has the word ``nox``, or the name of a program whose file has it; so does one that calls such a
    file, and one that it uses.
    """
    top = top_of(root)
    listed = git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_PIPELINES).split(b"\0")
    texts = {path: _text(top / path) for path in map(os.fsdecode, listed) if path}
    paths = {os.path.relpath(os.path.realpath(root / path), top): path for path in changed}
    before = Revision.of(root, base).files(changed)
    for path, original in paths.items():
        texts[path] = f"{texts.get(path, '')}\n{before.get(original, b'').decode(errors='replace')}"
    words = [word for word, file in _RUNNERS.items() if _NOX.search(_text(root / file))]
    runs = re.compile("|".join((_NOX.pattern, *(rf"\b{word}\b" for word in words))))
    running = {path for path, text in texts.items() if runs.search(text)}
    # An action is named by its folder, a workflow and a script by their paths.
    names = {path: re.sub(r"/action\.ya?ml$", "", path) for path in texts}
    uses = {path: {other for other, name in names.items() if name in text} for path, text in texts.items()}
    calls = {path: {other for other in texts if path in uses[other]} for path in texts}
    return frozenset(paths[path] for path in _reached(running, uses) | _reached(running, calls) if path in paths)


def _reached(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Return *starts*, and what *edges* lead to from there."""
    reached, queue = set(starts), [*starts]
    while queue:
        new = {*edges[queue.pop()]} - reached
        reached |= new
        queue += new
    return reached


# --- wheels ---


_BUILD_INPUTS = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "hatch_build.py",
    "LICEN[CS]E*",
    "COPYING*",
    "NOTICE*",
    "AUTHORS*",
)
"""What builds a wheel, and the files of a licence that it has by default (PEP 639)."""

_BUILD_TABLES = ("flit", "hatch", "maturin", "pdm", "poetry", "scikit-build", "setuptools", "uv")


class Wheels:
    """What the wheels of the members of *workspace* have, by their layouts and manifests."""

    def __init__(self, workspace: Workspace) -> None:
        self._members = {str(member.name): member for member in workspace.members}
        self._shipped: dict[str, tuple[Layout, frozenset[str]]] = {}

    def ships(self, member: str, path: str, *, certain: bool = False) -> bool:
        """Return whether the wheel of *member* has the file at *path*, or is built from it.

        Where nobody can tell, the answer is true, unless it must be *certain*.
        """
        if member not in self._members or path.startswith("../"):
            return member not in self._members and not certain
        if member not in self._shipped:
            directory, top = self._members[member].directory, self._members[member].manifest.top
            self._shipped[member] = read_layout(directory, member, top), _named_files(top)
        layout, names = self._shipped[member]
        named = path in names or any(fnmatchcase(path, pattern) for pattern in _BUILD_INPUTS)
        return named or (not certain if layout.unread else _has(layout, path))


def _has(layout: Layout, path: str) -> bool:
    """Return whether a wheel with *layout* may have the file at *path*: data goes with the package around it."""
    if _ignored(path, layout.excluded) or (layout.included and not _ignored(path, layout.included)):
        return False
    for root, target in layout.roots:
        if root in ("", ".") or is_below(path, root):
            folder = posixpath.dirname(posixpath.normpath(posixpath.join(target, posixpath.relpath(path, root or "."))))
            packages = [above_it.replace("/", ".") for above_it in above(folder)] or [""]
            if any(fnmatchcase(package, pattern) for package in packages for pattern in layout.packages):
                return True
    return False


def _ignored(path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether *path* matches one of *patterns* in git's ignore dialect; a malformed one, which no build takes, does."""
    try:
        return _ignore_spec(patterns).match_file(path)
    except ValueError:
        return True


@lru_cache(maxsize=1000)
def _ignore_spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns)


def _named_files(top: Table | None) -> frozenset[str]:
    """Return every string of a manifest with this *top* table that may name a file for the wheel: its readme, say."""
    if top is None:
        return frozenset()
    tables = (top.table("project"), *(top.table("tool").table(name) for name in _BUILD_TABLES))
    return frozenset(text for table in tables for key in table for text in _strings(table.peek(key)))


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield posixpath.normpath(value)
        case dict():
            yield from (text for item in value.items() for part in item for text in _strings(part))
        case list():
            yield from (text for item in value for text in _strings(item))
