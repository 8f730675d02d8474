"""From the contents of a session, or from uv's flags, to the request in which every extra and group has its owner.

1. A session names members with their own extras and groups, and groups of the root (`session_request`).
2. uv's flags name extras and groups alone; their owners follow from the rules of uv's reference (`lower`).
3. Flags on top of a session add to it (`extended_request`).

`session_closure` is the one way from a session to its closure.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from wsnox._record import Record, replace
from wsnox.closure.conflicts import involved, refuse_declared
from wsnox.closure.model import Request, Root
from wsnox.errors import LockMemberError, UnknownNameError
from wsnox.lock import Directory, Virtual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wsnox.closure.model import Closure
    from wsnox.closure.resolve import Resolver
    from wsnox.lock import ConflictItem, Lock, Package
    from wsnox.workspace.model import DefaultGroups, MemberSelection, Workspace

__all__ = [
    "Contents",
    "Selection",
    "SessionContents",
    "extended_request",
    "lower",
    "refuse_other_members",
    "session_closure",
    "session_request",
]


class SessionContents(Protocol):
    """What a session installs: *selections* of members, and groups of the root.

    With *root_defaults*, a virtual root's default groups are among them.
    """

    @property
    def selections(self) -> Sequence[MemberSelection]: ...  # noqa: D102 - see above
    @property
    def root_groups(self) -> Sequence[str]: ...  # noqa: D102 - see above
    @property
    def root_defaults(self) -> bool: ...  # noqa: D102 - see above


class Contents(Record, kw_only=True):
    """`SessionContents` without a session."""

    selections: Sequence[MemberSelection] = ()
    root_groups: Sequence[str] = ()
    root_defaults: bool = False


def session_closure(resolver: Resolver, workspace: Workspace, contents: SessionContents) -> Closure:
    """Return the closure of a session with these *contents*, as *resolver* finds it in the lockfile of *workspace*."""
    return resolver.resolve(session_request(workspace, resolver.lock, contents))


def session_request(workspace: Workspace, lock: Lock, contents: SessionContents) -> Request:
    """Return the request of a session with these *contents*.

    Raise `UnknownNameError` for an extra that the manifest leaves dynamic and the lockfile does not have.
    """
    refuse_other_members(workspace, lock)
    roots = [_selected_root(lock, selection) for selection in contents.selections]
    groups = frozenset(contents.root_groups)
    project = workspace.project
    if project is None:
        defaults = workspace.manifest.groups_by_default() if contents.root_defaults else ()
        return Request(roots=tuple(roots), root_groups=groups.union(defaults))
    # If the root project takes part, it has these groups on top of its own; otherwise it has nothing but them.
    if any(root.name == project.name for root in roots):
        roots = [replace(root, groups=root.groups | groups) if root.name == project.name else root for root in roots]
    elif groups:
        roots.append(Root(name=project.name, production=False, groups=groups, lends=True))
    return Request(roots=tuple(roots))


def extended_request(workspace: Workspace, lock: Lock, contents: SessionContents, selection: Selection) -> Request:
    """Return the request of a session with these *contents*, with the flags of *selection* on top.

    As in uv, ``--extra`` and ``--group`` add to what is there by default, ``--no-default-groups`` leaves out its groups,
    and ``--only-group`` everything else. Raise a `RequestError` for a name that neither its members nor the root have.
    """
    if not selection.default_groups:
        members = (replace(member_selection, groups=()) for member_selection in contents.selections)
        contents = Contents(selections=tuple(members))
    request = session_request(workspace, lock, contents)
    if replace(selection, default_groups=True) == Selection():
        return request
    names = tuple(root.name for root in request.roots if not root.lends)
    if names:
        added = lower(workspace, lock, replace(selection, packages=names, default_groups=False))
    else:
        added = _of_root_alone(workspace, lock, selection)
    return added if selection.only_groups else _united(request, added)


def _of_root_alone(workspace: Workspace, lock: Lock, selection: Selection) -> Request:
    """Return the request of the groups of the root that *selection* names, for a session without a member."""
    groups, existing = selection.groups | selection.only_groups, workspace.manifest.groups
    for kind, names, known in (("extra", selection.extras, ()), ("dependency group", groups, existing)):
        for name in sorted(names.difference(known)):
            raise UnknownNameError(kind, name, known, owner="the workspace root")
    return session_request(workspace, lock, Contents(root_groups=(*(existing if selection.all_groups else groups),)))


def _united(first: Request, second: Request) -> Request:
    """Return the request of what either of the two requests."""
    roots = {root.name: root for root in first.roots}
    for root in second.roots:
        other = roots.get(root.name, root)
        roots[root.name] = replace(root, extras=root.extras | other.extras, groups=root.groups | other.groups)
    return Request(roots=tuple(roots.values()), root_groups=first.root_groups | second.root_groups)


def refuse_other_members(workspace: Workspace, lock: Lock) -> None:
    """Raise `LockMemberError` where a member on disk does not have exactly one package in *lock*, of the whole workspace."""
    if lock.partial:
        return
    if missing := _without_package(workspace.names, lock.unambiguous):
        _package(lock, missing)


@lru_cache(maxsize=2)
def _without_package(names: frozenset[str], unambiguous: frozenset[str]) -> str:
    """Return the first of *names* that is not *unambiguous*: a listing asks for thousands of closures, all with the same two."""
    return min(names - unambiguous, default="")


def _package(lock: Lock, name: str) -> Package:
    indexes = lock.by_name.get(name, ())
    if len(indexes) != 1:
        raise LockMemberError(name, len(indexes))
    return lock.packages[indexes[0]]


def _selected_root(lock: Lock, selection: MemberSelection) -> Root:
    name, manifest = selection.member.name, selection.member.manifest
    package = _package(lock, name)
    extras = package.extras if selection.extras == "all" else selection.extras
    existing = frozenset(package.extras) | (package.provided_extras or frozenset()) | manifest.extras
    for extra in extras:
        if extra not in existing:
            raise UnknownNameError("extra", extra, existing, owner=name)
    groups = manifest.groups_by_default() if selection.groups is None else selection.groups
    return Root(name=name, extras=frozenset(extras), groups=frozenset(groups))


class Selection(Record, kw_only=True):
    """uv's flags: ``--package``, ``--all-packages``, ``--extra``, ``--group``, ``--only-group`` and the like."""

    packages: tuple[str, ...] = ()
    all_packages: bool = False
    extras: frozenset[str] = frozenset()
    all_extras: bool = False
    groups: frozenset[str] = frozenset()
    only_groups: frozenset[str] = frozenset()
    all_groups: bool = False
    default_groups: bool = True

    def __str__(self) -> str:
        """Return the options as uv has them on its command line."""
        switches = {
            "--all-packages": self.all_packages,
            "--all-extras": self.all_extras,
            "--all-groups": self.all_groups,
            "--no-default-groups": not self.default_groups,
        }
        names = {"--extra": self.extras, "--group": self.groups, "--only-group": self.only_groups}
        return " ".join([
            *(f"--package {name}" for name in self.packages),
            *(option for option, is_on in switches.items() if is_on),
            *(f"{option} {name}" for option in names for name in sorted(names[option])),
        ])  # fmt: skip


def lower(workspace: Workspace, lock: Lock, selection: Selection) -> Request:
    """Return the request that *selection* means; raise a `RequestError` for an unknown name or a conflict."""
    # uv looks for the members on disk in the lockfile only if it is told which to take.
    if selection.packages:
        refuse_other_members(workspace, lock)
    lowering = _Lowering(workspace, lock, selection)
    lowering.refuse_unknown_names()
    request = lowering.request()
    if lock.conflicts:
        refuse_declared(lock, involved(lock, request), lowering.is_on)
    return request


class _Lowering:
    """Which of the names in *selection* are on, and which roots contribute the extras and groups so named.

    *sole* is the one project that is selected, `None` where several are, or the whole workspace.
    """

    def __init__(self, workspace: Workspace, lock: Lock, selection: Selection) -> None:
        self.workspace, self.lock, self.selection = workspace, lock, selection
        self.production = not selection.only_groups
        project = workspace.project
        for name in selection.packages:
            if workspace.member(name) is None:
                raise UnknownNameError("member", name, [member.name for member in workspace.members])
        self.sole: str | None = None
        if selection.packages:
            self.names = tuple(dict.fromkeys(selection.packages))
            self.sole = self.names[0] if len(selection.packages) == 1 else None
        elif project is not None and not selection.all_packages:
            self.names, self.sole = (project.name,), project.name
        elif lock.members is not None:
            self.names = lock.members
        else:
            self.names = tuple(package.name for package in lock.packages if _is_at_root(package))
        member = workspace.member(self.sole) if self.sole else None
        # A default that does not exist is an error even where no default applies.
        manifest = member.manifest if member and len(selection.packages) == 1 else workspace.manifest
        groups = manifest.uv_default_groups()
        defaults_apply = selection.default_groups and not selection.all_groups and self.production
        self.defaults: DefaultGroups = groups if defaults_apply else ()
        self.groups_of_sole: Collection[str] = member.manifest.groups if member else ()

    def names_group(self, group: str) -> bool:
        """Return whether *group* is requested by name, or all are."""
        selection = self.selection
        return selection.all_groups or group in selection.groups or group in selection.only_groups

    def contains(self, group: str) -> bool:
        """Return whether *group* is requested or on by default (uv: ``DependencyGroups::contains``)."""
        return self.names_group(group) or self.defaults == "all" or group in self.defaults

    def contributes(self, owner: str | None, group: str) -> bool:
        """Return whether *owner* (`None`: the virtual root) contributes its *group*: the sole project's own groups shadow."""
        if self.sole is None or owner == self.sole:
            return self.contains(group)
        return self.names_group(group) and group not in self.groups_of_sole

    def names_extra(self, extra: str) -> bool:
        """Return whether *extra* is requested by name, or all are (uv: ``ExtrasSpecification::contains``)."""
        return self.selection.all_extras or extra in self.selection.extras

    def is_on(self, item: ConflictItem) -> bool:
        """Return whether uv counts a conflict *item* as requested: by its name alone."""
        match item.kind:
            case "project":
                return self.production
            case "extra":
                return self.production and self.names_extra(item.name)
            case "group":
                return self.contains(item.name)

    def request(self) -> Request:
        """Return the roots with what each contributes; the root project joins with its groups alone if one is requested."""
        roots = [self._root(name, production=self.production) for name in self.names]
        project = self.workspace.project
        if self.sole is not None and project is not None and project.name not in self.names:
            lender = replace(self._root(project.name, production=False), lends=True)
            # For uv, the manifest says whether the root has a group to lend, and the lockfile what is in it.
            if any(self.contributes(project.name, group) for group in project.manifest.groups):
                roots.append(lender)
        return Request(
            roots=tuple(roots),
            root_groups=frozenset(group for group in self.lock.root_groups if self.contributes(None, group)),
            involved_all=self.sole is None and not self.selection.packages,
        )

    def _root(self, name: str, *, production: bool) -> Root:
        package = _package(self.lock, name)
        return Root(
            name=name,
            production=production,
            extras=frozenset(filter(self.names_extra, package.extras)) if production else frozenset(),
            groups=frozenset(group for group in package.groups if self.contributes(name, group)),
        )

    def refuse_unknown_names(self) -> None:
        """Raise `UnknownNameError` for an extra or group that no root has."""
        packages = [_package(self.lock, name) for name in self.names]
        extras = {extra for package in packages for extra in (*package.extras, *(package.provided_extras or ()))}
        # Below revision 1 the lockfile does not tell which extras exist.
        if self.lock.revision >= 1:
            self._refuse(self.selection.extras, extras, "extra")
        # The groups of a virtual root are known from its manifest, those that a project lends from the lockfile.
        project = self.workspace.project
        packages += [_package(self.lock, project.name)] if project is not None and self.sole is not None else []
        groups = {group for package in packages for group in (*package.groups, *package.declared_groups)}
        groups.update(self.workspace.manifest.groups if project is None else ())
        self._refuse(self.selection.groups | self.selection.only_groups, groups, "dependency group")

    def _refuse(self, requested: Iterable[str], existing: Collection[str], kind: str) -> None:
        for name in sorted(requested):
            if name not in existing:
                raise UnknownNameError(kind, name, existing, owner=self.names[0] if len(self.names) == 1 else "")


def _is_at_root(package: Package) -> bool:
    return isinstance(package.source, Directory | Virtual) and package.source.path == "."
