"""What a change can affect: (old state, new state, changed paths, rules) -> runs of sessions, with every reason.

1. What each changed path means (`wsnox.change.rules`): everything, some local packages, some sessions, or nothing. What
   no rule knows means everything. To that comes who else reads it (`wsnox.change.reading`).
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
from wsnox.change.everything import by_conftest, by_manifest, by_path, by_rules, parts_of_project
from wsnox.change.reading import NOTHING_READ, Readers
from wsnox.change.records import Affected, AffectedRun, Everything, Requires
from wsnox.change.rules import Rules, trees_of
from wsnox.change.runs import required

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wsnox.change.reading import Reading
    from wsnox.change.records import Reason, Run, State
    from wsnox.change.rules import Meaning
    from wsnox.change.targets import Targets

__all__ = ["affected", "all_of", "joined", "meaning_of", "rules_for"]


def affected(
    old: State,
    new: State,
    *,
    before: Sequence[Run],
    runs: Sequence[Run],
    paths: Iterable[str],
    targets: Targets,
    reading: Reading = NOTHING_READ,
    complete: bool = True,
) -> Affected:
    """Return which of the *runs* of the state *new* the change from *old*, whose runs were *before*, can affect.

    *paths* are all that changed, relative to the workspace root, *reading* is what is known of who reads them. *complete*
    tells that *runs* are all there are, so that a rule for a session that is none of them is a mistake; else they are of
    a function of the noxfile.
    """
    rules = rules_for(old, new)
    readers = Readers(reading, rules.trees, new.workspace.root.as_posix())
    meanings = {path: meaning_of(path, rules, readers) for path in sorted(set(paths))}
    for part in parts_of_project(old, new):
        meanings[f"pyproject.toml [{part}]"] = rules.of_project("the root's own project is another")
    causes = Causes(old, new, before, meanings, targets, reading=reading, functions=not complete)
    everything = (
        *by_path(meanings),
        *by_conftest(meanings, reading),
        *by_manifest(old, new),
        *(by_rules(meanings, runs) if complete else ()),
    )
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


def joined(answers: Sequence[Affected], runs: Sequence[Run]) -> Affected:
    """Return what any of *answers* tells, which are about the same *runs*: one for each base of a change."""
    reasons: dict[str, list[Reason]] = {}
    for each in (each for answer in answers for each in answer.runs):
        told = reasons.setdefault(each.run.title, [])
        told += (reason for reason in each.reasons if reason not in told)
    found = (AffectedRun(run=run, reasons=tuple(reasons[run.title])) for run in runs if run.title in reasons)
    everything = dict.fromkeys(reason for answer in answers for reason in answer.everything)
    return Affected(runs=tuple(found), total=len(runs), everything=tuple(everything))


def meaning_of(path: str, rules: Rules, readers: Readers) -> Meaning:
    """Return what *rules* say of *path*; the local packages that name it count it among their files."""
    meaning = rules.meaning(path)
    if meaning.final or meaning.everything:
        return meaning
    more = {
        name: file for name, file in readers.of(path, document=meaning.document).items() if name not in meaning.packages
    }
    if not more:
        return meaning
    named = ", ".join(f"`{file}`" for file in dict.fromkeys(more.values()))
    return replace(meaning, because=f"{meaning.because}; named by {named}", packages=(*meaning.packages, *sorted(more)))


def rules_for(old: State | None, new: State) -> Rules:
    """Return the rules of *new*, to which the directories of local packages of *old* are known as well."""
    before = () if old is None else trees_of(old.workspace, old.lock)
    return Rules(new.workspace, (*before, *trees_of(new.workspace, new.lock)))
