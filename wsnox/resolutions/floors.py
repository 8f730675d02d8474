"""The lower bounds of direct dependencies: which are missing, and which a resolution reached.

A lower bound is a clause with ``>=``, ``>``, ``~=``, ``==`` or ``===`` that counts on some Python of the session; ``!=`` and
``<`` are none. Without one, uv would take the first release that ever was, and build and run it if it has no wheel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from wsnox.errors import ManifestError
from wsnox.markers.expressions import Fact, both, negated
from wsnox.markers.points import Unreadable
from wsnox.markers.versions import clause, same_version
from wsnox.resolution_errors import UnboundedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.freshness.requirements import LoweredRequirement
    from wsnox.resolutions.requested import Requested
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import Resolution

__all__ = ["active", "floor_of", "refuse_unbounded", "unbounded"]

_BOUNDS = (">", "~=", "==")


def active(requested: Requested) -> Iterator[tuple[str, LoweredRequirement]]:
    """Yield each direct requirement that counts on some Python of *requested*, with the name of its member."""
    for name, requirements in requested.direct.items():
        for requirement in requirements:
            if not requested.pythons.is_nowhere(requirement.condition):
                yield name, requirement


def unbounded(requested: Requested) -> Iterator[tuple[str, LoweredRequirement]]:
    """Yield those that have no lower bound, and for which no other of that name has one wherever they count."""
    requirements = [*active(requested)]
    for member, requirement in requirements:
        extras = [Fact("extra", "==", extra) for extra in requested.members[member][0]]
        uncovered = [
            negated(other.condition)
            for owner, other in requirements
            if (owner, other.name) == (member, requirement.name) and floor_of(other)
        ]
        if not requested.pythons.is_nowhere(both(requirement.condition, *extras, *uncovered)):
            yield member, requirement


def floor_of(requirement: LoweredRequirement) -> str:
    """Return the version of the highest lower bound of *requirement*, empty if it has none."""
    floors = [clause(text).version for text in requirement.clauses if text.startswith(_BOUNDS)]
    return max(floors, key=_order, default="")


def _order(version: str) -> Version:
    try:
        return Version(version.removesuffix(".*"))
    except InvalidVersion:  # after ``===``
        return Version("0")


def is_floor(version: str, requirement: LoweredRequirement) -> bool:
    """Return whether *version* is the very number in the lower bound of *requirement*."""
    return same_version(version, floor_of(requirement).removesuffix(".*"))


def refuse_unbounded(
    workspace: Workspace, requested: Requested, resolution: Resolution, locked: Mapping[str, str]
) -> None:
    """Raise `UnboundedError` for direct dependencies without a lower bound that *resolution* does not name.

    *locked* are the versions in ``uv.lock``: a bound that costs nothing, as does a member's own version.
    """
    if resolution.base in ("latest", "below") or resolution.siblings == "latest":
        return
    accepted: set[str] = {*(resolution.unbounded or ()), *(resolution.unreleased or ())}
    if resolution.base == "published":
        # Others' distributions are as locked there.
        accepted |= {one.name for _, one in active(requested)} - workspace.names
    try:
        missing = [(member, one) for member, one in unbounded(requested) if one.name not in accepted]
    except Unreadable as unreadable:
        raise ManifestError(workspace.manifest.path, [unreadable.doubt("a requirement")]) from unreadable
    if missing:
        known: dict[str, str] = {member.name: member.path for member in workspace.members}
        versions = {str(member.name): member.manifest.declared.version or "" for member in workspace.members} | {
            **locked
        }
        places = [(member, known[member], one.name, versions.get(one.name, "")) for member, one in missing]
        raise UnboundedError([*dict.fromkeys(places)])
