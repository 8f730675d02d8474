"""What a member declares and what its closures contain, as the lockfile has them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.closure.chains import chains
from wsnox.closure.request import Contents, session_closure
from wsnox.errors import RequestError
from wsnox.workspace.model import MemberSelection, requirement_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.closure import Closure, Resolver
    from wsnox.lock import Dependency, Lock, Package
    from wsnox.workspace import Member, Workspace

__all__ = ["Closures", "declarers", "extra_by_distribution", "locked_version"]


class Closures:
    """The closures of one *member* without any group, and what its groups add, as *resolver* finds them.

    *empty* are distributions that are known to ship no module.
    """

    def __init__(
        self, workspace: Workspace, resolver: Resolver, member: Member, empty: Collection[str] = frozenset()
    ) -> None:
        self.member = member
        self._workspace, self._resolver, self._lock, self._empty = workspace, resolver, resolver.lock, empty
        self._chains: dict[str, str] = {}

    @cached_property
    def _package(self) -> Package:
        return _member_package(self._lock, self.member)

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
    def runtime(self) -> tuple[Closure, ...]:
        """The closure of the member with every extra; where extras conflict, one closure for each of them."""
        selection = MemberSelection(member=self.member, extras="all", groups=())
        try:
            return (self._resolve(selection),)
        except RequestError:
            extras = map(canonicalize_name, sorted(self._package.extras))
            single = (replace(selection, extras=(extra,)) for extra in extras)
            return tuple(map(self._resolve, (replace(selection, extras=()), *single)))

    @cached_property
    def installed(self) -> frozenset[str]:
        """The distributions of the closures without groups."""
        return frozenset(package.name for closure in self.runtime for package in closure.packages)

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The distributions that only dependency groups of the member provide, with the names of the groups."""
        groups: dict[str, tuple[str, ...]] = {}
        for group in sorted(self.member.manifest.groups):
            selection = MemberSelection(member=self.member, groups=(canonicalize_name(group),))
            try:
                packages = self._resolve(selection).packages
            except RequestError:
                continue
            for package in packages:
                if package.name not in self.installed:
                    groups[package.name] = (*groups.get(package.name, ()), group)
        return groups

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

    def chain(self, name: str) -> str:
        """Return a shortest chain from the member to the distribution *name*, empty if none leads there."""
        if name not in self._chains:
            shortest = (chains(self._lock, closure, name, limit=1).shown for closure in self.runtime)
            steps = next((paths[0] for paths in shortest if paths), ())
            self._chains[name] = " -> ".join(step.package.name for step in steps if step.package is not None)
        return self._chains[name]


def extra_by_distribution(lock: Lock, member: Member) -> Mapping[str, str]:
    """Return the distributions that only extras of *member* declare, each with the first of these extras."""
    package = _member_package(lock, member)
    required = {lock.packages[edge.target].name for edge in package.dependencies}
    return {
        name: extra
        for extra, edges in sorted(package.extras.items(), reverse=True)
        for name in (lock.packages[edge.target].name for edge in edges)
        if name not in required
    }


def declarers(lock: Lock, workspace: Workspace) -> Mapping[str, Sequence[str]]:
    """Return by distribution who declares it in any part of the lockfile: members, and a virtual root."""
    names: dict[str, list[str]] = {}
    for member in workspace.members:
        for index in lock.by_name.get(member.name, ()):
            package = lock.packages[index]
            parts = (package.dependencies, *package.extras.values(), *package.groups.values())
            for name in {lock.packages[edge.target].name for edge in chain(*parts)} - {member.name}:
                names.setdefault(name, []).append(member.name)
    for name in {requirement.name for requirement in chain(lock.requirements, *lock.root_groups.values())}:
        names.setdefault(name, []).append("the workspace root")
    return names


def locked_version(lock: Lock, name: str) -> str:
    """Return the version, or versions, of the distribution *name* in the lockfile."""
    versions = {lock.packages[index].version or "" for index in lock.by_name.get(name, ())}
    return " or ".join(sorted(filter(None, versions)))


def _member_package(lock: Lock, member: Member) -> Package:
    return lock.packages[lock.by_name[member.name][0]]
