"""Names in ``[tool.wsnox]`` that the workspace does not have, and keys that say nothing where they stand.

A member, group or extra that is named for one member must exist there. One that is named for several must exist in at
least one of them, and is left out of the others: a name that exists nowhere is never ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wsnox._record import fields, replace
from wsnox.errors import ManifestError
from wsnox.text import all_known, near_miss, quoted
from wsnox.workspace.model import ALL_MEMBERS, matching, select
from wsnox.workspace.placeholders import OF_ONE_MEMBER, placeholders_in
from wsnox.workspace.settings import NO_CONFIG, Config, MemberConfig, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wsnox.workspace.model import Manifest, Member, Workspace
    from wsnox.workspace.settings import Command, Integration, MemberPattern, Resolution, Settings

__all__ = ["refuse_unknown", "unknown_to_integration", "unknown_to_task"]

TOP = "tool.wsnox"
_OF_EVERY_MANIFEST = {field.name for field in fields(MemberConfig)} | {"imports"}


def refuse_unknown(workspace: Workspace) -> None:
    """Raise `ManifestError` with all unknown names in one manifest of *workspace*, the root's first."""
    checks = [(workspace.manifest, _of_root(workspace))]
    checks += [(member.manifest, _of_member(workspace, member)) for member in workspace.members if member.path != "."]
    for manifest, problems in checks:
        if listed := tuple(problems):
            raise ManifestError(manifest.path, listed)


def _of_root(workspace: Workspace) -> Iterator[str]:
    config = workspace.manifest.config
    if config.settings.skip is not None:
        of_project = " (see `project` for the root's own)" if workspace.project else ""
        yield f"`skip` is for one member, task or integration session, not for all of them, in `{TOP}`{of_project}"
    if workspace.project is not None:
        yield from _own(workspace, workspace.project, config.project, f"{TOP}.project")
    elif config.project != MemberConfig():
        yield f"the workspace root has no `[project]` of its own in `{TOP}.project`"
    if workspace.members:
        yield from unknown_to_task(workspace, Task(settings=config.settings), TOP)
    for key, patterns in (("members", config.members), ("exclude", config.exclude)):
        yield from _members(workspace, patterns or (), f"{TOP}.{key}")
    yield from _packages(workspace, config.default_packages or (), f"{TOP}.default-packages")
    for name, task in config.tasks.items():
        yield from unknown_to_task(workspace, task, f"{TOP}.tasks.{name}")
    yield from _resolutions_of_root(workspace, config)
    for name, integration in config.integration.items():
        yield from unknown_to_integration(workspace, integration, f"{TOP}.integration.{name}")
    for index, allowance in enumerate(config.imports):
        yield from _members(workspace, allowance.members or (), f"{TOP}.imports.allow[{index}].members")


def _resolutions_of_root(workspace: Workspace, config: Config) -> Iterator[str]:
    """Yield the problems of the resolutions of all members, and of integration sessions."""
    for name, resolution in (config.resolutions or {}).items():
        where = f"{TOP}.resolutions.{name}"
        for key, patterns in (("members", resolution.members), ("exclude", resolution.exclude)):
            yield from _members(workspace, patterns or (), f"{where}.{key}")
        yield from _resolution(workspace, resolution, workspace.members_for(resolution), where)
    for name, integration in config.integration.items():
        for title, resolution in (integration.resolutions or {}).items():
            where = f"{TOP}.integration.{name}.resolutions.{title}"
            if integration.packages == ():
                yield f"a resolution is of members, and without `packages` there are none, in `{where}`"
            yield from _not_chosen(resolution, where)
            yield from unknown_to_integration(workspace, replace(integration, settings=resolution.settings), where)


def _of_member(workspace: Workspace, member: Member) -> Iterator[str]:
    config = member.manifest.config
    if config is NO_CONFIG:
        return
    for field in fields(Config):
        if field.name not in _OF_EVERY_MANIFEST and getattr(config, field.name) != getattr(NO_CONFIG, field.name):
            yield f"`{field.name.replace('_', '-')}` in `{TOP}` is only for the manifest of the workspace root"
    for index, allowance in enumerate(config.imports):
        if allowance.members is not None:
            yield f"`members` in `{TOP}.imports.allow[{index}]` is only for the manifest of the workspace root"
    yield from _own(workspace, member, config, TOP)


def _own(workspace: Workspace, member: Member, config: MemberConfig, where: str) -> Iterator[str]:
    """Yield the problems of the settings and tasks that are for *member* alone, at the dotted path *where*."""
    yield from _settings(workspace, config.settings, [member.manifest], where)
    for name, task in config.tasks.items():
        of_task = f"{where}.tasks.{name}"
        for key, patterns in (("members", task.members), ("exclude", task.exclude)):
            if patterns is not None:
                yield f"`{key}` in `{of_task}` is only for the manifest of the workspace root"
        shared = workspace.manifest.config.tasks.get(name)
        if shared is not None and member not in workspace.members_for(shared):
            yield f"the root's task `{name}` is not for this member in `{of_task}`"
        yield from _settings(workspace, task.settings, [member.manifest], of_task)
    for name, resolution in (config.resolutions or {}).items():
        yield from _not_chosen(resolution, f"{where}.resolutions.{name}")
        yield from _resolution(workspace, resolution, [member], f"{where}.resolutions.{name}")


def _not_chosen(resolution: Resolution, where: str) -> Iterator[str]:
    """Yield the keys of *resolution* that choose members, where it stands in a table that is for some alone."""
    for key in ("members", "exclude"):
        if getattr(resolution, key) is not None:
            yield f"`{key}` is for `{TOP}.resolutions` of the workspace root in `{where}`"


def _resolution(workspace: Workspace, resolution: Resolution, members: Sequence[Member], where: str) -> Iterator[str]:
    """Yield the problems of *resolution* for *members*: of its settings, and of its name, which a task may have."""
    tasks = {"test", "imports", *workspace.manifest.config.tasks}
    if any(resolution.name in (*tasks, *member.config.tasks) for member in members):
        yield f"`{resolution.name}` is the name of a task: a resolution needs another, and a `base`, in `{where}`"
    yield from _settings(workspace, resolution.settings, [member.manifest for member in members], where)


def unknown_to_task(workspace: Workspace, task: Task, where: str) -> Iterator[str]:
    """Yield the problems of the *task* at the dotted path *where*."""
    for key, patterns in (("members", task.members), ("exclude", task.exclude)):
        yield from _members(workspace, patterns or (), f"{where}.{key}")
    if members := workspace.members_for(task):
        yield from _settings(workspace, task.settings, [member.manifest for member in members], where)


def unknown_to_integration(workspace: Workspace, integration: Integration, where: str) -> Iterator[str]:
    """Yield the problems of the *integration* session at the dotted path *where*; it may use the root's groups."""
    settings = integration.settings
    used = {(key, name) for key, text in _texts(settings) for name in placeholders_in(text)}
    for key, name in sorted(used):
        if name in OF_ONE_MEMBER:
            yield f"`{{{name}}}` has a value only in sessions of one member, not in `{where}.{key}`"
    of_root = workspace.manifest.groups
    if integration.packages == ():
        if settings.extras is not None:
            yield f"`extras` are of members, and a session without `packages` has none, in `{where}`"
        yield from _settings(workspace, replace(settings, extras=None), [], where, of_root)
        return
    yield from _packages(workspace, integration.packages or (), f"{where}.packages")
    if selections := select(workspace.members, integration.packages or ALL_MEMBERS):
        yield from _settings(
            workspace, settings, [selection.member.manifest for selection in selections], where, of_root
        )


def _texts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every text of *settings* that may have placeholders, with its key."""
    for key in ("commands", "before", "after"):
        for command in getattr(settings, key) or ():
            yield from ((key, word) for word in _words(command))
    for background in settings.background or ():
        ready = () if background.ready is None else _words(background.ready.value)
        yield from (("background", text) for text in (*_words(background.command), *ready, background.log or ""))
    yield from (("env", value) for value in (settings.env or {}).values())
    if settings.directory is not None:
        yield "directory", settings.directory


def _words(command: Command) -> tuple[str, ...]:
    return (command,) if isinstance(command, str) else command


def _settings(
    workspace: Workspace,
    settings: Settings,
    manifests: Sequence[Manifest],
    where: str,
    groups_of_root: Collection[str] = (),
) -> Iterator[str]:
    """Yield the groups and extras in *settings* that none of *manifests* has; groups may also be of *groups_of_root*."""
    of_root = workspace.manifest.groups
    groups = {*groups_of_root, *(group for manifest in manifests for group in manifest.groups)}
    for group in settings.groups or ():
        if group not in groups:
            of_others = _of_others(workspace, "groups", group)
            hint = "the workspace root has it: see `root-groups`" if group in of_root else of_others
            yield _unknown("dependency group", group, groups, f"{where}.groups", hint=hint)
    for group in settings.root_groups or ():
        if group not in of_root:
            hint = _of_others(workspace, "groups", group)
            yield _unknown(
                "dependency group", group, of_root, f"{where}.root-groups", owner="the workspace root", hint=hint
            )
    for variant in settings.extras or ():
        if variant.extras != "all":
            yield from _unknown_extras(workspace, manifests, variant.extras, f"{where}.extras")


def _unknown_extras(
    workspace: Workspace, manifests: Sequence[Manifest], extras: Iterable[str], where: str, *, owner: str = ""
) -> Iterator[str]:
    # If a build decides which extras exist, only the lockfile knows them.
    if manifests and not any(manifest.dynamic_extras for manifest in manifests):
        existing = {extra for manifest in manifests for extra in manifest.extras}
        for extra in extras:
            if extra not in existing:
                hint = _of_others(workspace, "extras", extra)
                yield _unknown("extra", extra, existing, where, owner=owner, hint=hint)


def _of_others(workspace: Workspace, kind: Literal["extras", "groups"], name: str) -> str:
    """Return which members have the extra or group *name*, empty without any."""
    owners = [member.name for member in workspace.members if name in getattr(member.manifest, kind)]
    return f"it belongs to {quoted(owners[:3])}" if owners else ""


def _packages(workspace: Workspace, patterns: Iterable[MemberPattern], where: str) -> Iterator[str]:
    for pattern in patterns:
        yield from _members(workspace, [pattern.pattern], where)
        manifests = [member.manifest for member in matching(workspace.members, [pattern.pattern])]
        yield from _unknown_extras(workspace, manifests, pattern.extras, where, owner=f"`{pattern.pattern}`")


def _members(workspace: Workspace, patterns: Iterable[str], where: str) -> Iterator[str]:
    # An empty workspace has nothing to be wrong about.
    for pattern in patterns if workspace.members else ():
        if matching(workspace.members, [pattern]):
            continue
        if "/" in pattern or pattern == ".":
            paths = [member.path for member in workspace.members]
            guess = "" if any(wild in pattern for wild in "*?") else near_miss(pattern, paths)
            yield f"no member lies at `{pattern}` in `{where}`{f' ({guess})' if guess else ''}"
        elif any(wild in pattern for wild in "*?"):
            yield f"no member's name matches `{pattern}` in `{where}`"
        else:
            names = {member.path: member.name for member in workspace.members}
            below = any(path.startswith(f"{pattern}/") for path in names)
            path = f"./{pattern}" if pattern in names else f"{pattern}/*" if below else ""
            if pattern not in names.values():
                hint = path and f"a path is written `{path}`"
                yield _unknown("member", pattern, [*names.values()], where, hint=hint)


def _unknown(kind: str, name: str, existing: Collection[str], where: str, *, owner: str = "", hint: str = "") -> str:
    guess = hint or near_miss(name, existing) or all_known(existing)
    return f"unknown {kind} `{name}`{f' of {owner}' if owner else ''} in `{where}`{f' ({guess})' if guess else ''}"
