"""The edge to git: what files were at a revision. The work tree and the index are never touched."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - this is the edge to git
from typing import TYPE_CHECKING

from wsnox.errors import RequestError
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Revision", "answer", "file_at", "git"]

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
    outer = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}  # noqa: TID251 - the edge to git
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
