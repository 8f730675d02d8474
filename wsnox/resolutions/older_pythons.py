"""What speaks against Pythons below the workspace's: a dependency in the workspace that is for newer ones, or a group that is.

A member says by its ``requires-python`` for which Pythons it is. If another member that it needs is for newer ones alone, no
index helps: the promise is broken. A group is nothing that its users get, so it is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.freshness.origins import MemberKinds
from wsnox.freshness.requirements import Lowering
from wsnox.markers.equivalence import PythonRange
from wsnox.resolution_errors import OlderPythonError
from wsnox.workspace.pythons import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.freshness.requirements import LoweredRequirement
    from wsnox.workspace.model import Member, Workspace

    Edges = Mapping[str, Sequence[tuple[LoweredRequirement, Member]]]
    """The requirements on projects on disk of each part, by its text (`part_of`)."""

    Members = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Extras and groups of each member that is installed."""

__all__ = ["newer_groups", "part_of", "refuse_broken_promises"]


def part_of(name: str, extra: str = "") -> str:
    """Return what the dependencies of a project called *name*, or those of its *extra*, are called."""
    return f"{name}[{extra}]" if extra else name


def refuse_broken_promises(workspace: Workspace, edges: Edges, members: Members, pythons: Sequence[str]) -> None:
    """Raise `OlderPythonError` where *members* need projects that are not for each of *pythons*, minor versions."""
    promises = [
        (name, workspace.named(name).manifest.requires_python, part, project.name, project.manifest.requires_python)
        for name, (extras, _) in members.items()
        for part, project in _newer(edges, [part_of(name, extra) for extra in ("", *extras)], pythons)
    ]
    if promises:
        raise OlderPythonError(promises)


def newer_groups(
    workspace: Workspace, edges: Edges, members: Members, root_groups: Sequence[str], pythons: Sequence[str]
) -> dict[str, str]:
    """Return the groups of *members* and the root that are not for each of *pythons*, as ``member:group``, with what says so."""
    kinds, owners = MemberKinds(workspace), [(workspace.named(name), groups) for name, (_, groups) in members.items()]
    manifests = [(str(member.name), member.manifest, member.path, groups) for member, groups in owners]
    newer: dict[str, str] = {}
    for name, manifest, path, groups in (*manifests, ("", workspace.manifest, ".", root_groups)):
        bounds: Mapping[str, str] = Lowering(workspace, kinds, manifest, path).group_pythons() if groups else {}
        for group in groups:
            part, own = f"{name}:{group}", bounds.get(group, "")
            if not all(fits(python, own) for python in pythons):
                newer[part] = f"for Python {own}"
            elif found := next(_newer(edges, [part], pythons), None):
                newer[part] = f"{found[1].name} is for Python {found[1].manifest.requires_python}"
    return newer


def _newer(edges: Edges, parts: Iterable[str], pythons: Sequence[str]) -> Iterator[tuple[str, Member]]:
    """Yield the projects that *parts* need on one of *pythons* and that are not for it, each with the part that asks for it."""
    starts = [*parts]
    found: set[str] = set()
    for python in pythons:
        on_this, seen, queue = PythonRange(f"=={python}.*"), set(starts), [*starts]
        while queue:
            part = queue.pop(0)
            for requirement, project in edges.get(part, ()):
                if on_this.is_nowhere(requirement.condition):
                    continue
                if not fits(python, project.manifest.requires_python) and project.name not in found:
                    found.add(project.name)
                    yield part, project
                reached = {part_of(project.name, extra) for extra in ("", *requirement.extras)} - seen
                seen |= reached
                queue += sorted(reached)
