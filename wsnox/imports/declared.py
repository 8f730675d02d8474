"""What a member declares, and what its closures hold: the lockfile's side of the question whose an import is."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.closure.request import request_for
from wsnox.closure.why import chains
from wsnox.errors import RequestError
from wsnox.workspace.model import MemberSelection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName

    from wsnox.closure import Closure, Resolver
    from wsnox.lock import Dependency, Lock, Package
    from wsnox.workspace import Member, Workspace

__all__ = ["Closures", "declarers", "locked"]

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


class Closures:
    """The closures of one *member* without any group, and what its groups add, as *resolver* finds them.

    *empty* are distributions that are known to ship no module.
    """

    def __init__(
        self, workspace: Workspace, resolver: Resolver, member: Member, empty: Collection[str] = frozenset()
    ) -> None:
        self.member, self._empty = member, empty
        self._workspace, self._resolver, self._lock = workspace, resolver, resolver.lock
        self._chains: dict[str, str] = {}

    @cached_property
    def declared(self) -> frozenset[str]:
        """The distributions that the member asks for: its dependencies, those of its extras, and what their extras add.

        ``core[cli]`` asks for what the extra ``cli`` of ``core`` is made of, so that counts as declared. So does what an
        empty distribution depends on: nobody can want anything else of it.
        """
        package = self._package
        edges = [*package.dependencies, *(edge for edges in package.extras.values() for edge in edges)]
        written = self.member.manifest.declared
        texts = [*written.dependencies, *(text for extra in written.extras.values() for text in extra)]
        return frozenset({*self._asked(edges), *_names(texts)})

    @cached_property
    def runtime(self) -> tuple[Closure, ...]:
        """The closure of the member with every extra; where extras conflict, one closure for each of them."""
        part = MemberSelection(member=self.member, extras="all", groups=())
        try:
            return (self._resolved(part),)
        except RequestError:
            extras = map(canonicalize_name, sorted(self._package.extras))
            single: list[tuple[NormalizedName, ...]] = [(), *((extra,) for extra in extras)]
            return tuple(self._resolved(replace(part, extras=each)) for each in single)

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The distributions that only dependency groups of the member give, with the names of the groups."""
        plain = {package.name for closure in self.runtime for package in closure.packages}
        found: dict[str, tuple[str, ...]] = {}
        for group in sorted(self.member.manifest.groups):
            for package in self._of_group(group):
                if package.name not in plain:
                    found[package.name] = (*found.get(package.name, ()), group)
        return found

    def wholes_of(self, name: str) -> Iterator[str]:
        """Yield the declared distributions that the distribution *name* is a part of, by the names of both.

        ``langgraph`` is shipped in several, ``langgraph-prebuilt`` among them, and depends on each of them.
        """
        for whole in self.declared:
            packages = (self._lock.packages[index] for index in self._lock.by_name.get(whole, ()))
            edges = (edge for package in packages if name.startswith(f"{whole}-") for edge in package.dependencies)
            if any(self._lock.packages[edge.target].name == name for edge in edges):
                yield whole

    def gives(self, name: str) -> bool:
        """Tell whether the member's closure without groups holds the distribution *name*."""
        return any(closure.entry(name) is not None for closure in self.runtime)

    def chain(self, name: str) -> str:
        """Return a shortest chain from the member to the distribution *name*."""
        if name not in self._chains:
            self._chains[name] = self._shortest(name)
        return self._chains[name]

    def _shortest(self, name: str) -> str:
        for closure in self.runtime:
            for chain in chains(self._lock, closure, name, limit=1).shown:
                return " -> ".join(step.package.name for step in chain if step.package is not None)
        return ""

    def extra_of(self, name: str) -> str:
        """Return the extra of the member that declares the distribution *name*, if only extras do."""
        package = self._package
        if name in self._asked(package.dependencies):
            return ""
        return next((extra for extra, edges in sorted(package.extras.items()) if name in self._asked(edges)), "")

    @property
    def _package(self) -> Package:
        return self._lock.packages[self._lock.by_name[self.member.name][0]]

    def _asked(self, edges: Iterable[Dependency]) -> Iterator[str]:
        for edge in edges:
            target = self._lock.packages[edge.target]
            yield target.name
            for extra in edge.extras:
                yield from self._asked(each._replace(extras=()) for each in target.extras.get(extra, ()))
            if target.name in self._empty:
                yield from self._asked(target.dependencies)

    def _of_group(self, group: str) -> tuple[Package, ...]:
        try:
            return self._resolved(MemberSelection(member=self.member, groups=(canonicalize_name(group),))).packages
        except RequestError:
            return ()

    def _resolved(self, part: MemberSelection) -> Closure:
        request = request_for(self._workspace, self._lock, [part], root_groups=(), root_defaults=False)
        return self._resolver.resolve(request)


def _names(requirements: Iterable[str]) -> Iterator[str]:
    for text in requirements:
        if found := _NAME.match(text):
            yield canonicalize_name(found[1])


def declarers(lock: Lock, workspace: Workspace) -> Mapping[str, Sequence[str]]:
    """Return for each distribution who declares it in the lockfile, in whichever part: members, and a virtual root."""
    found: dict[str, list[str]] = {}
    for member in workspace.members:
        for index in lock.by_name.get(member.name, ()):
            for name in _declared_by(lock, lock.packages[index]) - {member.name}:
                found.setdefault(name, []).append(member.name)
    asked = (*lock.requirements, *(each for group in lock.root_groups.values() for each in group))
    for name in {each.name for each in asked}:
        found.setdefault(name, []).append("the workspace root")
    return found


def _declared_by(lock: Lock, package: Package) -> set[str]:
    parts = (package.dependencies, *package.extras.values(), *package.groups.values())
    return {lock.packages[edge.target].name for edges in parts for edge in edges}


def locked(lock: Lock, name: str) -> str:
    """Return the version, or versions, of the distribution *name* in the lockfile."""
    versions = {lock.packages[index].version or "" for index in lock.by_name.get(name, ())}
    return " or ".join(sorted(filter(None, versions)))
