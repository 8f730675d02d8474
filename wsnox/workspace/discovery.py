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
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.errors import (
    BrokenLinkError,
    DuplicateMemberError,
    ManifestError,
    MissingManifestError,
    NestedWorkspaceError,
    UnmanagedError,
    WorkspaceNotFoundError,
    WsnoxError,
)
from wsnox.workspace.globs import bad_pattern, excluded, expand, included
from wsnox.workspace.model import Member, Workspace
from wsnox.workspace.pyproject import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.workspace.model import Inside, Manifest, WorkspaceTable

__all__ = ["discover", "find_root", "holds_visible_files", "project_at"]

MANIFEST = "pyproject.toml"


def find_root(start: Path) -> Path:
    """Return the root of the workspace that the absolute directory *start* belongs to."""
    nearest = _manifest_above(start)
    if nearest is None:
        raise WorkspaceNotFoundError(start)
    manifest, project = read_manifest(nearest), nearest.parent
    if not manifest.managed:
        raise UnmanagedError(nearest)
    if manifest.workspace is not None or manifest.name is None or project == project.parent:
        return project
    above = _manifest_above(project.parent)
    if above is not None:
        manifest, root = read_manifest(above), above.parent
        if manifest.workspace is not None:
            _check_patterns(manifest, manifest.workspace, expanded=False)
            path = project.relative_to(root).as_posix()
            if included(root, path, manifest.workspace.members) and not excluded(
                root, path, manifest.workspace.exclude
            ):
                return root
    return project


def _manifest_above(directory: Path) -> Path | None:
    manifests = (folder / MANIFEST for folder in (directory, *directory.parents))
    return next((manifest for manifest in manifests if manifest.is_file()), None)


def discover(root: Path, environ: Mapping[str, str] | None = None) -> Workspace:
    """Return the workspace whose root is the absolute directory *root*; each bad case has its own error.

    *environ* are the variables that uv would see: they, and the files that they name, add to what uv resolves with.
    """
    manifest = read_manifest(root / MANIFEST)
    members: dict[str, Member] = {}
    if manifest.name is not None:
        members[manifest.name] = Member(name=manifest.name, directory=root, path=".", manifest=manifest)
    if manifest.workspace is not None:
        _check_patterns(manifest, manifest.workspace, expanded=True)
        for member in _members(root, manifest.workspace, seen={member.path for member in members.values()}):
            if member.name in members:
                raise DuplicateMemberError(member.name, members[member.name].directory, member.directory)
            if member.manifest.workspace is not None:
                raise NestedWorkspaceError(member.manifest.path)
            members[member.name] = member
    if (root / "wsnox.toml").exists():
        hint = "its keys belong in `[tool.wsnox]` of `pyproject.toml`"
        raise ManifestError(root / "wsnox.toml", ["no tool reads this file"], hint=hint)
    settings = root / "uv.toml"
    settings_file = settings.exists()
    if settings_file and not settings.is_file():
        raise ManifestError(settings, ["not a regular file"])
    return Workspace(
        root=root,
        manifest=manifest,
        members=tuple(members[name] for name in sorted(members)),
        settings_file=settings_file,
        environ=environ or {},
    )


def project_at(root: Path, path: str) -> Member | None:
    """Return the project at *path*, absolute or relative to *root*, that is not a member; `None` where no manifest names one.

    Raise `ManifestError` for a manifest that cannot be read.
    """
    directory = Path(os.path.normpath(root / path))
    if not (directory / MANIFEST).is_file():
        return None
    manifest = read_manifest(directory / MANIFEST)
    if manifest.name is None:
        return None
    inside: Inside = "elsewhere"
    with suppress(WsnoxError):
        if manifest.workspace is None and find_root(directory) == directory:
            inside = "project"
    return Member(name=manifest.name, directory=directory, path=path, manifest=manifest, inside=inside)


def _check_patterns(manifest: Manifest, table: WorkspaceTable, *, expanded: bool) -> None:
    """Refuse patterns that do not parse; if ``members`` are *expanded*, each of their components has to parse."""
    keys = (("members", table.members, expanded), ("exclude", table.exclude, False))
    problems = [
        f"`{pattern}`: {problem} in `tool.uv.workspace.{key}`"
        for key, patterns, by_component in keys
        for pattern in patterns
        if (problem := bad_pattern(manifest.path.parent, pattern, by_component=by_component))
    ]
    if problems:
        raise ManifestError(manifest.path, problems)


def _members(root: Path, table: WorkspaceTable, seen: set[str]) -> Iterator[Member]:
    """Yield the members that *table* lists, except at paths that were *seen*."""
    inside: dict[str, Inside] = {}
    for pattern in table.members:
        for path in expand(root, pattern):
            if path in seen or (table.exclude and excluded(root, path, table.exclude)):
                continue
            seen.add(path)
            directory = root / path
            file = directory / MANIFEST
            # Asked first, as nearly every path has one and needs no further question: a workspace has many members.
            if not file.exists():
                _refuse_forgotten(directory, path, pattern)
                continue
            manifest = read_manifest(file)
            if not manifest.managed:
                continue
            if manifest.name is None:
                raise ManifestError(
                    manifest.path,
                    ["no `[project]` table, which a workspace member needs"],
                    hint="give it one with a `name` and a `version`, or list its directory under `exclude` in `[tool.uv.workspace]`",
                )
            above = posixpath.dirname(path)
            if above not in inside:
                inside[above] = _inside(root, path)
            yield Member(name=manifest.name, directory=directory, path=path, manifest=manifest, inside=inside[above])


def _refuse_forgotten(directory: Path, path: str, pattern: str) -> None:
    """Raise for a *directory* without a manifest that uv does not pass over: a broken link, or one that holds files."""
    if not directory.exists():
        raise BrokenLinkError(directory, pattern)
    name = posixpath.basename(path)
    if not directory.is_dir() or (name.startswith(".") and name != ".."):
        return
    if holds_visible_files(directory):
        raise MissingManifestError(directory, pattern)


def holds_visible_files(directory: Path) -> bool:
    """Return whether *directory* has, at any depth, a file that git does not ignore.

    After a branch switch a directory that ``members`` match often has nothing in it but caches: uv passes over it
    (crates/uv-workspace, ``has_only_gitignored_files``). Git itself is asked; without it or a repository, no file is
    ignored.

    Known differences: uv also obeys ``.ignore`` files and, without git, those of git. In a directory that one rule
    ignores as a whole, uv applies the other rules to its files, and here none of them is ignored.
    """
    resolved = directory.resolve()
    visible = _git(resolved, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if visible:
        return any(os.path.lexists(resolved / os.fsdecode(path)) for path in visible.split(b"\0") if path)
    if visible is not None:
        # uv starts its walk at the directory: a rule that hides it, or one above it, hides nothing inside unless it is `*`.
        if _git(resolved.parent, "check-ignore", "--", resolved.name) is None:
            return False
        rule = _git(resolved.parent, "check-ignore", "--verbose", "--", resolved.name) or b""
        if rule.partition(b"\t")[0].endswith((b":*", b":**")):
            return False
    return any(files for _, _, files in os.walk(resolved))


def _git(directory: Path, *arguments: str) -> bytes | None:
    """Return the output of git in *directory*, `None` if it fails, as it does outside of a repository."""
    # No reading of git's rules in Python is as right as git's own, and hardly any workspace asks.
    import subprocess  # noqa: PLC0415, TID251 - see above

    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - see above
    command = ["git", *arguments]
    try:
        result = subprocess.run(  # noqa: S603 - words, and no shell
            command, cwd=directory, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None


def _inside(root: Path, path: str) -> Inside:
    """Return what the directory at *path* is to a uv that starts there: only the next manifest above counts."""
    if path.startswith("../"):
        return "elsewhere"
    above = posixpath.dirname(path)
    while above:
        # As text: making a `Path` for every folder above every member would cost more than all else.
        if os.path.isfile(os.path.join(root, above, MANIFEST)):  # noqa: PTH113, PTH118 - see above
            try:
                return "project" if read_manifest(root / above / MANIFEST).workspace is None else "elsewhere"
            except ManifestError:
                return "elsewhere"
        above = posixpath.dirname(above)
    return "member"
