"""The records of ``[tool.wsnox]``: the settings of the workspace, a member, a task, an integration session.

`None` always means "not set here", so that the table nearer to a session can win over one further away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wsnox._record import Record, field, fields, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.utils import NormalizedName

__all__ = [
    "NOTHING",
    "NO_CONFIG",
    "Allowance",
    "Background",
    "Command",
    "Config",
    "Integration",
    "MemberConfig",
    "MemberPattern",
    "Names",
    "NamesOrAll",
    "PathRule",
    "PathRules",
    "Pythons",
    "Ready",
    "Resolution",
    "ResolutionBase",
    "Settings",
    "Task",
    "Variant",
]

Command = str | tuple[str, ...]
Names = tuple["NormalizedName", ...]
NamesOrAll = Names | Literal["all"]
Pythons = tuple[str, ...] | Literal["classifiers", "requires-python"]


class Variant(Record):
    """A set of *extras* with a readable *id*, which is empty for the only variant of a session."""

    id: str
    extras: NamesOrAll


class Ready(Record):
    """When a command in the background is ready: another *command* succeeds, a *port* answers, or its *output* has a text.

    *value* is the command, the port, or a regular expression.
    """

    kind: Literal["command", "port", "output"]
    value: Command


class Background(Record, kw_only=True):
    """An entry of ``background``: a *command* that runs beside those of the session, called *name*.

    The session goes on when it is *ready*, at once if `None`, and fails if that takes longer than *timeout* seconds. What
    it writes goes to the file *log*, by default one in the environment.
    """

    name: str
    command: Command
    ready: Ready | None = None
    timeout: int = 60
    log: str | None = None


class Settings(Record, kw_only=True):
    """The keys that every session understands."""

    commands: tuple[Command, ...] | None = None
    before: tuple[Command, ...] | None = None
    after: tuple[Command, ...] | None = None
    background: tuple[Background, ...] | None = None
    directory: str | None = None
    groups: Names | None = None
    root_groups: Names | None = None
    extras: tuple[Variant, ...] | None = None
    pythons: Pythons | None = None
    editable: bool | None = None
    env: Mapping[str, str] | None = None
    external: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    default: bool | None = None
    requires: tuple[str, ...] | None = None
    description: str | None = None
    skip: str | None = None

    def over(self, fallback: Settings) -> Settings:
        """Return these settings, with those of *fallback* where these are not set; of ``env``, variable by variable."""
        if self is NOTHING:
            return fallback
        if fallback is NOTHING:
            return self
        values = {key.name: value for key in fields(self) if (value := getattr(self, key.name)) is not None}
        if self.env is not None and fallback.env is not None:
            values["env"] = {**fallback.env, **self.env}
        return replace(fallback, **values)

    def inherited(self) -> Settings:
        """Return the settings that a named task inherits from ``[tool.wsnox]``: all but those that are about one session."""
        if self is NOTHING:
            return self
        of_one = ("commands", "before", "after", "background", "tags", "default", "requires", "description")
        return replace(self, **dict.fromkeys(of_one))


NOTHING = Settings()
"""No settings: most members and tasks share this record."""


class Task(Record, kw_only=True):
    """``[tool.wsnox.tasks.NAME]``: its *settings*, and the *members* it is for, less those to *exclude* (patterns).

    Without either, it is for the members that have sessions of their own at all.
    """

    settings: Settings = NOTHING
    members: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None


ResolutionBase = Literal["lowest", "latest", "published", "below"]


class Resolution(Record, kw_only=True):
    """``[tool.wsnox.resolutions.NAME]``: other versions than the lockfile's that a member promises to work with.

    *base* says which, by default *name*. The direct dependencies *unbounded* have no lower bound, and those *lifted* may be
    held above theirs by what the session installs besides; neither is tested there. Members *unreleased* are taken as they
    are, although an index has them, and *siblings* says which release of the others. *constraints* are requirements that
    narrow all of it. With *build*, source distributions may be built to find versions. *settings* are those of the
    session, *members* less those to *exclude* have it.
    """

    name: str = ""
    base: ResolutionBase | None = None
    unbounded: Names | None = None
    unreleased: Names | None = None
    lifted: Names | None = None
    siblings: Literal["lowest", "latest"] | None = None
    constraints: tuple[str, ...] | None = None
    build: bool | None = None
    settings: Settings = NOTHING
    members: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None

    def over(self, fallback: Resolution) -> Resolution:
        """Return this resolution, with those keys of *fallback* that are not set here."""
        values = {key.name: value for key in fields(self) if (value := getattr(self, key.name)) is not None}
        return replace(fallback, **{**values, "settings": self.settings.over(fallback.settings)})


class MemberPattern(Record):
    """An entry of ``packages``: the members whose name or path matches *pattern*, with *extras*."""

    pattern: str
    extras: Names = ()

    def __str__(self) -> str:
        return f"{self.pattern}[{','.join(self.extras)}]" if self.extras else self.pattern


class Integration(Record, kw_only=True):
    """``[tool.wsnox.integration.NAME]``: the *packages* installed together (`None` for all), and its *settings*.

    Without any package, groups of the root are all that is installed. It has a session for each of its *resolutions*, too.
    """

    settings: Settings = NOTHING
    packages: tuple[MemberPattern, ...] | None = None
    resolutions: Mapping[str, Resolution] | None = None


class PathRule(Record, kw_only=True):
    """The meaning of a change of a file whose path matches one of *paths*, or of one of the root manifest's *tables*.

    Either it *affects* nothing, everything or its own member alone, or the *members* (patterns) count as changed and the
    *sessions* (patterns) must run.
    """

    paths: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    affects: Literal["nothing", "own", "everything"] | None = None
    members: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


class PathRules(Record, kw_only=True):
    """``[tool.wsnox.affected]``: the *rules* in order, before the *default rules*; where closures are compared, *platforms*."""

    rules: tuple[PathRule, ...] = ()
    default_rules: bool = True
    platforms: tuple[str, ...] = ()


class Allowance(Record, kw_only=True):
    """Imports of *modules* in *files* (POSIX, relative to the member) of *members* are allowed, for a *reason*.

    `None` is no limit. A pattern of *modules* also covers what is below the modules that it matches.
    """

    reason: str
    modules: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    members: tuple[str, ...] | None = None
    files: tuple[str, ...] | None = None


class MemberConfig(Record, kw_only=True):
    """The *settings*, *tasks* and *resolutions* of one member: of its own manifest, or ``[tool.wsnox.project]`` for the root's."""

    settings: Settings = NOTHING
    tasks: Mapping[str, Task] = field(default_factory=dict)
    resolutions: Mapping[str, Resolution] | None = None


class Config(MemberConfig, kw_only=True):
    """``[tool.wsnox]`` of one manifest; all but *settings*, *tasks*, *resolutions* and *imports* are for the root's alone.

    There, these three are for everybody and *project* is for the root's own project. *members* less those to
    *exclude* (patterns) have sessions of their own.
    """

    imports: tuple[Allowance, ...] = ()
    members: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    project: MemberConfig = MemberConfig()
    integration: Mapping[str, Integration] = field(default_factory=dict)
    default_packages: tuple[MemberPattern, ...] | None = None
    lock: Literal["check", "frozen"] | None = None
    affected: PathRules = PathRules()


NO_CONFIG = Config()
"""No ``[tool.wsnox]`` at all: most members share this record."""
