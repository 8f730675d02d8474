"""The records of this floor: runs of sessions, two states of a workspace, and what is affected and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.closure.why import Change
    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
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
    "State",
]


class State(Record, kw_only=True):
    """A workspace with its lockfile; *rest* holds a digest of each part of the root's manifest that is not analysed."""

    workspace: Workspace
    lock: Lock
    rest: Mapping[str, str]


# --- reasons --------------------------------------------------------------------------------------------------------


class Everything(Record):
    """Something that concerns every session, in *words*."""

    words: str


class MemberChanged(Record):
    """Files of the local package *member* changed, at *paths*; it is part of the session (*own*), or of its closure."""

    member: str
    paths: tuple[str, ...]
    own: bool


class FileChanged(Record):
    """The file at *path* changed, of which a rule says that it concerns the session, or else *why* it does."""

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

# --- the answer -----------------------------------------------------------------------------------------------------


class AffectedRun(Record, kw_only=True):
    """A *run* that a change can affect, and every reason of its own; none where only the reasons for all hold."""

    run: SessionRun
    reasons: tuple[Reason, ...]


class Affected(Record, kw_only=True):
    """The *runs* that a change can affect, of *total*, in the order of the sessions; *everything* tells why all are."""

    runs: tuple[AffectedRun, ...]
    total: int
    everything: tuple[Everything, ...] = ()
