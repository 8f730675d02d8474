"""Odd directory trees with workspace tables, for comparing wsnox's discovery with that of the real uv."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Literal

import tomli_w
from hypothesis import strategies as st

from tests.support.processes import uv
from wsnox import errors
from wsnox.workspace import discover, find_root

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Answer",
    "Leftover",
    "Tree",
    "discovered",
    "leftovers",
    "listed_by_uv",
    "make_repository",
    "trees",
    "write_leftover",
    "write_tree",
]

Kind = Literal["member", "unmanaged", "unmanaged-tool", "tool-only", "nested", "bare", "cache", "loose", "nothing"]
"""What a directory holds; *cache* is files that an ignore rule may hide, *loose* one that none of the rules hides."""

Answer = tuple[str, ...] | str
"""The directories of the members relative to the root, or the kind of the refusal."""

_COMPONENTS = ("a", "b", "ab", "p", ".a", "a-b", "[a]")
_PATTERN_PARTS = (
    *("*", "*", "*", "**", "**", "?", "[ab]", "[!a]", "[a-c]", "[!a-b]", "a", "b", "ab", "p", "p", "a*", "*b", "*a*"),
    *(".a", ".a*", ".", "", "{a,b}", "[]a]", "[[]a]", "a?", "??", "A", "[!.]*", "a-[a-b]", "[-a]*", "*.*"),
)
_BROKEN_PARTS = ("a**", "**b", "[a", "***", "[", "[]", "[!]", "a***b", "..", ".*", "..")
_RULES = (
    "*.pyc", "__pycache__/", "__pycache__", "*", "!x.pyc", "!__pycache__", "a/", "p/", "/p", "p/*", "p/**", "b",
    "**/x.pyc",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A workspace root and what lies below it.

    *filler* is what a directory holds that only leads to others, *links* are symbolic links by their path, *start* is the
    directory from which both tools look.
    """

    members: tuple[str, ...]
    exclude: tuple[str, ...]
    directories: Mapping[str, Kind]
    shared_name: frozenset[str] = frozenset()
    filler: Kind = "nothing"
    links: Mapping[str, str] = field(default_factory=dict)
    root_project: bool = False
    repository: bool = False
    ignore_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: str = "."


def _paths(depth: int = 3) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(_COMPONENTS), min_size=1, max_size=depth).map("/".join)


def _patterns(parts: tuple[str, ...]) -> st.SearchStrategy[str]:
    joined = st.lists(st.sampled_from(parts), min_size=1, max_size=4).map("/".join)
    # A pattern that is the root itself, like one that leaves it, is an error in itself: a test of its own.
    decorated = st.tuples(
        st.sampled_from(["", "", "", "./", "p/", "p/../", "a/../p/"]), joined, st.sampled_from(["", "", "/"])
    )
    # An absolute pattern would walk the file system of the machine.
    return decorated.map("".join).filter(lambda pattern: not pattern.startswith("/") and normpath(pattern) != ".")


def trees(*, broken: bool = False, ignoring: bool = False, linking: bool = False) -> st.SearchStrategy[Tree]:
    """Return a strategy of trees, with *broken* patterns, ignore files or symbolic links where asked."""
    pattern = _patterns((*_PATTERN_PARTS, *_BROKEN_PARTS) if broken else _PATTERN_PARTS)
    simple = st.sampled_from(["*", "p/*", "p/*/*", "**", "p/**"])
    kinds: tuple[Kind, ...] = ("member",) * 16 + ("unmanaged", "unmanaged-tool", "bare", "nothing")
    kinds += ("cache", "cache", "cache", "loose") if ignoring else ("tool-only", "nested", "cache", "loose")
    rules = st.lists(st.sampled_from(_RULES), min_size=1, max_size=3).map(tuple)
    places = st.sampled_from(["", "p/", "p/a/", "a/", "p/a/__pycache__/"])
    targets = st.sampled_from(["p", "p", "p/a", ".", "../outside", "../outside"])
    built = st.builds(
        Tree,
        members=st.lists(simple | pattern, min_size=1, max_size=3).map(tuple),
        exclude=st.just(()) | st.lists(pattern, max_size=2).map(tuple),
        directories=st.dictionaries(_paths(), st.sampled_from(kinds), min_size=1, max_size=7),
        filler=st.sampled_from(["member", "unmanaged-tool", "unmanaged-tool", "nothing"]),
        shared_name=st.just(frozenset()) | st.frozensets(_paths(), max_size=2),
        links=st.dictionaries(_paths(2), targets, min_size=1, max_size=2) if linking else st.just({}),
        root_project=st.booleans(),
        repository=st.booleans(),
        ignore_files=st.dictionaries(places.map("{}.gitignore".format), rules, max_size=3) if ignoring else st.just({}),
    )
    return built.flatmap(_started)


def _started(tree: Tree) -> st.SearchStrategy[Tree]:
    return st.sampled_from([".", ".", *sorted(tree.directories)]).map(lambda start: replace(tree, start=start))


def write_tree(parent: Path, tree: Tree) -> Path:
    """Write *tree* below *parent* and return its root; a link stands only where nothing else does."""
    # So deep that no pattern of `..` leads out of *parent*.
    root = parent / "u/u/u/u/u/root"
    root.mkdir(parents=True)
    workspace = {"members": list(tree.members), "exclude": list(tree.exclude)}
    manifest: dict[str, object] = {"tool": {"uv": {"workspace": workspace}}}
    if tree.root_project:
        manifest["project"] = {"name": "the-root", "version": "1"}
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest), encoding="utf-8")
    if tree.repository:
        make_repository(root)
    (root.parent / "outside").mkdir()
    _write_directory(root.parent / "outside", "member", "outside")
    for path, kind in tree.directories.items():
        name = "shared" if path in tree.shared_name else f"n{sorted(tree.directories).index(path)}"
        (root / path).mkdir(parents=True, exist_ok=True)
        _write_directory(root / path, kind, name)
    for leading in sorted({above.as_posix() for path in tree.directories for above in PurePosixPath(path).parents}):
        if leading != "." and leading not in tree.directories:
            _write_directory(root / leading, tree.filler, "filler-" + "".join(f"{ord(letter):x}" for letter in leading))
    for path, rules in tree.ignore_files.items():
        if (root / path).parent.is_dir():
            (root / path).write_text("".join(f"{rule}\n" for rule in rules), encoding="utf-8")
    for path, target in tree.links.items():
        link = root / path
        if not link.exists() and link.parent.is_dir() and link.parent.resolve() == link.parent:
            link.symlink_to(root / target)
    return root


def make_repository(folder: Path) -> None:
    """Make *folder* a repository of git, with no more files than it needs."""
    for name in ("info", "objects", "refs"):
        (folder / ".git" / name).mkdir(parents=True, exist_ok=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")


def _write_directory(folder: Path, kind: Kind, name: str) -> None:
    project = {"name": name, "version": "1"}
    manifests: dict[str, dict[str, object]] = {
        "member": {"project": project},
        "unmanaged": {"project": project, "tool": {"uv": {"managed": False}}},
        "unmanaged-tool": {"tool": {"uv": {"managed": False}}},
        "tool-only": {"tool": {"black": {}}},
        "nested": {"project": project, "tool": {"uv": {"workspace": {}}}},
    }
    if kind in manifests:
        (folder / "pyproject.toml").write_text(tomli_w.dumps(manifests[kind]), encoding="utf-8")
    elif kind == "cache":
        (folder / "__pycache__").mkdir(exist_ok=True)
        (folder / "__pycache__" / "x.pyc").touch()
    elif kind == "loose":
        (folder / "notes.txt").touch()
    elif kind == "bare":
        (folder / "empty").mkdir(exist_ok=True)


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """A workspace with one directory ``p/a``, matched and without a manifest, that holds *files* some rules may hide."""

    files: frozenset[str]
    ignore_files: Mapping[str, tuple[str, ...]]
    repositories: frozenset[str]


def leftovers() -> st.SearchStrategy[Leftover]:
    """Return a strategy of leftover directories with ignore files and repositories at, above and below them."""
    folders = ("..", ".", "p", "p/a", "p/a/build", "p/a/build/lib", "p/a/__pycache__")
    files = (
        "x.pyc", "__pycache__/x.pyc", "__pycache__/y.pyc", "build/lib/a.py", ".hidden", "build/notes.txt",
        "note s.txt",
    )  # fmt: skip
    rules = (
        "*.pyc", "__pycache__/", "__pycache__", "/__pycache__", "p/a/__pycache__/", "**/x.pyc", "!x.pyc", "!*.pyc",
        "*", "!*", "!*/", "/*", "!__pycache__/", "build", "build/", "build/*", "!build/lib", "build/**",
        "!build/lib/a.py", "lib", "a/*", "*.p[xy]c", "# all", "", r"note\ s.txt", ".*", ".hidden", "?.pyc",
        "**/build/**", "**/lib", "lib/**", "[!x].pyc", "*.txt", "note*", "X.PYC", "*.py", " *", "x.pyc ",
    )  # fmt: skip
    places = st.tuples(st.sampled_from(folders), st.sampled_from([".gitignore", ".gitignore", ".git/info/exclude"]))
    return st.builds(
        Leftover,
        files=st.frozensets(st.sampled_from(files), min_size=1, max_size=3),
        ignore_files=st.dictionaries(
            places.map("/".join),
            st.lists(st.sampled_from(rules), min_size=1, max_size=3).map(tuple),
            min_size=1,
            max_size=3,
        ),
        repositories=st.just(frozenset({"."})) | st.frozensets(st.sampled_from(folders[:3]), max_size=2),
    )


def write_leftover(parent: Path, leftover: Leftover) -> Path:
    """Write the workspace of *leftover* below *parent* and return its root."""
    root = parent / "above" / "root"
    (root / "p" / "a").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["p/*"]\n', encoding="utf-8")
    for file in sorted(leftover.files):
        (root / "p/a" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "p/a" / file).touch()
    for folder in sorted(leftover.repositories):
        make_repository(root / folder)
    for path, rules in leftover.ignore_files.items():
        if (root / path).parent.is_dir():
            (root / path).write_text("".join(f"{rule}\n" for rule in rules), encoding="utf-8")
    return root


def discovered(start: Path) -> tuple[str, Answer]:
    """Return what wsnox finds from *start*: the root and its members, or no root and the kind of its refusal."""
    try:
        root = find_root(start)
    except errors.WorkspaceError as error:
        return "", _kind(error)
    try:
        workspace = discover(root)
    except errors.WorkspaceError as error:
        return "", _kind(error)
    if workspace.manifest.workspace is None and workspace.manifest.name is None:
        # wsnox takes it for a workspace without members, as `uv sync` does; `uv workspace` refuses it.
        return "", "no-project"
    return str(root), tuple(sorted(member.path for member in workspace.members))


_REFUSALS = (
    ("missing", errors.MissingManifestError, "", "is missing a `pyproject.toml`"),
    ("dangling", errors.BrokenLinkError, "", "failed to query metadata of file"),
    ("duplicate", errors.DuplicateMemberError, "", "Two workspace members are both named"),
    ("nested", errors.NestedWorkspaceError, "", "Nested workspaces are not supported"),
    ("unmanaged", errors.UnmanagedError, "", "is marked as unmanaged"),
    ("none", errors.WorkspaceNotFoundError, "", "No `pyproject.toml` found"),
    ("no-project", errors.ManifestError, "`[project]` table", "No `project` table found"),
    ("pattern", errors.ManifestError, "tool.uv.workspace.", "Pattern syntax error|TOML parse error"),
)
"""Each kind of refusal, wsnox's error and what its text has, and what uv's has."""


def _kind(error: errors.WorkspaceError) -> str:
    kinds = (kind for kind, cls, text, _ in _REFUSALS if isinstance(error, cls) and text in str(error))
    return next(kinds, str(error))


def listed_by_uv(start: Path) -> tuple[str, Answer]:
    """Return what the real uv finds from *start*, in the form of `discovered`."""
    listed = uv(start, "workspace", "list", "--paths")
    if listed.returncode:
        # uv wraps its lines where a path is long.
        text = " ".join(listed.stderr.split())
        return "", next((kind for kind, *_, told in _REFUSALS if re.search(told, text)), text)
    root = uv(start, "workspace", "dir").stdout.strip()
    paths = [_relative(root, path) for path in listed.stdout.splitlines()]
    return root, tuple(sorted(paths))


def _relative(root: str, path: str) -> str:
    """Return *path* relative to *root* by its text alone: links stay."""
    return Path(os.path.relpath(path, root)).as_posix()
