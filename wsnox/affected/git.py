"""The edge to git: running it, and the files of a workspace as of a revision.

Work tree, index and history are read as they are, and never touched.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import RequestError, WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Revision", "checkout", "git", "is_shallow", "run_git", "text_of", "top_of"]

_HOOK_VARIABLES = frozenset({
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
})  # fmt: skip
"""What git sets for a hook, and what would make it look at a repository other than the one of the directory."""

_AS_WRITTEN = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
"""The history without replacements and grafts; and no refreshed index is written."""

_READ_ONLY = ("-c", "core.fsmonitor=false", "-c", "core.splitIndex=false")
"""No monitor is asked what changed, nor started; and no part of a copied index goes back to the repository."""


def git(root: Path, *command: str, stdin: bytes = b"", index: Path | None = None) -> bytes:
    """Return what git's *command* prints in *root*; raise `RequestError` with its own words where it fails.

    *index* is a file to use instead of the repository's own index.
    """
    completed = run_git(root, *command, stdin=stdin, index=index)
    if completed.returncode:
        lines = completed.stderr.decode(errors="replace").strip().splitlines() or [f"`git {command[0]}` failed"]
        raise RequestError(f"git cannot read `{root}`: {lines[0].removeprefix('fatal: ')}")
    return completed.stdout


def run_git(
    root: Path, *command: str, stdin: bytes = b"", index: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return how git's *command* ended in *root*, see `git`; raise `RequestError` where there is no git."""
    environ = {key: value for key, value in os.environ.items() if key not in _HOOK_VARIABLES}
    if index is not None:
        environ["GIT_INDEX_FILE"] = os.fspath(index)
    try:
        return subprocess.run(  # noqa: S603 - a list of words, no shell
            ["git", *_READ_ONLY, *command],  # noqa: S607 - the git of the user's PATH
            cwd=root,
            input=stdin,
            env={**environ, **_AS_WRITTEN},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise RequestError("there is no `git` to read the revision with", hint="install git") from None


def text_of(output: bytes) -> str:
    """Return the one line of git's *output*; bytes of a path that are not valid text are kept."""
    return os.fsdecode(output).removesuffix("\n")


def top_of(root: Path) -> Path:
    """Return the real path of the repository that *root* is in; raise `RequestError` where it is in none."""
    return Path(os.path.realpath(text_of(git(root, "rev-parse", "--show-toplevel"))))


def is_shallow(root: Path) -> bool:
    """Return whether the clone around *root* lacks a part of the history."""
    return text_of(git(root, "rev-parse", "--is-shallow-repository")) == "true"


# --- files as of a revision ---


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
        prefix = text_of(git(root, "rev-parse", "--show-prefix"))
        completed = run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if completed.returncode:
            raise RequestError(f"unknown git revision `{name}`", hint="in a shallow clone, fetch it first")
        commit = text_of(completed.stdout)
        listed = os.fsdecode(git(root, "ls-tree", "-r", "-z", "--name-only", commit)).split("\0")[:-1]
        return cls(root=root, name=name, commit=commit, prefix=prefix, paths=tuple(listed))

    def files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of each of *paths*, as committed, without those that are neither a file nor a link to one."""
        # `git cat-file --batch` answers each line with a header line, whose last word is the size, and the content.
        one_line = [path for path in paths if "\n" not in path]
        in_repository = (posixpath.normpath(posixpath.join(self.prefix, path)) for path in one_line)
        lines = os.fsencode("".join(f"{self.commit}:{path}\n" for path in in_repository))
        output = git(self.root, "cat-file", "--batch", "--follow-symlinks", stdin=lines)
        files: dict[str, bytes] = {}
        position = 0
        for path in one_line:
            end = output.index(b"\n", position)
            header = output[position:end].split(b" ")
            position = end + 1
            if header[-1] == b"missing":
                continue
            size = int(header[-1])
            if header[-2] == b"blob":
                files[path] = output[position : position + size]
            position += size + 1
        return files


_LOCKFILE, _MANIFEST = "uv.lock", "pyproject.toml"


@contextmanager
def checkout(root: Path, revision: str, *, name: str = "") -> Iterator[Path]:
    """Yield a directory with the manifests and the lockfile that the workspace at *root* had as of *revision*.

    Errors of the block call its files ``NAME:path``; *name* is *revision* by default.
    """
    name = name or revision
    with TemporaryDirectory(prefix="wsnox-") as temporary:
        directory = Path(temporary).resolve()
        try:
            commit = Revision.of(root, revision)
            paths = [path for path in commit.paths if path == _LOCKFILE or PurePosixPath(path).name == _MANIFEST]
            for required in (_MANIFEST, _LOCKFILE):
                if required not in paths:
                    raise RequestError(f"there is no `{required}` in the workspace root at revision `{name}`")
            for path, content in commit.files(paths).items():
                (directory / path).parent.mkdir(parents=True, exist_ok=True)
                (directory / path).write_bytes(content)
            yield directory
        except WsnoxError as error:
            error.sentence = error.sentence.replace(f"{directory}/", f"{name}:")
            error.args = (error.sentence,)
            raise
