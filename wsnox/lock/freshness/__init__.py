"""Compare a lockfile with the manifests: what ``uv lock`` would have to change, told without network or process.

The comparisons are those of ``uv lock --check`` (crates/uv-resolver, ``Lock::satisfies``; crates/uv,
``ValidatedLock::validate``). A lockfile that passes need not be the best one, it is one that uv would keep:

1. ``requires-python`` of all members, by its outer bounds; supported and required environments; conflicts.
2. The members; each one's kind (editable, directory, virtual).
3. Each member's static version, extras, dependencies and dependency groups, lowered through ``tool.uv.sources``.
4. From revision 5 on the default groups and the ``requires-python`` of groups.
5. The root's constraints, overrides, exclusions, build constraints and, where it is virtual, its groups.
6. The resolution options that the root's manifest sets.

What it cannot see counts as fresh:

- what a build backend provides (``dynamic`` dependencies, and with a dynamic version those that name the project
  itself), and source trees and archives that are no members;
- options and indexes that come from ``uv.toml``, from variables, from the user's configuration or the command line, that
  a locked registry is still among the configured indexes, and options that the root's manifest no longer sets (where it
  sets one that a variable overrides, the check goes by the manifest);
- ``exclude-newer`` by a span or a date without time, ``exclude-newer-package``, per-package ``prerelease``,
  ``dependency-metadata``, scoped overrides, and other settings in a form that wsnox does not read;
- which file system entry a path source is, members of other workspaces, and indexes given as paths;
- requirements written anew that mean the same, constraints and exclusions for names that the lockfile does not have;
- edges, versions, artifacts and hashes, which uv does not compare either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.lock.freshness import whole
from wsnox.urls import masked

if TYPE_CHECKING:
    from wsnox.lock.records import Lock
    from wsnox.workspace.records import Workspace

__all__ = ["stale"]


def stale(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return a clause for each way in which *lock* does not match *workspace*, without credentials."""
    return tuple(map(masked, whole.stale(workspace, lock)))
