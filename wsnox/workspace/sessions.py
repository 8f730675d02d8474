"""The sessions of a workspace, decided from its manifests alone: listing them opens no lockfile and starts nothing.

A member has a session for each task. What is said of the task wins over what is said of all tasks, and in each the
member over the root: the member's own table of the task, the root's table of the task, the member's ``[tool.wsnox]``, the
root's. The default task, ``test``, has no table of its own.

The root's table is everybody's, the root's own project included; only ``skip`` is about that project alone.
"""

from __future__ import annotations

import platform
from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record
from wsnox.workspace.pythons import matrix, pin_of, workspace_range
from wsnox.workspace.selectors import EVERYONE, _had, _merged, chosen, matching
from wsnox.workspace.settings import NOTHING, Config, Integration, Settings, Task, Variant
from wsnox.workspace.validation import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.workspace import Workspace
    from wsnox.workspace.model import Manifest, Member
    from wsnox.workspace.settings import Command, Names

__all__ = [
    "EVERYBODY",
    "IMPORTS",
    "TEST",
    "MemberSelection",
    "Session",
    "Suite",
    "groups_of",
    "parts_of",
    "suite_of",
    "together",
]

# --- What a session is: the members that take part, what is installed of each, and what runs ---


IMPORTS = "imports"
"""The task that every member has: without commands, it checks the member's imports."""


class MemberSelection(Record, kw_only=True):
    """A member of a session, with *extras* of it and *groups* of it (`None`: uv's default groups)."""

    member: Member
    extras: Names | Literal["all"] = ()
    groups: Names | None = None


class Session(Record, kw_only=True):
    """One session: its *name*, what it installs by variant, and what it runs in *directory*.

    *pythons* is `None` for the interpreter that runs nox; *commands* is `None` where nothing is configured. The key of a
    variant is empty where there is just one. *root_groups* are groups of the root, with its default groups on top where
    *root_defaults*. *external* are programs from outside of the environment that its commands may be.
    """

    name: str
    description: str
    variants: Mapping[str, tuple[MemberSelection, ...]]
    directory: Path
    tags: tuple[str, ...]
    pythons: tuple[str, ...] | None
    root_groups: Names = ()
    root_defaults: bool = False
    commands: tuple[Command, ...] | None = None
    editable: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    external: tuple[str, ...] = ()
    default: bool = True
    requires: tuple[str, ...] = ()
    skip: str = ""

    @property
    def members(self) -> tuple[Member, ...]:
        """The members that take part."""
        return tuple(part.member for part in next(iter(self.variants.values())))

    @property
    def imports(self) -> bool:
        """Whether the imports of the member are checked, in place of commands."""
        # Tags stand once each: a member called `member` has one less, so the name tells.
        return self.name.endswith(f":{IMPORTS}") and not self.integration and self.commands is None

    @property
    def integration(self) -> bool:
        """Whether several members are installed together on purpose."""
        return self.tags[0] == "integration"


# --- Which members, groups and extras a session takes: what a member does not have is left where everybod ---


ONE_VARIANT = (Variant("", ()),)


def groups_of(member: Member, groups: Names | None) -> Names | None:
    """Return those *groups* that *member* has; `None` stays what it is, uv's default groups."""
    return None if groups is None else tuple(group for group in groups if group in member.manifest.groups)


def parts_of(member: Member, settings: Settings) -> dict[str, tuple[MemberSelection, ...]]:
    """Return the variants of *member*: those of which it has something, each once, or one without extras."""
    groups = groups_of(member, settings.groups)
    variants: dict[Names | Literal["all"], str] = {}
    for variant in settings.extras or ONE_VARIANT:
        extras = _of_variant(member.manifest, variant)
        if extras or not variant.extras:
            variants.setdefault(extras, variant.id)
    return {
        id_: (MemberSelection(member=member, extras=extras, groups=groups),)
        for extras, id_ in (variants or {(): ""}).items()
    }


def together(
    each: Iterable[MemberSelection], variants: tuple[Variant, ...] | None
) -> dict[str, tuple[MemberSelection, ...]]:
    """Return the variants of members that are installed together, *each* with what it has of the variant on top."""
    each = tuple(each)
    return {
        variant.id: tuple(replace(part, extras=_added(part, variant)) for part in each)
        for variant in variants or ONE_VARIANT
    }


def _added(part: MemberSelection, variant: Variant) -> Names | Literal["all"]:
    more = _of_variant(part.member.manifest, variant)
    return "all" if more == "all" or part.extras == "all" else _merged(part.extras, more)


def _of_variant(manifest: Manifest, variant: Variant) -> Names | Literal["all"]:
    return "all" if variant.extras == "all" else _had(manifest, variant.extras)


EVERYBODY = "workspace"
TEST = "test"

_RUNTIME = Settings(groups=(), root_groups=(), extras=(), default=False)
"""The check of imports runs when it is asked for, on what a user of the member gets."""


class Suite:
    """Makes the sessions of a *workspace*; raise `ManifestError` where its tables name what is not there.

    *pin* is what ``.python-version`` asks for, *running* the version of the interpreter that runs nox.
    """

    def __init__(self, workspace: Workspace, *, pin: str = "", running: str = "") -> None:
        refuse_unknown(workspace)
        self.workspace, self._pin, self._running = workspace, pin, running
        self._config = workspace.manifest.config
        self._everyones = replace(self._config.settings, skip=None)
        self._inherited = self._everyones.inherited()
        self._allowed = workspace_range(workspace)
        self._shared: dict[str, tuple[Settings, Settings]] = {}

    def configured(self) -> tuple[Session, ...]:
        """Return every session that the manifests ask for: members, further tasks, integration sets, everybody, imports."""
        return tuple(spec for spec in self._configured() if spec.pythons != ())

    def _configured(self) -> Iterator[Session]:
        if not self.workspace.members:
            return
        yield from self.of_members(TEST, Task())
        for name, task in self._config.tasks.items():
            if name != IMPORTS or task.settings.commands is not None:
                yield from self.of_members(name, task)
        yield from self._of_members_alone()
        for name, integration in self._config.integration.items():
            if name != EVERYBODY:
                yield self.of_several(name, integration)
        yield self._of_everybody()
        yield from self._of_imports(self._config.tasks.get(IMPORTS, Task()))

    # --- one member ---

    def of_members(self, name: str, task: Task) -> Iterator[Session]:
        """Yield the session of each member that the *task* called *name* is for."""
        for member in matching(self.workspace.members, task.members):
            yield self._of_member(member, name, task.settings)

    def _of_imports(self, task: Task) -> Iterator[Session]:
        """Yield the check of each member's imports; where a member has the name of its environment, it goes without.

        It has no tag of the member, so that ``nox -t project-a`` stays what plain nox would run of it.
        """
        if task.settings.commands is not None:
            return
        taken = {member.name for member in self.workspace.members}
        everyones = task.settings.over(_RUNTIME)
        for member in matching(self.workspace.members, task.members):
            if f"{member.name}-{IMPORTS}" not in taken:
                yield self._of_member(member, IMPORTS, everyones, tags=(IMPORTS,))

    def _of_members_alone(self) -> Iterator[Session]:
        """Yield the sessions of tasks that only members have; without commands, they are settings for a function."""
        for member in self.workspace.members:
            for name, task in self._own(member).tasks.items():
                if name not in (IMPORTS, *self._config.tasks) and task.settings.commands is not None:
                    yield self._of_member(member, name, NOTHING)

    def _own(self, member: Member) -> Config:
        """Return what *member* says for itself alone, which of the root's own project is ``skip``."""
        if member.path == ".":
            return Config(settings=Settings(skip=self._config.settings.skip))
        return member.manifest.config

    def _of_member(
        self, member: Member, name: str, everyones: Settings, tags: tuple[str, ...] | None = None
    ) -> Session:
        settings = self._settings(member, name, everyones)
        place = member.path if member.path != "." else "the workspace root"
        return _spec(
            settings,
            name=member.name if name == TEST else f"{member.name}:{name}",
            description=place if name == TEST else f"{name} in {place}",
            variants=parts_of(member, settings),
            directory=member.directory,
            tags=("member", member.name, name) if tags is None else tags,
            pythons=self._pythons(settings, [member.manifest]),
        )

    def _settings(self, member: Member, name: str, everyones: Settings) -> Settings:
        own = self._own(member)
        if own.settings is NOTHING and name not in own.tasks:
            # As most members are: then a task means the same for all of them, and is worked out once.
            known, settings = self._shared.get(name, (None, NOTHING))
            if known is not everyones:
                settings = self._over(name, everyones, NOTHING)
                self._shared[name] = everyones, settings
            return settings
        return self._over(name, own.tasks.get(name, Task()).settings.over(everyones), own.settings)

    def _over(self, name: str, settings: Settings, own: Settings) -> Settings:
        """Return what is said of the task *name* over the member's *own* and the root's table."""
        if name == TEST:
            return settings.over(own).over(self._everyones)
        return settings.over(own.inherited()).over(self._inherited)

    # --- several members ---

    def _of_everybody(self) -> Session:
        """Return the session over ``default-packages``, all members where unset; a member of its name keeps the name."""
        taken = self.workspace.member(EVERYBODY) is not None
        configured = self._config.integration.get(EVERYBODY, Integration())
        settings = configured.settings.over(Settings(default=self._config.integration.keys() <= {EVERYBODY}))
        packages = configured.packages or self._config.default_packages
        spec = self.of_several(
            f"{EVERYBODY}:all" if taken else EVERYBODY, Integration(settings=settings, packages=packages)
        )
        return replace(spec, tags=("integration", *(settings.tags or ())))

    def of_several(self, name: str, integration: Integration) -> Session:
        """Return the integration session called *name*."""
        settings = integration.settings.over(self._of_all_integration())
        packages = integration.packages or EVERYONE
        extras = chosen(self.workspace.members, packages)
        members = [self.workspace.named(each) for each in extras]
        groups = [self._groups_together(member, settings) for member in members]
        parts = (
            MemberSelection(member=member, extras=extras[member.name], groups=own)
            for member, own in zip(members, groups, strict=True)
        )
        among = "all members" if len(members) == len(self.workspace.members) else " + ".join(extras)
        return _spec(
            settings,
            name=name,
            description=f"{among} together",
            variants=together(parts, settings.extras),
            directory=self.workspace.root,
            tags=("integration", name, *(() if packages == EVERYONE else extras)),
            pythons=self._pythons(settings, [member.manifest for member in members]),
            root_groups=self._of_root(settings.groups or ()),
            root_defaults=settings.groups is None,
        )

    def _of_all_integration(self) -> Settings:
        top = self._everyones
        return Settings(
            root_groups=top.root_groups,
            pythons=top.pythons,
            env=top.env,
            external=top.external,
            editable=top.editable,
        )

    def _groups_together(self, member: Member, settings: Settings) -> Names | None:
        """Return the groups of *member* in an integration session: the session's, else those that it has alone."""
        if settings.groups is not None:
            return groups_of(member, settings.groups)
        return groups_of(member, self._own(member).settings.over(self._everyones).groups)

    def _of_root(self, groups: Names) -> Names:
        return tuple(group for group in groups if group in self.workspace.manifest.groups)

    # --- both ---

    def _pythons(self, settings: Settings, owners: Sequence[Manifest]) -> tuple[str, ...] | None:
        return matrix(settings.pythons, owners, self._allowed, pin=self._pin, running=self._running)


def _spec(
    settings: Settings,
    *,
    name: str,
    description: str,
    variants: Mapping[str, tuple[MemberSelection, ...]],
    directory: Path,
    tags: tuple[str, ...],
    pythons: tuple[str, ...] | None,
    root_groups: Names = (),
    root_defaults: bool = False,
) -> Session:
    """Return a session with those *settings* that mean the same in every session; *description* is the last resort."""
    return Session(
        name=name,
        description=settings.description or description,
        variants=variants,
        directory=directory,
        tags=tuple(dict.fromkeys((*tags, *(settings.tags or ())))),
        pythons=pythons,
        root_groups=tuple(dict.fromkeys((*(settings.root_groups or ()), *root_groups))),
        root_defaults=root_defaults,
        commands=settings.commands,
        editable=settings.editable is not False,
        env=settings.env or {},
        external=settings.external or (),
        default=settings.default is not False,
        requires=settings.requires or (),
        skip=settings.skip or "",
    )


def suite_of(workspace: Workspace, pin_from: Path | None = None, *, running: str = "") -> Suite:
    """Return the suite of *workspace*, with the ``.python-version`` of the directory *pin_from*, by default its root.

    *running* is the version of the interpreter that runs nox, by default of this one.
    """
    return Suite(workspace, pin=pin_of(pin_from or workspace.root), running=running or platform.python_version())
