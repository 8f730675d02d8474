"""The differences of two lists of requirements or groups, each told in one clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.lock.freshness.equivalence import same_requirements
from wsnox.lock.freshness.lowering import Unreadable
from wsnox.lock.freshness.ranges import same_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.lock.freshness.equivalence import Asked, Universe
    from wsnox.workspace.records import DefaultGroups

__all__ = ["change", "default_group_change", "differences", "group_bound_changes", "group_changes", "listed"]

Difference = tuple[str, tuple["Asked", ...], tuple["Asked", ...]]


def differences(ours: Iterable[Asked], theirs: Iterable[Asked], universe: Universe) -> Iterator[Difference]:
    """Yield each name of which the two lists ask for different things, with what each asks."""
    now, before = _by_name(ours), _by_name(theirs)
    for name in sorted({*now, *before}):
        left, right = tuple(now.get(name, ())), tuple(before.get(name, ()))
        if not same_requirements(left, right, universe):
            yield name, left, right


def _by_name(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for each in asked:
        found.setdefault(each.name, []).append(each)
    return found


def change(name: str, now: Sequence[Asked], before: Sequence[Asked], verb: str) -> str:
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


def _texts(asked: Iterable[Asked], *, origin: bool = False) -> str:
    return listed(sorted({f"{each.text} ({_origin(each)})" if origin else each.text for each in asked}))


def _origin(asked: Asked) -> str:
    return " or ".join(sorted(filter(None, asked.origins))) or "from an index"


def listed(texts: Iterable[str]) -> str:
    """Return *texts* in backticks, one after the other."""
    return ", ".join(f"`{text}`" for text in texts) or "none"


# --- groups ----------------------------------------------------------------------------------------------------------


def group_changes(
    owner: str,
    ours: Mapping[str, tuple[Asked, ...]],
    theirs: Mapping[str, tuple[Asked, ...]],
    universe: Universe,
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
            for name, left, right in differences(now[group], before[group], universe):
                yield f"the group `{group}` of {owner} {change(name, left, right, 'asks for')}"


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
    """Yield how the ``requires-python`` of the groups of *owner* differ."""
    if not isinstance(before, dict):
        raise Unreadable(repr(before))
    for group in sorted({*now, *before}):
        ours, theirs = now.get(group, ()), before.get(group, "")
        if isinstance(theirs, str) and not same_versions(ours, (theirs,)):
            text = ",".join(ours)
            yield f"the group `{group}` of {owner} requires Python {_python(text)}, and {_python(theirs)} in `uv.lock`"


def _python(text: str) -> str:
    return f"`{text}`" if text else "of any version"
