"""One of the two states between which a change lies: a workspace with its lockfile."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import ManifestError
from wsnox.freshness import stale_clauses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.tables import Table

__all__ = ["State", "differing_tables"]


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
