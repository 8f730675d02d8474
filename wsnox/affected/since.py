"""The edge around `wsnox.affected.affected`: two states of a workspace, one on disk and one in git.

Where the state before cannot be had (no repository, no such revision, a shallow clone with gaps, no lockfile or one that cannot be
read), everything is affected, and the reason is told: an answer that is too small would be worse than none.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.markers import default_environment

from wsnox._record import Record
from wsnox.affected.changes import changes_since
from wsnox.affected.determinator import affected, all_of, joined, parts_of_manifest, rules_for
from wsnox.affected.git import checkout, read_around
from wsnox.affected.model import State
from wsnox.affected.targets import Targets
from wsnox.errors import WsnoxError
from wsnox.lock import LOCKFILE, read_lock
from wsnox.lock.reader import lock_content
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from wsnox.affected.changes import Changes
    from wsnox.affected.model import Affected
    from wsnox.affected.readers import Reading
    from wsnox.lock import Lock
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session

    Specs = Callable[[Suite], Iterable[Session]]

__all__ = ["Since"]


class _Before(Record, kw_only=True):
    """The state before with its *suite*, the state *now*, and what *changes* lie between.

    *reading* is who reads what changed, *targets* are where closures are compared.
    """

    state: State
    suite: Suite
    now: State
    changes: Changes
    reading: Reading
    targets: Targets


class Since:
    """Tells which sessions of the workspace of *suite* are affected since the git *revision*."""

    def __init__(self, suite: Suite, revision: str) -> None:
        self._suite = suite
        self._before: tuple[_Before, ...] | str
        try:
            self._before = _read(suite.workspace, revision)
        except WsnoxError as error:
            self._before = f"{error.sentence}{f' ({error.hint})' if error.hint else ''}"

    def affected(self, specs: Specs, *, complete: bool = True) -> Affected:
        """Return which runs of the sessions are affected that *specs* makes of a suite, before and now.

        *complete* tells that these are all sessions that there are.
        """
        runs, before = runs_of(specs(self._suite)), self._before
        if isinstance(before, str):
            return all_of(runs, before)
        try:
            priors = [runs_of(specs(each.suite)) for each in before]
        except WsnoxError as error:
            return all_of(runs, f"before, {error.sentence}")
        answers = [
            affected(
                each.state,
                each.now,
                before=prior,
                runs=runs,
                paths=each.changes.paths,
                targets=each.targets,
                reading=each.reading,
                complete=complete,
            )
            for each, prior in zip(before, priors, strict=True)
        ]
        return joined(answers, runs)


def _read(workspace: Workspace, revision: str) -> tuple[_Before, ...]:
    root = workspace.root
    changes = changes_since(root, revision)
    lock = read_lock(root)
    now = State(workspace=_as_told(workspace), lock=lock, rest=parts_of_manifest(workspace.manifest.path))
    return tuple(_compared(now, each, revision) for each in changes)


def _compared(now: State, changes: Changes, revision: str) -> _Before:
    workspace, root, lock = now.workspace, now.workspace.root, now.lock
    with checkout(root, changes.base, name=revision) as place:
        state = State(
            workspace=_as_told(discover(place, workspace.environ)),
            lock=_lock(place, root, lock),
            rest=parts_of_manifest(place / "pyproject.toml"),
        )
        # The sessions before, if the pin was another, do not matter: a change of it means everything.
        suite = suite_of(state.workspace, pin_from=root)
    here = {key: str(value) for key, value in default_environment().items() if key != "extra"}
    platforms = workspace.manifest.config.affected.platforms
    targets = Targets(here, platforms, (state.lock, now.lock))
    reading = read_around(workspace, rules_for(state, now), changes.paths, changes.links)
    return _Before(state=state, suite=suite, now=now, changes=changes, reading=reading, targets=targets)


def _as_told(workspace: Workspace) -> Workspace:
    """Return *workspace* with the check of the lockfile that ``WSNOX_LOCK`` asks of its sessions."""
    match os.environ.get("WSNOX_LOCK"):  # noqa: TID251 - an edge
        case "check" | "frozen" as word:
            config = replace(workspace.manifest.config, lock=word)
            return replace(workspace, manifest=replace(workspace.manifest, config=config))
        case _:
            return workspace


def _lock(place: Path, root: Path, now: Lock) -> Lock:
    """Return the lockfile at *place*: that of *now* where the bytes are the same, as after most changes."""
    same = lock_content(place / LOCKFILE) == lock_content(root / LOCKFILE)
    return now if same else read_lock(place)
