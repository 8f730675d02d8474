"""What a change can affect: (old state, new state, meanings of changed paths) -> runs of sessions, with every reason.

1. Each changed path, and each table of the root's manifest that differs, has its meaning from the rules
   (`wsnox.affected.rules`): it concerns everything, some local packages, some sessions, those that have a tool, or
   nothing; what no rule knows concerns everything. Packages whose files name a path count it among their own
   (`wsnox.affected.readers`).
2. Every run is affected by a path that concerns everything, that a ``conftest.py`` above the members names, or whose rule
   names a session that does not exist; and by a stale lockfile (`wsnox.affected.model`).
3. A run is affected where it is new, or its settings differ.
4. A run is affected by a path that a rule, a command or a text says it reads (`wsnox.affected.session_files`); and where
   a local package changed that is part of it, or of its closure before or now.
5. A run is affected where its closure differs between the two lockfiles on one of its targets (`wsnox.affected.lock_diff`).
6. A run is affected where one that it requires is: nox runs that before it.

Reasons are kept apart and never stand in for each other, so one more changed path only ever adds to them. As in guppy's
determinator, no step runs git or reads a file.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Literal

from wsnox._record import replace
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
    differing_tables,
)
from wsnox.affected.readers import EVERYBODY, ROOT, Reader, Readers
from wsnox.affected.rules import matches_session, table_path
from wsnox.affected.session_files import ChangedFiles, SessionFiles
from wsnox.closure.request import session_request
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.affected.lock_closures import Targets
    from wsnox.affected.model import Reason, State
    from wsnox.affected.readers import WorkTree
    from wsnox.affected.rules import Meaning, Rules
    from wsnox.closure import Request
    from wsnox.workspace.sessions import SessionRun

    Meanings = Mapping[str, Meaning]

__all__ = ["affected", "all_affected", "explain", "joined"]


def affected(
    old: State,
    new: State,
    *,
    before: Sequence[SessionRun],
    runs: Sequence[SessionRun],
    meanings: Meanings,
    rules: Rules,
    targets: Targets,
    work_tree: WorkTree,
    complete: bool = True,
) -> Affected:
    """Return which of the *runs* of the state *new* the change from *old*, whose runs were *before*, can affect.

    *meanings* are what the *rules* say of each path that changed, relative to the workspace root; *work_tree* has the
    texts that tell who reads them. Where *complete*, *runs* are all that there are, and a rule for a session that is none
    of them is a mistake. Otherwise they are those of functions of the noxfile.
    """
    root = new.workspace.root.as_posix()
    readers = Readers(work_tree, rules.packages, root, lambda file: rules.meaning(file).own)
    meanings = {path: _with_readers(path, meanings[path], readers, work_tree) for path in sorted(meanings)}
    meanings |= _of_tables(old, new, rules)
    everything = (
        *(
            Everything(f"`{path}` changed: {meaning.because}", path)
            for path, meaning in meanings.items()
            if meaning.everything
        ),
        *_global_changes_by_lockfile(old, new),
        *(_rules_for_no_session(meanings, runs) if complete else ()),
    )
    files = SessionFiles(root, readers.ends, None if complete else work_tree.noxfile)
    reasons = _Reasons(old, new, before, meanings=meanings, files=files, targets=targets)
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


def explain(path: str, rules: Rules, work_tree: WorkTree, root: str, runs: Iterable[SessionRun]) -> Meaning:
    """Return what a change of *path* would mean to *runs*, with those among its sessions that are known to read it."""
    readers = Readers(work_tree, rules.packages, root, lambda file: rules.meaning(file).own)
    meaning = _with_readers(path, rules.meaning(path), readers, work_tree)
    files, changed = SessionFiles(root, readers.ends), ChangedFiles({path: meaning}, root)
    reading = (run.title for run in runs if any(files.read_by(run, changed)))
    return replace(meaning, sessions=tuple(dict.fromkeys((*meaning.sessions, *reading))))


def _with_readers(path: str, meaning: Meaning, readers: Readers, work_tree: WorkTree) -> Meaning:
    """Return *meaning*, which the rules say *path* has, with what the texts of the work tree add."""
    if meaning.final or meaning.everything:
        return meaning
    if path in work_tree.pipelines:
        words = "that runs wsnox" if meaning.pipeline else "of a pipeline that runs wsnox"
        return replace(meaning, because=f"{meaning.because}, {words}", everything=True)
    files = readers.of(path, meaning)
    if file := files.get(Reader(EVERYBODY)):
        return replace(meaning, because=f"the `{file}` of everybody names it", everything=True)
    naming = {reader: file for reader, file in files.items() if reader.package not in meaning.packages}
    if not naming:
        return meaning
    because = f"{meaning.because}; named by {', '.join(f'`{file}`' for file in dict.fromkeys(naming.values()))}"
    packages = {reader.package for reader in naming if not reader.alone} - {ROOT}
    return replace(
        meaning,
        because=because,
        packages=(*meaning.packages, *sorted(packages)),
        read_by=tuple(sorted((reader.package, file) for reader, file in naming.items() if reader.alone)),
        in_root=meaning.in_root or Reader(ROOT) in naming,
    )


def _of_tables(old: State, new: State, rules: Rules) -> Meanings:
    """Return the meanings of the tables of the root's manifest that differ, if nothing else shows them."""
    distributions = frozenset(old.lock.by_name.keys() | new.lock.by_name.keys())
    meanings = {table: rules.table_meaning(table, distributions) for table in differing_tables(old, new)}
    return {table_path(table): meaning for table, meaning in meanings.items() if meaning is not None}


# --- reasons for every run ---


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
                yield Everything(f"`{path}` changed: {meaning.because}, whose `{pattern}` is not a session", path)


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
        files: SessionFiles,
        targets: Targets,
    ) -> None:
        self._old, self._new = old, new
        self._before = {run.key: run for run in before}
        self._files, self._targets = files, targets
        self._readable = ChangedFiles(meanings, new.workspace.root.as_posix())
        self._changed, self._own = _by_package(meanings, "packages"), _by_package(meanings, "own")
        self._names = frozenset(self._changed)
        self._by_session = {path: meaning for path, meaning in meanings.items() if meaning.sessions or meaning.in_root}
        self._by_tool = {path: meaning for path, meaning in meanings.items() if meaning.tools}
        self._tools = frozenset(tool for meaning in self._by_tool.values() for tool in meaning.tools)
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
        if self._changed or self._tools or self._declared_anew:
            request = _request(self._new, run)
            # The same manifests and lockfile make the same request.
            if prior is not None:
                requests = [_request(self._old, prior) if self._declared_anew else request, request]
            else:
                requests = [None, request]
        yield from self._by_packages(run, requests)
        yield from self._by_files(run, requests)
        old, new = requests
        # Another resolution has its versions in a file of its own.
        if self._declared_anew and old is not None and new is not None and not run.session.resolution:
            yield from self._lock_diff.differences(old, new, run.python, self._targets.of(run.python))

    def _by_packages(self, run: SessionRun, requests: Sequence[Request | WsnoxError | None]) -> Iterator[Reason]:
        selected = {selection.member.name for selection in run.selections}
        names = self._in_closures(run, requests, self._names) | (selected & self._changed.keys())
        for name in sorted(names | (selected & self._own.keys())):
            paths = sorted({*self._changed.get(name, ()), *(self._own.get(name, ()) if name in selected else ())})
            yield MemberChanged(name, tuple(paths), own=name in selected)

    def _by_files(self, run: SessionRun, requests: Sequence[Request | WsnoxError | None]) -> Iterator[Reason]:
        runs = run.session.kind != "imports"
        in_root = runs and run.session.directory == self._new.workspace.root
        for path, meaning in self._by_session.items():
            by_rule = any(matches_session(pattern, _names(run)) for pattern in meaning.sessions)
            if by_rule or (in_root and meaning.in_root):
                yield FileChanged(path)
        if self._tools and runs:
            tools = self._in_closures(run, requests, self._tools) | (_words_of(run) & self._tools)
            for path, meaning in self._by_tool.items():
                if present := sorted(tools.intersection(meaning.tools)):
                    yield FileChanged(path, f"and it has {present[0]}")
        yield from self._files.read_by(run, self._readable)

    def _in_closures(
        self, run: SessionRun, requests: Sequence[Request | WsnoxError | None], names: frozenset[str]
    ) -> set[str]:
        """Return those *names* of packages that are in the closures of *requests*, before and now."""
        # With one lockfile and one request, both closures are one.
        pairs = dict.fromkeys(zip((self._lock_diff.old, self._lock_diff.new), requests, strict=True))
        return {
            name
            for closures, request in (pairs if names else ())
            if request is not None and not isinstance(request, WsnoxError)
            for name in closures.present(request, self._targets.of(run.python), names)
        }


def _by_package(meanings: Meanings, field: Literal["packages", "own"]) -> dict[str, list[str]]:
    """Return the paths of *meanings* by the packages in their *field*."""
    paths: dict[str, list[str]] = {}
    for path, meaning in meanings.items():
        for name in getattr(meaning, field):
            paths.setdefault(name, []).append(path)
    return paths


def _words_of(run: SessionRun) -> set[str]:
    """Return the words of the commands of *run*, as which it names tools; by default that is pytest."""
    commands = run.session.every_command
    texts = (word for command in commands for word in ((command,) if isinstance(command, str) else command))
    words = {word.lower().replace("_", "-") for text in texts for word in re.findall(r"[\w.-]+", text)}
    return {"pytest", *words} if run.session.commands is None else words


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
        "before": session.before,
        "after": session.after,
        "background": session.background,
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
