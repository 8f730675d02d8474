"""Whether the file of a resolution is still of this workspace: from what it says it answers, without network or uv.

Compared are the lines of `wsnox.resolutions.requested`, word by word: an update of ``uv.lock`` alone makes no file stale, so
that bots which make them stay green. Besides, a file that was edited or merged by hand must still hold what its members
ask for, and nothing that none of them reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from wsnox.resolutions.floors import active
from wsnox.resolutions.resolution_file import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.freshness.requirements import LoweredRequirement
    from wsnox.lock import Lock
    from wsnox.resolutions.requested import Requested
    from wsnox.resolutions.resolution_file import ResolutionFile

__all__ = ["stale_differences"]


def stale_differences(requested: Requested, file: ResolutionFile) -> tuple[str, ...]:
    """Return what of *requested* the *file* does not answer, a clause each; none where it is fresh."""
    if file.facts.version != VERSION:
        return (f"it is of version `{file.facts.version}`, and this wsnox writes version `{VERSION}`",)
    before, now = dict.fromkeys(file.facts.requests), dict.fromkeys(requested.lines)
    differences = (
        *(_clause(line, "now has") for line in now if line not in before),
        *(_clause(line, "no longer has") for line in before if line not in now),
    )
    return differences or (*_unmet(requested, file.lock), *_unreached(requested, file.lock))


def _clause(line: str, verb: str) -> str:
    owner, _, text = line.partition(": ")
    return f"`{owner}` {verb} `{text}`"


def _unmet(requested: Requested, lock: Lock) -> Iterator[str]:
    for member, requirement in active(requested):
        versions = [lock.packages[index].version for index in lock.by_name.get(requirement.name, ())]
        if not any(_meets(version, requirement) for version in versions):
            held = " and ".join(f"`{version}`" for version in versions) or "nothing"
            yield f"`{member}` asks for `{requirement.text}`, and the file has {held} of that name"


def _meets(version: str | None, requirement: LoweredRequirement) -> bool:
    return version is None or SpecifierSet(",".join(requirement.clauses), prereleases=True).contains(version)


def _unreached(requested: Requested, lock: Lock) -> Iterator[str]:
    """Yield the packages of *lock* to which nothing leads from what is *requested*."""
    names = [*requested.members, *(name for name in ("",) if name in lock.by_name)]
    queue = [index for name in names for index in lock.by_name.get(name, ())]
    queue += [index for part in lock.root_groups.values() for one in part for index in lock.by_name.get(one.name, ())]
    queue += [edge.target for package in lock.packages for edges in package.groups.values() for edge in edges]
    seen = set(queue)
    while queue:
        package = lock.packages[queue.pop()]
        new = {edge.target for edge in package.dependencies} - seen
        seen |= new
        queue += new
    for index, package in enumerate(lock.packages):
        if index not in seen and package.groups == {}:
            yield f"nothing asks for `{package}`"
