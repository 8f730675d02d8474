"""Compare a lockfile with the manifests: what ``uv lock`` would have to change, told without network or process.

The comparisons are those of ``uv lock --check`` (uv 0.13: crates/uv-lock, ``Lock::satisfies``). A lockfile that passes need
not be the best one, it is one that uv would keep:

1. ``requires-python`` of all members, by its outer bounds; supported and required environments; conflicts.
2. The members; each one's kind (editable, directory, virtual).
3. Each member's static version, extras, dependencies and dependency groups, lowered through ``tool.uv.sources``.
4. From revision 5 on the default groups and the ``requires-python`` of groups.
5. The root's constraints, overrides, exclusions, build constraints and, where it is virtual, its groups.
6. The resolution options that the root's manifest sets.

What cannot be read is told and refused as well (`wsnox.lock.freshness.unreadable`). What it cannot see counts as fresh:

- what a build backend provides (``dynamic`` dependencies, and with a dynamic version those that name the project
  itself), and source trees and archives that are no members;
- options and indexes that come from ``uv.toml``, from variables, from the user's configuration or the command line, that
  a locked registry is still among the configured indexes, and options that the root's manifest no longer sets (where it
  sets one that a variable overrides, the check goes by the manifest);
- ``exclude-newer`` by a span or a date without time, ``exclude-newer-package``, per-package ``prerelease``,
  ``dependency-metadata``, scoped overrides;
- which file system entry a path source is, members of other workspaces, and indexes given as paths;
- constraints and exclusions for names that the lockfile does not have;
- edges, versions, artifacts and hashes, which uv does not compare either.
"""

from __future__ import annotations

from wsnox.lock.freshness.whole import stale

__all__ = ["stale"]
