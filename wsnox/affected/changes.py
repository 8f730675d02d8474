"""What changed since a revision, as git tells it: the merge base with the commit that is checked out, and every path.

1. The base is the best common ancestor of the revision and ``HEAD``: what others did since is not this change. Of several
   equally good ones each is a base; where the history that a shallow clone lacks could hold a better one, none is.
2. The base is compared with the work tree, so that what is staged or not, and what is committed, count alike. A rename
   is a path that is gone and one that is new; a submodule is one path, changed where its commit or its content is.
3. Files that are not tracked, and not ignored, count too; so do files that the index tells git to pass over.
4. A link counts as changed where what it leads to is. Every path on its way counts: where the ways of one link in two
   states part, the last path that they share is one that changed.

Paths are relative to the workspace root, so those outside of it start with ``../``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.affected.git import git, is_shallow, run_git, text_of, top_of
from wsnox.affected.outputs import is_output
from wsnox.affected.paths import above, follow, relative
from wsnox.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Changes", "changes_since", "tracked_links", "untracked_outputs", "with_changed_links"]

_FETCH_HISTORY = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` of `actions/checkout`, `GIT_DEPTH: 0` of GitLab"


class Changes(Record, kw_only=True):
    """The commit of a merge *base*, the *paths* that differ from it, sorted, and its *links* (path to text).

    *outputs* are those of the paths that git does not track, and that a run of sessions has written.
    """

    base: str
    paths: tuple[str, ...]
    links: Mapping[str, str]
    outputs: frozenset[str] = frozenset()


def changes_since(root: Path, revision: str) -> tuple[Changes, ...]:
    """Return what changed below and around *root* since each merge base with *revision*.

    Raise `RequestError` where git cannot tell.
    """
    top, start = top_of(root), os.path.realpath(root)
    bases = _merge_bases(root, revision)
    untracked = _untracked(top)
    outputs = {path for path in untracked if is_output(top / path)}
    changes = []
    for base in bases:
        differing = _differing(top, base)
        listed = {path.rstrip("/") for path in (*differing, *untracked)}
        links = _links(top, listed)
        paths = with_changed_links((f"{top.as_posix()}/{path}" for path in listed), links)
        changes.append(
            Changes(
                base=base,
                paths=tuple(sorted(relative(path, start) for path in paths)),
                links={relative(path, start): text for path, text in links.items()},
                # A file that the base has is one of the repository.
                outputs=frozenset(
                    relative(f"{top.as_posix()}/{path}", start) for path in outputs.difference(differing)
                ),
            )
        )
    return tuple(changes)


def untracked_outputs(root: Path) -> frozenset[str]:
    """Return the files of the repository around *root* that git does not track, and that a run of sessions has written."""
    top, start = top_of(root), os.path.realpath(root)
    return frozenset(relative(f"{top.as_posix()}/{path}", start) for path in _untracked(top) if is_output(top / path))


def tracked_links(root: Path) -> dict[str, str]:
    """Return the tracked links of the repository around *root*, path relative to it to text."""
    start = os.path.realpath(root)
    return {relative(path, start): text for path, text in _links(top_of(root), ()).items()}


# --- the base ---


def _merge_bases(root: Path, revision: str) -> list[str]:
    commit = _commit(root, revision)
    if commit is None:
        in_clone, hint = (
            (" in this shallow clone", _FETCH_HISTORY)
            if is_shallow(root)
            else ("", "fetch it, with its history, before")
        )
        # A clone for CI often has the branches of the remote alone.
        if _commit(root, f"origin/{revision}") is not None:
            hint = f"there is `origin/{revision}`"
        raise RequestError(f"git knows no revision `{revision}`{in_clone}", hint=hint)
    completed = run_git(root, "merge-base", "--all", commit, "HEAD")
    if completed.returncode:
        in_clone, hint = (" in this shallow clone", _FETCH_HISTORY) if is_shallow(root) else ("", "")
        raise RequestError(f"git knows no common ancestor of `{revision}` and `HEAD`{in_clone}", hint=hint)
    bases = sorted(text_of(completed.stdout).split())
    # Where one of the two is an ancestor of the other, no common ancestor can be better.
    ends = {commit, text_of(git(root, "rev-parse", "HEAD"))}
    if ends.isdisjoint(bases) and is_shallow(root):
        # A better base could be behind a commit after the bases that lacks its parents.
        file = Path(root, text_of(git(root, "rev-parse", "--git-path", "shallow")))
        commits = text_of(git(root, "rev-list", commit, "HEAD", *(f"^{base}" for base in bases))).split()
        if not set(commits).isdisjoint(file.read_text(encoding="utf-8").split()):
            between = f"the history between `{revision}` and `HEAD` has gaps in this shallow clone"
            raise RequestError(f"{between}, so that its base is not known", hint=_FETCH_HISTORY)
    return bases


def _commit(root: Path, revision: str) -> str | None:
    completed = run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return None if completed.returncode else text_of(completed.stdout)


# --- what differs ---


def _untracked(top: Path) -> list[str]:
    """Return the files of the repository *top* that git neither tracks nor ignores."""
    return _split(git(top, "ls-files", "--others", "--exclude-standard", "-z"))


_AS_PLAIN_PATHS = ("--name-only", "-z", "--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=none")


def _differing(top: Path, base: str) -> list[str]:
    """Return the tracked files of the repository *top* that differ from the commit *base*.

    ``git diff`` refreshes the index where a file was only touched, whatever ``GIT_OPTIONAL_LOCKS`` says, so it gets a
    copy. The copy keeps the time of the original: a file as new as its index is one that git must look into.
    """
    index = top / text_of(git(top, "rev-parse", "--git-path", "index"))
    with tempfile.TemporaryDirectory(prefix="wsnox-") as temporary:
        copy = Path(temporary, "index")
        try:
            shutil.copy2(index, copy)
        except OSError as error:
            raise RequestError(f"git's index `{index}` cannot be read ({error.strerror or error})") from error
        _unmark(top, copy)
        return _split(git(top, "diff", *_AS_PLAIN_PATHS, base, "--", index=copy))


def _unmark(top: Path, index: Path) -> None:
    """Clear in the copy *index* the marks by which git takes files for unchanged (git-update-index).

    A file that a sparse checkout leaves out keeps its mark: it does not exist.
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
            stdin = os.fsencode("".join(f"{path}\0" for path in paths))
            git(top, "update-index", option, "-z", "--stdin", stdin=stdin, index=index)


# --- links ---


_LINK, _SUBMODULE = b"120000", b"160000"


def _links(top: Path, changed: Iterable[str]) -> dict[str, str]:
    """Return the links of the repository *top*, of its submodules, and on the trails of these: absolute path to text.

    Links that are not tracked are among the paths that *changed*.
    """
    links: dict[str, str] = {}

    @cache
    def read(path: str) -> str | None:
        try:
            links[path] = Path(path).readlink().as_posix()
        except OSError:
            return None
        return links[path]

    for path in _links_of_index(top):
        if read(path) is not None:
            follow(path, read)
    for path in changed:
        # Hardly any of thousands is a link.
        if os.path.islink(absolute := f"{top.as_posix()}/{path}"):  # noqa: PTH114 - as above
            follow(absolute, read)
    return links


def _links_of_index(top: Path) -> Iterator[str]:
    """Yield the tracked links of the repository *top* and of its submodules."""
    for line in git(top, "ls-files", "--stage", "-z").split(b"\0"):
        mode, _, rest = line.partition(b" ")
        if mode in (_LINK, _SUBMODULE):
            path = top / os.fsdecode(rest.split(b"\t", 1)[1])
            if mode == _LINK:
                yield path.as_posix()
            elif (path / ".git").exists():
                yield from _links_of_index(path)


def with_changed_links(paths: Iterable[str], links: Mapping[str, str]) -> set[str]:
    """Return the changed *paths* with each of *links* (path to text) whose trail or end is one of them, or holds one.

    So is a link whose end lies below one of them. All paths are absolute. A link that counts as changed is a changed path
    to the other links.
    """
    trails = {link: follow(link, links.get) for link in links}
    changed = set(paths)
    while trails:
        folders = {folder for path in changed for folder in above(path)}
        more = {
            link
            for link, trail in trails.items()
            if link not in changed
            and (trail.passed & changed or trail.end in folders or not changed.isdisjoint(above(trail.end)))
        }
        if not more:
            break
        changed |= more
    return changed


def _split(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")[:-1]
