"""Names in ``[tool.wsnox]`` that the workspace does not have, reported with the dotted path.

A member, group or extra that is named for one member must exist there. One that is named for several must exist in at
least one of them, and is left out of the others: a name that exists nowhere is never ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import ManifestError
from wsnox.text import all_known, near_miss
from wsnox.workspace.model import ALL_MEMBERS, matching, select
from wsnox.workspace.settings import Task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wsnox.workspace.model import Manifest, Member, Workspace
    from wsnox.workspace.settings import Integration, MemberPattern, Settings

__all__ = ["refuse_unknown", "unknown_to_integration", "unknown_to_task"]

TOP = "tool.wsnox"


def refuse_unknown(workspace: Workspace) -> None:
    """Raise `ManifestError` with all unknown names in one manifest of *workspace*, the root's first."""
    checks = [(workspace.manifest, _of_root(workspace))]
    checks += [(member.manifest, _of_member(workspace, member)) for member in workspace.members if member.path != "."]
    for manifest, problems in checks:
        if listed := tuple(problems):
            raise ManifestError(manifest.path, listed)


def _of_root(workspace: Workspace) -> Iterator[str]:
    config = workspace.manifest.config
    if workspace.project is None and config.settings.skip is not None:
        yield f"`skip` is for a member, a task or an integration session, not for all of them, in `{TOP}`"
    if not workspace.members:
        return
    yield from unknown_to_task(workspace, Task(settings=config.settings), TOP)
    yield from _packages(workspace, config.default_packages or (), f"{TOP}.default-packages")
    for name, task in config.tasks.items():
        yield from unknown_to_task(workspace, task, f"{TOP}.tasks.{name}")
    for name, integration in config.integration.items():
        yield from unknown_to_integration(workspace, integration, f"{TOP}.integration.{name}")
    for index, allowance in enumerate(config.imports):
        for pattern in allowance.members or ():
            yield from _members(workspace, pattern, f"{TOP}.imports.allow[{index}].members")


def _of_member(workspace: Workspace, member: Member) -> Iterator[str]:
    config, owners = member.manifest.config, _Owners([member.manifest])
    for key, value in (
        ("default-packages", config.default_packages),
        ("integration", config.integration),
        ("lock", config.lock),
    ):
        if value:
            yield f"`{key}` is for the manifest of the workspace root in `{TOP}`"
    for index, allowance in enumerate(config.imports):
        if allowance.members is not None:
            yield f"`members` is for the manifest of the workspace root in `{TOP}.imports.allow[{index}]`"
    yield from _settings(workspace, config.settings, owners, TOP)
    for name, task in config.tasks.items():
        where = f"{TOP}.tasks.{name}"
        if task.members is not None:
            yield f"`members` is for the manifest of the workspace root in `{where}`"
        shared = workspace.manifest.config.tasks.get(name)
        if shared is not None and not matching([member], shared.members):
            yield f"the root's task `{name}` is not for this member in `{where}`"
        yield from _settings(workspace, task.settings, owners, where)


def unknown_to_task(workspace: Workspace, task: Task, where: str) -> Iterator[str]:
    """Yield the problems of the *task* at the dotted path *where*."""
    for pattern in task.members or ():
        yield from _members(workspace, pattern, f"{where}.members")
    members = matching(workspace.members, task.members)
    if members:
        yield from _settings(workspace, task.settings, _Owners([member.manifest for member in members]), where)


def unknown_to_integration(workspace: Workspace, integration: Integration, where: str) -> Iterator[str]:
    """Yield the problems of the *integration* session at the dotted path *where*; it may use the root's groups."""
    yield from _packages(workspace, integration.packages or (), f"{where}.packages")
    selections = select(workspace.members, integration.packages or ALL_MEMBERS)
    if selections:
        manifests = [selection.member.manifest for selection in selections]
        owners = _Owners(manifests, groups_of_root=workspace.manifest.groups)
        yield from _settings(workspace, integration.settings, owners, where)


class _Owners(Record):
    """The *manifests* of which one must have the group or extra, which may also be one of *groups_of_root*."""

    manifests: Sequence[Manifest]
    groups_of_root: Collection[str] = ()

    @property
    def groups(self) -> set[str]:
        return {*self.groups_of_root, *(group for manifest in self.manifests for group in manifest.groups)}

    def unknown_extras(self, extras: Iterable[str], where: str, *, owner: str = "") -> Iterator[str]:
        # If a build decides which extras exist, only the lockfile knows them.
        if self.manifests and not any(manifest.dynamic_extras for manifest in self.manifests):
            existing = {extra for manifest in self.manifests for extra in manifest.extras}
            for extra in extras:
                yield from _unknown("extra", extra, existing, where, owner=owner)


def _settings(workspace: Workspace, settings: Settings, owners: _Owners, where: str) -> Iterator[str]:
    of_root = workspace.manifest.groups
    for group in settings.groups or ():
        at_root = group in of_root and group not in owners.groups
        hint = "the workspace root has it: see `root-groups`" if at_root else ""
        yield from _unknown("dependency group", group, owners.groups, f"{where}.groups", hint=hint)
    for group in settings.root_groups or ():
        yield from _unknown("dependency group", group, of_root, f"{where}.root-groups", owner="the workspace root")
    for variant in settings.extras or ():
        if variant.extras != "all":
            yield from owners.unknown_extras(variant.extras, f"{where}.extras")


def _packages(workspace: Workspace, patterns: Iterable[MemberPattern], where: str) -> Iterator[str]:
    for pattern in patterns:
        yield from _members(workspace, pattern.pattern, where)
        owners = _Owners([member.manifest for member in matching(workspace.members, [pattern.pattern])])
        yield from owners.unknown_extras(pattern.extras, where, owner=f"`{pattern.pattern}`")


def _members(workspace: Workspace, pattern: str, where: str) -> Iterator[str]:
    if matching(workspace.members, [pattern]):
        return
    if any(wild in pattern for wild in "*?"):
        yield f"no member's name matches `{pattern}` in `{where}`"
    else:
        yield from _unknown("member", pattern, [member.name for member in workspace.members], where)


def _unknown(
    kind: str, name: str, existing: Collection[str], where: str, *, owner: str = "", hint: str = ""
) -> Iterator[str]:
    if name not in existing:
        guess = hint or near_miss(name, existing) or all_known(existing)
        yield f"unknown {kind} `{name}`{f' of {owner}' if owner else ''} in `{where}`{f' ({guess})' if guess else ''}"
