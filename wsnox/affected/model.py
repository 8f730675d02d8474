"""The two states between which a change lies, which runs of sessions it can affect, and every reason for it."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import ManifestError
from wsnox.freshness import stale_clauses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.closure.model import Change
    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.sessions import SessionRun
    from wsnox.workspace.tables import Table

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
    "differing_tables",
]


class State(Record, kw_only=True):
    """A *workspace* with its lockfile."""

    workspace: Workspace
    lock: Lock

    def declares_as(self, other: State) -> bool:
        """Return whether lockfile and manifests are those of *other*: then every closure is the same."""
        return self.lock is other.lock and self._digests() == other._digests()

    def _digests(self) -> list[str]:
        return [self.workspace.manifest.digest, *(member.manifest.digest for member in self.workspace.members)]

    def first_stale_clause(self) -> str:
        """Return the first reason why the lockfile is stale and stops every session, empty where it is fresh or frozen."""
        if self.workspace.manifest.config.lock == "frozen":
            return ""
        try:
            return next(iter(stale_clauses(self.workspace, self.lock)), "")
        except ManifestError as error:
            return str(error).partition("\n")[0]

    @cached_property
    def tables(self) -> Mapping[str, str]:
        """The content of each table of the root's manifest, by its dotted name: one for each key of ``[tool.uv]``."""
        top = self.workspace.manifest.top
        # Dates and times of TOML have no form in JSON.
        return (
            {}
            if top is None
            else {name: json.dumps(value, sort_keys=True, default=repr) for name, value in _tables(top)}
        )


def _tables(top: Table) -> Iterator[tuple[str, object]]:
    tool, uv = top.table("tool"), top.table("tool").table("uv")
    yield from ((key, top.peek(key)) for key in top if key != "tool")
    yield from ((f"tool.{key}", tool.peek(key)) for key in tool if key != "uv")
    yield from ((f"tool.uv.{key}", uv.peek(key)) for key in uv if key != "sources")
    sources = uv.table("sources")
    yield from ((f"tool.uv.sources.{name}", sources.peek(key)) for key, name in sources.normal_keys())


def differing_tables(old: State, new: State) -> list[str]:
    """Return the names of the tables of the root's manifest that differ."""
    names = sorted(old.tables.keys() | new.tables.keys())
    return [name for name in names if old.tables.get(name) != new.tables.get(name)]


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
