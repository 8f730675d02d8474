"""Which members narrow the workspace's range of Pythons, and which Pythons its sessions lose by that.

The lockfile's ``requires-python`` is the range that all members allow (uv docs, concepts/projects/workspaces), so that
the member with the highest floor, or the lowest ceiling, decides for everybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from wsnox._record import Record
from wsnox.workspace.pythons import MINORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import Session

__all__ = ["LostPython", "Narrowing", "lost_pythons", "narrowing", "unbounded"]

_FLOORS = frozenset({">=", ">", "~=", "=="})
_CEILINGS = frozenset({"<", "<="})


class Narrowing(Record, kw_only=True):
    """A *member* whose own range ends the workspace's at its *floor* or *ceiling*, *bound*."""

    member: Member
    end: Literal["floor", "ceiling"]
    bound: Version

    def excludes(self, python: Version) -> bool:
        """Return whether *python* is beyond this bound."""
        return python < self.bound if self.end == "floor" else python >= self.bound


class LostPython(Record, kw_only=True):
    """A *python* on which *sessions* would run, but for the range of the workspace, by the bound of *members*."""

    python: str
    sessions: tuple[str, ...]
    members: tuple[str, ...]
    bound: str
    end: Literal["floor", "ceiling", ""]


def narrowing(workspace: Workspace) -> tuple[Narrowing, ...]:
    """Return the members without which the range would be wider: those with the highest floor and the lowest ceiling."""
    narrowings: list[Narrowing] = []
    ends: tuple[tuple[Literal["floor", "ceiling"], frozenset[str]], ...] = (("floor", _FLOORS), ("ceiling", _CEILINGS))
    for end, operators in ends:
        choose = max if end == "floor" else min
        bounds = {member.name: _bounds(member.manifest.requires_python, operators) for member in workspace.members}
        bound_by_member = {name: choose(versions) for name, versions in bounds.items() if versions}
        # A bound that all members share narrows nothing.
        if bound_by_member and (len(bound_by_member) < len(bounds) or len(set(bound_by_member.values())) > 1):
            bound = choose(bound_by_member.values())
            narrowings += (
                Narrowing(member=member, end=end, bound=bound)
                for member in workspace.members
                if bound_by_member.get(member.name) == bound
            )
    return tuple(narrowings)


def _bounds(requires_python: str, operators: frozenset[str]) -> list[Version]:
    try:
        specifiers = SpecifierSet(requires_python)
        return [
            Version(specifier.version.removesuffix(".*")) for specifier in specifiers if specifier.operator in operators
        ]
    except ValueError:  # no specifier, or a number of more digits than Python converts
        return []


def unbounded(workspace: Workspace) -> Workspace:
    """Return *workspace* as if no member said which Pythons it is for."""
    members = (replace(member, manifest=replace(member.manifest, requires_python="")) for member in workspace.members)
    return replace(workspace, members=tuple(members))


def lost_pythons(
    unbound: Iterable[Session], sessions: Iterable[Session], narrowings: Sequence[Narrowing]
) -> tuple[LostPython, ...]:
    """Return the Pythons of *unbound* sessions that *sessions* do not run on, and which of *narrowings* cause that.

    *unbound* are the sessions of the workspace without its bounds.
    """
    kept = {session.name: session.pythons or () for session in sessions}
    missing: dict[str, list[str]] = {}
    for session in unbound:
        # `"requires-python"` stands for the Pythons of the range and no others.
        if session.pythons != MINORS:
            for python in session.pythons or ():
                if python not in kept.get(session.name, ()):
                    missing.setdefault(python, []).append(session.name)
    lost = []
    for python, names in sorted(missing.items(), key=lambda item: (_version(item[0]) or Version("0"), item[0])):
        version = _version(python)
        causes = [cause for cause in narrowings if version is not None and cause.excludes(version)]
        lost.append(
            LostPython(
                python=python,
                sessions=tuple(names),
                members=tuple(cause.member.name for cause in causes),
                bound=str(causes[0].bound) if causes else "",
                end=causes[0].end if causes else "",
            )
        )
    return tuple(lost)


def _version(python: str) -> Version | None:
    try:
        return Version(python.lower().removeprefix("pypy").removeprefix("python").removesuffix("t").strip("-"))
    except InvalidVersion:
        return None
