"""Two lists of requirements compared name by name, and each difference told in one clause.

Whether two lists of conditional requirements on one distribution ask for the same, uv 0.13 decides like this (crates/uv-
configuration, ``normalized_requirements.rs``), earlier releases at most more strictly:

1. Requirements are put together where origin and pin are the same. A pin, ``==1`` alone, stays apart from other
   specifiers, since it allows a version that was yanked. So do conditions that speak of extras: two of them count
   as one only where they are equal.
2. What is put together is compared in every kind of environment that its conditions tell apart. There, the extras
   add up, and the version specifiers must all hold: the same versions, and pre-releases asked for or not.
3. A requirement that can hold nowhere, given the lockfile's range of Pythons, still counts: uv writes it down.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from copy import copy
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from packaging.specifiers import SpecifierSet

from wsnox._record import Record, replace
from wsnox.freshness.origins import MemberKinds, among
from wsnox.freshness.requirements import LoweredRequirement, UnreadRequirement
from wsnox.markers.equivalence import PythonRange
from wsnox.markers.points import Unreadable
from wsnox.markers.versions import clauses, pinned, same_clauses, same_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from wsnox.freshness.requirements import Requirements
    from wsnox.lock import Lock
    from wsnox.workspace.model import DefaultGroups, Workspace

__all__ = ["Comparison", "Difference", "changed", "listed", "paired", "same_requirements", "same_to_the_letter"]

T = TypeVar("T")
Side = tuple[LoweredRequirement, ...]


def same_to_the_letter(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right* are the same one by one, as uv compares build constraints; raise `Unreadable`."""

    def same(mine: LoweredRequirement, other: LoweredRequirement) -> bool:
        return (
            (mine.extras, mine.origins) == (other.extras, other.origins)
            and same_clauses(mine.clauses, other.clauses)
            and pythons.same(mine.condition, other.condition)
        )

    return paired(*_with_one_origin(left, right), same)


def same_requirements(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right* ask for the same; raise `Unreadable`."""
    if {requirement.meaning for requirement in left} == {requirement.meaning for requirement in right}:
        return True
    ours, theirs = (_parts(side, pythons) for side in _with_one_origin(left, right))
    return ours.keys() == theirs.keys() and all(
        paired(ours[kind], theirs[kind], lambda mine, other: _same_everywhere(mine, other, pythons))
        if kind.holds
        else paired(ours[kind], theirs[kind], _same_together)
        for kind in ours
    )


def paired(left: Sequence[T], right: Sequence[T], same: Callable[[T, T], bool]) -> bool:
    """Return whether each entry on one side is the *same* as one on the other."""
    return all(any(same(mine, other) for other in right) for mine in left) and all(
        any(same(mine, other) for mine in left) for other in right
    )


def _with_one_origin(left: Side, right: Side) -> tuple[Side, Side]:
    """Return both sides with one origin each: of those that *left* may have, the one that stands in *right*.

    Where wsnox cannot tell an origin, none counts.
    """

    def chosen(side: Side, choose: Callable[[frozenset[str]], str]) -> Side:
        return tuple(replace(one, origins=frozenset({choose(one.origins)})) for one in side)

    if not all(requirement.origins for requirement in (*left, *right)):
        return chosen(left, lambda _: ""), chosen(right, lambda _: "")
    candidates = {origin for requirement in right for origin in requirement.origins}
    return chosen(left, lambda origins: min(among(origins, candidates) or origins)), chosen(right, min)


class _Kind(Record):
    """What requirements must share to be put together; *holds* is `False` for those that hold nowhere."""

    origins: frozenset[str]
    pin: tuple[str, Version] | None
    of_extras: bool
    holds: bool


def _parts(side: Side, pythons: PythonRange) -> Mapping[_Kind, list[Side]]:
    """Return the requirements of one *side* that uv puts together, by what they share.

    What holds nowhere is left out where it asks for the same as something that holds somewhere.
    """
    by_kind: dict[_Kind, list[Side]] = {}
    for requirement in side:
        holds = not pythons.is_nowhere(requirement.condition)
        of_extras = holds and pythons.speaks_of_extras(requirement.condition)
        kind = _Kind(requirement.origins, pinned(requirement.clauses), of_extras, holds)
        parts = by_kind.setdefault(kind, [])
        for index, part in enumerate(parts):
            if holds and (not of_extras or pythons.same(part[0].condition, requirement.condition)):
                parts[index] = (*part, requirement)
                break
        else:
            parts.append((requirement,))
    for kind, parts in by_kind.items():
        if not kind.holds:
            effective = [one for part in by_kind.get(replace(kind, holds=True), ()) for one in part]
            parts[:] = [part for part in parts if not any(_same_together(part, (one,)) for one in effective)]
    return {kind: parts for kind, parts in by_kind.items() if parts}


def _same_everywhere(left: Side, right: Side, pythons: PythonRange) -> bool:
    """Return whether *left* and *right*, all of one origin, ask for the same in every environment; raise `Unreadable`."""
    both = (*left, *right)
    ours, theirs = ({requirement.meaning for requirement in side} for side in (left, right))
    # Where none of those that differ holds, the two sides are the same.
    different = [one.condition for one in both if (one.meaning in ours) != (one.meaning in theirs)]
    kinds = pythons.kinds([requirement.condition for requirement in both], within=different)
    return all(
        _same_together(
            tuple(requirement for requirement, holds in zip(left, holding, strict=False) if holds),
            tuple(requirement for requirement, holds in zip(right, holding[len(left) :], strict=True) if holds),
        )
        for holding in kinds
    )


def _same_together(left: Side, right: Side) -> bool:
    """Return whether two lists of requirements of one origin ask for the same where all of them hold."""
    if not left or not right:
        return not left and not right
    extras, others = ({extra for requirement in side for extra in requirement.extras} for side in (left, right))
    ours, theirs = ([clause for requirement in side for clause in requirement.clauses] for side in (left, right))
    return extras == others and (ours == theirs or same_versions(ours, theirs))


# --- told ----------------------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """What two lists ask for on *name*, differently."""

    name: str
    now: Side
    before: Side


class Comparison:
    """The *workspace* of now with the *lock* of before: its *clauses* tell what differs, and what cannot be read.

    Raise `ManifestError` for a file of settings that cannot be read.
    """

    def __init__(self, workspace: Workspace, lock: Lock) -> None:
        self.workspace, self.lock = workspace, lock
        self.clauses: list[str] = []
        self.kinds, self.settings = MemberKinds(workspace), workspace.uv_settings
        self.pythons = PythonRange("")
        # The comparison of `requires-python` tells what cannot be read.
        with suppress(Unreadable):
            self.pythons = PythonRange(lock.requires_python)

    def add(self, clause: str) -> None:
        """Add a *clause*, a sentence without its stop."""
        self.clauses.append(clause)

    @contextmanager
    def doubting(self, where: str) -> Iterator[None]:
        """Tell what of *where* cannot be read in this block as a doubt, and go on behind it."""
        try:
            yield
        except Unreadable as unreadable:
            self.add(unreadable.doubt(where))

    def apart(self) -> Comparison:
        """Return the same comparison with no clauses yet, for an attempt."""
        attempt = copy(self)
        attempt.clauses = []
        return attempt

    def requirements(self, now: Requirements, before: Requirements, owner: str, verb: str) -> None:
        """Compare what *owner* asks for, which *verb* expresses, with *before*."""
        for difference in self.differences(now, before):
            self.add(changed(difference, owner, verb))

    def differences(
        self,
        now: Requirements,
        before: Requirements,
        same: Callable[[Side, Side, PythonRange], bool] = same_requirements,
    ) -> Iterator[Difference]:
        """Yield each name on which the two lists are not the *same*; what cannot be read or compared is a doubt."""
        doubtful: set[str] = set()
        by_name: dict[str, tuple[list[LoweredRequirement], list[LoweredRequirement]]] = {}
        for side, requirements in enumerate((now, before)):
            for requirement in requirements:
                if isinstance(requirement, UnreadRequirement):
                    doubtful.add(requirement.name)
                    self.add(requirement.doubt)
                else:
                    by_name.setdefault(requirement.name, ([], []))[side].append(requirement)
        for name in sorted(by_name.keys() - doubtful):
            ours, theirs = (tuple(side) for side in by_name[name])
            with self.doubting("a comparison with `uv.lock`"):
                if not same(ours, theirs, self.pythons) and not self._resolves_alike(name, ours, theirs):
                    yield Difference(name, ours, theirs)

    def _resolves_alike(self, name: str, now: Side, before: Side) -> bool:
        """Return whether uv resolves again for this difference, only to find that the lockfile says the same.

        That is where a prefix got longer or shorter: uv resolves with ``!=1.0.*`` in place of ``!=1.*``, keeps the
        versions that are locked as long as they are allowed, and then takes the two for equal, as the versions are.
        """
        if not same_to_the_letter(now, before, self.pythons):
            return False
        locked = [self.lock.packages[index].version for index in self.lock.by_name.get(name, ())]
        specifiers = [SpecifierSet(",".join(requirement.clauses), prereleases=True) for requirement in now]
        return all(
            version is not None and specifier.contains(version) for version in locked for specifier in specifiers
        )

    def groups(
        self, owner: str, now: Mapping[str, Requirements], before: Mapping[str, Requirements], *, empty: bool
    ) -> None:
        """Compare the groups of *owner*; *empty* ones count if the lockfile has them at all."""
        now, before = (
            {group: requirements for group, requirements in groups.items() if requirements or empty}
            for groups in (now, before)
        )
        for group in sorted({*now, *before}):
            if group not in before:
                self.add(f"{owner} now has the group `{group}`, which `uv.lock` does not know")
            elif group not in now:
                self.add(f"{owner} no longer has the group `{group}`, which `uv.lock` still has")
            else:
                self.requirements(now[group], before[group], f"the group `{group}` of {owner}", "asks for")

    def default_groups(
        self, owner: str, now: DefaultGroups | None, before: DefaultGroups | tuple[str, ...] | None
    ) -> None:
        """Compare the default groups of *owner*; not to set them means ``dev``. They are known from revision 5 on."""
        sets = [("dev",) if groups is None else groups for groups in (now, before)]
        ours, theirs = (groups if groups == "all" else tuple(sorted(set(groups))) for groups in sets)
        if ours != theirs and self.lock.revision >= 5:
            texts = ("`all`" if groups == "all" else listed(groups) for groups in (ours, theirs))
            self.add("the default groups of {} are {}, and {} in `uv.lock`".format(owner, *texts))

    def group_pythons(self, owner: str, now: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Compare ``requires-python`` of the groups of *owner* clause by clause, as uv does, from revision 5 on."""
        for group in sorted({*now, *before} if self.lock.revision >= 5 else ()):
            ours, theirs = now.get(group, ""), before.get(group, "")
            with self.doubting(f"`requires-python` of the group `{group}` of {owner}"):
                if not same_clauses(clauses(ours), clauses(theirs)):
                    texts = (f"`{text}`" if text else "of any version" for text in (ours, theirs))
                    self.add(
                        "the group `{}` of {} requires Python {}, and {} in `uv.lock`".format(group, owner, *texts)
                    )


def changed(difference: Difference, owner: str, verb: str) -> str:
    """Return the clause that tells the *difference* in what *owner* asks for."""
    name, now, before = difference
    if not before:
        return f"{owner} now {verb} {_texts(now)}, which `uv.lock` does not know for it"
    if not now:
        return f"{owner} no longer {verb} `{name}`, which `uv.lock` still has for it"
    if _texts(now) != _texts(before):
        return f"{owner} now {verb} {_texts(now)}, where `uv.lock` has {_texts(before)}"
    if {requirement.origins for requirement in now} == {requirement.origins for requirement in before}:
        return f"{owner} now {verb} {_texts(now)} under other conditions than in `uv.lock`"
    return f"{owner} now {verb} {_texts(now, origin=True)}, where `uv.lock` has {_texts(before, origin=True)}"


def _texts(requirements: Iterable[LoweredRequirement], *, origin: bool = False) -> str:
    texts = set[str]()
    for requirement in requirements:
        origins = " or ".join(sorted(filter(None, requirement.origins))) or "from an index"
        texts.add(f"{requirement.text} ({origins})" if origin else requirement.text)
    return listed(sorted(texts))


def listed(texts: Iterable[str]) -> str:
    """Return *texts* in backticks, one after the other."""
    return ", ".join(f"`{text}`" for text in texts) or "none"
