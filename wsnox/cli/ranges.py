"""Which members narrow the workspace's Python range: the lockfile's ``requires-python`` is what all of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wsnox.record import Record

if TYPE_CHECKING:
    from wsnox.workspace import Member, Workspace

__all__ = ["Narrowing", "narrowing"]

_FLOORS = frozenset({">=", ">", "~=", "=="})
_CEILINGS = frozenset({"<", "<="})


class Narrowing(Record, kw_only=True):
    """A *member* whose own range is what ends the workspace's at its *floor* or *ceiling*, *bound*."""

    member: Member
    end: Literal["floor", "ceiling"]
    bound: Version


def narrowing(workspace: Workspace) -> tuple[Narrowing, ...]:
    """Return the members without which the range would be wider: those with the highest floor, and lowest ceiling."""
    floors = {member.name: _bound(member, _FLOORS, highest=True) for member in workspace.members}
    ceilings = {member.name: _bound(member, _CEILINGS, highest=False) for member in workspace.members}
    floor, ceiling = (
        max(filter(None, floors.values()), default=None),
        min(filter(None, ceilings.values()), default=None),
    )
    found: list[Narrowing] = []
    for member in workspace.members:
        # A bound that all members share narrows nothing.
        if floor is not None and floors[member.name] == floor and set(floors.values()) != {floor}:
            found.append(Narrowing(member=member, end="floor", bound=floor))
        if ceiling is not None and ceilings[member.name] == ceiling and set(ceilings.values()) != {ceiling}:
            found.append(Narrowing(member=member, end="ceiling", bound=ceiling))
    return tuple(found)


def _bound(member: Member, operators: frozenset[str], *, highest: bool) -> Version | None:
    try:
        specifiers = SpecifierSet(member.manifest.requires_python)
        bounds = [Version(each.version.removesuffix(".*")) for each in specifiers if each.operator in operators]
    except ValueError:  # no specifier, or a number of more digits than Python converts
        return None
    if not bounds:
        return None
    return max(bounds) if highest else min(bounds)
