"""The sessions of a workspace, made from its manifests alone: to list them, no lockfile is opened and nothing started.

A member has a session for each task that is for it. Of a setting that several tables have, the first counts:

1. the member's own table of the task, ``[tool.wsnox.tasks.NAME]``;
2. the root's table of the task, or the decorator of the function;
3. the member's own ``[tool.wsnox]``;
4. the root's ``[tool.wsnox]``, which is everybody's.

The root's own project has its tables 1 and 3 in ``[tool.wsnox.project]``. The default task, ``test``, has no table of its
own: for it, 1 and 2 are empty. Another task inherits from 3 and 4 only the settings that are not about one session
(`Settings.inherited`). An integration session goes by its own table, and inherits from 4 how to install and run, but not
what; one without members inherits no groups either.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.running_python import python_version
from wsnox.workspace.model import ALL_MEMBERS, MemberSelection, select
from wsnox.workspace.placeholders import OF_ONE_MEMBER, fill, placeholders_in
from wsnox.workspace.pythons import matrix, pin_of, pythons_below, workspace_range
from wsnox.workspace.sessions import Session
from wsnox.workspace.settings import NOTHING, Integration, Resolution, Settings, Task, Variant
from wsnox.workspace.validation import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wsnox.workspace.model import Member, Workspace
    from wsnox.workspace.sessions import SessionKind
    from wsnox.workspace.settings import Names, NamesOrAll

    _Plan = tuple[str, Callable[[], Session]]
    """The name of a session, and what makes it: a child of ``nox -j`` needs one of thousands."""

__all__ = ["EVERYBODY", "IMPORTS", "TEST", "Suite", "suite_of", "tests_in"]

TEST = "test"
"""The default task: its sessions have the names of the members."""

IMPORTS = "imports"
"""The task that every member has: without commands, it checks the member's imports."""

EVERYBODY = "workspace"
"""The integration session that every workspace has."""

_ON_RUNTIME = Settings(groups=(), root_groups=(), extras=(), default=False)
"""The check of imports runs on request only, on what a user of the member gets, and on the first of the member's Pythons.

What a member fails to declare, it fails to declare on nearly every Python; and of what nox takes to list a thousand
members, sessions for each of their Pythons would be half.
"""


def suite_of(workspace: Workspace, on_disk: Path | None = None, *, running: str = "") -> Suite:
    """Return the suite of *workspace*, with ``.python-version`` and tests of the directory *on_disk*, by default its root.

    *running* is the version of the interpreter that runs nox, by default of this one.
    """
    on_disk = on_disk or workspace.root
    running = running or python_version()
    return Suite(workspace, pin=pin_of(on_disk), running=running, has_tests=bool(tests_in(on_disk)))


class Suite:
    """Makes the sessions of a *workspace*; raise `ManifestError` where its tables name something that does not exist.

    *pin* is the version in ``.python-version``, *running* that of the interpreter that runs nox; *has_tests* is whether
    the root has tests.
    """

    def __init__(self, workspace: Workspace, *, pin: str = "", running: str = "", has_tests: bool = True) -> None:
        refuse_unknown(workspace)
        self._has_tests = has_tests
        self.workspace, self._pin, self._running = workspace, pin, running
        self._config = workspace.manifest.config
        self._for_all = self._config.settings
        self._for_all_tasks = self._for_all.inherited()
        self._allowed = workspace_range(workspace)

    def configured(self, chosen: Callable[[str], bool] | None = None) -> tuple[Session, ...]:
        """Return the sessions that the manifests ask for: tests, tasks, integration, the workspace, checks of imports.

        Only those are made whose names *chosen* accepts.
        """
        sessions = (make() for name, make in self._configured() if chosen is None or chosen(name))
        return tuple(session for session in sessions if session.pythons != ())

    def without_python(self) -> tuple[Session, ...]:
        """Return the sessions that the manifests ask for on Pythons of which none is in the range of the workspace."""
        sessions = (make() for _, make in self._configured())
        return tuple(session for session in sessions if session.pythons == ())

    def _configured(self) -> Iterator[_Plan]:
        tasks = self._config.tasks
        yield from self._of_task(TEST, Task())
        for name, task in tasks.items():
            if name != IMPORTS or task.settings.commands is not None:
                yield from self._of_task(name, task)
        # A task that only a member has; without commands, its table holds settings for a function.
        for member in self.workspace.members:
            for name, task in member.config.tasks.items():
                if name not in (IMPORTS, *tasks) and task.settings.commands is not None:
                    yield from self._of_members("task", name, NOTHING, [member])
        yield from self._of_resolutions()
        for name, integration in self._config.integration.items():
            if name != EVERYBODY and (self.workspace.members or integration.packages == ()):
                yield name, partial(self.of_several, name, integration)
                for resolution in (integration.resolutions or {}).values():
                    title = f"{name}:{resolution.name}"
                    yield title, partial(self._of_several_at, title, integration, resolution)
        yield from self._of_everybody()
        yield from self._of_imports(tasks.get(IMPORTS, Task()))

    # --- one member ---

    def of_members(self, name: str, task: Task) -> Iterator[Session]:
        """Yield the session of each member that the *task* called *name* is for."""
        return (make() for _, make in self._of_task(name, task))

    def _of_task(self, name: str, task: Task) -> Iterator[_Plan]:
        kind: SessionKind = "test" if name == TEST else "task"
        return self._of_members(kind, name, task.settings, self.workspace.members_for(task))

    def _of_imports(self, task: Task) -> Iterator[_Plan]:
        """Yield the check of each member's imports, unless its environment would have the name of another member's."""
        if task.settings.commands is not None:
            return
        names = {member.name for member in self.workspace.members}
        members = self.workspace.members_for(task)
        checked = [member for member in members if f"{member.name}-{IMPORTS}" not in names]
        yield from self._of_members("imports", IMPORTS, task.settings.over(_ON_RUNTIME), checked)

    def _of_members(self, kind: SessionKind, task: str, shared: Settings, members: Iterable[Member]) -> Iterator[_Plan]:
        """Yield the session of each of *members* for the *task* of this name, which has *shared* settings for all of them."""
        # Most members set nothing themselves: then a task means the same for all of them, and is merged once.
        common = self._merged(task, NOTHING, shared, NOTHING)
        for member in members:
            yield _session_name(member, task), partial(self._of_member, kind, task, member, shared, common)

    def _of_member(self, kind: SessionKind, task: str, member: Member, shared: Settings, common: Settings) -> Session:
        config, settings = member.config, common
        if config.settings is not NOTHING or task in config.tasks:
            settings = self._merged(task, config.tasks.get(task, Task()).settings, shared, config.settings)
        path = member.path if member.path != "." else "the workspace root"
        of_task = (shared, config.tasks.get(task, Task()).settings)
        return self._session(
            kind,
            settings,
            name=_session_name(member, task),
            description=path if task == TEST else f"{task} in {path}",
            variants=_variants(member, settings),
            # The check of imports has no tag of its member: `nox -t project-a` stays what plain nox would run of it.
            tags=(IMPORTS,) if kind == "imports" else ("member", member.name, task),
            on_first_python=kind == "imports" and all(settings.pythons is None for settings in of_task),
        )

    def _merged(self, name: str, member_task: Settings, shared_task: Settings, member: Settings) -> Settings:
        """Return the settings of the task called *name*: those of the tables 1 to 4 in their order."""
        task = member_task.over(shared_task)
        if name == TEST:
            return task.over(member).over(self._for_all)
        return task.over(member.inherited()).over(self._for_all_tasks)

    def _of_resolutions(self) -> Iterator[_Plan]:
        """Yield the session of each member for each of its resolutions: of its own table, or else of everybody's."""
        shared = self._config.resolutions or {}
        chosen = {name: self.workspace.members_for(resolution) for name, resolution in shared.items()}
        for member in self.workspace.members:
            resolutions = {name: resolution for name, resolution in shared.items() if member in chosen[name]}
            if member.config.resolutions is not None:
                own = member.config.resolutions.items()
                resolutions = {name: resolution.over(shared.get(name, resolution)) for name, resolution in own}
            for name, resolution in resolutions.items():
                yield f"{member.name}:{name}", partial(self._at_resolution, member, resolution)

    def _at_resolution(self, member: Member, resolution: Resolution) -> Session:
        """Return the session of *member* that runs what its tests run, with the versions of *resolution*."""
        tests = self._merged(TEST, NOTHING, NOTHING, member.config.settings)
        settings = _at(resolution, tests)
        session = self._session(
            "task",
            settings,
            name=f"{member.name}:{resolution.name}",
            description=f"{resolution.name} versions for {member.path if member.path != '.' else 'the workspace root'}",
            variants=_variants(member, settings),
            tags=("resolution", resolution.name),
        )
        return self._resolved(session, resolution)

    def _resolved(self, session: Session, resolution: Resolution) -> Session:
        """Return *session* with the versions of *resolution*, on the Pythons that these are for."""
        if resolution.base == "below":
            owners = [member.manifest for member in session.members]
            session = replace(session, pythons=pythons_below(resolution.settings.pythons, owners, self._allowed))
        return replace(session, resolution=resolution)

    # --- several members, or none ---

    def of_several(self, name: str, integration: Integration) -> Session:
        """Return the integration session called *name*."""
        if integration.packages == ():
            return self._of_root(name, integration)
        return self._of_several("integration", name, integration)

    def _of_several_at(self, title: str, integration: Integration, resolution: Resolution) -> Session:
        """Return the integration session called *title*, with the versions of *resolution*."""
        session = self.of_several(title, replace(integration, settings=_at(resolution, integration.settings)))
        tags = ("resolution", resolution.name, *(resolution.settings.tags or ()))
        return self._resolved(replace(session, tags=tags), resolution)

    def _of_root(self, name: str, integration: Integration) -> Session:
        """Return the session that installs no member: its groups are the root's, by default the root's default groups."""
        own = integration.settings
        if own.groups is None and own.root_groups is None:
            groups = self.workspace.manifest.groups_by_default()
        else:
            groups = (*(own.root_groups or ()), *(own.groups or ()))
        return self._session(
            "root",
            own.over(self._inherited_by_integration()),
            name=name,
            description=f"groups of the workspace root: {', '.join(groups)}" if groups else "the workspace root",
            variants={"": ()},
            tags=("root", name),
            root_groups=groups,
        )

    def _of_everybody(self) -> Iterator[_Plan]:
        """Yield the session over ``default-packages``, by default all members; a member of its name keeps the name.

        If it has nothing to run, it runs on request only: then it shows that the members can be installed together.
        """
        name = EVERYBODY if self.workspace.member(EVERYBODY) is None else f"{EVERYBODY}:all"
        configured = self._config.integration.get(EVERYBODY, Integration())
        sets = [other.packages for name, other in self._config.integration.items() if name != EVERYBODY]
        own = configured.settings
        has_work = self._has_tests or bool(own.before or own.background or own.after) or own.commands is not None
        settings = configured.settings.over(Settings(default=has_work and all(packages == () for packages in sets)))
        packages = configured.packages or self._config.default_packages
        if configured.packages == ():
            yield name, partial(self._of_root, name, replace(configured, settings=settings))
        elif packages != () and self.workspace.members:
            everybody = Integration(settings=settings, packages=packages)
            yield name, partial(self._of_several, "workspace", name, everybody)

    def _inherited_by_integration(self) -> Settings:
        """Return what a session of several members, or of none, takes from ``[tool.wsnox]``: how to install and run.

        A variable that names the member has no value there, and a directory is below each member.
        """
        for_all = self._for_all
        env = for_all.env and {
            name: value for name, value in for_all.env.items() if OF_ONE_MEMBER.isdisjoint(placeholders_in(value))
        }
        return Settings(pythons=for_all.pythons, env=env, external=for_all.external, editable=for_all.editable)

    def _of_several(self, kind: SessionKind, name: str, integration: Integration) -> Session:
        inherited = replace(self._inherited_by_integration(), root_groups=self._for_all.root_groups)
        settings, root = integration.settings.over(inherited), self.workspace.manifest
        packages = integration.packages or ALL_MEMBERS
        selections = [
            replace(selection, groups=self._groups_together(selection.member, settings))
            for selection in select(self.workspace.members, packages)
        ]
        names = [selection.member.name for selection in selections]
        groups = tuple(group for group in settings.groups or () if group in root.groups)
        return self._session(
            kind,
            settings,
            name=name,
            description=_together(names, len(self.workspace.members)),
            variants={
                variant.id: tuple(_with_variant(selection, variant) for selection in selections)
                for variant in settings.extras or _ONE_VARIANT
            },
            tags=(
                "integration",
                *((name, *(() if packages == ALL_MEMBERS else names)) if kind == "integration" else ()),
            ),
            root_groups=(*(settings.root_groups or ()), *groups),
            root_defaults=settings.groups is None,
        )

    def _groups_together(self, member: Member, settings: Settings) -> Names | None:
        """Return the groups of *member* in an integration session: the session's, else those that it has alone."""
        if settings.groups is None:
            settings = member.config.settings.over(self._for_all)
        return _existing_groups(member, settings.groups)

    # --- all kinds ---

    def _session(
        self,
        kind: SessionKind,
        settings: Settings,
        *,
        name: str,
        description: str,
        variants: Mapping[str, tuple[MemberSelection, ...]],
        tags: tuple[str, ...],
        root_groups: Names | None = None,
        root_defaults: bool = False,
        on_first_python: bool = False,
    ) -> Session:
        """Return a session with *settings*; *description* and *root_groups* count if they have none."""
        root, members = self.workspace.root, [selection.member for selection in next(iter(variants.values()))]
        owners = [member.manifest for member in members]
        pythons = matrix(settings.pythons, owners, self._allowed, pin=self._pin, running=self._running)
        session = Session(
            kind=kind,
            name=name,
            description=settings.description or description,
            variants=variants,
            directory=members[0].directory if kind in ("test", "task", "imports") else root,
            tags=tuple(dict.fromkeys((*tags, *(settings.tags or ())))),
            pythons=pythons[:1] if pythons and on_first_python else pythons,
            root_groups=tuple(dict.fromkeys((settings.root_groups or ()) if root_groups is None else root_groups)),
            root_defaults=root_defaults,
            commands=settings.commands,
            before=settings.before or (),
            after=settings.after or (),
            background=settings.background or (),
            editable=settings.editable is not False,
            env=settings.env or {},
            external=settings.external or (),
            default=settings.default is not False,
            requires=settings.requires or (),
            skip=settings.skip or "",
        )
        if settings.directory is None:
            return session
        below = fill(settings.directory, lambda name: session.value_of(name, root))
        return replace(session, directory=Path(os.path.normpath(session.directory / below)))


def _at(resolution: Resolution, tests: Settings) -> Settings:
    """Return the settings of a session at *resolution* that otherwise runs what *tests* say, on request only."""
    settings = resolution.settings.over(replace(tests, tags=None, default=False, description=None))
    # What is published is a wheel.
    return replace(settings, editable=False) if resolution.base == "published" else settings


def _session_name(member: Member, task: str) -> str:
    return member.name if task == TEST else f"{member.name}:{task}"


def _together(names: Sequence[str], members: int) -> str:
    """Return the description of a session with the members called *names*, of so many *members*."""
    if 1 < len(names) == members:
        return "all members together"
    return f"{' + '.join(names) if len(names) <= 4 else f'{len(names)} members'} {'together' if names[1:] else 'in the workspace root'}"


def tests_in(directory: Path) -> list[str]:
    """Return the folders of tests in *directory*, by the names that pytest's documentation gives them, else its test files."""
    folders = [name for name in ("tests", "test") if (directory / name).is_dir()]
    patterns = ("test_*.py", "*_test.py")
    return folders or sorted(path.name for pattern in patterns for path in directory.glob(pattern))


_ONE_VARIANT = (Variant("", ()),)


def _variants(member: Member, settings: Settings) -> dict[str, tuple[MemberSelection, ...]]:
    """Return the variants of *member*: those of which it has some extra, each once, or one without extras."""
    groups = _existing_groups(member, settings.groups)
    ids: dict[NamesOrAll, str] = {}
    for variant in settings.extras or _ONE_VARIANT:
        extras = _existing_extras(member, variant)
        if extras or not variant.extras:
            ids.setdefault(extras, variant.id)
    return {
        id_: (MemberSelection(member=member, extras=extras, groups=groups),)
        for extras, id_ in (ids or {(): ""}).items()
    }


def _with_variant(selection: MemberSelection, variant: Variant) -> MemberSelection:
    """Return *selection* with those extras of *variant* on top that its member has."""
    extras = _existing_extras(selection.member, variant)
    if extras == "all" or selection.extras == "all":
        return replace(selection, extras="all")
    return replace(selection, extras=tuple(dict.fromkeys((*selection.extras, *extras))))


def _existing_extras(member: Member, variant: Variant) -> NamesOrAll:
    return "all" if variant.extras == "all" else member.manifest.existing_extras(variant.extras)


def _existing_groups(member: Member, groups: Names | None) -> Names | None:
    return None if groups is None else member.manifest.existing_groups(groups)
