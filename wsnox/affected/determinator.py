"""What a change can affect: (old state, new state, changed paths, rules) -> runs of sessions, with every reason.

1. Each changed path gets its meaning from the rules (`wsnox.affected.rules`): it concerns everything, some local packages,
   some sessions, or nothing; a path that no rule knows concerns everything. Packages whose files name it count it among
   their own (`wsnox.affected.readers`).
2. Every run is affected by a path that concerns everything, that a ``conftest.py`` above the members names, or whose rule
   names a session that does not exist; by parts of the root's manifest that no session shows; and by a stale lockfile
   (`wsnox.affected.state`).
3. A run is affected where it is new, or its settings differ.
4. A run is affected by a path that a rule, a command or a text says it reads; and where a local package changed that is
   part of it, or of its closure before or now.
5. A run is affected where its closure differs between the two lockfiles on one of its targets (`wsnox.affected.lock_diff`).
6. A run is affected where one that it requires is: nox runs that before it.

Reasons are kept apart and never stand in for each other, so one more changed path only ever adds to them. As in guppy's
determinator, no step runs git or reads a file.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.affected.lock_diff import LockDiff
from wsnox.affected.model import (
    Affected,
    AffectedRun,
    Configured,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    Requires,
)
from wsnox.affected.readers import Readers, WorkTree
from wsnox.affected.rules import Rules, local_packages, matches_session
from wsnox.affected.state import differing_parts
from wsnox.closure.request import session_request
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.affected.model import Reason
    from wsnox.affected.rules import Meaning
    from wsnox.affected.state import State
    from wsnox.affected.targets import Targets
    from wsnox.closure import Request
    from wsnox.workspace.sessions import SessionRun

    Meanings = Mapping[str, Meaning]

__all__ = ["affected", "all_affected", "explain", "joined", "rules_for"]


def affected(
    old: State,
    new: State,
    *,
    before: Sequence[SessionRun],
    runs: Sequence[SessionRun],
    paths: Iterable[str],
    targets: Targets,
    work_tree: WorkTree,
    complete: bool = True,
) -> Affected:
    """Return which of the *runs* of the state *new* the change from *old*, whose runs were *before*, can affect.

    *paths* are all that changed, relative to the workspace root; *work_tree* has the texts that tell who reads them. Where
    *complete*, *runs* are all that there are, and a rule for a session that is none of them is a mistake. Otherwise they
    are those of a function of the noxfile.
    """
    rules = rules_for(new, old)
    readers = Readers(work_tree, rules.packages, new.workspace.root.as_posix(), functions=not complete)
    meanings = {path: _meaning(path, rules, readers) for path in sorted(set(paths))}
    of_everybody, of_project = differing_parts(old, new)
    meanings |= {
        f"pyproject.toml [{part}]": rules.of_root_project("the root's own project is another") for part in of_project
    }
    everything = (
        *_global_changes_by_path(meanings, readers),
        *(Everything(f"`pyproject.toml` changed in `{part}`") for part in of_everybody),
        *_global_changes_by_lockfile(old, new),
        *(_rules_for_no_session(meanings, runs) if complete else ()),
    )
    reasons = _Reasons(old, new, before, meanings=meanings, readers=readers, targets=targets)
    affected_runs = _with_dependents([AffectedRun(run=run, reasons=tuple(reasons.of(run))) for run in runs])
    return Affected(
        runs=tuple(run for run in affected_runs if everything or run.reasons), total=len(runs), everything=everything
    )


def all_affected(runs: Sequence[SessionRun], why: str) -> Affected:
    """Return that all *runs* are affected, since nothing could be compared, for the reason *why*."""
    affected_runs = tuple(AffectedRun(run=run, reasons=()) for run in runs)
    return Affected(runs=affected_runs, total=len(runs), everything=(Everything(why),))


def joined(answers: Sequence[Affected], runs: Sequence[SessionRun]) -> Affected:
    """Return what any of *answers*, one for each base of a change, says of the same *runs*."""
    reasons: dict[str, list[Reason]] = {}
    for affected_run in (affected_run for answer in answers for affected_run in answer.runs):
        earlier = reasons.setdefault(affected_run.run.title, [])
        earlier += (reason for reason in affected_run.reasons if reason not in earlier)
    return Affected(
        runs=tuple(AffectedRun(run=run, reasons=tuple(reasons[run.title])) for run in runs if run.title in reasons),
        total=len(runs),
        everything=tuple(dict.fromkeys(reason for answer in answers for reason in answer.everything)),
    )


def rules_for(new: State, old: State | None = None) -> Rules:
    """Return the rules of *new*, to which the directories of local packages of *old* are known as well."""
    states = (new,) if old is None else (old, new)
    return Rules(
        new.workspace, (package for state in states for package in local_packages(state.workspace, state.lock))
    )


def explain(path: str, rules: Rules, readers: Readers, runs: Iterable[SessionRun]) -> Meaning:
    """Return what a change of *path* would mean to *runs*, with those among its sessions that are known to read it."""
    meaning = _meaning(path, rules, readers)
    changed = _read_by_some({path: meaning}, readers)
    reading = (run.title for run in runs if any(readers.files_read(run, changed)))
    return replace(meaning, sessions=tuple(dict.fromkeys((*meaning.sessions, *reading))))


def _meaning(path: str, rules: Rules, readers: Readers) -> Meaning:
    """Return what *rules* say of *path*, and the local packages that name it."""
    meaning = rules.meaning(path)
    if meaning.final or meaning.everything:
        return meaning
    files = readers.packages(path, document=meaning.document)
    naming = {name: file for name, file in files.items() if name not in meaning.packages}
    if not naming:
        return meaning
    named = ", ".join(f"`{file}`" for file in dict.fromkeys(naming.values()))
    packages = (*meaning.packages, *sorted(naming))
    return replace(meaning, because=f"{meaning.because}; named by {named}", packages=packages)


def _read_by_some(meanings: Meanings, readers: Readers) -> list[tuple[str, str, Meaning]]:
    """Return the paths that concern whoever reads them, besides those whom *meanings* name: path, absolute path, meaning."""
    return [
        (path, readers.absolute(path), meaning)
        for path, meaning in meanings.items()
        if not (meaning.final or meaning.everything)
    ]


# --- reasons for every run ---


def _global_changes_by_path(meanings: Meanings, readers: Readers) -> Iterator[Everything]:
    """Yield the paths that concern everything, then those that a ``conftest.py`` above the members names."""
    for path, meaning in meanings.items():
        if meaning.everything:
            yield Everything(f"`{path}` changed: {meaning.because}")
    for path, meaning in meanings.items():
        if readers.everyone_reads(path, meaning):
            yield Everything(f"`{path}` changed: the `conftest.py` of everybody names it")


def _global_changes_by_lockfile(old: State, new: State) -> Iterator[Everything]:
    """Yield why no session can run now, and why none could run before, where that state was another."""
    if clause := new.first_stale_clause():
        yield Everything(f"`uv.lock` does not match the workspace: {clause}")
    if not new.declares_as(old) and (clause := old.first_stale_clause()):
        yield Everything(f"before, `uv.lock` did not match the workspace: {clause}")


def _rules_for_no_session(meanings: Meanings, runs: Sequence[SessionRun]) -> Iterator[Everything]:
    """Yield the paths whose rule names a session that has none of *runs*."""
    names = {name for run in runs for name in _names(run)}
    for path, meaning in meanings.items():
        for pattern in meaning.sessions:
            if not matches_session(pattern, names):
                yield Everything(f"`{path}` changed: {meaning.because}, whose `{pattern}` is no session")


def _names(run: SessionRun) -> tuple[str, str]:
    return run.session.name, run.title


# --- reasons for one run ---


class _Reasons:
    """The reasons for each run of *new*, where *before* are the runs of *old*; what runs share is worked out once."""

    def __init__(
        self,
        old: State,
        new: State,
        before: Sequence[SessionRun],
        *,
        meanings: Meanings,
        readers: Readers,
        targets: Targets,
    ) -> None:
        self._old, self._new = old, new
        self._before = {run.key: run for run in before}
        self._meanings, self._readers, self._targets = meanings, readers, targets
        self._readable = _read_by_some(meanings, readers)
        self._changed: dict[str, list[str]] = {}
        for path, meaning in meanings.items():
            for name in meaning.packages:
                self._changed.setdefault(name, []).append(path)
        self._declared_anew = not new.declares_as(old)
        self._lock_diff = LockDiff(old.lock, new.lock)

    def of(self, run: SessionRun) -> Iterator[Reason]:
        """Yield every reason for which *run* is affected, but for what it requires."""
        prior = self._before.get(run.key)
        if prior is None:
            yield New()
        else:
            before, after = _settings(self._old, prior), _settings(self._new, run)
            if keys := tuple(key for key in after if before[key] != after[key]):
                yield Configured(keys)
        requests: list[Request | WsnoxError | None] = [None, None]
        if self._changed or self._declared_anew:
            requests = [None if prior is None else _request(self._old, prior), _request(self._new, run)]
        yield from self._by_files(run, requests)
        old, new = requests
        if self._declared_anew and old is not None and new is not None:
            yield from self._lock_diff.differences(old, new, run.python, self._targets.of(run.python))

    def _by_files(self, run: SessionRun, requests: Sequence[Request | WsnoxError | None]) -> Iterator[Reason]:
        selected = {selection.member.name for selection in run.selections}
        for name in sorted((selected | self._changed_in_closures(run, requests)) & self._changed.keys()):
            yield MemberChanged(name, tuple(self._changed[name]), own=name in selected)
        in_root = run.session.directory == self._new.workspace.root
        for path, meaning in self._meanings.items():
            by_rule = any(matches_session(pattern, _names(run)) for pattern in meaning.sessions)
            if by_rule or (in_root and meaning.in_root):
                yield FileChanged(path)
        yield from self._readers.files_read(run, self._readable)

    def _changed_in_closures(self, run: SessionRun, requests: Sequence[Request | WsnoxError | None]) -> set[str]:
        """Return the changed local packages in the closures of *requests*, before and now."""
        names: set[str] = set()
        for closures, request in zip((self._lock_diff.old, self._lock_diff.new), requests, strict=True):
            if self._changed and request is not None and not isinstance(request, WsnoxError):
                names |= closures.local_packages(request, self._targets.of(run.python)) & self._changed.keys()
        return names


def _request(state: State, run: SessionRun) -> Request | WsnoxError:
    """Return what *run* asks for in *state*, or why it cannot."""
    try:
        return session_request(state.workspace, state.lock, run)
    except WsnoxError as error:
        return error


def _settings(state: State, run: SessionRun) -> dict[str, object]:
    """Return the settings of *run* that show in no closure."""
    session, config = run.session, state.workspace.manifest.config
    return {
        "commands": session.commands,
        "env": dict(session.env),
        "editable": session.editable,
        "requires": session.requires,
        "default": session.default,
        "skip": session.skip,
        "imports": config.imports if session.kind == "imports" else (),
        "lock": config.lock,
        "directory": posixpath.relpath(session.directory.as_posix(), state.workspace.root.as_posix()),
        "members": tuple(selection.member.name for selection in run.selections),
    }


def _with_dependents(affected_runs: Sequence[AffectedRun]) -> Sequence[AffectedRun]:
    """Return *affected_runs* with one more reason for each run that requires an affected one, and so on."""
    names = {name for affected_run in affected_runs if affected_run.reasons for name in _names(affected_run.run)}
    extended = []
    for affected_run in affected_runs:
        required = {*affected_run.run.session.requires_on(affected_run.run.python)} & names
        reasons = [reason for name in sorted(required) if (reason := Requires(name)) not in affected_run.reasons]
        extended.append(replace(affected_run, reasons=(*affected_run.reasons, *reasons)) if reasons else affected_run)
    return extended if extended == list(affected_runs) else _with_dependents(extended)
