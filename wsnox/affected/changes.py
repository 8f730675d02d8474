"""What changed since a revision, as git tells it: the merge base with the commit that is checked out, and every path.

1. The base is the best common ancestor of the revision and ``HEAD``: what others did since is not this change. Where
   there are several that are equally good, each is one; where the history that a shallow clone lacks could hold a better
   one, there is none.
2. The base is compared with the work tree, so that what is staged or not, and what is committed, count alike. A rename
   is a path that is gone and one that is new; a submodule is one path, changed where its commit or its content is.
3. Files that are not tracked, and not ignored, count too; so do files that the index says are not to be looked at.
4. A link counts as changed where what it leads to is (`wsnox.affected.links`).

Paths are relative to the workspace root, so those outside it start with ``../``.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.affected.git import answer, git
from wsnox.affected.links import way_of, with_links
from wsnox.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Changes", "changes_since", "links_around"]

_LINK, _SUBMODULE = b"120000", b"160000"
_DEEPER = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` of `actions/checkout`, `GIT_DEPTH: 0` of GitLab"


class Changes(Record, kw_only=True):
    """The commit of a merge *base*, the *paths* that differ from it, sorted, and the *links* (path to text) there are."""

    base: str
    paths: tuple[str, ...]
    links: Mapping[str, str]


def changes_since(root: Path, revision: str) -> tuple[Changes, ...]:
    """Return what changed below and around *root* since each merge base with *revision*.

    Raise `RequestError` where git cannot tell.
    """
    top = _top(root)
    bases = _merge_bases(root, revision)
    untracked = _split(git(top, "ls-files", "--others", "--exclude-standard", "-z"))
    return tuple(_changes(root, top, base, untracked) for base in bases)


def _changes(root: Path, top: Path, base: str, untracked: Iterable[str]) -> Changes:
    plain = {path.rstrip("/") for path in (*_split(_differing(top, base)), *untracked)}
    links = _links(top, plain)
    start = os.path.realpath(root)
    changed = with_links((posixpath.join(top.as_posix(), path) for path in plain), links)
    return Changes(
        base=base,
        paths=tuple(sorted(posixpath.relpath(path, start) for path in changed)),
        links={posixpath.relpath(path, start): text for path, text in links.items()},
    )


def links_around(root: Path) -> dict[str, str]:
    """Return the tracked links of the repository around *root*, path relative to it to text."""
    start = os.path.realpath(root)
    return {posixpath.relpath(path, start): text for path, text in _links(_top(root), ()).items()}


def _top(root: Path) -> Path:
    return Path(os.path.realpath(_text(git(root, "rev-parse", "--show-toplevel"))))


# --- what differs ---------------------------------------------------------------------------------------------------


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
        _look_at_all(top, copy)
        return git(top, "diff", *_AS_PLAIN_PATHS, base, "--", index=copy)


_AS_PLAIN_PATHS = ("--name-only", "-z", "--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=none")


def _look_at_all(top: Path, index: Path) -> None:
    """Take from the copy *index* the marks of files that are there and that git would take for unchanged (git-update-index).

    What a sparse checkout leaves out keeps its mark: it is not there.
    """
    assumed, skipped = [], []
    for line in _split(git(top, "ls-files", "-v", "-z", index=index)):
        tag, path = line[0], line[2:]
        if tag.islower():
            assumed.append(path)
        if tag in "Ss" and os.path.lexists(top / path):
            skipped.append(path)
    for option, paths in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
        if paths:
            words = os.fsencode("".join(f"{path}\0" for path in paths))
            git(top, "update-index", option, "-z", "--stdin", words=words, index=index)


# --- the base -------------------------------------------------------------------------------------------------------


def _merge_bases(root: Path, revision: str) -> tuple[str, ...]:
    found = answer(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise RequestError(f"git knows no revision `{revision}`{_because_shallow(root)}", hint=_hint(root, revision))
    commit = _text(found.stdout)
    bases = answer(root, "merge-base", "--all", commit, "HEAD")
    if bases.returncode:
        raise RequestError(
            f"git knows no common ancestor of `{revision}` and `HEAD`{_because_shallow(root)}",
            hint=_DEEPER if _is_shallow(root) else "",
        )
    each = tuple(sorted(_text(bases.stdout).split()))
    # Where one is an ancestor of the other, no common ancestor can be better.
    ends = {commit, _text(git(root, "rev-parse", "HEAD"))}
    if ends.isdisjoint(each) and _is_shallow(root) and _is_cut_off(root, commit, each):
        sentence = (
            f"the history between `{revision}` and `HEAD` has gaps in this shallow clone, so that its base is not known"
        )
        raise RequestError(sentence, hint=_DEEPER)
    return each


def _is_cut_off(root: Path, commit: str, bases: Iterable[str]) -> bool:
    """Tell whether a commit without its parents lies after *bases*: a better base could be behind it."""
    cut = Path(root, _text(git(root, "rev-parse", "--git-path", "shallow"))).read_text(encoding="utf-8").split()
    after = _text(git(root, "rev-list", commit, "HEAD", *(f"^{base}" for base in bases))).split()
    return not set(cut).isdisjoint(after)


def _is_shallow(root: Path) -> bool:
    return _text(git(root, "rev-parse", "--is-shallow-repository")) == "true"


def _because_shallow(root: Path) -> str:
    return " in this shallow clone" if _is_shallow(root) else ""


def _hint(root: Path, revision: str) -> str:
    """Return what to write instead of *revision*: a clone for CI often has the branches of the remote alone."""
    remote = f"origin/{revision}"
    there = not answer(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{remote}^{{commit}}").returncode
    if there:
        return f"there is `{remote}`"
    return _DEEPER if _is_shallow(root) else "fetch it, with its history, before"


# --- links ----------------------------------------------------------------------------------------------------------


def _links(top: Path, changed: Iterable[str]) -> dict[str, str]:
    """Return the links of the repository *top*, in its submodules and on the way of others, absolute path to text.

    Links that are not tracked are among the paths that *changed*.
    """
    known: dict[str, str] = {}

    @cache
    def text_of(path: str) -> str | None:
        try:
            known[path] = Path(path).readlink().as_posix()
        except OSError:
            return None
        return known[path]

    for path in (*_links_of(top), *(posixpath.join(top.as_posix(), path) for path in changed)):
        if text_of(path) is not None:
            way_of(path, text_of)
    return known


def _links_of(top: Path) -> Iterator[str]:
    """Yield the tracked links of the repository *top* and of its submodules."""
    for line in git(top, "ls-files", "--stage", "-z").split(b"\0"):
        mode, _, rest = line.partition(b" ")
        if mode in (_LINK, _SUBMODULE):
            path = top / os.fsdecode(rest.split(b"\t", 1)[1])
            if mode == _LINK:
                yield path.as_posix()
            elif (path / ".git").exists():
                yield from _links_of(path)


def _split(listed: bytes) -> list[str]:
    return os.fsdecode(listed).split("\0")[:-1]


def _text(answered: bytes) -> str:
    return os.fsdecode(answered).removesuffix("\n")
