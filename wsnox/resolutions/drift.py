"""Whether what a resolution keeps as in ``uv.lock`` is still as there: an update of that makes no file stale, but it may lag.

Not everything can be as there: a lower bound may need an older release of something else. What differed when the versions
were found is noted in the file, with what ``uv.lock`` had, and is no drift as long as that has it still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.lock import Registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wsnox.lock import Lock
    from wsnox.resolutions.resolution_file import Facts, ResolutionFile

    Versions = Mapping[str, Collection[str]]
    """The versions from an index of each distribution, by name."""

__all__ = ["drifted", "unlike_locked", "versions_of"]


def versions_of(lock: Lock) -> dict[str, set[str]]:
    """Return the versions that *lock* has from an index, by name."""
    versions: dict[str, set[str]] = {}
    for package in lock.packages:
        if isinstance(package.source, Registry) and package.version is not None:
            versions.setdefault(package.name, set()).add(package.version)
    return versions


def unlike_locked(facts: Facts, held: Versions, locked: Versions, kept: ResolutionFile | None) -> dict[str, str]:
    """Return the *locked* versions of what a new file has in other versions, *held*, by name.

    For a version that is *kept* from an earlier file nobody looked again: what that says counts.
    """
    before = versions_of(kept.lock) if kept else {}
    noted = kept.facts.unlike if kept else {}
    unlike = dict(_differing(facts, held, locked))
    same = {name for name in unlike if before.get(name) == {*held[name]}}
    looked_for = {name: version for name, version in unlike.items() if name not in same}
    return looked_for | {name: noted[name] for name in same & noted.keys()}


def drifted(file: ResolutionFile, lock: Lock) -> Iterator[str]:
    """Yield what of *file* could be as in *lock* and is not, a clause each."""
    held = versions_of(file.lock)
    for name, version in _differing(file.facts, held, versions_of(lock)):
        if file.facts.unlike.get(name) != version:
            yield f"`{name}` is {', '.join(sorted(held[name]))}, and {version} in `uv.lock`"


def _differing(facts: Facts, held: Versions, locked: Versions) -> Iterator[tuple[str, str]]:
    """Yield the names of which no version is *held* that is *locked*, and what is locked; direct dependencies move on purpose."""
    for name in sorted(held.keys() & locked.keys() - facts.floors.keys()) if facts.base != "latest" else ():
        if {*held[name]}.isdisjoint(locked[name]):
            yield name, ", ".join(sorted(locked[name]))
