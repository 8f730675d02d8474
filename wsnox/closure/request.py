"""The requests that sessions make: each member with its own extras and groups, and the groups of the root."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.closure.records import Request, Root
from wsnox.closure.selection import default_groups, refuse_other_members
from wsnox.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wsnox.lock import Lock
    from wsnox.workspace.records import Manifest, Workspace
    from wsnox.workspace.specs import Part

__all__ = ["request_for"]


def request_for(
    workspace: Workspace, lock: Lock, parts: Sequence[Part], *, root_groups: Collection[str], root_defaults: bool
) -> Request:
    """Return the request for *parts* and the *root_groups*; *root_defaults* adds a virtual root's default groups.

    Raise `UnknownNameError` for an extra that the manifest leaves dynamic and the lockfile does not know.
    """
    refuse_other_members(workspace, lock)
    roots = [_root(lock, part) for part in parts]
    groups = frozenset(root_groups)
    project = workspace.project
    if project is None:
        defaults = frozenset(_defaults(workspace.manifest)) if root_defaults else frozenset()
        return Request(roots=tuple(roots), root_groups=groups | defaults)
    return Request(roots=tuple(_with_groups(roots, project.name, groups)))


def _root(lock: Lock, part: Part) -> Root:
    manifest = part.member.manifest
    package = lock.packages[lock.by_name[part.member.name][0]]
    known = frozenset(package.extras) | (package.provided_extras or frozenset()) | manifest.extras
    for extra in part.extras if part.extras != "all" else ():
        if extra not in known:
            raise UnknownNameError("extra", extra, known, owner=part.member.name)
    return Root(
        name=part.member.name,
        extras=frozenset(package.extras) if part.extras == "all" else frozenset(part.extras),
        groups=frozenset(_defaults(manifest) if part.groups is None else part.groups),
    )


def _with_groups(roots: list[Root], project: str, groups: frozenset[str]) -> list[Root]:
    """Give the root project its *groups*: on top of its own where it takes part, else with nothing but them."""
    if any(root.name == project for root in roots):
        return [replace(root, groups=root.groups | groups) if root.name == project else root for root in roots]
    return [*roots, Root(name=project, production=False, groups=groups, lends=True)] if groups else roots


def _defaults(manifest: Manifest) -> Collection[str]:
    defaults = default_groups(manifest)
    return manifest.groups if defaults == "all" else [group for group in defaults if group in manifest.groups]
