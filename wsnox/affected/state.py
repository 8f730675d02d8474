"""One of the two states between which a change lies, and what differs between them that no closure or session shows.

Parts of the root's manifest that reach a session through its settings or through the lockfile are compared there. The other
parts concern every session, except those of the root's own project, which is a package like any other.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import ManifestError
from wsnox.freshness import stale_clauses
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.tables import Table

__all__ = ["State", "differing_parts", "manifest_parts"]

_OF_PROJECT = frozenset({"project", "build-system", "tool.uv.package"})
_SOURCES = "tool.uv.sources."
_THROUGH_LOCKFILE = frozenset({
    "conflicts",
    "constraint-dependencies",
    "default-groups",
    "dependency-groups",
    "dev-dependencies",
    "environments",
    "exclude-dependencies",
    "override-dependencies",
    "prerelease",
    "required-environments",
    "resolution",
    "sources",
    "workspace",
})  # fmt: skip
"""Keys of ``[tool.uv]``; of the sources only those of packages that are not locked count as parts."""


class State(Record, kw_only=True):
    """A workspace with its lockfile, and the `manifest_parts` of its root."""

    workspace: Workspace
    lock: Lock
    parts: Mapping[str, str]

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


def differing_parts(old: State, new: State) -> tuple[list[str], list[str]]:
    """Return the names of the parts of the root's manifest that differ: everybody's, and its own project's."""
    locked = old.lock.by_name.keys() | new.lock.by_name.keys()
    names = [
        name
        for name in sorted(old.parts.keys() | new.parts.keys())
        if old.parts.get(name) != new.parts.get(name)
        and not (name.startswith(_SOURCES) and name.removeprefix(_SOURCES) in locked)
    ]
    of_project = _OF_PROJECT if new.workspace.project is not None else frozenset()
    return [name for name in names if name not in of_project], [name for name in names if name in of_project]


def manifest_parts(path: Path) -> dict[str, str]:
    """Return a digest of each part of the root's manifest at *path* that no session shows, by its dotted name."""
    return {name: _digest(table, key) for name, table, key in _tables(open_table(path))}


def _tables(top: Table) -> Iterator[tuple[str, Table, str]]:
    tool, uv = top.table("tool"), top.table("tool").table("uv")
    yield from ((key, top, key) for key in top if key not in ("tool", "dependency-groups"))
    yield from ((f"tool.{key}", tool, key) for key in tool if key not in ("uv", "wsnox"))
    yield from ((f"tool.uv.{key}", uv, key) for key in uv if key not in _THROUGH_LOCKFILE)
    yield from ((f"{_SOURCES}{name}", uv.table("sources"), key) for key, name in uv.table("sources").normal_keys())


def _digest(table: Table, key: str) -> str:
    # Dates and times of TOML have no form in JSON.
    text = json.dumps(table.peek(key), sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
