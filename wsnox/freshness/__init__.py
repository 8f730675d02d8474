"""Compare a lockfile with the manifests: what ``uv lock`` would have to change, without network or process.

The comparisons are those of ``uv lock --check`` (uv 0.13: crates/uv-lock, ``Lock::satisfies``). A lockfile that passes need
not be the best one, it is one that uv would keep; neither looks at edges, versions, artifacts and hashes. Compared are:

1. ``requires-python`` of all members, by its outer bounds; supported and required environments; conflicts.
2. The members, and the kind of each (editable, directory, virtual).
3. Each member's static version, extras, dependencies and dependency groups, lowered through ``tool.uv.sources``; those
   of a project that is not a member, and on which one depends by its path, as well.
4. From revision 5 on the default groups and the ``requires-python`` of groups.
5. The root's constraints, overrides, exclusions, build constraints and, where it is virtual, its groups.
6. The options that uv would resolve with here, set or not, from variables, ``uv.toml``, ``[tool.uv]`` and the user's and
   the system's configuration; that what members depend on comes from an index that the project has.

A lockfile that any uv since 0.7 writes is fresh for what it was written for, also where a later one would write it differently.
One without metadata is stale, unless uv is set to leave it out: then nobody can compare, which is a doubt.

What cannot be read is refused as well (`wsnox.freshness.differences`). What the check cannot see counts as fresh:

- what a build backend provides (``dynamic`` dependencies, and with a dynamic version those that name the project
  itself), archives and trees without a project, and what members of other workspaces ask for;
- options of the command line, that a variable or the user's configuration takes an index away, and that one URL is gone
  where nothing is locked from uv's default index, whose mirror it may be;
- a day without time in ``exclude-newer`` that ends too early in some time zones, and a path of an index made absolute;
- the version of the interpreter that locks, where no member sets ``requires-python``;
- which file system entry a path source is, and which URL one with a variable names;
- a key that no ``uv.toml`` may have, and ``required-version``.
"""

from __future__ import annotations

from wsnox.freshness.differences import stale_clauses

__all__ = ["stale_clauses"]
