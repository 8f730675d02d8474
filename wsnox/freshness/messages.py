"""The differences of two lists of requirements or groups, each told in one clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from wsnox.errors import Doubt
from wsnox.freshness.equivalence import same_requirements
from wsnox.freshness.unreadable import Unread
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import clauses, same_clauses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.freshness.equivalence import LoweredRequirement, PythonRange
    from wsnox.workspace.model import DefaultGroups

__all__ = ["change", "default_group_change", "differences", "group_bound_changes", "group_changes", "listed", "told"]

Same = Callable[[Iterable["LoweredRequirement"], Iterable["LoweredRequirement"], "PythonRange"], bool]
Difference = tuple[str, tuple["LoweredRequirement", ...], tuple["LoweredRequirement", ...]]


def differences(
    ours: Iterable[LoweredRequirement | Unread],
    theirs: Iterable[LoweredRequirement | Unread],
    universe: PythonRange,
    same: Same = same_requirements,
) -> Iterator[Difference | Doubt]:
    """Yield each name of which the two lists ask for different things, with what each asks, and what cannot be told.

    *same* tells whether two lists of requirements on one distribution ask for the same.
    """
    sides = (tuple(ours), tuple(theirs))
    unread = [each for side in sides for each in side if isinstance(each, Unread)]
    yield from (each.doubt for each in unread)
    doubtful = {each.name for each in unread}
    now, before = (_by_name(side) for side in sides)
    for name in sorted({*now, *before} - doubtful):
        yield from _difference(name, tuple(now.get(name, ())), tuple(before.get(name, ())), universe, same)


def _difference(
    name: str,
    now: tuple[LoweredRequirement, ...],
    before: tuple[LoweredRequirement, ...],
    universe: PythonRange,
    same: Same,
) -> Iterator[Difference | Doubt]:
    try:
        alike = same(now, before, universe)
    except Unreadable as unreadable:
        yield unreadable.doubt("a comparison with `uv.lock`")
    else:
        if not alike:
            yield name, now, before


def told(found: Iterable[Difference | Doubt], owner: str, verb: str) -> Iterator[str]:
    """Yield a clause for each difference in *found*, which *owner* has, and the doubts."""
    for each in found:
        yield each if isinstance(each, Doubt) else f"{owner} {change(*each, verb)}"


def _by_name(asked: Iterable[LoweredRequirement | Unread]) -> dict[str, list[LoweredRequirement]]:
    found: dict[str, list[LoweredRequirement]] = {}
    for each in asked:
        if not isinstance(each, Unread):
            found.setdefault(each.name, []).append(each)
    return found


def change(name: str, now: Sequence[LoweredRequirement], before: Sequence[LoweredRequirement], verb: str) -> str:
    """Return what became of the requirements on *name*, as the end of a clause."""
    if not before:
        return f"now {verb} {_texts(now)}, which `uv.lock` does not know for it"
    if not now:
        return f"no longer {verb} `{name}`, which `uv.lock` still has for it"
    if _texts(now) != _texts(before):
        return f"now {verb} {_texts(now)}, where `uv.lock` has {_texts(before)}"
    if {each.origins for each in now} == {each.origins for each in before}:
        return f"now {verb} {_texts(now)} under other conditions than in `uv.lock`"
    return f"now {verb} {_texts(now, origin=True)}, where `uv.lock` has {_texts(before, origin=True)}"


def _texts(asked: Iterable[LoweredRequirement], *, origin: bool = False) -> str:
    return listed(sorted({f"{each.text} ({_origin(each)})" if origin else each.text for each in asked}))


def _origin(asked: LoweredRequirement) -> str:
    return " or ".join(sorted(filter(None, asked.origins))) or "from an index"


def listed(texts: Iterable[str]) -> str:
    """Return *texts* in backticks, one after the other."""
    return ", ".join(f"`{text}`" for text in texts) or "none"


# --- groups ----------------------------------------------------------------------------------------------------------


def group_changes(
    owner: str,
    ours: Mapping[str, tuple[LoweredRequirement | Unread, ...]],
    theirs: Mapping[str, tuple[LoweredRequirement | Unread, ...]],
    universe: PythonRange,
    *,
    empty: bool,
) -> Iterator[str]:
    """Yield how the groups of *owner* differ; *empty* ones count where the lockfile has them at all."""
    now, before = ({name: asked for name, asked in groups.items() if asked or empty} for groups in (ours, theirs))
    for group in sorted({*now, *before}):
        if group not in before:
            yield f"{owner} now has the group `{group}`, which `uv.lock` does not know"
        elif group not in now:
            yield f"{owner} no longer has the group `{group}`, which `uv.lock` still has"
        else:
            yield from told(
                differences(now[group], before[group], universe), f"the group `{group}` of {owner}", "asks for"
            )


def default_group_change(
    owner: str, asked: DefaultGroups | None, locked: DefaultGroups | tuple[str, ...] | None
) -> Iterator[str]:
    """Yield how the default groups of *owner* differ; not to set them means ``dev``."""
    now, before = (("dev",) if groups is None else groups for groups in (asked, locked))
    now, before = (groups if groups == "all" else tuple(sorted(set(groups))) for groups in (now, before))
    if now != before:
        texts = ("`all`" if groups == "all" else listed(groups) for groups in (now, before))
        yield "the default groups of {} are {}, and {} in `uv.lock`".format(owner, *texts)


def group_bound_changes(owner: str, now: Mapping[str, tuple[str, ...]], before: object) -> Iterator[str]:
    """Yield how the ``requires-python`` of the groups of *owner* differ, which uv compares clause by clause."""
    known = before if isinstance(before, dict) else {"": before}
    for group in sorted({*now, *known}):
        yield from _group_bound_change(f"the group `{group}` of {owner}", now.get(group, ()), known.get(group, ""))


def _group_bound_change(owner: str, now: tuple[str, ...], before: object) -> Iterator[str]:
    try:
        same = same_clauses((each for text in now for each in clauses(text)), clauses(before))
    except Unreadable as unreadable:
        yield unreadable.doubt(f"`requires-python` of {owner}")
    else:
        if not same:
            yield f"{owner} requires Python {_python(','.join(now))}, and {_python(str(before))} in `uv.lock`"


def _python(text: str) -> str:
    return f"`{text}`" if text else "of any version"
