"""What a change can affect: (old state, new state, changed paths, rules) -> runs of sessions, with every reason.

1. What each changed path means (`wsnox.change.rules`): everything, some local packages, some sessions, or nothing. What
   no rule knows means everything.
2. What of the root's manifest no session shows by itself, and a lockfile that does not match, means everything
   (`wsnox.change.everything`).
3. A run is affected where it is new or its settings differ; where a local package that is part of it, or of its closure
   before or after, changed; where its closure differs between the two lockfiles on one of its targets
   (`wsnox.change.causes`).

Reasons are kept apart and never stand in for each other, so one more changed path only ever adds to them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.change.causes import Causes
from wsnox.change.everything import by_manifest, by_path, by_rules, parts_of_project
from wsnox.change.records import Affected, AffectedRun, Everything, Requires
from wsnox.change.rules import Rules, trees_of
from wsnox.change.runs import required

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wsnox.change.records import Reason, Run, State
    from wsnox.change.targets import Targets

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
    for part in parts_of_project(old, new):
        meanings[f"pyproject.toml [{part}]"] = rules.of_project("the root's own project is another")
    causes = Causes(old, new, before, meanings, targets)
    everything = (*by_path(meanings), *by_manifest(old, new), *(by_rules(meanings, runs) if complete else ()))
    found = _with_what_requires([AffectedRun(run=run, reasons=causes.of(run)) for run in runs])
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
