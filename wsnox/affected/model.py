"""Which runs of sessions a change can affect, and every reason for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from wsnox.closure.model import Change
    from wsnox.workspace.sessions import SessionRun

__all__ = [
    "Affected",
    "AffectedRun",
    "Configured",
    "Defined",
    "Everything",
    "FileChanged",
    "MemberChanged",
    "New",
    "NoClosure",
    "PackagesChanged",
    "Reason",
    "Requires",
]


class Everything(Record):
    """Something that concerns every session, in *words*: a change of the file at *path*, if it is one."""

    words: str
    path: str = ""


class MemberChanged(Record):
    """Files of the local package *member* changed, at *paths*; it is part of the session (*own*), or of its closure."""

    member: str
    paths: tuple[str, ...]
    own: bool


class FileChanged(Record):
    """The file at *path* changed; *why* the session is known to read it, empty where a rule says so."""

    path: str
    why: str = ""


class PackagesChanged(Record):
    """The session's closure on *python* differs between the two lockfiles by these *changes*, or in these *files*.

    *files* names packages whose version and source are the same and whose artifacts are not.
    """

    python: str
    changes: tuple[Change, ...]
    files: tuple[str, ...] = ()


class NoClosure(Record):
    """The closures could not be compared on *python*, for the reason in *words*."""

    python: str
    words: str


class Configured(Record):
    """The keys of ``[tool.wsnox]`` that differ for the session."""

    keys: tuple[str, ...]


class New(Record):
    """There was no such session before."""


class Defined(Record):
    """The noxfile defines the session itself, and nox selects it."""


class Requires(Record):
    """The *session* runs before, and is affected."""

    session: str


Reason = Everything | MemberChanged | FileChanged | PackagesChanged | NoClosure | Configured | New | Requires | Defined


class AffectedRun(Record, kw_only=True):
    """A *run* that a change can affect, and its own *reasons*: none where only what concerns every session affects it."""

    run: SessionRun
    reasons: tuple[Reason, ...]


class Affected(Record, kw_only=True):
    """The *runs* that a change can affect, of *total*, in the order of the sessions; *everything* is why all of them are."""

    runs: tuple[AffectedRun, ...]
    total: int
    everything: tuple[Everything, ...] = ()
