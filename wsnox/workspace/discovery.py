"""Find the workspace that a directory belongs to, and collect its members, by uv's rules.

The root (uv docs, concepts/projects/workspaces):

1. The nearest manifest at or above the start; none is an error, an unmanaged one too.
2. It has ``[tool.uv.workspace]``, or no ``[project]``: it is the root.
3. Otherwise only the next manifest above counts: it is the root where it has a workspace table whose ``members`` match
   and whose ``exclude`` does not.
4. Otherwise the project is a root of its own.

The members: the root's own ``[project]``, then for each pattern each directory on disk that is not excluded, has a
manifest, and is managed. Known difference: uv also leaves out what lies in its cache directory inside the workspace.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from wsnox.errors import (
    BrokenLinkError,
    DuplicateMemberError,
    ManifestError,
    MissingManifestError,
    NestedWorkspaceError,
    UnmanagedError,
    WorkspaceNotFoundError,
)
from wsnox.workspace.globs import bad_pattern, excluded, expand, included
from wsnox.workspace.model import Member, Workspace
from wsnox.workspace.pyproject import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wsnox.workspace.model import Inside, Manifest, WorkspaceTable

__all__ = ["discover", "find_root"]

MANIFEST = "pyproject.toml"


def find_root(start: Path) -> Path:
    """Return the root of the workspace that the absolute directory *start* belongs to."""
    nearest = _manifest_above(start)
    if nearest is None:
        raise WorkspaceNotFoundError(start)
    manifest = read_manifest(nearest)
    if not manifest.managed:
        raise UnmanagedError(nearest)
    if manifest.workspace is not None or manifest.name is None:
        return nearest.parent
    above = _manifest_above(nearest.parent.parent) if nearest.parent != nearest.parent.parent else None
    if above is not None and _claims(above, nearest.parent):
        return above.parent
    return nearest.parent


def _manifest_above(directory: Path) -> Path | None:
    places = (folder / MANIFEST for folder in (directory, *directory.parents))
    return next((place for place in places if place.is_file()), None)


def _claims(manifest_path: Path, directory: Path) -> bool:
    manifest = read_manifest(manifest_path)
    table = manifest.workspace
    if table is None:
        return False
    _refuse_bad_patterns(manifest, table, expanded=False)
    root = manifest_path.parent
    path = directory.relative_to(root).as_posix()
    return included(root, path, table.members) and not excluded(root, path, table.exclude)


def discover(root: Path, environ: Mapping[str, str] | None = None) -> Workspace:
    """Return the workspace whose root is the absolute directory *root*; each bad case has its own error.

    *environ* are the variables that uv would see: they, and what they lead to, add to what uv resolves with.
    """
    manifest = read_manifest(root / MANIFEST)
    found: dict[str, Member] = {}
    if manifest.name is not None:
        found[manifest.name] = Member(name=manifest.name, directory=root, path=".", manifest=manifest)
    if manifest.workspace is not None:
        _refuse_bad_patterns(manifest, manifest.workspace, expanded=True)
        for member in _members(root, manifest.workspace, seen={member.path for member in found.values()}):
            if member.name in found:
                raise DuplicateMemberError(member.name, found[member.name].directory, member.directory)
            if member.manifest.workspace is not None:
                raise NestedWorkspaceError(member.manifest.path)
            found[member.name] = member
    members = tuple(found[name] for name in sorted(found))
    settings = root / "uv.toml"
    settings_file = settings.exists()
    if settings_file and not settings.is_file():
        raise ManifestError(settings, ["not a regular file"])
    return Workspace(root=root, manifest=manifest, members=members, settings_file=settings_file, environ=environ or {})


def _refuse_bad_patterns(manifest: Manifest, table: WorkspaceTable, *, expanded: bool) -> None:
    """Refuse patterns that do not parse; where ``members`` are *expanded*, each of their components has to parse."""
    root = manifest.path.parent
    problems = [
        *(("members", pattern, bad_pattern(root, pattern, by_component=expanded)) for pattern in table.members),
        *(("exclude", pattern, bad_pattern(root, pattern, by_component=False)) for pattern in table.exclude),
    ]
    told = [f"`{pattern}`: {problem} in `tool.uv.workspace.{key}`" for key, pattern, problem in problems if problem]
    if told:
        raise ManifestError(manifest.path, told)


def _members(root: Path, table: WorkspaceTable, seen: set[str]) -> Iterator[Member]:
    for pattern in table.members:
        for path in expand(root, pattern):
            if path in seen or excluded(root, path, table.exclude):
                continue
            seen.add(path)
            member = _member(root, path, pattern)
            if member is not None:
                yield member


def _member(root: Path, path: str, pattern: str) -> Member | None:
    """Return the member at *path*, `None` where uv passes over the directory."""
    directory = root / path
    place = directory / MANIFEST
    # The first question, as for nearly every path it is the last: a workspace has many members.
    if not place.exists():
        _refuse_forgotten(directory, path, pattern)
        return None
    manifest = read_manifest(place)
    if not manifest.managed:
        return None
    if manifest.name is None:
        raise ManifestError(manifest.path, ["no `[project]` table, which a workspace member needs"])
    return Member(name=manifest.name, directory=directory, path=path, manifest=manifest, inside=_inside(root, path))


def _refuse_forgotten(directory: Path, path: str, pattern: str) -> None:
    """Raise for a *directory* without a manifest that uv does not pass over: a broken link, or one that holds files."""
    if not directory.exists():
        raise BrokenLinkError(directory, pattern)
    if not directory.is_dir() or _is_hidden(path):
        return
    from wsnox.workspace.git_ignored import holds_visible_files  # noqa: PLC0415 - hardly any workspace needs it

    if holds_visible_files(directory):
        raise MissingManifestError(directory, pattern)


def _inside(root: Path, path: str) -> Inside:
    """Return what the directory at *path* is to uv where it starts there: only the next manifest above counts."""
    if path.startswith("../"):
        return "elsewhere"
    above = posixpath.dirname(path)
    while above:
        # As text: a `Path` for every folder above every member is most of what this would cost.
        place = os.path.join(root, above, MANIFEST)  # noqa: PTH118 - see above
        if os.path.isfile(place):  # noqa: PTH113 - see above
            return _of_nearer(root / above / MANIFEST)
        above = posixpath.dirname(above)
    return "member"


def _of_nearer(manifest: Path) -> Inside:
    """Return what a member is to uv below a *manifest* that is nearer than the root's."""
    try:
        return "project" if read_manifest(manifest).workspace is None else "elsewhere"
    except ManifestError:
        return "elsewhere"


def _is_hidden(path: str) -> bool:
    """Tell whether the last component is a name that starts with a dot; ``..`` is no name."""
    name = posixpath.basename(path)
    return name.startswith(".") and name != ".."
