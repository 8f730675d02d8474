"""What a change can affect: (old state, new state, changed paths, rules) -> runs of sessions, with every reason.

1. What each changed path means (`wsnox.change.rules`): everything, some local packages, some sessions, or nothing. What
   no rule knows means everything.
2. What of the root's manifest no session shows by itself, and a lockfile that does not match, means everything.
3. A run is affected where it is new or its settings differ; where a local package that is part of it, or of its closure
   before or after, changed; where its closure differs between the two lockfiles on one of its targets.

Reasons are kept apart and never stand in for each other, so one more changed path only ever adds to them.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.change.closures import Closures, Comparison
from wsnox.change.manifest import PROJECT, differing
from wsnox.change.reach import Reach, comparable, differing_packages
from wsnox.change.records import (
    Affected,
    AffectedRun,
    Configured,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    Requires,
)
from wsnox.change.rules import Rules, matching_names, trees_of
from wsnox.change.runs import required
from wsnox.errors import WsnoxError
from wsnox.lock.freshness import stale

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.change.records import Reason, Run, State
    from wsnox.change.rules import Meaning
    from wsnox.change.targets import Targets
    from wsnox.lock import Lock

__all__ = ["affected", "all_of", "rules_for"]


def affected(
    old: State,
    new: State,
    *,
    before: Sequence[Run],
    runs: Sequence[Run],
    paths: Iterable[str],
    targets: Targets,
    complete: bool = True,
) -> Affected:
    """Return which of the *runs* of the state *new* the change from *old*, whose runs were *before*, can affect.

    *paths* are all that changed, relative to the workspace root. *complete* tells that *runs* are all there are, so that
    a rule for a session that is none of them is a mistake.
    """
    rules = rules_for(old, new)
    meanings = {path: rules.meaning(path) for path in sorted(set(paths))}
    for part in _of_project(old, new):
        meanings[f"pyproject.toml [{part}]"] = rules.of_project("the root's own project is another")
    answer = _Answer(old, new, before, meanings, targets)
    everything = (*_by_path(meanings), *answer.by_manifest(), *(_by_rules(meanings, runs) if complete else ()))
    found = _with_what_requires([AffectedRun(run=run, reasons=answer.reasons(run)) for run in runs])
    return Affected(
        runs=tuple(each for each in found if everything or each.reasons), total=len(runs), everything=everything
    )


def _with_what_requires(found: Sequence[AffectedRun]) -> tuple[AffectedRun, ...]:
    """Return *found* with one reason more for each run that requires an affected one: nox runs that before it."""
    names = {name for each in found if each.reasons for name in (each.run.title, each.run.spec.name)}
    more = tuple(replace(each, reasons=_with_required(each, names)) for each in found)
    return more if more == tuple(found) else _with_what_requires(more)


def _with_required(each: AffectedRun, names: Collection[str]) -> tuple[Reason, ...]:
    needed = (Requires(name) for name in sorted({*required(each.run)}) if name in names)
    return (*each.reasons, *(reason for reason in needed if reason not in each.reasons))


def all_of(runs: Sequence[Run], words: str) -> Affected:
    """Return that all *runs* are affected, since nothing could be compared, as *words* tell."""
    everything = (Everything(words),)
    return Affected(
        runs=tuple(AffectedRun(run=run, reasons=()) for run in runs), total=len(runs), everything=everything
    )


def rules_for(old: State | None, new: State) -> Rules:
    """Return the rules of *new*, to which the directories of local packages of *old* are known as well."""
    before = () if old is None else trees_of(old.workspace, old.lock)
    return Rules(new.workspace, (*before, *trees_of(new.workspace, new.lock)))


def _by_path(meanings: Mapping[str, Meaning]) -> Iterator[Everything]:
    for path, meaning in meanings.items():
        if meaning.everything:
            yield Everything(f"`{path}` changed: {meaning.because}")


def _by_rules(meanings: Mapping[str, Meaning], runs: Sequence[Run]) -> Iterator[Everything]:
    names = {name for run in runs for name in (run.spec.name, run.title)}
    for path, meaning in meanings.items():
        for pattern in meaning.sessions:
            if not any(matching_names(names, (pattern,))):
                yield Everything(f"`{path}` changed: {meaning.because}, whose `{pattern}` is no session")


def _of_project(old: State, new: State) -> list[str]:
    parts = differing(old.rest, new.rest, ())
    return [part for part in parts if part in PROJECT] if new.workspace.project is not None else []


class _Answer:
    """The reasons for each run; what all of them share is worked out once."""

    def __init__(
        self, old: State, new: State, before: Sequence[Run], meanings: Mapping[str, Meaning], targets: Targets
    ) -> None:
        self._old, self._new, self._meanings, self._targets = old, new, meanings, targets
        self._before = {run.key: run for run in before}
        self._was = Closures(old)
        self._now = Closures(new)
        self._comparison = Comparison(self._was, self._now)
        self._changed: dict[str, list[str]] = {}
        for path, meaning in meanings.items():
            for name in meaning.packages:
                self._changed.setdefault(name, []).append(path)
        self._to_changed = [(closures, _reach(state.lock, self._changed)) for closures, state in self._sides()]
        one = old.lock is new.lock
        self._declared_anew = not one or _digests(old) != _digests(new)
        self._comparable = one or comparable(old.lock, new.lock)
        self._to_differing = Reach(new.lock, () if one else differing_packages(old.lock, new.lock))

    def _sides(self) -> tuple[tuple[Closures, State], ...]:
        return (self._was, self._old), (self._now, self._new)

    def by_manifest(self) -> Iterator[Everything]:
        """Yield what concerns every run without being a file's: the root's manifest, and a lockfile that is stale."""
        locked = self._old.lock.by_name.keys() | self._new.lock.by_name.keys()
        of_project = PROJECT if self._new.workspace.project is not None else ()
        for part in differing(self._old.rest, self._new.rest, locked):
            if part not in of_project:
                yield Everything(f"`pyproject.toml` changed in `{part}`")
        if self._declared_anew and self._new.workspace.manifest.config.lock != "frozen":
            for problem in stale(self._new.workspace, self._new.lock)[:1]:
                yield Everything(f"`uv.lock` does not match the workspace: {problem}")

    def reasons(self, run: Run) -> tuple[Reason, ...]:
        """Return every reason for which *run* is affected."""
        prior = self._before.get(run.key)
        return (
            *([New()] if prior is None else self._configured(prior, run)),
            *self._by_files(run, prior),
            *self._by_closure(run, prior),
        )

    def _configured(self, prior: Run, run: Run) -> list[Configured]:
        was, now = _settings(self._old, prior), _settings(self._new, run)
        keys = tuple(key for key in now if was[key] != now[key])
        return [Configured(keys)] if keys else []

    def _by_files(self, run: Run, prior: Run | None) -> Iterator[Reason]:
        own = {part.member.name for part in run.parts}
        names = own if not self._changed else own | self._local(run, prior)
        for name in sorted(names & self._changed.keys()):
            yield MemberChanged(name, tuple(self._changed[name]), own=name in own)
        in_root = run.spec.directory == self._new.workspace.root
        for path, meaning in self._meanings.items():
            named = any(matching_names((run.spec.name, run.title), meaning.sessions)) if meaning.sessions else False
            if named or (in_root and meaning.in_root):
                yield FileChanged(path)

    def _local(self, run: Run, prior: Run | None) -> frozenset[str]:
        """Return the local packages in the closures of *run* before and now, of those that lead to a changed one."""
        found: frozenset[str] = frozenset()
        for (closures, reach), each in zip(self._to_changed, (prior, run), strict=True):
            request = None if each is None else closures.request(each)
            if each is not None and not isinstance(request, WsnoxError | None) and reach.concerns(request):
                local = closures.local(each, self._targets.of(each.python))
                found |= self._changed.keys() if local is None else local
        return found

    def _by_closure(self, run: Run, prior: Run | None) -> Iterator[Reason]:
        if prior is not None and self._may_differ(prior, run):
            yield from self._comparison.differences(prior, run, self._targets.of(run.python))

    def _may_differ(self, prior: Run, run: Run) -> bool:
        """Tell whether the two closures have to be computed to know that they are equal."""
        if not self._declared_anew:
            return False
        was, now = self._was.request(prior), self._now.request(run)
        if isinstance(was, WsnoxError) or isinstance(now, WsnoxError):
            return True
        return was != now or not self._comparable or self._to_differing.concerns(now)


def _reach(lock: Lock, names: Iterable[str]) -> Reach:
    return Reach(lock, (index for name in names for index in lock.by_name.get(name, ())))


def _digests(state: State) -> list[str]:
    manifests = [state.workspace.manifest, *(member.manifest for member in state.workspace.members)]
    return [manifest.digest for manifest in manifests]


def _settings(state: State, run: Run) -> dict[str, object]:
    """Return what is set for *run* and shows in no closure."""
    spec = run.spec
    return {
        "commands": spec.commands,
        "env": dict(spec.env),
        "editable": spec.editable,
        "requires": spec.requires,
        "default": spec.default,
        "skip": spec.skip,
        "lock": state.workspace.manifest.config.lock,
        "directory": posixpath.relpath(spec.directory.as_posix(), state.workspace.root.as_posix()),
        "members": tuple(part.member.name for part in run.parts),
    }
