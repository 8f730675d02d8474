"""The requests that sessions make: each member with its own extras and groups, and the groups of the root."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.closure.conflicts import involved, refuse_declared
from wsnox.closure.model import Request, Root
from wsnox.errors import LockMemberError, UnknownNameError
from wsnox.lock.model import Directory, Virtual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wsnox.lock import ConflictItem, Lock, Package
    from wsnox.workspace.model import DefaultGroups, MemberSelection, Workspace

__all__ = ["Selection", "lower", "request_for"]

# --- A selection in uv's own terms, lowered to a request in which every group and extra has its owner ---


class Selection(Record, kw_only=True):
    """uv's flags: ``--package``, ``--all-packages``, ``--extra``, ``--group``, ``--only-group`` and their kin."""

    packages: tuple[str, ...] = ()
    all_packages: bool = False
    extras: frozenset[str] = frozenset()
    all_extras: bool = False
    groups: frozenset[str] = frozenset()
    only_groups: frozenset[str] = frozenset()
    all_groups: bool = False
    default_groups: bool = True


def lower(workspace: Workspace, lock: Lock, selection: Selection) -> Request:
    """Return the request that *selection* means; raise a `RequestError` for an unknown name or a conflict."""
    # uv looks for the members of the disk in the lockfile only where it is told which to take.
    if selection.packages:
        refuse_other_members(workspace, lock)
    lowering = _Lowering(workspace, lock, selection)
    lowering.refuse_unknown_names()
    request = lowering.request()
    refuse_declared(lock, involved(lock, request), lowering.is_on)
    return request


def refuse_other_members(workspace: Workspace, lock: Lock) -> None:
    """Raise `LockMemberError` where a member on disk does not have exactly one package in *lock*."""
    for member in workspace.members:
        count = len(lock.by_name.get(member.name, ()))
        if count != 1:
            raise LockMemberError(member.name, count)


class _Lowering:
    """One lowering; the sections of uv's reference that the steps follow are named beside them."""

    def __init__(self, workspace: Workspace, lock: Lock, selection: Selection) -> None:
        self.workspace, self.lock, self.selection = workspace, lock, selection
        self.production = not selection.only_groups
        self.sole = self._sole()
        self.names = self._root_names()
        self.defaults = self._defaults()
        self.own = self._own_groups()

    def _sole(self) -> str | None:
        """Return the one project that is selected, `None` where several are, or the whole workspace."""
        if self.selection.packages:
            return self.selection.packages[0] if len(self.selection.packages) == 1 else None
        if self.selection.all_packages or self.workspace.project is None:
            return None
        return self.workspace.project.name

    def _root_names(self) -> tuple[str, ...]:
        for name in self.selection.packages:
            if self.workspace.member(name) is None:
                raise UnknownNameError("member", name, [member.name for member in self.workspace.members])
        if self.selection.packages:
            return tuple(dict.fromkeys(self.selection.packages))
        if self.sole is not None:
            return (self.sole,)
        if self.lock.members is not None:
            return self.lock.members
        return tuple(package.name for package in self.lock.packages if _is_root(package))

    def _defaults(self) -> DefaultGroups:
        manifest = self.workspace.manifest
        if len(self.selection.packages) == 1:
            member = self.workspace.member(self.selection.packages[0])
            manifest = member.manifest if member else manifest
        # A default that does not exist is an error even where no default applies.
        groups = manifest.uv_default_groups()
        return groups if self.selection.default_groups and not self.selection.all_groups and self.production else ()

    def _own_groups(self) -> Collection[str]:
        member = self.workspace.member(self.sole) if self.sole else None
        return member.manifest.groups if member else ()

    # --- which names are on (uv: DependencyGroups::contains, Extras::contains) ---

    def asks(self, group: str) -> bool:
        """Whether *group* is asked for by name, or all are."""
        selection = self.selection
        return selection.all_groups or group in selection.groups or group in selection.only_groups

    def contains(self, group: str) -> bool:
        """Whether *group* is asked for or on by default."""
        return self.asks(group) or self.defaults == "all" or group in self.defaults

    def contributes(self, owner: str | None, group: str) -> bool:
        """Whether *owner* (`None`: the virtual root) contributes its *group*: the sole project's own groups shadow."""
        if self.sole is None or owner == self.sole:
            return self.contains(group)
        return self.asks(group) and group not in self.own

    def wants(self, extra: str) -> bool:
        """Whether *extra* is wanted of the roots."""
        return self.selection.all_extras or extra in self.selection.extras

    def is_on(self, item: ConflictItem) -> bool:
        """Whether uv counts a conflict *item* as asked for: by its name alone."""
        match item.kind:
            case "project":
                return self.production
            case "extra":
                return self.production and self.wants(item.name)
            case "group":
                return self.contains(item.name)

    # --- the request ---

    def request(self) -> Request:
        """Return the roots with what each contributes; the root project joins with groups alone where one is asked."""
        roots = [self._root(name, production=self.production) for name in self.names]
        project = self.workspace.project
        if self.sole is not None and project is not None and project.name not in self.names:
            group_root = replace(self._root(project.name, production=False), lends=True)
            # uv asks the manifest whether the root has a group to lend, and the lockfile what is in it.
            if any(self.contributes(project.name, group) for group in project.manifest.groups):
                roots.append(group_root)
        return Request(
            roots=tuple(roots),
            root_groups=frozenset(group for group in self.lock.root_groups if self.contributes(None, group)),
            involved_all=self.sole is None and not self.selection.packages,
        )

    def _root(self, name: str, *, production: bool) -> Root:
        package = self._package(name)
        return Root(
            name=name,
            production=production,
            extras=frozenset(filter(self.wants, package.extras)) if production else frozenset(),
            groups=frozenset(group for group in package.groups if self.contributes(name, group)),
        )

    def _package(self, name: str) -> Package:
        found = self.lock.by_name.get(name, ())
        if len(found) != 1:
            raise LockMemberError(name, len(found))
        return self.lock.packages[found[0]]

    # --- refusals ---

    def refuse_unknown_names(self) -> None:
        """Raise `UnknownNameError` for an extra or group that no root has."""
        packages = [self._package(name) for name in self.names]
        extras = {extra for package in packages for extra in (*package.extras, *(package.provided_extras or ()))}
        # Below revision 1 the lockfile does not tell which extras exist.
        if self.lock.revision >= 1:
            _refuse(self.selection.extras, extras, "extra", self.names)
        # The groups of a virtual root are known from its manifest, those that a project lends from the lockfile.
        project = self.workspace.project
        packages += [self._package(project.name)] if project is not None and self.sole is not None else []
        groups = {group for package in packages for group in (*package.groups, *package.declared_groups)}
        groups.update(self.workspace.manifest.groups if project is None else ())
        _refuse(self.selection.groups | self.selection.only_groups, groups, "dependency group", self.names)


def _is_root(package: Package) -> bool:
    return isinstance(package.source, Directory | Virtual) and package.source.path == "."


def _refuse(asked: Iterable[str], known: Collection[str], kind: str, owners: tuple[str, ...]) -> None:
    for name in sorted(asked):
        if name not in known:
            raise UnknownNameError(kind, name, known, owner=owners[0] if len(owners) == 1 else "")


def request_for(
    workspace: Workspace,
    lock: Lock,
    parts: Sequence[MemberSelection],
    *,
    root_groups: Collection[str],
    root_defaults: bool,
) -> Request:
    """Return the request for *parts* and the *root_groups*; *root_defaults* adds a virtual root's default groups.

    Raise `UnknownNameError` for an extra that the manifest leaves dynamic and the lockfile does not know.
    """
    refuse_other_members(workspace, lock)
    roots = [_root(lock, part) for part in parts]
    groups = frozenset(root_groups)
    project = workspace.project
    if project is None:
        defaults = frozenset(workspace.manifest.groups_by_default()) if root_defaults else frozenset()
        return Request(roots=tuple(roots), root_groups=groups | defaults)
    return Request(roots=tuple(_with_groups(roots, project.name, groups)))


def _root(lock: Lock, part: MemberSelection) -> Root:
    manifest = part.member.manifest
    package = lock.packages[lock.by_name[part.member.name][0]]
    known = frozenset(package.extras) | (package.provided_extras or frozenset()) | manifest.extras
    for extra in part.extras if part.extras != "all" else ():
        if extra not in known:
            raise UnknownNameError("extra", extra, known, owner=part.member.name)
    return Root(
        name=part.member.name,
        extras=frozenset(package.extras) if part.extras == "all" else frozenset(part.extras),
        groups=frozenset(manifest.groups_by_default() if part.groups is None else part.groups),
    )


def _with_groups(roots: list[Root], project: str, groups: frozenset[str]) -> list[Root]:
    """Give the root project its *groups*: on top of its own where it takes part, else with nothing but them."""
    if any(root.name == project for root in roots):
        return [replace(root, groups=root.groups | groups) if root.name == project else root for root in roots]
    return [*roots, Root(name=project, production=False, groups=groups, lends=True)] if groups else roots
