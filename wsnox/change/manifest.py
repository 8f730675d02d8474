"""What of the root's manifest no session shows by itself, so that a change of it concerns every session.

Not counted, because it is compared where it takes effect:

- ``[tool.wsnox]``: as the settings of each session;
- what acts through ``uv.lock`` and the list of members alone: dependency groups, sources, constraints and the other keys
  of `THROUGH_LOCK` (uv docs, reference/settings); a lockfile that does not match them stops every session anyway
  (of the sources, those of packages in the lockfile: others are for builds alone);
- ``[project]`` and ``[build-system]``, which are about the root's own project, a package like any other.

Everything else counts: a ``[tool.pytest]`` of the root is read by the tests of its members.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from wsnox.workspace.toml import open_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from wsnox.workspace.toml import Table

__all__ = ["PROJECT", "differing", "parts_of_manifest"]

PROJECT = ("project", "build-system", "tool.uv.package")
"""Parts that are about the root's own project."""

SOURCES = "tool.uv.sources."
THROUGH_LOCK = frozenset({
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


def differing(before: Mapping[str, str], after: Mapping[str, str], locked: Collection[str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, but for the sources of packages that are *locked*."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return tuple(name for name in names if not (name.startswith(SOURCES) and name.removeprefix(SOURCES) in locked))


def parts_of_manifest(path: Path) -> Mapping[str, str]:
    """Return a digest of each part of the manifest at *path* that counts, by its dotted name."""
    top = open_table(path)
    return {name: _digest(table, key) for name, table, key in _parts(top)}


def _parts(top: Table) -> Iterator[tuple[str, Table, str]]:
    tool, uv = top.table("tool"), top.table("tool").table("uv")
    yield from ((key, top, key) for key in top if key not in ("tool", "dependency-groups"))
    yield from ((f"tool.{key}", tool, key) for key in tool if key not in ("uv", "wsnox"))
    yield from ((f"tool.uv.{key}", uv, key) for key in uv if key not in THROUGH_LOCK)
    yield from ((f"{SOURCES}{name}", uv.table("sources"), key) for key, name in uv.table("sources").normal_keys())


def _digest(table: Table, key: str) -> str:
    # Dates and times of TOML have no form in JSON.
    text = json.dumps(table.peek(key), sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
