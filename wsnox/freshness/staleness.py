"""The whole workspace compared with its lockfile, in the order in which differences should be read.

uv stops at the first difference (crates/uv-lock, ``Lock::satisfies``; crates/uv, ``commands/project/lock.rs``); here all
of them are listed. The package's docstring says what is compared and what is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.errors import Doubt
from wsnox.freshness.comparison import Comparison
from wsnox.freshness.member import MemberCheck, member_changes, project_changes
from wsnox.freshness.refusals import unread_settings
from wsnox.freshness.registries import gone_registries
from wsnox.freshness.requirements import manifest_file
from wsnox.freshness.resolver_options import OptionCheck
from wsnox.freshness.root import RootCheck
from wsnox.markers.versions import Unreadable, clauses, same_pythons, shortest
from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.lock import Lock
    from wsnox.workspace.model import Manifest, Workspace

__all__ = ["stale_clauses"]


def stale_clauses(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return what of *workspace* the *lock* does not match, one clause each; nothing where the lockfile is fresh.

    A clause is a `wsnox.errors.Doubt` where it tells what cannot be read, and so may or may not match. None has the
    credentials of a URL in it, wherever it is shown.
    """
    clauses = dict.fromkeys(_clauses(workspace, lock))
    return tuple(Doubt(masked(clause)) if isinstance(clause, Doubt) else masked(clause) for clause in clauses)


def _clauses(workspace: Workspace, lock: Lock) -> Iterator[str]:
    comparison = Comparison(workspace, lock)
    manifests = [(manifest_file(member.path), member.manifest) for member in workspace.members]
    if workspace.manifest.name is None:
        manifests.insert(0, (manifest_file("."), workspace.manifest))
    root = RootCheck(comparison)
    # `MismatchedMembers`, `MissingRoot`
    yield from member_changes(workspace, lock)
    # No variant of uv's: it reads no further.
    for file, manifest in manifests:
        yield from unread_settings(manifest, file)
    # What uv looks at before it compares: the lockfile has to be for the same Pythons, environments and options.
    yield from _requires_python(manifests, lock)
    yield from root.environments()
    yield from root.conflicts([manifest for _, manifest in manifests])
    yield from OptionCheck(comparison).problems()
    # `MissingRemoteIndex`, `MissingLocalIndex`
    yield from gone_registries(comparison)
    # `MismatchedVirtual`, `MismatchedEditable`, `MismatchedVersion`, `MismatchedDynamic`, `MismatchedPackageProvidesExtra`,
    # `MismatchedPackageRequirements`, `MismatchedPackageDependencyGroups`, `MismatchedMemberDefaultGroups`,
    # `MismatchedMemberGroupMetadata`
    for member in workspace.members:
        packages = lock.by_name.get(member.name, ())
        if len(packages) == 1:
            yield from MemberCheck(comparison, member, lock.packages[packages[0]]).problems()
    yield from project_changes(comparison)
    # `MismatchedConstraints`, `MismatchedOverrides`, `MismatchedExcludes`, `MismatchedBuildConstraints`,
    # `MismatchedDependencyGroups`, `MismatchedWorkspaceDefaultGroups`, `MismatchedWorkspaceGroupMetadata`
    yield from root.declarations()


def _requires_python(manifests: list[tuple[str, Manifest]], lock: Lock) -> Iterator[str]:
    """Compare the outer bounds of what all members ask for; uv: crates/uv-workspace, ``RequiresPython::intersection``."""
    readable = True
    specifiers = {f"`{file}`": manifest.requires_python for file, manifest in manifests}
    for file, text in (*specifiers.items(), ("`uv.lock`", lock.requires_python)):
        try:
            clauses(text)
        except Unreadable as unreadable:
            readable = False
            yield unreadable.doubt(f"`requires-python` of {file}")
    declared = sorted(set(filter(None, specifiers.values())))
    # Where no member sets a range, uv takes the version of the interpreter that locks.
    if not declared and not re.fullmatch(r"(>=3\.[0-9]+)?", lock.requires_python):
        yield f"no member sets `requires-python`, and `uv.lock` was made for `{lock.requires_python}`"
    if declared and readable and not same_pythons(declared, (lock.requires_python,)):
        yield f"`requires-python` is `{shortest(declared)}`, and `uv.lock` was made for `{lock.requires_python}`"
