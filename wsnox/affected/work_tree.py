"""The edge to the files of a workspace: the texts that tell who reads a changed file, and what the wheel of a member has."""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pathspec import GitIgnoreSpec

from wsnox.affected.git import Revision, git, run_git, top_of
from wsnox.affected.paths import above, is_below, relative
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
    # So may be a script of the root that a pipeline calls.
    scripts = [path for path, meaning in meanings.items() if meaning.in_root and path.endswith(_SCRIPTS)]
    return WorkTree(
        links=links,
        lines=tuple(Line(file, text) for file, text in _search(root, [*folders, *_TESTS_OF_ROOT], strings)),
        conftest="\n".join((*(_text(folder / "conftest.py") for folder in outside), *_python_path(root))),
        noxfile=_text(root / "noxfile.py"),
        pipelines=_running_wsnox(root, pipelines, scripts, base) if pipelines or scripts else frozenset(),
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
    "-c", "submodule.recurse=false", "grep", "-a", "-F", "-z", "--no-color", "--untracked", "-f", "-",
)  # fmt: skip
"""Attributes of git can call any file binary, to spare people its differences, so that `-I` would leave out code."""


def _search(root: Path, folders: Iterable[str], strings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line of the files in *folders*, tracked or not, that has one of *strings*: its file and its text.

    Paths are relative to *root*. A line with a zero byte is none of a text.
    """
    top = top_of(root)
    real_root = os.path.realpath(root)
    directories = sorted({Path(os.path.realpath(root / folder)) for folder in folders})
    inside = [directory for directory in directories if directory.is_dir() and directory.is_relative_to(top)]
    patterns = os.fsencode("".join(f"{string}\n" for string in strings if "\n" not in string))
    for start, searched in _by_repository(root, top, inside).items():
        completed = run_git(
            start, *_GREP, "--", *(os.path.relpath(directory, start) for directory in searched), stdin=patterns
        )
        if completed.returncode > 1:
            message = completed.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
            raise RequestError(f"git cannot search `{start}`: {message}")
        for line in completed.stdout.split(b"\n"):
            file, _, text = line.partition(b"\0")
            if text and b"\0" not in text:
                path = os.fsdecode(file)
                yield (
                    path if start == root else relative((start / path).as_posix(), real_root),
                    text.decode(errors="replace"),
                )


def _by_repository(root: Path, top: Path, directories: Iterable[Path]) -> dict[Path, list[Path]]:
    """Return the *directories* by where to search them: *root* for those of the repository *top*, or their submodule."""
    groups: dict[Path, list[Path]] = {}
    has_submodules = (top / ".gitmodules").exists()
    for directory in directories:
        repository = top_of(directory) if has_submodules else top
        groups.setdefault(root if repository == top else repository, []).append(directory)
    return groups


# --- pipelines ---


_NOX = re.compile(r"\b(ws)?nox\b")
_SCRIPTS = (".sh", ".bash", ".py", ".ps1", ".mk")
_RUNNERS: Mapping[str, tuple[str, ...]] = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "just": ("justfile", "Justfile", ".justfile"),
    "task": ("Taskfile.yml", "Taskfile.yaml"),
    "tox": ("tox.ini", "tox.toml", "pyproject.toml"),
    "poe": ("pyproject.toml",),
    "hatch": ("pyproject.toml", "hatch.toml"),
    "pdm": ("pyproject.toml",),
    "mise": ("mise.toml", ".mise.toml"),
    "invoke": ("tasks.py",),
    "inv": ("tasks.py",),
    "docker": ("Dockerfile", "compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml"),
    "npm": ("package.json",),
    "pnpm": ("package.json",),
    "yarn": ("package.json",),
}
"""Programs that a pipeline may start instead of nox, and the files of the root that say what they do."""

_PIPELINES = (".github", ".gitlab", ".gitlab-ci.yml", ".buildkite", ".circleci", "azure-pipelines.yml")


def _running_wsnox(root: Path, changed: Sequence[str], scripts: Iterable[str], base: str) -> frozenset[str]:
    """Return those *changed* files of a CI system that run wsnox, now or at the commit *base*, and such *scripts*.

    One runs wsnox if it has the word ``nox``, or the name of a program whose file has it; so does one that calls such a
    file, and one that it uses.
    """
    top = top_of(root)
    listed = git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_PIPELINES).split(b"\0")
    texts = {path: _text(top / path) for path in map(os.fsdecode, listed) if path}
    paths = {os.path.relpath(os.path.realpath(root / path), top): path for path in changed}
    before = Revision.of(root, base).files(changed)
    for path, original in paths.items():
        if original in before:
            texts[path] = f"{texts.get(path, '')}\n{before[original].decode(errors='replace')}"
    _add_scripts(texts, top, (top, Path(os.path.realpath(root))))
    words = [
        word
        for word, files in _RUNNERS.items()
        if any(_NOX.search(_text(folder / file)) for folder in {top, root} for file in files)
    ]
    runs = re.compile("|".join((_NOX.pattern, *(rf"\b{word}\b" for word in words))))
    running = {path for path, text in texts.items() if runs.search(text)}
    # An action is named by its folder, a workflow and a script by their paths.
    names = {path: re.sub(r"/action\.ya?ml$", "", path) for path in texts}
    uses = {path: {other for other, name in names.items() if name in text} for path, text in texts.items()}
    calls = {path: {other for other in texts if path in uses[other]} for path in texts}
    paths |= {os.path.relpath(os.path.realpath(root / path), top): path for path in scripts}
    return frozenset(paths[path] for path in _reached(running, uses) | _reached(running, calls) if path in paths)


_SCRIPT = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


def _add_scripts(texts: dict[str, str], top: Path, folders: Iterable[Path]) -> None:
    """Add to *texts*, by paths from the repository *top*, the scripts that one of them names, seen from any of *folders*."""
    queue = [*texts.values()]
    while queue:
        names = {name for name in _SCRIPT.findall(queue.pop()) if name.endswith(_SCRIPTS)}
        for script in (Path(os.path.normpath(folder / name)) for folder in folders for name in names):
            path = os.path.relpath(script, top)
            if path not in texts and not path.startswith("..") and (text := _text(script)):
                texts[path] = text
                queue.append(text)


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

_BUILD_SCRIPTS = ("setup.py", "hatch_build.py", "build.py", "pdm_build.py")
"""Code that a build runs; a manifest can name more."""

_BUILD_TABLES = ("flit", "hatch", "maturin", "pdm", "poetry", "scikit-build", "setuptools", "uv")

_NOT_OF_BUILD = frozenset({
    "authors", "dependencies", "dependency-groups", "dev-dependencies", "dev-mode-dirs", "entry-points", "envs",
    "exclude", "exclude-package-data", "extras", "find", "group", "include", "keywords", "maintainers", "name",
    "only-include", "optional-dependencies", "package-data", "package-dir", "packages", "py-modules",
    "sdist", "source-exclude", "source-include", "sources", "urls", "wheel-exclude", "workspace",
})  # fmt: skip
"""Keys whose strings name no folder or pattern of a wheel, or one that its layout has."""


class Wheels:
    """What the wheels of the members of *workspace* have, by their layouts and manifests."""

    def __init__(self, workspace: Workspace) -> None:
        self._members = {str(member.name): member for member in workspace.members}
        self._shipped: dict[str, tuple[Layout, frozenset[str], _BuildInputs]] = {}

    def ships(self, member: str, path: str, *, certain: bool = False) -> bool:
        """Return whether the wheel of *member* has the file at *path*, or is built from it.

        Where nobody can tell, the answer is true, unless it must be *certain*.
        """
        if member not in self._members or path.startswith("../"):
            return member not in self._members and not certain
        if member not in self._shipped:
            directory, top = self._members[member].directory, self._members[member].manifest.top
            names = _named_files(top)
            self._shipped[member] = read_layout(directory, member, top), names, _BuildInputs.of(directory, top, names)
        layout, names, inputs = self._shipped[member]
        if path in names or ("/" not in path and any(fnmatchcase(path, pattern) for pattern in _BUILD_INPUTS)):
            return True
        return (not certain and (bool(layout.unread) or inputs.may_have(path))) or (
            not layout.unread and _has(layout, path)
        )


class _BuildInputs(NamedTuple):
    """What a build may take besides the layout: the *names* of files and folders, *patterns*, and what its *code* names."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    code: str

    @classmethod
    def of(cls, directory: Path, top: Table | None, named: frozenset[str]) -> _BuildInputs:
        """Return those of the project in *directory* with the manifest *top*, which has *named* files."""
        names = _named_files(top, without=_NOT_OF_BUILD)
        backend = top.table("build-system").strings("backend-path") if top is not None else None
        present = set(os.listdir(directory))  # noqa: PTH208 - hardly any member has one of them
        names_of_scripts = (name for name in (*_BUILD_SCRIPTS, *sorted(named)) if name.endswith(".py"))
        scripts = [directory / name for name in names_of_scripts if name.partition("/")[0] in present]
        for folder in backend or ():
            scripts += sorted((directory / folder).glob("*.py"))
        return cls(names, tuple(name for name in names if "*" in name), "\n".join(map(_text, dict.fromkeys(scripts))))

    def may_have(self, path: str) -> bool:
        """Return whether a build may take the file at *path*."""
        first, _, rest = path.partition("/")
        named = (f'"{first}', f"'{first}", f"/{first}") if rest else (first,)
        return (
            not self.names.isdisjoint(above(path))
            or any(fnmatchcase(path, pattern) for pattern in self.patterns)
            or any(name in self.code for name in named)
        )


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


def _named_files(top: Table | None, without: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return every string of a manifest with this *top* table that may name a file for the wheel: its readme, say.

    Nothing below a key *without* counts.
    """
    if top is None:
        return frozenset()
    tables = (top.table("project"), *(top.table("tool").table(name) for name in _BUILD_TABLES))
    keys = ((table, key) for table in tables for key in table if key not in without)
    return frozenset(text for table, key in keys for text in _strings(table.peek(key), without))


def _strings(value: object, without: frozenset[str]) -> Iterator[str]:
    match value:
        case str():
            yield posixpath.normpath(value)
        case dict():
            kept = (item for item in value.items() if item[0] not in without)
            yield from (text for item in kept for part in item for text in _strings(part, without))
        case list():
            yield from (text for item in value for text in _strings(item, without))
