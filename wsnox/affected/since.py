"""The edge around `wsnox.affected.determinator`: the state before, which git has, and the state on disk.

Where the state before cannot be had (no repository, no such revision, a shallow clone with gaps, no lockfile or one that
cannot be read), everything is affected, and the reason is given: an answer that is too small would be worse than none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.affected.base import AUTO, Base, Whole, find_base
from wsnox.affected.changes import changes_since
from wsnox.affected.determinator import affected, all_affected, joined
from wsnox.affected.git import checkout
from wsnox.affected.lock_closures import Targets
from wsnox.affected.model import State
from wsnox.affected.rules import Rules, local_packages
from wsnox.affected.work_tree import Wheels, read_work_tree
from wsnox.errors import WsnoxError
from wsnox.lock import LOCKFILE, lock_content
from wsnox.lock.reader import parse_lock
from wsnox.markers.target import target_of
from wsnox.running_python import marker_values
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from wsnox.affected.model import Affected
    from wsnox.affected.readers import WorkTree
    from wsnox.affected.rules import Meaning
    from wsnox.lock import Lock
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Config

__all__ = ["Locks", "Since", "with_config"]


class _Base(Record, kw_only=True):
    """The *state* at a merge base with its *suite*, and what lies between it and the state *now*: *meanings* of paths."""

    state: State
    suite: Suite
    now: State
    rules: Rules
    meanings: Mapping[str, Meaning]
    work_tree: WorkTree
    targets: Targets


class Locks:
    """Reads lockfiles, the same content once: after most changes the lockfile is the same, and so are its closures.

    Only the last two are kept: large workspaces have megabytes of them.
    """

    def __init__(self) -> None:
        self._by_content: dict[bytes, Lock] = {}

    def read(self, root: Path) -> Lock:
        """Return the lockfile of the workspace at *root*; raise a `LockError` if it is absent or malformed."""
        path = root / LOCKFILE
        content = lock_content(path)
        if content not in self._by_content:
            self._by_content[content] = parse_lock(content, path)
            for old in [*self._by_content][:-2]:
                del self._by_content[old]
        return self._by_content[content]


class Since:
    """The change of the workspace of *suite* since the git *revision*, or the one that ``auto`` stands for.

    *base* is that revision, `None` where ``auto`` means that there is nothing to compare with; *incomparable* says why
    nothing could be compared. *config* is what the root's manifest is taken to have had before, too.
    """

    def __init__(
        self, suite: Suite, revision: str, *, config: Config | None = None, locks: Locks | None = None
    ) -> None:
        self._suite, self._config, self._locks = suite, config, locks or Locks()
        self.base: Base | None = Base(revision) if revision != AUTO else None
        self.incomparable = ""
        self._bases: list[_Base] = []
        try:
            if revision == AUTO:
                base = find_base(suite.workspace.root, os.environ)  # noqa: TID251 - an edge
                if isinstance(base, Whole):
                    self.incomparable = base.words
                    return
                self.base, revision = base, base.revision
            self._bases = self._read(revision)
        except WsnoxError as error:
            self.incomparable = f"{error.sentence}{f' ({error.hint})' if error.hint else ''}"

    @property
    def text(self) -> str:
        """The revision and what it is, after "affected"; empty where there is nothing to compare with."""
        return f" since {self.base}" if self.base else ""

    def affected(self, sessions_of: Callable[[Suite], Iterable[Session]], *, complete: bool = True) -> Affected:
        """Return which runs of the sessions that *sessions_of* makes of a suite are affected.

        Where *complete*, these are all the sessions there are.
        """
        runs, bases = runs_of(sessions_of(self._suite)), self._bases
        if self.incomparable:
            return all_affected(runs, self.incomparable)
        try:
            runs_before = [runs_of(sessions_of(base.suite)) for base in bases]
        except WsnoxError as error:
            return all_affected(runs, f"before, {error.sentence}")
        answers = [
            affected(
                base.state,
                base.now,
                before=before,
                runs=runs,
                meanings=base.meanings,
                rules=base.rules,
                targets=base.targets,
                work_tree=base.work_tree,
                complete=complete,
            )
            for base, before in zip(bases, runs_before, strict=True)
        ]
        return joined(answers, runs)

    def _read(self, revision: str) -> list[_Base]:
        """Return each merge base with *revision*, compared with the workspace."""
        workspace = self._suite.workspace
        root, platforms = workspace.root, workspace.manifest.config.affected.platforms
        changes_by_base = changes_since(root, revision)
        now = State(workspace=_with_lock_setting(workspace), lock=self._locks.read(root))
        here = target_of(marker_values())
        bases = []
        for changes in changes_by_base:
            with checkout(root, changes.base, name=revision) as directory:
                before = discover(directory, workspace.environ)
                before = before if self._config is None else with_config(before, self._config)
                state = State(
                    workspace=_with_lock_setting(before),
                    lock=self._locks.read(directory),
                )
                # The sessions before, if the pin was another, do not matter: a change of it means everything.
                suite = suite_of(state.workspace, on_disk=root)
            packages = (*local_packages(state.workspace, state.lock), *local_packages(workspace, now.lock))
            rules = Rules(workspace, packages, Wheels(workspace).ships, changes.outputs)
            meanings = {path: rules.meaning(path) for path in changes.paths}
            bases.append(
                _Base(
                    state=state,
                    suite=suite,
                    now=now,
                    rules=rules,
                    meanings=meanings,
                    work_tree=read_work_tree(workspace, rules, meanings, changes.links, changes.base),
                    targets=Targets(here, platforms, (state.lock, now.lock)),
                )
            )
        return bases


def with_config(workspace: Workspace, config: Config) -> Workspace:
    """Return *workspace* as if the manifest of its root had the ``[tool.wsnox]`` of *config*."""
    manifest = replace(workspace.manifest, config=config)
    members = (replace(member, manifest=manifest) if member.path == "." else member for member in workspace.members)
    return replace(workspace, manifest=manifest, members=tuple(members))


def _with_lock_setting(workspace: Workspace) -> Workspace:
    """Return *workspace* with the check of the lockfile that ``WSNOX_LOCK`` asks of its sessions."""
    match os.environ.get("WSNOX_LOCK"):  # noqa: TID251 - an edge
        case "check" | "frozen" as setting:
            config = replace(workspace.manifest.config, lock=setting)
            return replace(workspace, manifest=replace(workspace.manifest, config=config))
        case _:
            return workspace
