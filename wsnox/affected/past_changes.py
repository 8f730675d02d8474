"""What the rules of today would have selected over the last commits: how much, and what caused everything.

Each commit of the branch itself (a merge and its first parent) is compared with the one before it, with ``[tool.wsnox]`` of
the root's manifest as it is now: so whoever changes a rule sees at once what that would have meant. Manifests of members,
lockfiles and all else are those of the commit.

The commits are checked out, one after the other, into a clone of their own that borrows the objects of the repository.
The repository, its work tree and its index are never touched.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsnox._record import Record, field, replace
from wsnox.affected.git import git, top_of
from wsnox.affected.model import FileChanged, MemberChanged, PackagesChanged
from wsnox.affected.since import Locks, Since, with_config
from wsnox.errors import ManifestError, RequestError, WsnoxError
from wsnox.lock import LOCKFILE
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.affected.model import Everything, Reason
    from wsnox.workspace import Workspace

__all__ = ["Cause", "Commit", "Folder", "PastChange", "causes", "folders", "last_commits", "past_changes"]


class PastChange(Record, kw_only=True):
    """The *commit* with this *subject*, and how many of *total* sessions the rules select: all of them because of *everything*.

    *by_path* is how many sessions each changed file affects. Where *incomparable* says why, the workspace at the commit, or
    before it, could not be read, and nothing is known.
    """

    commit: str
    subject: str
    selected: int = 0
    total: int = 0
    everything: tuple[Everything, ...] = ()
    by_path: Mapping[str, int] = field(default_factory=dict)
    incomparable: str = ""


class Cause(Record, kw_only=True):
    """What made everything affected: the *paths*, if any, and *why*, in which *commits*, and in how many of these *alone*."""

    why: str
    paths: tuple[str, ...]
    commits: tuple[str, ...]
    alone: int

    @property
    def text(self) -> str:
        """The path, or the folder of several, and what the rules say of it."""
        if not self.paths:
            return self.why
        place = self.paths[0] if len(self.paths) == 1 else f"{posixpath.dirname(self.paths[0])}/*"
        return f"{place}: {self.why}"


def causes(changes: Iterable[PastChange]) -> tuple[Cause, ...]:
    """Return what made everything affected, first what did so most often alone: without it, these would not be affected.

    Files of one folder of which the rules say the same are one cause.
    """
    commits: dict[tuple[str, str], dict[str, None]] = {}
    paths: dict[tuple[str, str], set[str]] = {}
    alone = Counter[tuple[str, str]]()
    for change in changes:
        keys = set()
        for reason in change.everything:
            why = reason.words.removeprefix(f"`{reason.path}` changed: ")
            key = (why, posixpath.dirname(reason.path) or reason.path)
            keys.add(key)
            paths.setdefault(key, set()).update(filter(None, [reason.path]))
            commits.setdefault(key, {})[change.commit] = None
        alone.update(keys if len(keys) == 1 else ())
    unordered = (
        Cause(why=key[0], paths=tuple(sorted(paths[key])), commits=tuple(names), alone=alone[key])
        for key, names in commits.items()
    )
    return tuple(sorted(unordered, key=lambda cause: (-cause.alone, -len(cause.commits), cause.text)))


_DEPTH = 3
"""The folders of members and what lies right in them are told apart; most have a path of two parts."""


class Folder(Record, kw_only=True):
    """The files of the folder at *path*, or the one file, that affected *sessions*, summed over these *commits*."""

    path: str
    sessions: int
    commits: tuple[str, ...]


def folders(changes: Iterable[PastChange]) -> tuple[Folder, ...]:
    """Return the folders whose files affected sessions, first that of the most; where everything was affected, none counts."""
    sessions = Counter[str]()
    commits: dict[str, list[str]] = {}
    for change in changes:
        most: dict[str, int] = {}
        for path, count in change.by_path.items() if not change.everything else ():
            parts = path.split("/")
            folder = "/".join((*parts[:_DEPTH], "**")) if len(parts) > _DEPTH else path
            most[folder] = max(count, most.get(folder, 0))
        sessions.update(most)
        for folder in most:
            commits.setdefault(folder, []).append(change.commit)
    ordered = sorted(sessions, key=lambda folder: (-sessions[folder], folder))
    return tuple(Folder(path=folder, sessions=sessions[folder], commits=tuple(commits[folder])) for folder in ordered)


# --- the edge ---


class Commit(Record):
    """A commit by its *name*, with the first of its parents, if the clone has one, and its *subject*."""

    name: str
    parent: str
    subject: str


def last_commits(root: Path, count: int) -> list[Commit]:
    """Return the last *count* commits of the branch that is checked out, the oldest first."""
    log = git(root, "log", "--first-parent", f"--max-count={count}", "--reverse", "-z", "--format=%H%n%P%n%s")
    lines = (record.split("\n", 2) for record in log.decode(errors="replace").split("\0") if record)
    return [Commit(name, parents.partition(" ")[0], subject) for name, parents, subject in lines]


def past_changes(workspace: Workspace, commits: Iterable[Commit], *, every: bool = False) -> Iterator[PastChange]:
    """Yield what the rules of *workspace* select of the change that each of *commits* made, in their order.

    It is of the sessions that plain ``nox`` would run, or of *every* one.
    """
    prefix = os.path.relpath(os.path.realpath(workspace.root), top_of(workspace.root))
    locks = Locks()
    with _clone(workspace.root) as clone:
        root = Path(os.path.normpath(clone / prefix))
        for commit in commits:
            change = PastChange(commit=commit.name, subject=commit.subject)
            try:
                if not commit.parent:
                    raise RequestError("this clone has no commit before it")
                git(clone, *_PLAIN, "checkout", "--quiet", "--force", "--detach", commit.name)
                yield _compared(change, commit.parent, root, workspace, locks, every=every)
            except WsnoxError as error:
                yield replace(change, incomparable=error.sentence.replace(f"{root}/", ""))


_PLAIN = ("-c", "core.hooksPath=/dev/null", "-c", "filter.lfs.smudge=", "-c", "filter.lfs.required=false")
"""No hook runs, and no large file is fetched."""


@contextmanager
def _clone(root: Path) -> Iterator[Path]:
    """Yield a clone of the repository around *root* without a work tree, which borrows its objects."""
    with TemporaryDirectory(prefix="wsnox-") as temporary:
        clone = Path(temporary).resolve() / "repository"
        git(
            root,
            "clone",
            "--quiet",
            "--shared",
            "--no-checkout",
            "--template=",
            top_of(root).as_posix(),
            clone.as_posix(),
        )
        yield clone


def _compared(
    change: PastChange, parent: str, root: Path, today: Workspace, locks: Locks, *, every: bool
) -> PastChange:
    """Return *change* with what is selected in *root*, where its commit is checked out."""
    workspace, config = discover(root, today.environ), today.manifest.config
    try:
        suite = suite_of(with_config(workspace, config))
    except ManifestError:
        # The sessions of today name what did not exist then; the rules still mean something.
        config = replace(workspace.manifest.config, affected=config.affected)
        suite = suite_of(with_config(workspace, config))
    since = Since(suite, parent, config=config, locks=locks)
    if since.incomparable:
        return replace(change, incomparable=since.incomparable.replace(f"{root}/", ""))
    affected = since.affected(Suite.configured)
    selected = [run for run in affected.runs if every or run.run.session.runs_by_default]
    return replace(
        change,
        selected=len(selected),
        total=sum(every or run.session.runs_by_default for run in runs_of(suite.configured())),
        everything=affected.everything,
        by_path=Counter(path for run in selected for path in {*_paths(run.reasons)}),
    )


def _paths(reasons: Iterable[Reason]) -> Iterator[str]:
    for reason in reasons:
        match reason:
            case MemberChanged(paths=paths):
                yield from paths
            case FileChanged(path=path):
                yield path
            case PackagesChanged():
                yield LOCKFILE
            case _:
                pass
