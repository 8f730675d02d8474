"""Requirements, groups and default groups compared name by name, each difference told in one clause."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from packaging.specifiers import SpecifierSet

from wsnox.errors import Doubt
from wsnox.freshness.normalized_requirements import same_requirements, same_to_the_letter
from wsnox.freshness.refusals import UnreadRequirement
from wsnox.freshness.sources import MemberKinds
from wsnox.markers.equivalence import PythonRange
from wsnox.markers.versions import Unreadable, clauses, same_clauses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wsnox.freshness.normalized_requirements import LoweredRequirement, Side
    from wsnox.lock import Lock
    from wsnox.workspace.model import DefaultGroups, Workspace
    from wsnox.workspace.uv_settings import UvSettings

    Requirements = tuple[LoweredRequirement | UnreadRequirement, ...]
    Same = Callable[[Side, Side, PythonRange], bool]

__all__ = ["Comparison", "Difference", "listed"]


class Difference(NamedTuple):
    """What two lists ask for on *name*, differently."""

    name: str
    now: Side
    before: Side


class Comparison:
    """The *workspace* of now with the *lock* of before, and how its requirements are compared."""

    def __init__(self, workspace: Workspace, lock: Lock) -> None:
        self.workspace, self.lock = workspace, lock
        self.kinds = MemberKinds(workspace)
        try:
            self.pythons = PythonRange(lock.requires_python)
        except Unreadable:  # the comparison of `requires-python` tells of it
            self.pythons = PythonRange("")

    @cached_property
    def settings(self) -> UvSettings:
        """The settings that uv would resolve the workspace with."""
        return self.workspace.uv_settings

    def requirements(self, now: Requirements, before: Requirements, owner: str, verb: str) -> Iterator[str]:
        """Yield a clause for each name on which *owner* asks for something else than *before*."""
        for difference in self.differences(now, before):
            yield difference if isinstance(difference, Doubt) else changed(difference, owner, verb)

    def differences(
        self, now: Requirements, before: Requirements, same: Same = same_requirements
    ) -> Iterator[Difference | Doubt]:
        """Yield each name on which the two lists are not the *same*, and what cannot be read or compared."""
        doubtful: set[str] = set()
        by_name: dict[str, tuple[list[LoweredRequirement], list[LoweredRequirement]]] = {}
        for side, requirements in enumerate((now, before)):
            for requirement in requirements:
                if isinstance(requirement, UnreadRequirement):
                    doubtful.add(requirement.name)
                    yield requirement.doubt
                else:
                    by_name.setdefault(requirement.name, ([], []))[side].append(requirement)
        for name in sorted(by_name.keys() - doubtful):
            ours, theirs = (tuple(side) for side in by_name[name])
            try:
                if not same(ours, theirs, self.pythons) and not self._resolves_alike(name, ours, theirs):
                    yield Difference(name, ours, theirs)
            except Unreadable as unreadable:
                yield unreadable.doubt("a comparison with `uv.lock`")

    def _resolves_alike(self, name: str, now: Side, before: Side) -> bool:
        """Return whether uv resolves anew for this difference, only to find that the lockfile says the same.

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
    ) -> Iterator[str]:
        """Yield how the groups of *owner* differ; *empty* ones count where the lockfile has them at all."""
        now, before = (
            {group: requirements for group, requirements in groups.items() if requirements or empty}
            for groups in (now, before)
        )
        for group in sorted({*now, *before}):
            if group not in before:
                yield f"{owner} now has the group `{group}`, which `uv.lock` does not know"
            elif group not in now:
                yield f"{owner} no longer has the group `{group}`, which `uv.lock` still has"
            else:
                yield from self.requirements(now[group], before[group], f"the group `{group}` of {owner}", "asks for")

    def default_groups(
        self, owner: str, now: DefaultGroups | None, before: DefaultGroups | tuple[str, ...] | None
    ) -> Iterator[str]:
        """Yield how the default groups of *owner* differ; not to set them means ``dev``. They are known from revision 5 on."""
        if self.lock.revision < 5:
            return
        sets = [("dev",) if groups is None else groups for groups in (now, before)]
        ours, theirs = (groups if groups == "all" else tuple(sorted(set(groups))) for groups in sets)
        if ours != theirs:
            texts = ("`all`" if groups == "all" else listed(groups) for groups in (ours, theirs))
            yield "the default groups of {} are {}, and {} in `uv.lock`".format(owner, *texts)

    def group_pythons(self, owner: str, now: Mapping[str, tuple[str, ...]], before: Mapping[str, str]) -> Iterator[str]:
        """Yield how ``requires-python`` of the groups of *owner* differs, which uv compares clause by clause."""
        if self.lock.revision < 5:
            return
        for group in sorted({*now, *before}):
            ours, theirs = ",".join(now.get(group, ())), before.get(group, "")
            try:
                same = same_clauses([part for text in now.get(group, ()) for part in clauses(text)], clauses(theirs))
            except Unreadable as unreadable:
                yield unreadable.doubt(f"`requires-python` of the group `{group}` of {owner}")
                continue
            if not same:
                texts = (f"`{text}`" if text else "of any version" for text in (ours, theirs))
                yield "the group `{}` of {} requires Python {}, and {} in `uv.lock`".format(group, owner, *texts)


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
    return listed(sorted({f"{each.text} ({_origin(each)})" if origin else each.text for each in requirements}))


def _origin(requirement: LoweredRequirement) -> str:
    return " or ".join(sorted(filter(None, requirement.origins))) or "from an index"


def listed(texts: Iterable[str]) -> str:
    """Return *texts* in backticks, one after the other."""
    return ", ".join(f"`{text}`" for text in texts) or "none"
