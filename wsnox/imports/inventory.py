"""What is known of a workspace when imports are judged: the files of its members, who owns which module, what is declared."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.closure.chains import chains
from wsnox.closure.request import Contents, session_closure
from wsnox.errors import RequestError
from wsnox.imports.members import member_files
from wsnox.imports.owners import Owners, known_prefixes, wheel_code
from wsnox.imports.shipped import read_shipped
from wsnox.lock import Directory, Virtual
from wsnox.package_names import canonicalize_name
from wsnox.workspace.model import MemberSelection, requirement_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.closure import Closure, Resolver, Target
    from wsnox.imports.members import MemberFiles
    from wsnox.imports.owners import How
    from wsnox.lock import Dependency, Package
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.settings import Names

__all__ = ["Inventory", "MemberClosures"]


class Inventory:
    """The members of *workspace*, and their closures as *resolver* finds them on *target*.

    Metadata in the site directories *site* of an environment, and in those *nearby*, tells the modules of other
    distributions. With *wheels*, members are installed in *site* from wheels that were built from their present sources.
    What has been read is kept, as several members are judged against it.
    """

    def __init__(
        self,
        workspace: Workspace,
        resolver: Resolver,
        target: Target,
        site: Iterable[Path] = (),
        nearby: Iterable[Path] = (),
        *,
        wheels: bool = False,
    ) -> None:
        self.workspace, self.resolver, self.lock, self.target = workspace, resolver, resolver.lock, target
        self.site = tuple(site)
        self.site_packages, self._wheels = (*self.site, *nearby), self.site if wheels else ()
        self._files: dict[str, MemberFiles] = {}
        self._closures: dict[str, MemberClosures] = {}

    def files(self, member: Member) -> MemberFiles:
        """Return the Python files of *member*."""
        if member.name not in self._files:
            wheel = wheel_code(self._wheels, member.name)
            self._files[member.name] = member_files(member, self._members_inside.get(member.path, ()), wheel)
        return self._files[member.name]

    @cached_property
    def _members_inside(self) -> Mapping[str, Sequence[Member]]:
        """The members in the directory of another, by the path of that: hardly any, however many members there are."""
        paths = {member.path for member in self.workspace.members}
        inside: dict[str, list[Member]] = {}
        for member in self.workspace.members:
            path = member.path
            while path not in ("", ".", ".."):
                path = posixpath.dirname(path)
                if (path or ".") in paths:
                    inside.setdefault(path or ".", []).append(member)
        return inside

    def closures(self, member: Member) -> MemberClosures:
        """Return the closures of *member*."""
        if member.name not in self._closures:
            self._closures[member.name] = MemberClosures(self.workspace, self.resolver, member, self.owners.empty)
        return self._closures[member.name]

    @cached_property
    def owners(self) -> Owners:
        """Who owns which module: members and other source trees by their sources, the rest by metadata, last by name."""
        prefixes: dict[str, tuple[How, Collection[str]]] = {
            name: ("metadata", owned) for name, owned in known_prefixes(self.site_packages).items()
        }
        guessed: set[str] = set()
        members = {str(member.name): member for member in self.workspace.members}
        for package in self.lock.packages:
            if package.name in members:
                shipped = self.files(members[package.name]).shipped
            elif isinstance(package.source, (Directory, Virtual)):
                shipped = read_shipped(self.workspace.root / package.source.path, package.name)
            else:
                continue
            # Another source tree without a module may be gone, or its build generates them.
            is_sure = not shipped.unread and (package.name in members or isinstance(package.source, Virtual))
            if shipped.unread and shipped.prefixes:
                # The RECORD of a wheel that was built earlier shows better what the unread setting decides.
                guessed.add(package.name)
                _, recorded = prefixes.get(package.name, ("metadata", ()))
                prefixes[package.name] = ("sources", {*shipped.prefixes, *recorded})
            elif shipped.prefixes or is_sure:
                prefixes[package.name] = ("sources", shipped.prefixes)
        installable = {package.name for package in self.lock.packages if not isinstance(package.source, Virtual)}
        return Owners(prefixes, installable, guessed)

    @cached_property
    def declarers(self) -> Mapping[str, Sequence[str]]:
        """By distribution who declares it in any part of the lockfile: members, and a virtual root."""
        lock, names = self.lock, dict[str, list[str]]()
        for member in self.workspace.members:
            for index in lock.by_name.get(member.name, ()):
                package = lock.packages[index]
                edges = chain(package.dependencies, *package.extras.values(), *package.groups.values())
                for name in {lock.packages[edge.target].name for edge in edges} - {member.name}:
                    names.setdefault(name, []).append(member.name)
        for name in {requirement.name for requirement in chain(lock.requirements, *lock.root_groups.values())}:
            names.setdefault(name, []).append("the workspace root")
        return names

    def locked_version(self, name: str) -> str:
        """Return the version, or versions, of the distribution *name* in the lockfile."""
        versions = {self.lock.packages[index].version or "" for index in self.lock.by_name.get(name, ())}
        return " or ".join(sorted(filter(None, versions)))


class MemberClosures:
    """What one *member* declares, its closures without any group, and what extras and groups add, as *resolver* finds them.

    *empty* are distributions that are known to ship no module.
    """

    def __init__(
        self, workspace: Workspace, resolver: Resolver, member: Member, empty: Collection[str] = frozenset()
    ) -> None:
        self.member = member
        self._workspace, self._resolver, self._lock, self._empty = workspace, resolver, resolver.lock, empty
        self._chains: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _package(self) -> Package:
        # A member that is not locked has none; its closure is refused with a sentence.
        return self._lock.packages[self._lock.by_name[self.member.name][0]]

    @cached_property
    def declared(self) -> frozenset[str]:
        """The distributions that the member asks for: its dependencies, those of its extras, and what their extras add.

        ``core[cli]`` asks for what the extra ``cli`` of ``core`` is made of, so that counts as declared. So does what an
        empty distribution depends on: it has nothing else to offer.
        """
        manifest = self.member.manifest.declared
        requirements = chain(manifest.dependencies, *manifest.extras.values())
        edges = chain(self._package.dependencies, *self._package.extras.values())
        # Requirements whose marker never holds are not locked.
        return frozenset({*map(requirement_name, requirements), *self._targets(edges)}) - {""}

    def _targets(self, edges: Iterable[Dependency]) -> set[str]:
        names: set[str] = set()
        queue = [*edges]
        while queue:
            edge = queue.pop()
            target = self._lock.packages[edge.target]
            for extra in edge.extras:
                queue += (dependency._replace(extras=()) for dependency in target.extras.get(extra, ()))
            # Empty distributions may depend on each other.
            if target.name in self._empty and target.name not in names:
                queue += target.dependencies
            names.add(target.name)
        return names

    @cached_property
    def _plain(self) -> Closure:
        return self._resolve(MemberSelection(member=self.member, groups=()))

    @cached_property
    def plain(self) -> frozenset[str]:
        """The distributions of the member's closure without any extra or group."""
        return frozenset(package.name for package in self._plain.packages)

    @cached_property
    def runtime(self) -> tuple[Closure, ...]:
        """The closure of the member with every extra; where extras conflict, one closure for each of them."""
        selection = MemberSelection(member=self.member, extras="all", groups=())
        try:
            return (self._resolve(selection),)
        except RequestError:
            extras = map(canonicalize_name, sorted(self._package.extras))
            return (self._plain, *(self._resolve(replace(selection, extras=(extra,))) for extra in extras))

    @cached_property
    def installed(self) -> frozenset[str]:
        """The distributions of the closures without groups."""
        return frozenset(package.name for closure in self.runtime for package in closure.packages)

    @cached_property
    def extras(self) -> Mapping[str, Names]:
        """The distributions that the member gets by extras alone, each with the extras that bring it."""
        extras = map(canonicalize_name, sorted(self._package.extras))
        return self._brought(
            {extra: MemberSelection(member=self.member, extras=(extra,), groups=()) for extra in extras}
        )

    @cached_property
    def declaring_extras(self) -> Mapping[str, str]:
        """The distributions that only extras of the member declare and bring, each with the first of these extras."""
        edges = ((extra, edge) for extra, edges in sorted(self._package.extras.items(), reverse=True) for edge in edges)
        declared = {self._lock.packages[edge.target].name: extra for extra, edge in edges}
        return {name: extra for name, extra in declared.items() if name in self.extras}

    @cached_property
    def groups(self) -> Mapping[str, Names]:
        """The distributions that the member gets by dependency groups alone, each with the groups that bring it."""
        groups = sorted(self.member.manifest.groups)
        return self._brought({group: MemberSelection(member=self.member, groups=(group,)) for group in groups})

    def _brought(self, selections: Mapping[NormalizedName, MemberSelection]) -> Mapping[str, Names]:
        """Return the distributions that *selections* bring and the plain closure lacks, with the names of the selections."""
        brought: dict[str, Names] = {}
        for name, selection in selections.items():
            # One that conflicts with what the member always has brings nothing.
            with suppress(RequestError):
                for package in self._resolve(selection).packages:
                    if package.name not in self.plain:
                        brought[package.name] = (*brought.get(package.name, ()), name)
        return brought

    def _resolve(self, selection: MemberSelection) -> Closure:
        return session_closure(self._resolver, self._workspace, Contents(selections=(selection,)))

    def declared_umbrellas(self, name: str) -> Iterator[str]:
        """Yield the declared distributions that the distribution *name* is a part of, by the names of both.

        ``langgraph`` is shipped in several, ``langgraph-prebuilt`` among them, and depends on each of them.
        """
        for umbrella in self.declared:
            if name.startswith(f"{umbrella}-"):
                packages = (self._lock.packages[index] for index in self._lock.by_name.get(umbrella, ()))
                edges = chain.from_iterable(package.dependencies for package in packages)
                if any(self._lock.packages[edge.target].name == name for edge in edges):
                    yield umbrella

    def chain(self, name: str) -> tuple[str, ...]:
        """Return the names on a shortest chain from the member to the distribution *name*, none if none leads there."""
        if name not in self._chains:
            shortest = (chains(self._lock, closure, name, limit=1).shown for closure in self.runtime)
            steps = next((paths[0] for paths in shortest if paths), ())
            self._chains[name] = tuple(step.package.name for step in steps if step.package is not None)
        return self._chains[name]
