"""What changed since a revision, as git tells it: the merge base with the commit that is checked out, and every path.

1. The base is the best common ancestor of the revision and ``HEAD``: what others did since is not this change.
2. The base is compared with the work tree, so that what is staged or not, and what is committed, count alike. A rename
   is a path that is gone and one that is new; a submodule is one path, changed where its commit or its content is.
3. Files that are not tracked, and not ignored, count too.
4. A link counts as changed where what it leads to is.

Paths are relative to the workspace root, so those outside it start with ``../``.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.change.git import answer, git
from wsnox.errors import RequestError
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Changes", "changes_since", "is_below", "with_links"]

_LINK = b"120000"


class Changes(Record, kw_only=True):
    """The commit of the merge *base*, and the *paths* that differ from it, sorted."""

    base: str
    paths: tuple[str, ...]


def changes_since(root: Path, revision: str) -> Changes:
    """Return what changed below and around *root* since *revision*; raise `RequestError` where git cannot tell."""
    prefix = _text(git(root, "rev-parse", "--show-prefix"))
    top = Path(_text(git(root, "rev-parse", "--show-toplevel")))
    base = _merge_base(root, revision)
    tracked = _differing(top, base)
    untracked = git(top, "ls-files", "--others", "--exclude-standard", "-z")
    paths = {path.rstrip("/") for path in (*_split(tracked), *_split(untracked))}
    return Changes(base=base, paths=tuple(sorted(_relative(path, prefix) for path in with_links(paths, _links(top)))))


def _differing(top: Path, base: str) -> bytes:
    """Return git's list of the tracked files of the repository *top* that differ from the commit *base*.

    ``git diff`` refreshes the index where a file was only touched, whatever ``GIT_OPTIONAL_LOCKS`` says, so it gets a
    copy. The copy keeps the time of the original: a file as new as its index is one that git must look into.
    """
    index = top / _text(git(top, "rev-parse", "--git-path", "index"))
    with tempfile.TemporaryDirectory(prefix="wsnox-") as place:
        copy = Path(place, "index")
        try:
            shutil.copy2(index, copy)
        except OSError as error:
            raise RequestError(f"git's index `{index}` cannot be read ({error.strerror or error})") from error
        return git(top, "diff", *_AS_PLAIN_PATHS, base, "--", index=copy)


_AS_PLAIN_PATHS = ("--name-only", "-z", "--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=none")


def _merge_base(root: Path, revision: str) -> str:
    found = answer(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise RequestError(f"git knows no revision `{revision}`{_because_shallow(root)}", hint=_hint(root, revision))
    base = answer(root, "merge-base", _text(found.stdout), "HEAD")
    if base.returncode:
        raise RequestError(f"git knows no common ancestor of `{revision}` and `HEAD`{_because_shallow(root)}")
    return _text(base.stdout)


def _because_shallow(root: Path) -> str:
    shallow = _text(git(root, "rev-parse", "--is-shallow-repository")) == "true"
    return " in this shallow clone" if shallow else ""


def _hint(root: Path, revision: str) -> str:
    """Return what to write instead of *revision*: a clone for CI often has the branches of the remote alone."""
    remote = f"origin/{revision}"
    there = not answer(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{remote}^{{commit}}").returncode
    return f"there is `{remote}`" if there else "fetch it, with its history, before"


def _links(top: Path) -> Iterator[tuple[str, str]]:
    """Yield each tracked link below *top* with the path that it leads to, both relative to *top*."""
    real = os.path.realpath(top)
    for line in git(top, "ls-files", "--stage", "-z").split(b"\0"):
        mode, _, rest = line.partition(b" ")
        if mode == _LINK:
            path = os.fsdecode(rest.split(b"\t", 1)[1])
            yield path, Path(os.path.relpath(os.path.realpath(top / path), real)).as_posix()


def with_links(paths: Iterable[str], links: Iterable[tuple[str, str]]) -> set[str]:
    """Return *paths* with each of *links* (path and what it leads to) that leads to one of them, above or below it."""
    found = set(paths)
    return found | {
        link for link, target in links for path in found if is_below(path, target) or is_below(target, path)
    }


def is_below(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or something in it."""
    return folder in {path, "."} or path.startswith(f"{folder}/")


def _relative(path: str, prefix: str) -> str:
    return posixpath.relpath(path, prefix) if prefix else path


def _split(listed: bytes) -> list[str]:
    return os.fsdecode(listed).split("\0")[:-1]


def _text(answered: bytes) -> str:
    return os.fsdecode(answered).removesuffix("\n")
