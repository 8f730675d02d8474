"""The edge around `wsnox.affected.determinator`: the state before, which git has, and the state on disk.

Where the state before cannot be had (no repository, no such revision, a shallow clone with gaps, no lockfile or one that
cannot be read), everything is affected, and the reason is given: an answer that is too small would be worse than none.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.markers import default_environment

from wsnox._record import Record
from wsnox.affected.base import AUTO, Base, Whole, find_base
from wsnox.affected.changes import changes_since
from wsnox.affected.determinator import affected, all_affected, joined, rules_for
from wsnox.affected.git import checkout, search
from wsnox.affected.readers import Line, WorkTree, strings_to_find
from wsnox.affected.state import State, manifest_parts
from wsnox.affected.targets import Targets
from wsnox.errors import WsnoxError
from wsnox.lock import LOCKFILE, lock_content, read_lock
from wsnox.markers.target import target_of
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.affected.changes import Changes
    from wsnox.affected.model import Affected
    from wsnox.affected.rules import Rules
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session

__all__ = ["Since", "read_work_tree"]


class _Base(Record, kw_only=True):
    """The *state* at a merge base with its *suite*, and what lies between it and the state *now*."""

    state: State
    suite: Suite
    now: State
    changes: Changes
    work_tree: WorkTree
    targets: Targets


class Since:
    """The change of the workspace of *suite* since the git *revision*, or the one that ``auto`` stands for.

    *base* is that revision, `None` where ``auto`` means that there is nothing to compare with.
    """

    def __init__(self, suite: Suite, revision: str) -> None:
        self._suite = suite
        self.base: Base | None = Base(revision) if revision != AUTO else None
        self._bases: list[_Base] | str
        try:
            self._bases = self._read(revision)
        except WsnoxError as error:
            self._bases = f"{error.sentence}{f' ({error.hint})' if error.hint else ''}"

    def _read(self, revision: str) -> list[_Base] | str:
        """Return each merge base, or why there is nothing to compare with."""
        if revision == AUTO:
            found = find_base(self._suite.workspace.root, os.environ)  # noqa: TID251 - an edge
            if isinstance(found, Whole):
                return found.words
            self.base, revision = found, found.revision
        return _read(self._suite.workspace, revision)

    @property
    def text(self) -> str:
        """The revision and what it is, after "affected"; empty where there is nothing to compare with."""
        return f" since {self.base}" if self.base else ""

    def affected(self, sessions_of: Callable[[Suite], Iterable[Session]], *, complete: bool = True) -> Affected:
        """Return which runs of the sessions that *sessions_of* makes of a suite are affected.

        Where *complete*, these are all the sessions there are.
        """
        runs, bases = runs_of(sessions_of(self._suite)), self._bases
        if isinstance(bases, str):
            return all_affected(runs, bases)
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
                paths=base.changes.paths,
                targets=base.targets,
                work_tree=base.work_tree,
                complete=complete,
            )
            for base, before in zip(bases, runs_before, strict=True)
        ]
        return joined(answers, runs)


def _read(workspace: Workspace, revision: str) -> list[_Base]:
    """Return each merge base with *revision*, compared with *workspace*."""
    root, platforms = workspace.root, workspace.manifest.config.affected.platforms
    changes_by_base = changes_since(root, revision)
    now = State(
        workspace=_with_lock_setting(workspace), lock=read_lock(root), parts=manifest_parts(workspace.manifest.path)
    )
    here = target_of({name: str(value) for name, value in default_environment().items()})
    bases = []
    for changes in changes_by_base:
        with checkout(root, changes.base, name=revision) as directory:
            # After most changes the lockfile is the same, and so are its closures.
            same_lock = lock_content(directory / LOCKFILE) == lock_content(root / LOCKFILE)
            state = State(
                workspace=_with_lock_setting(discover(directory, workspace.environ)),
                lock=now.lock if same_lock else read_lock(directory),
                parts=manifest_parts(directory / "pyproject.toml"),
            )
            # The sessions before, if the pin was another, do not matter: a change of it means everything.
            suite = suite_of(state.workspace, pin_from=root)
        bases.append(
            _Base(
                state=state,
                suite=suite,
                now=now,
                changes=changes,
                work_tree=read_work_tree(workspace, rules_for(now, state), changes.paths, changes.links),
                targets=Targets(here, platforms, (state.lock, now.lock)),
            )
        )
    return bases


def _with_lock_setting(workspace: Workspace) -> Workspace:
    """Return *workspace* with the check of the lockfile that ``WSNOX_LOCK`` asks of its sessions."""
    match os.environ.get("WSNOX_LOCK"):  # noqa: TID251 - an edge
        case "check" | "frozen" as setting:
            config = replace(workspace.manifest.config, lock=setting)
            return replace(workspace, manifest=replace(workspace.manifest, config=config))
        case _:
            return workspace


# --- the work tree ---


_TEST_FOLDERS, _TEST_FILES = ("tests", "test"), ("test_*.py", "*_test.py")
_PYTEST_SETTINGS = ("pyproject.toml", "pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
_PYTHON_PATH = re.compile(r"^\s*pythonpath\s*=\s*(\[.*?\]|.*?(?=^\S|\Z))", re.MULTILINE | re.DOTALL)


def read_work_tree(workspace: Workspace, rules: Rules, paths: Iterable[str], links: Mapping[str, str]) -> WorkTree:
    """Return the texts that tell who reads *paths*; raise `RequestError` where git cannot search the work tree."""
    root = workspace.root
    strings = strings_to_find([path for path in paths if rules.meaning(path).document])
    folders = sorted({package.path for package in rules.packages})
    # The folders above members that are in no member, those above the root included.
    members = {member.directory for member in workspace.members if member.path != "."}
    above = {folder for member in workspace.members for folder in (member.directory, *member.directory.parents)}
    outside = sorted(folder for folder in above if members.isdisjoint((folder, *folder.parents)))
    return WorkTree(
        links=links,
        lines=tuple(Line(file, text) for file, text in search(root, folders, strings)),
        conftest="\n".join((*(_text(folder / "conftest.py") for folder in outside), *_python_path(root))),
        noxfile=_text(root / "noxfile.py"),
        root_tests=any((root / folder).is_dir() for folder in _TEST_FOLDERS)
        or any(any(root.glob(pattern)) for pattern in _TEST_FILES),
    )


def _python_path(root: Path) -> Iterator[str]:
    """Yield, in quotes, the folders from which the settings of pytest in *root* let every test import."""
    for name in _PYTEST_SETTINGS:
        for setting in _PYTHON_PATH.findall(_text(root / name)):
            yield from (f'"{folder}"' for folder in re.findall(r"[\w./-]+", setting))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
