"""The whole workspace compared with its lockfile, in the order in which differences should be read.

uv stops at the first difference (crates/uv-lock, ``Lock::satisfies``; crates/uv, ``commands/project/lock.rs``); here all
of them are listed. The package's docstring says what is compared and what is not.

What neither uv nor wsnox can read is never taken for fresh, and hides no other change: it is caught for one requirement,
one marker or one setting, and told as a `Doubt` beside the differences. That refuses the session, with a hint of its own:

- Nearly all of it uv refuses as well, so ``uv lock`` would not go on either. Where uv cannot read ``[project]``, it asks
  the build backend, and one that keeps to PEP 621 refuses.
- A lockfile says what a requirement was lowered to and not how it was written, so its text does not tell that it is
  unchanged.
- After a warning, a session would run with a closure of which nobody knows whether the manifests ask for it. Who wants
  that says so, with ``lock = "frozen"``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.errors import Doubt
from wsnox.freshness.comparison import Comparison
from wsnox.freshness.options import compare_indexes, compare_options
from wsnox.freshness.origins import relative
from wsnox.freshness.requirements import Lowering, locked_groups, locked_requirements, manifest_file
from wsnox.freshness.root import RootComparison, unread_settings
from wsnox.lock import Directory, Virtual
from wsnox.markers.points import Unreadable
from wsnox.markers.versions import clauses, parsed_version, same_pythons, shortest
from wsnox.package_names import canonicalize_name
from wsnox.urls import masked
from wsnox.workspace.discovery import project_at
from wsnox.workspace.globs import matched_as_written

if TYPE_CHECKING:
    from wsnox.lock import Lock, Package
    from wsnox.workspace.model import Manifest, Member, Workspace

__all__ = ["stale_clauses"]


def stale_clauses(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return what of *workspace* the *lock* does not match, one clause each; nothing where the lockfile is fresh.

    A clause is a `wsnox.errors.Doubt` where it tells what cannot be read, and so may or may not match. None has the
    credentials of a URL in it, wherever it is shown. Raise `ManifestError`.
    """
    comparison = Comparison(workspace, lock)
    of_root = {manifest_file("."): workspace.manifest} if workspace.manifest.name is None else {}
    manifests = of_root | {manifest_file(member.path): member.manifest for member in workspace.members}
    root = RootComparison(comparison)
    # `MismatchedMembers`, `MissingRoot`
    _compare_members(comparison)
    # No variant of uv's: it reads no further.
    for file, manifest in manifests.items():
        unread_settings(comparison, manifest, file)
    # What uv looks at before it compares: the lockfile has to be for the same Pythons, environments and options.
    _compare_requires_python(comparison, manifests)
    root.environments()
    root.conflicts([*manifests.values()])
    compare_options(comparison)
    # `MissingRemoteIndex`, `MissingLocalIndex`
    compare_indexes(comparison)
    # `MismatchedVirtual`, `MismatchedEditable`, `MismatchedVersion`, `MismatchedDynamic`, `MismatchedPackageProvidesExtra`,
    # `MismatchedPackageRequirements`, `MismatchedPackageDependencyGroups`, `MismatchedMemberDefaultGroups`,
    # `MismatchedMemberGroupMetadata`
    for member in workspace.members:
        packages = lock.by_name.get(member.name, ())
        if len(packages) == 1:
            _compare_member(comparison, member, lock.packages[packages[0]])
    _compare_projects(comparison)
    # `MismatchedConstraints`, `MismatchedOverrides`, `MismatchedExcludes`, `MismatchedBuildConstraints`,
    # `MismatchedDependencyGroups`, `MismatchedWorkspaceDefaultGroups`, `MismatchedWorkspaceGroupMetadata`
    root.declarations()
    told = dict.fromkeys(comparison.clauses)
    return tuple(Doubt(masked(clause)) if isinstance(clause, Doubt) else masked(clause) for clause in told)


def _compare_requires_python(comparison: Comparison, manifests: dict[str, Manifest]) -> None:
    """Compare the outer bounds of what all members ask for; uv: crates/uv-workspace, ``RequiresPython::intersection``."""
    locked = comparison.lock.requires_python
    texts = {f"`{file}`": manifest.requires_python for file, manifest in manifests.items()}
    for file, text in {**texts, "`uv.lock`": locked}.items():
        with comparison.doubting(f"`requires-python` of {file}"):
            clauses(text)
    declared = sorted(set(filter(None, texts.values())))
    # Where no member sets a range, uv takes the version of the interpreter that locks.
    if not declared and not re.fullmatch(r"(>=3\.[0-9]+)?", locked):
        comparison.add(f"no member sets `requires-python`, and `uv.lock` was made for `{locked}`")
    # What cannot be read is told already.
    with suppress(Unreadable):
        if declared and not same_pythons(declared, (locked,)):
            comparison.add(f"`requires-python` is `{shortest(declared)}`, and `uv.lock` was made for `{locked}`")


# --- members and projects beside them ------------------------------------------------------------------------------------


def _compare_members(comparison: Comparison) -> None:
    """Tell which members came and went; a project that is the only one is not a member of a workspace."""
    workspace, lock = comparison.workspace, comparison.lock
    names: list[str] = [member.name for member in workspace.members]
    locked = lock.members or ()
    for name in names:
        if name not in lock.by_name:
            comparison.add(f"`{name}` is a member, and `uv.lock` has no package for it")
    for name in locked:
        if name not in names:
            comparison.add(f"`{name}` is a member in `uv.lock`, but not in the workspace")
    if len(names) == 1 and workspace.project is not None:
        if names[0] in locked:
            comparison.add(f"`{names[0]}` is the only project now, and `uv.lock` lists it as a member of a workspace")
        return
    for name in names:
        if name not in locked and name in lock.by_name:
            comparison.add(f"`{name}` is a member, and `uv.lock` does not list it as one")


def _compare_projects(comparison: Comparison) -> None:
    """Compare the projects that are no members, on which some member depends by their paths; raise `ManifestError`.

    Kind and path stand in the requirements, and one whose metadata stand in the settings is not asked. One that is not
    there, a submodule that nobody checked out, say, is a matter of those who install it.
    """
    workspace = comparison.workspace
    described = comparison.settings.first("dependency-metadata")
    others = {member.name for member in workspace.members}
    if described is not None and isinstance(described.value, list):
        others |= {canonicalize_name(str(table.get("name"))) for table in described.value if isinstance(table, dict)}
    for path, package in comparison.lock.trees_beside(others).items():
        if project := project_at(workspace.root, path):
            _compare_metadata(comparison, project, package)


_KINDS = {
    "editable": "an editable package",
    "directory": "a package that is not editable",
    "virtual": "no package (virtual)",
    "other": "no member",
}


def _compare_member(comparison: Comparison, member: Member, package: Package) -> None:
    workspace = comparison.workspace
    kind, path = comparison.kinds.of(member), relative(workspace, member.path)
    match package.source:
        case Directory(path=locked_path, editable=editable):
            locked = "editable" if editable else "directory"
        case Virtual(path=locked_path):
            locked = "virtual"
        case _:
            locked, locked_path = "other", path
    if kind != locked:
        comparison.add(f"`{member.name}` is {_KINDS[kind]} now, and {_KINDS[locked]} in `uv.lock`")
    if relative(workspace, locked_path) != path:
        comparison.add(f"`{member.name}` is in `{path}` now, and in `{locked_path}` in `uv.lock`")
    _compare_metadata(comparison, member, package)
    comparison.default_groups(f"`{member.name}`", member.manifest.default_groups, package.default_groups)
    now = _lowering(comparison, member).group_pythons()
    comparison.group_pythons(f"`{member.name}`", now, package.group_pythons)


_WITHOUT_METADATA = "lock-without-metadata"
"""uv's preview feature that leaves out what members ask for; without it, uv takes such a lockfile for stale."""


def _compare_metadata(comparison: Comparison, member: Member, package: Package) -> None:
    """Compare version, extras, requirements and groups of *member*, or of a project beside the members."""
    _compare_version(comparison, member, package)
    has_metadata = package.requires_dist or package.provided_extras or package.declared_groups
    depends = package.dependencies or package.extras or package.groups
    if depends and not has_metadata and comparison.settings.previews(_WITHOUT_METADATA):
        told = f"`uv.lock` does not say what `{member.name}` asked for, as uv's `{_WITHOUT_METADATA}` is on"
        comparison.add(Doubt(told))
        return
    # Below revision 1 the lockfile does not tell which extras exist.
    if _is_static(member) and comparison.lock.revision >= 1:
        for extra in sorted(member.manifest.extras ^ (package.provided_extras or frozenset())):
            now = "now" if extra in member.manifest.extras else "no longer"
            comparison.add(f"`{member.name}` {now} has the extra `{extra}`")
    if member.inside != "elsewhere":
        lowering = _lowering(comparison, member)
        differences = _differences(comparison, member, package, lowering)
        if differences and _was_alone(comparison.workspace, member):
            alone = _lowering(comparison, member, alone=True)
            differences = differences if _differences(comparison, member, package, alone) else []
        comparison.clauses += [*differences, *lowering.misplaced_sources()]


def _compare_version(comparison: Comparison, member: Member, package: Package) -> None:
    declared, locked, name = member.manifest.declared, package.version, member.name
    if "version" in declared.dynamic:
        if locked is not None:
            comparison.add(f"the version of `{name}` is dynamic now, and `{locked}` in `uv.lock`")
    elif declared.version is not None and locked is None:
        comparison.add(f"the version of `{name}` is `{declared.version}` now, and dynamic in `uv.lock`")
    elif declared.version is not None and locked is not None:
        with comparison.doubting(f"the version of `{name}`"):
            if parsed_version(declared.version) != parsed_version(locked):
                comparison.add(f"the version of `{name}` is `{declared.version}` now, and `{locked}` in `uv.lock`")


def _is_static(member: Member) -> bool:
    return member.manifest.declared.dynamic.isdisjoint(("dependencies", "optional-dependencies"))


def _lowering(comparison: Comparison, member: Member, *, alone: bool = False) -> Lowering:
    alone = alone or member.inside == "project"
    return Lowering(comparison.workspace, comparison.kinds, member.manifest, member.path, alone=alone)


def _was_alone(workspace: Workspace, member: Member) -> bool:
    """Return whether *member* was a project of its own to uv before 0.11.

    No pattern of ``members`` matched its path as it is written, with a slash at the end or twice, say.
    """
    table = workspace.manifest.workspace
    as_written = table is not None and matched_as_written(member.path, table.members)
    return member.inside == "member" and member.path != "." and not as_written


def _differences(comparison: Comparison, member: Member, package: Package, lowering: Lowering) -> list[str]:
    """Return how what *member* asks for, as *lowering* has it, differs from its *package*."""
    attempt, owner = comparison.apart(), f"`{member.name}`"
    if _is_static(member):
        now, before = lowering.requirements(), locked_requirements(comparison.workspace, package.requires_dist)
        # With a dynamic version, what uv compares may come from a build backend, and some write out such references.
        refers = any(requirement.name == member.name for requirement in (*now, *before))
        if not (refers and "version" in member.manifest.declared.dynamic):
            attempt.requirements(now, before, owner, "depends on")
    groups = locked_groups(comparison.workspace, package.declared_groups)
    # Empty groups are in the lockfile from revision 1 on.
    attempt.groups(owner, lowering.groups(), groups, empty=comparison.lock.revision >= 1)
    return attempt.clauses
