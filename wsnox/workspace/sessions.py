"""A session, its runs, and what nox calls them.

A session is one registration with nox, which runs it once for each Python and each variant (a set of extras).
nox (``Manifest.make_session``) calls a session of several Pythons ``NAME-PYTHON`` and one with parameters
``NAME(ID)``; a single Python is no part of the name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.workspace.model import Member, MemberSelection
    from wsnox.workspace.settings import Background, Command, Names, Resolution

__all__ = [
    "RESOLUTIONS",
    "SESSIONS_FILE",
    "Session",
    "SessionKind",
    "SessionRun",
    "folder_of",
    "inseparable",
    "resolution_file",
    "run_in",
    "runs_of",
    "title_of",
]

SESSIONS_FILE = "WSNOX_SESSIONS_FILE"
"""The variable with the file to which a noxfile tells the sessions of its functions (`wsnox.workspace.session_data`)."""

RESOLUTIONS = "resolutions"
"""The folder in the root with the lockfiles of other resolutions.

A file of a member's own would be part of its source distribution, and a change of it one of all that depend on the member.
"""

SessionKind = Literal["test", "task", "imports", "integration", "workspace", "root"]
"""A member's tests, another task of a member, the check of its imports, several members together, all of them, or none."""


_OF_PYTHON = re.compile(r"-?\{(python|py)\}")


class Session(Record, kw_only=True):
    """One session: what it installs, by variant, and what it runs in *directory*.

    *pythons* is `None` for the interpreter that runs nox, *commands* is `None` where nothing is configured. *before* and
    *after* run around them, and *background* beside them. A single variant has an empty key. *root_groups* are groups of the root, with its default groups on top where *root_defaults*.
    *external* are programs outside of the environment that its commands may run. With a *resolution*, the versions
    are those of a file of its own.
    """

    kind: SessionKind
    name: str
    description: str
    variants: Mapping[str, tuple[MemberSelection, ...]]
    directory: Path
    tags: tuple[str, ...]
    pythons: tuple[str, ...] | None
    root_groups: Names = ()
    root_defaults: bool = False
    commands: tuple[Command, ...] | None = None
    before: tuple[Command, ...] = ()
    after: tuple[Command, ...] = ()
    background: tuple[Background, ...] = ()
    editable: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    external: tuple[str, ...] = ()
    default: bool = True
    requires: tuple[str, ...] = ()
    skip: str = ""
    resolution: Resolution | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """The members that take part."""
        return tuple(selection.member for selection in next(iter(self.variants.values())))

    @property
    def runs_by_default(self) -> bool:
        """Whether plain nox runs it, and does not skip it."""
        return self.default and not self.skip

    @property
    def integration(self) -> bool:
        """Whether it is a session of the workspace, with several members or none, rather than of one member."""
        return self.kind in {"integration", "workspace", "root"}

    @property
    def every_command(self) -> Iterator[Command]:
        """All commands that are configured: those before, in the background, to see whether that is ready, and after."""
        yield from self.before
        for background in self.background:
            yield background.command
            if background.ready is not None and background.ready.kind == "command":
                yield background.ready.value
        yield from self.commands or ()
        yield from self.after

    def value_of(self, placeholder: str, root: Path) -> str:
        """Return the value of a *placeholder* that every run of the session gives the same, in the workspace at *root*."""
        match placeholder:
            case "root":
                return root.as_posix()
            case "directory":
                return (root if self.integration else self.members[0].directory).as_posix()
            case "member":
                return self.name if self.integration else self.members[0].name
            case "name":
                return self.members[0].manifest.written_name
            case _:
                raise ValueError(f"no placeholder `{placeholder}`")

    def requires_on(self, python: str) -> tuple[str, ...]:
        """Return the names of the sessions that this one requires on *python*, filled in as nox does.

        *python* is empty for the interpreter that runs nox, which nox has no name for.
        """
        if python:
            return tuple(name.replace("{python}", python).replace("{py}", python) for name in self.requires)
        return tuple(_OF_PYTHON.sub("", name) for name in self.requires)


class SessionRun(Record, kw_only=True):
    """One run of a *session*: on one *python*, in one *variant*, by the *title* that ``nox -s`` takes.

    *python* is empty for the interpreter that runs nox.
    """

    title: str
    session: Session
    python: str
    variant: str

    @property
    def selections(self) -> tuple[MemberSelection, ...]:
        """The members to install, with their extras and groups."""
        return self.session.variants[self.variant]

    @property
    def resolution_file(self) -> str:
        """The path from the root of the file with the versions of a resolution, empty where they are those of ``uv.lock``."""
        return resolution_file(self.session, self.variant)

    @property
    def root_groups(self) -> Names:
        """Groups of the root that are installed, too."""
        return self.session.root_groups

    @property
    def root_defaults(self) -> bool:
        """Whether the default groups of the root are installed, too."""
        return self.session.root_defaults

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of the run in two states of the workspace, even if a Python was added."""
        return self.session.name, self.python, self.variant


def title_of(name: str, python: str = "", variant: str = "") -> str:
    """Return what nox calls the session *name* on this *python*, of several, and in this *variant*, of several."""
    return f"{name}{f'-{python}' if python else ''}{f'({variant})' if variant else ''}"


_OTHER = re.compile(r"[^\w\s-]")
_DASHES = re.compile(r"[-\s]+")


@lru_cache(maxsize=8192)
def folder_of(title: str) -> str:
    """Return the name of the directory in which nox keeps the environment of the session that it calls *title*."""
    plain = title
    if not title.isascii():
        import unicodedata  # noqa: PLC0415 - hardly any title needs it

        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    plain = _OTHER.sub("-", plain).strip().lower()
    return _DASHES.sub("-", plain).strip("-") or title


def resolution_file(session: Session, variant: str) -> str:
    """Return the path from the root of the file with the versions of this *variant* of *session*, empty for ``uv.lock``."""
    if session.resolution is None:
        return ""
    title = re.sub(r"[^a-z0-9]+", "-", title_of(session.name, variant=variant).lower()).strip("-")
    return f"{RESOLUTIONS}/pylock.{title}.toml"


def runs_of(sessions: Iterable[Session]) -> tuple[SessionRun, ...]:
    """Return each run of *sessions*, in their order."""
    return tuple(
        SessionRun(
            title=title_of(session.name, python if len(pythons) > 1 else "", variant),
            session=session,
            python=python,
            variant=variant,
        )
        for session in sessions
        for pythons in [("",) if session.pythons is None else session.pythons]
        for python in pythons
        for variant in session.variants
    )


def run_in(session: Session, folder: str) -> SessionRun | None:
    """Return the run of *session* that has the environment in *folder* (`folder_of`), `None` if none has."""
    return next((run for run in runs_of([session]) if folder_of(run.title) == folder), None)


def inseparable(runs: Sequence[SessionRun]) -> tuple[tuple[SessionRun, ...], ...]:
    """Return *runs* in groups that must stay together, since nox runs what a session requires along with it."""
    leaders: dict[str, str] = {}

    def leader(title: str) -> str:
        while leaders.setdefault(title, title) != title:
            title = leaders[title]
        return title

    titles = {name: run.title for run in runs for name in (run.session.name, run.title)}
    for run in runs:
        for name in run.session.requires_on(run.python):
            leaders[leader(titles.get(name, name))] = leader(run.title)
    groups: dict[str, list[SessionRun]] = {}
    for run in runs:
        groups.setdefault(leader(run.title), []).append(run)
    return tuple(tuple(group) for group in groups.values())
