"""Which members narrow the range of Pythons that the lockfile is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.workspace import Workspace

__all__ = ["Narrowing", "narrowings"]


class Narrowing(Record, kw_only=True):
    """A *member* whose own ``requires-python`` ends the workspace's at its *floor* or *ceiling*, *bound*."""

    member: str
    end: Literal["floor", "ceiling"]
    bound: Version

    def excludes(self, python: Version) -> bool:
        """Return whether *python* is beyond this bound."""
        return python < self.bound if self.end == "floor" else python >= self.bound


def narrowings(workspace: Workspace) -> Iterator[Narrowing]:
    """Yield the members without which the range would be wider: those with the highest floor and the lowest ceiling.

    The lockfile's range is what all members allow (uv docs, concepts/projects/workspaces).
    """
    ranges = {member.name: member.manifest.requires_python for member in workspace.members}
    ends: tuple[tuple[Literal["floor", "ceiling"], tuple[str, ...]], ...]
    ends = ("floor", (">=", ">", "~=", "==")), ("ceiling", ("<", "<="))
    for end, operators in ends:
        choose = max if end == "floor" else min
        bounds = {name: choose(versions) for name, text in ranges.items() if (versions := _bounds(text, operators))}
        # A bound that all members share narrows nothing.
        if bounds and (len(bounds) < len(ranges) or len(set(bounds.values())) > 1):
            bound = choose(bounds.values())
            members = (name for name in bounds if bounds[name] == bound)
            yield from (Narrowing(member=name, end=end, bound=bound) for name in members)


def _bounds(requires_python: str, operators: tuple[str, ...]) -> list[Version]:
    try:
        specifiers = SpecifierSet(requires_python)
        return [
            Version(specifier.version.removesuffix(".*")) for specifier in specifiers if specifier.operator in operators
        ]
    except ValueError:  # no specifier, or a number of more digits than Python converts
        return []
