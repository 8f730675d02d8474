"""What a change can affect: (old state, new state, changed paths, rules) -> runs of sessions, with every reason.

1. What each changed path means (`wsnox.affected.rules`): everything, some local packages, some sessions, or nothing. What
   no rule knows means everything. To that comes who else reads it (`wsnox.affected.reading`).
2. What of the root's manifest no session shows by itself, and a lockfile that does not match, means everything
   (`wsnox.affected.determinator`).
3. A run is affected where it is new or its settings differ; where a local package that is part of it, or of its closure
   before or after, changed; where its closure differs between the two lockfiles on one of its targets
   (`wsnox.affected.causes`).

Reasons are kept apart and never stand in for each other, so one more changed path only ever adds to them.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.affected.links import is_below
from wsnox.affected.lock_diff import Closures, Comparison, Numbers, Reach, Side, comparable, differing_packages
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
from wsnox.affected.readers import NOTHING_READ, Readers, is_document, named_by, named_by_function, names, touched
from wsnox.affected.rules import Rules, matching_names, trees_of
from wsnox.errors import ManifestError, WsnoxError
from wsnox.freshness import stale_clauses
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.affected.model import Reason, State
    from wsnox.affected.readers import Reading
    from wsnox.affected.rules import Meaning
    from wsnox.affected.targets import Targets
    from wsnox.lock import Lock
    from wsnox.workspace.sessions import SessionRun
    from wsnox.workspace.tables import Table

__all__ = [
    "PROJECT",
    "Causes",
    "affected",
    "all_of",
    "by_conftest",
    "by_manifest",
    "by_path",
    "by_rules",
    "declared_anew",
    "differing",
    "joined",
    "meaning_of",
    "parts_of_manifest",
    "parts_of_project",
    "rules_for",
]

# --- What of the root's manifest no session shows by itself, so that a change of it concerns every sessio ---


PROJECT = ("project", "build-system", "tool.uv.package")
"""Parts that are about the root's own project."""

SOURCES = "tool.uv.sources."
THROUGH_LOCK = frozenset({
    "conflicts",
    "constraint-dependencies",
    "default-groups",
    "dependency-groups",
    "dev-dependencies",
    "environments",
    "exclude-dependencies",
    "override-dependencies",
    "prerelease",
    "required-environments",
    "resolution",
    "sources",
    "workspace",
})  # fmt: skip


def differing(before: Mapping[str, str], after: Mapping[str, str], locked: Collection[str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, but for the sources of packages that are *locked*."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return tuple(name for name in names if not (name.startswith(SOURCES) and name.removeprefix(SOURCES) in locked))


def parts_of_manifest(path: Path) -> Mapping[str, str]:
    """Return a digest of each part of the manifest at *path* that counts, by its dotted name."""
    top = open_table(path)
    return {name: _digest(table, key) for name, table, key in _parts_manifest(top)}


def _parts_manifest(top: Table) -> Iterator[tuple[str, Table, str]]:
    tool, uv = top.table("tool"), top.table("tool").table("uv")
    yield from ((key, top, key) for key in top if key not in ("tool", "dependency-groups"))
    yield from ((f"tool.{key}", tool, key) for key in tool if key not in ("uv", "wsnox"))
    yield from ((f"tool.uv.{key}", uv, key) for key in uv if key not in THROUGH_LOCK)
    yield from ((f"{SOURCES}{name}", uv.table("sources"), key) for key, name in uv.table("sources").normal_keys())


def _digest(table: Table, key: str) -> str:
    # Dates and times of TOML have no form in JSON.
    text = json.dumps(table.peek(key), sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


# --- What of a change concerns every run: paths that mean everything, the root's manifest, and a lockfile ---


def by_path(meanings: Mapping[str, Meaning]) -> Iterator[Everything]:
    """Yield the paths of which a rule, or no rule, says that they concern everything."""
    for path, meaning in meanings.items():
        if meaning.everything:
            yield Everything(f"`{path}` changed: {meaning.because}")


def by_conftest(meanings: Mapping[str, Meaning], reading: Reading) -> Iterator[Everything]:
    """Yield the documents, and files of the root's own project, that a ``conftest.py`` above the members names."""
    for path, meaning in meanings.items():
        words = re.escape(path.split("/", 1)[0]) if meaning.in_root and "/" in path else ""
        if (meaning.document and names(reading.conftest, path)) or (
            words and re.search(rf"\b{words}\b", reading.conftest)
        ):
            yield Everything(f"`{path}` changed: the `conftest.py` of everybody names it")


def by_rules(meanings: Mapping[str, Meaning], runs: Sequence[SessionRun]) -> Iterator[Everything]:
    """Yield the paths whose rule names a session that none of *runs*, which are all there are, is of."""
    names = {name for run in runs for name in (run.session.name, run.title)}
    for path, meaning in meanings.items():
        for pattern in meaning.sessions:
            if not any(matching_names(names, (pattern,))):
                yield Everything(f"`{path}` changed: {meaning.because}, whose `{pattern}` is no session")


def by_manifest(old: State, new: State) -> Iterator[Everything]:
    """Yield what concerns every run without being a file's: the root's manifest, and a lockfile that is stale."""
    of_project = PROJECT if new.workspace.project is not None else ()
    for part in _parts(old, new):
        if part not in of_project:
            yield Everything(f"`pyproject.toml` changed in `{part}`")
    yield from (Everything(f"`uv.lock` does not match the workspace: {problem}") for problem in _stops(new))
    if declared_anew(old, new):
        yield from (Everything(f"before, `uv.lock` did not match the workspace: {problem}") for problem in _stops(old))


def _stops(state: State) -> tuple[str, ...]:
    """Return the first thing for which the lockfile of *state* is stale, where that stops the sessions."""
    if state.workspace.manifest.config.lock == "frozen":
        return ()
    try:
        return stale_clauses(state.workspace, state.lock)[:1]
    except ManifestError as error:
        return (str(error).partition("\n")[0],)


def parts_of_project(old: State, new: State) -> list[str]:
    """Return the parts of the root's manifest that differ and are about its own project, a package like any other."""
    return [part for part in _parts(old, new) if part in PROJECT] if new.workspace.project is not None else []


def _parts(old: State, new: State) -> tuple[str, ...]:
    return differing(old.rest, new.rest, old.lock.by_name.keys() | new.lock.by_name.keys())


def declared_anew(old: State, new: State) -> bool:
    """Tell whether a lockfile or a manifest is another: without that, no closure is."""
    return old.lock is not new.lock or _digests(old) != _digests(new)


def _digests(state: State) -> list[str]:
    manifests = [state.workspace.manifest, *(member.manifest for member in state.workspace.members)]
    return [manifest.digest for manifest in manifests]


# --- The reasons for one run: its settings, the files of what is in its closure, and the closure itself ---


class Causes:
    """The reasons for each run of *new*, of which *before* are those of *old*; what all share is worked out once."""

    def __init__(
        self,
        old: State,
        new: State,
        before: Sequence[SessionRun],
        meanings: Mapping[str, Meaning],
        targets: Targets,
        *,
        reading: Reading = NOTHING_READ,
        functions: bool = False,
    ) -> None:
        self._meanings, self._targets = meanings, targets
        self._reading, self._functions, self._root = reading, functions, new.workspace.root.as_posix()
        self._open = [
            (path, posixpath.normpath(posixpath.join(self._root, path)), meaning)
            for path, meaning in meanings.items()
            if not (meaning.final or meaning.everything)
        ]
        self._links = {posixpath.join(self._root, path): text for path, text in reading.links.items()}
        self._before = {run.key: run for run in before}
        self._was, self._now, self._comparison = _sides(old, new)
        self._changed: dict[str, list[str]] = {}
        for path, meaning in meanings.items():
            for name in meaning.packages:
                self._changed.setdefault(name, []).append(path)
        self._to_changed = [(side, _reach(side.state.lock, self._changed)) for side in (self._was, self._now)]
        one = old.lock is new.lock
        self._declared_anew = declared_anew(old, new)
        self._comparable = one or comparable(old.lock, new.lock)
        self._to_differing = Reach(new.lock, () if one else differing_packages(old.lock, new.lock))

    def of(self, run: SessionRun) -> tuple[Reason, ...]:
        """Return every reason for which *run* is affected."""
        prior = self._before.get(run.key)
        return (
            *([New()] if prior is None else self._configured(prior, run)),
            *self._by_files(run, prior),
            *self._by_closure(run, prior),
        )

    def _configured(self, prior: SessionRun, run: SessionRun) -> list[Configured]:
        was, now = _settings(self._was.state, prior), _settings(self._now.state, run)
        keys = tuple(key for key in now if was[key] != now[key])
        return [Configured(keys)] if keys else []

    def _by_files(self, run: SessionRun, prior: SessionRun | None) -> Iterator[Reason]:
        own = {part.member.name for part in run.selections}
        names = own if not self._changed else own | self._local(run, prior)
        for name in sorted(names & self._changed.keys()):
            yield MemberChanged(name, tuple(self._changed[name]), own=name in own)
        in_root = run.session.directory == self._now.state.workspace.root
        for path, meaning in self._meanings.items():
            named = any(matching_names((run.session.name, run.title), meaning.sessions)) if meaning.sessions else False
            if named or (in_root and meaning.in_root):
                yield FileChanged(path)

        yield from self.by_reading(run)

    def by_reading(self, run: SessionRun) -> Iterator[FileChanged]:
        """Yield what of the changed paths *run* reads where it stands, or outside, as far as that can be told."""
        if run.session.kind == "imports":
            return
        directory = run.session.directory.as_posix()
        named = named_by(run, self._root, self._links)
        if self._functions:
            named |= named_by_function(self._reading.noxfile, {directory, self._root})
        for path, whole, meaning in self._open:
            if (place := touched(whole, named)) is not None:
                yield FileChanged(path, f"which {named[place]} names")
            elif meaning.document and (why := self._why_document(run, path, outside=bool(named))):
                yield FileChanged(path, why)
            elif meaning.packages and _is_above(whole, directory, self._root) and not is_document(path):
                # Tools look for their settings, and pytest for `conftest.py`, in the folders above.
                yield FileChanged(path, "in a folder above it")

    def _why_document(self, run: SessionRun, path: str, *, outside: bool) -> str:
        """Return why *run* may read the document at *path*, empty where nothing speaks for it."""
        if run.session.directory.as_posix() == self._root:
            runs = run.session.commands or (
                run.session.commands is None and (self._functions or self._reading.root_tests)
            )
            return "which what runs in the workspace root may read" if runs else ""
        if self._functions and names(self._reading.noxfile, path):
            return "which `noxfile.py` names"
        return "which what it names outside of its directory may read" if outside else ""

    def _local(self, run: SessionRun, prior: SessionRun | None) -> frozenset[str]:
        """Return the local packages in the closures of *run* before and now, of those that lead to a changed one."""
        found: frozenset[str] = frozenset()
        for (side, reach), each in zip(self._to_changed, (prior, run), strict=True):
            request = None if each is None else side.request(each)
            if each is not None and not isinstance(request, WsnoxError | None) and reach.concerns(request):
                local = side.local(each, self._targets.of(each.python))
                found |= self._changed.keys() if local is None else local
        return found

    def _by_closure(self, run: SessionRun, prior: SessionRun | None) -> Iterator[Reason]:
        if prior is not None and self._may_differ(prior, run):
            yield from self._comparison.differences(prior, run, self._targets.of(run.python))

    def _may_differ(self, prior: SessionRun, run: SessionRun) -> bool:
        """Tell whether the two closures have to be computed to know that they are equal."""
        if not self._declared_anew:
            return False
        was, now = self._was.request(prior), self._now.request(run)
        if isinstance(was, WsnoxError) or isinstance(now, WsnoxError):
            return True
        return was != now or not self._comparable or self._to_differing.concerns(now)


def _is_above(path: str, directory: str, root: str) -> bool:
    """Tell whether *path* lies in a folder above *directory* that is not the *root*."""
    folder = posixpath.dirname(path)
    return folder not in (directory, root) and is_below(directory, folder)


def _sides(old: State, new: State) -> tuple[Side, Side, Comparison]:
    """Return both sides and what compares them; of one lockfile each closure is worked out once for both."""
    numbers = Numbers(old.lock, new.lock)
    now = Closures(new.lock, numbers.of_new)
    was = now if old.lock is new.lock else Closures(old.lock, numbers.of_old)
    before, after = Side(old, was), Side(new, now)
    return before, after, Comparison(before, after, numbers)


def _reach(lock: Lock, names: Iterable[str]) -> Reach:
    return Reach(lock, (index for name in names for index in lock.by_name.get(name, ())))


def _settings(state: State, run: SessionRun) -> dict[str, object]:
    """Return what is set for *run* and shows in no closure."""
    spec = run.session
    return {
        "commands": spec.commands,
        "env": dict(spec.env),
        "editable": spec.editable,
        "requires": spec.requires,
        "default": spec.default,
        "skip": spec.skip,
        "imports": state.workspace.manifest.config.imports if spec.kind == "imports" else (),
        "lock": state.workspace.manifest.config.lock,
        "directory": posixpath.relpath(spec.directory.as_posix(), state.workspace.root.as_posix()),
        "members": tuple(part.member.name for part in run.selections),
    }


def affected(
    old: State,
    new: State,
    *,
    before: Sequence[SessionRun],
    runs: Sequence[SessionRun],
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
    names = {name for each in found if each.reasons for name in (each.run.title, each.run.session.name)}
    more = tuple(replace(each, reasons=_with_required(each, names)) for each in found)
    return more if more == tuple(found) else _with_what_requires(more)


def _with_required(each: AffectedRun, names: Collection[str]) -> tuple[Reason, ...]:
    needed = (Requires(name) for name in sorted({*each.run.session.requires_on(each.run.python)}) if name in names)
    return (*each.reasons, *(reason for reason in needed if reason not in each.reasons))


def all_of(runs: Sequence[SessionRun], words: str) -> Affected:
    """Return that all *runs* are affected, since nothing could be compared, as *words* tell."""
    everything = (Everything(words),)
    return Affected(
        runs=tuple(AffectedRun(run=run, reasons=()) for run in runs), total=len(runs), everything=everything
    )


def joined(answers: Sequence[Affected], runs: Sequence[SessionRun]) -> Affected:
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
