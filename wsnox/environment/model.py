"""What the preparation of an environment needs to know, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.environment.snapshot import fingerprint
from wsnox.text import printable_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from wsnox.environment.snapshot import SiteSnapshot
    from wsnox.workspace.model import MemberSelection, Workspace

__all__ = ["Job", "Proof"]


class Job(Record, kw_only=True):
    """The environment at *location* is to hold the closure of *parts*, as one run of the session *label* wants it.

    *root_groups* are groups of the root, with its default groups on top where *root_defaults*; without *editable*,
    members are installed as wheels; with *check*, the lockfile must match the manifests. *python* is the environment's
    interpreter, which must be of the version that *wanted* names. *outer* are the variables of nox's own environment.

    *may_install* tells whether nox allows installs; *install* runs a command; *recreate* makes the environment anew;
    *accept* may refuse the names of the distributions to come; *log* says something to the user.
    """

    label: str
    version: str
    workspace: Workspace
    parts: tuple[MemberSelection, ...]
    root_groups: tuple[str, ...]
    root_defaults: bool
    editable: bool
    check: bool
    location: Path
    python: Path
    wanted: str
    uv: str | None
    outer: Mapping[str, str]
    may_install: Callable[[], bool]
    install: Callable[..., None]
    recreate: Callable[[], None]
    accept: Callable[[Sequence[str]], object]
    log: Callable[[str], None]

    @property
    def root(self) -> str:
        """The workspace root as POSIX text."""
        return self.workspace.root.as_posix()

    @property
    def folder(self) -> Path:
        """Where wsnox keeps what belongs to this environment: the stamp and the plan."""
        return self.location / "wsnox"

    @property
    def stamp(self) -> Path:
        """The environment's stamp."""
        return self.folder / "stamp.json"

    @property
    def shared(self) -> Path:
        """Where wsnox keeps what several environments share: locks, and wheels built from members."""
        return self.location.parent / ".wsnox"

    @property
    def request(self) -> str:
        """What is asked for, as text that differs where the request does."""
        parts = [f"{part.member.name} {part.extras} {part.groups}" for part in self.parts]
        root = f"{self.root_groups} {self.root_defaults}"
        return (
            f"{parts} {root} editable={self.editable} check={self.check} python={self.wanted} uv={self.uv is not None}"
        )


class Proof(Record, kw_only=True):
    """That an environment holds exactly the distributions *names* of a closure, and what was *removed* to get there.

    *sites* are its directories as they looked when that was found, *contents* what is to be remembered of the files that
    each distribution is from.
    """

    names: tuple[str, ...]
    sites: tuple[SiteSnapshot, ...]
    contents: Mapping[str, str]
    removed: tuple[str, ...] = ()

    @property
    def listing(self) -> str:
        """What the directories looked like, as text."""
        return fingerprint(self.sites)

    def __str__(self) -> str:
        many = "distribution" if len(self.names) == 1 else "distributions"
        removed = f" (removed {printable_line(', '.join(self.removed))})" if self.removed else ""
        return f"{len(self.names)} {many}, exactly its locked closure{removed}"
