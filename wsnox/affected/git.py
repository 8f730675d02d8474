"""The edge to git: what files were at a revision. The work tree and the index are never touched."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.affected.readers import Line, Reading, strings_to_find
from wsnox.errors import RequestError, WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.affected.rules import Rules
    from wsnox.workspace import Workspace

__all__ = ["Revision", "answer", "checkout", "file_at", "git", "read_around"]

_OF_A_HOOK = frozenset({
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
})  # fmt: skip
"""What git sets for a hook, and what would make it look at another repository than the one of the directory."""

_AS_IT_IS = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
"""The history as it was written, without replacements and grafts; and only looking: no refreshed index is written."""

_LOOKING = ("-c", "core.fsmonitor=false", "-c", "core.splitIndex=false")
"""No monitor is asked what changed, nor started; and of a copy of the index no part goes back to the repository."""


class Revision(Record, kw_only=True):
    """The *commit* that *name* means in the repository of the directory *root*, which lies at *prefix* in it.

    *paths* are those of the files below *root*, relative to it.
    """

    root: Path
    name: str
    commit: str
    prefix: str
    paths: tuple[str, ...]

    @classmethod
    def of(cls, root: Path, name: str) -> Revision:
        """Return the revision *name*; raise `RequestError` where there is no repository or no such commit."""
        prefix = git(root, "rev-parse", "--show-prefix").decode().removesuffix("\n")
        found = answer(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found.returncode:
            raise RequestError(f"unknown git revision `{name}`", hint="in a shallow clone, fetch it first")
        commit = found.stdout.decode().strip()
        listed = git(root, "ls-tree", "-r", "-z", "--name-only", commit).decode(errors="surrogateescape")
        return cls(root=root, name=name, commit=commit, prefix=prefix, paths=tuple(listed.split("\0")[:-1]))

    def files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of each of *paths*, as committed; what is no file, or leads to none, is left out."""
        wanted = [path for path in paths if "\n" not in path]
        names = "".join(f"{self.commit}:{self.prefix}{path}\n" for path in wanted)
        content = git(
            self.root, "cat-file", "--batch", "--follow-symlinks", words=names.encode(errors="surrogateescape")
        )
        return dict(_objects(wanted, content))


def file_at(root: Path, revision: str, path: str) -> bytes | None:
    """Return the content of the file at *path* below *root* as of *revision*, `None` where there is none."""
    return Revision.of(root, revision).files([path]).get(path)


def _objects(paths: list[str], content: bytes) -> list[tuple[str, bytes]]:
    """Read the answer of ``git cat-file --batch``: a head line for each path, its size last, and the file."""
    found: list[tuple[str, bytes]] = []
    position = 0
    for path in paths:
        end = content.index(b"\n", position)
        words = content[position:end].split(b" ")
        position = end + 1
        if words[-1] == b"missing":
            continue
        size = int(words[-1])
        if words[-2] == b"blob":
            found.append((path, content[position : position + size]))
        position += size + 1
    return found


def git(root: Path, *command: str, words: bytes = b"", index: Path | None = None) -> bytes:
    """Return what git's *command* prints in *root*, told *words*; raise `RequestError` with its own words where it fails.

    *index* is a file to use instead of the repository's own index.
    """
    done = answer(root, *command, words=words, index=index)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"`git {command[0]}` failed"]
        raise RequestError(f"git cannot read `{root}`: {said[0].removeprefix('fatal: ')}")
    return done.stdout


def answer(
    root: Path, *command: str, words: bytes = b"", index: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return how git's *command* ended in *root*, see `git`; raise `RequestError` where there is no git."""
    outer = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}
    if index is not None:
        outer["GIT_INDEX_FILE"] = os.fspath(index)
    try:
        return subprocess.run(  # noqa: S603 - words, and no shell
            ["git", *_LOOKING, *command],  # noqa: S607 - the git of the user's PATH
            cwd=root,
            input=words,
            env={**outer, **_AS_IT_IS},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise RequestError("there is no `git` to read the revision with", hint="install git") from None


# --- The manifests and the lockfile of a workspace as of a git revision, in a temporary directory ---


_LOCKFILE, _MANIFEST = "uv.lock", "pyproject.toml"


@contextmanager
def checkout(root: Path, revision: str, *, name: str = "") -> Iterator[Path]:
    """Yield a directory with what the workspace at *root* was as of *revision*; errors call its files ``NAME:path``."""
    name = name or revision
    with TemporaryDirectory(prefix="wsnox-") as folder:
        place = Path(folder).resolve()
        try:
            _write(Revision.of(root, revision), place, name)
            yield place
        except WsnoxError as error:
            error.sentence = error.sentence.replace(f"{place}/", f"{name}:")
            error.args = (error.sentence,)
            raise


def _write(revision: Revision, place: Path, name: str) -> None:
    wanted = [path for path in revision.paths if path == _LOCKFILE or PurePosixPath(path).name == _MANIFEST]
    for needed in (_MANIFEST, _LOCKFILE):
        if needed not in wanted:
            raise RequestError(f"there is no `{needed}` in the workspace root at revision `{name}`")
    for path, content in revision.files(wanted).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)


# --- The edge for `wsnox.affected.reading`: the lines of the work tree that can name a file, and what the r ---


_TESTS = ("tests", "test")


def read_around(workspace: Workspace, rules: Rules, paths: Iterable[str], links: Mapping[str, str]) -> Reading:
    """Return what can be known of who reads *paths*; raise `RequestError` where git cannot search the work tree."""
    root = workspace.root
    documents = [path for path in paths if rules.meaning(path).document]
    return Reading(
        links=links,
        lines=tuple(_lines(root, sorted({tree.path for tree in rules.trees}), strings_to_find(documents))),
        conftest="\n".join(
            (*(_text(folder / "conftest.py") for folder in _above_members(workspace)), *_python_path(root))
        ),
        noxfile=_text(root / "noxfile.py"),
        root_tests=any((root / name).is_dir() for name in _TESTS)
        or any(any(root.glob(pattern)) for pattern in ("test_*.py", "*_test.py")),
    )


def _python_path(root: Path) -> Iterator[str]:
    """Yield, in quotes, the folders from which the settings of pytest in *root* let every test import."""
    for name in ("pyproject.toml", "pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"):
        for found in _PYTHON_PATH.findall(_text(root / name)):
            yield from (f'"{folder}"' for folder in re.findall(r"[\w./-]+", found))


_PYTHON_PATH = re.compile(r"^\s*pythonpath\s*=\s*(\[.*?\]|.*?(?=^\S|\Z))", re.MULTILINE | re.DOTALL)


def _above_members(workspace: Workspace) -> list[Path]:
    """Return the folders above members that are in none, those above the root included."""
    own = {member.directory for member in workspace.members if member.path != "."}
    folders = {folder for member in workspace.members for folder in (member.directory, *member.directory.parents)}
    return sorted(folder for folder in folders if own.isdisjoint((folder, *folder.parents)))


def _lines(root: Path, folders: Iterable[str], strings: Iterable[str]) -> Iterator[Line]:
    """Yield each line of the files in *folders*, tracked or not, that has one of *strings*; of binary files none."""
    top = Path(
        os.path.realpath(git(root, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").removesuffix("\n"))
    )
    places = {Path(os.path.realpath(root / folder)) for folder in folders}
    inside = sorted(os.path.relpath(place, root) for place in places if place.is_dir() and place.is_relative_to(top))
    if not inside:
        return
    patterns = os.fsencode("".join(f"{each}\n" for each in strings if "\n" not in each))
    found = answer(root, *_SEARCH, "--", *inside, words=patterns)
    if found.returncode > 1:
        said = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RequestError(f"git cannot search `{root}`: {said}")
    for line in found.stdout.split(b"\n"):
        file, _, text = line.partition(b"\0")
        if text:
            yield Line(os.fsdecode(file), text.decode(errors="replace"))


_SEARCH = (
    "--literal-pathspecs", "-c", "grep.lineNumber=false", "-c", "grep.column=false", "-c", "grep.fullName=false",
    "grep", "-I", "-F", "-z", "--no-color", "--untracked", "-f", "-",
)  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
