"""The sources of a workspace with their owners: what every question about imports is asked of."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.imports.advice import Advisor
from wsnox.imports.declared import Closures, declarers
from wsnox.imports.judge import gathered, without_allowed
from wsnox.imports.members import (
    imports_of,
    sources_of,
)
from wsnox.imports.modules import read_shipped
from wsnox.imports.owners import Owners, prefixes_in
from wsnox.lock.model import Directory, Virtual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.closure import Target
    from wsnox.imports.members import Read, Sources
    from wsnox.imports.model import Finding, How, Import, Shipped
    from wsnox.lock import Lock
    from wsnox.workspace import Member, Workspace

__all__ = ["Inventory"]


class Inventory:
    """Reads the members of *workspace* on *target*; *site* are the directories of environments whose metadata helps."""

    def __init__(self, workspace: Workspace, lock: Lock, target: Target, site: Iterable[Path]) -> None:
        self.workspace, self.lock, self.target, self._site = workspace, lock, target, tuple(site)
        self._sources: dict[str, Sources] = {}

    def sources(self, member: Member) -> Sources:
        """Return the Python files of *member*."""
        if member.name not in self._sources:
            self._sources[member.name] = sources_of(member, self.workspace.members)
        return self._sources[member.name]

    def imports(self, member: Member, files: Iterable[str]) -> Read:
        """Return the imports of *files* of *member*."""
        return self.imports_below(member.directory, files)

    def imports_below(self, directory: Path, files: Iterable[str]) -> Read:
        """Return the imports of *files* below *directory*."""
        return imports_of(directory, files, self.target)

    @cached_property
    def owners(self) -> Owners:
        """Who owns which module: members and other source trees by their sources, the rest by metadata, last by name."""
        prefixes: dict[str, tuple[How, Collection[str]]] = {
            name: ("metadata", found) for name, found in prefixes_in(self._site).items()
        }
        trees = dict(self._trees())
        prefixes.update((name, ("sources", shipped.prefixes)) for name, shipped in trees.items())
        installed = {package.name for package in self.lock.packages if not isinstance(package.source, Virtual)}
        return Owners(prefixes, installed, {name for name, shipped in trees.items() if shipped.unread})

    def _trees(self) -> Iterator[tuple[str, Shipped]]:
        members: dict[str, Member] = {member.name: member for member in self.workspace.members}
        for package in self.lock.packages:
            if package.name in members:
                shipped = self.sources(members[package.name]).shipped
            elif isinstance(package.source, (Directory, Virtual)):
                shipped = read_shipped(self.workspace.root / package.source.path, package.name)
            else:
                continue
            # What is installed and has no module that can be seen may be gone, or made by its build.
            seen = not shipped.unread and (package.name in members or isinstance(package.source, Virtual))
            if shipped.prefixes or seen:
                yield package.name, shipped

    @cached_property
    def declarers(self) -> Mapping[str, Sequence[str]]:
        """Who declares each distribution."""
        return declarers(self.lock, self.workspace)

    def advisor(
        self, member: Member | None, imports: Sequence[Import], closures: Closures | None, part: str = ""
    ) -> Advisor:
        """Return who makes findings of the *imports* of *member*; see `Advisor` for the rest."""
        return Advisor(
            workspace=self.workspace,
            lock=self.lock,
            declarers=self.declarers,
            member=member,
            part=part,
            extras={} if part or member is None else self._extras(member, imports),
            closures=closures,
        )

    def _extras(self, member: Member, imports: Sequence[Import]) -> Mapping[str, str]:
        """Return the extra by file, for files that import what only an extra of *member* declares."""
        extras = self.by_extra(member)
        return {
            each.file: extras[owner.name]
            for each in imports
            if not each.lazy and not each.guard
            for owner in self.owners.of(each.module)
            if owner.name in extras
        }

    def by_extra(self, member: Member) -> Mapping[str, str]:
        """Return the distributions that only extras of *member* declare, each with its extra."""
        package = self.lock.packages[self.lock.by_name[member.name][0]]
        plain = {self.lock.packages[edge.target].name for edge in package.dependencies}
        return {
            name: extra
            for extra, edges in sorted(package.extras.items(), reverse=True)
            for name in (self.lock.packages[edge.target].name for edge in edges)
            if name not in plain
        }

    def allowed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return *findings*, one for each module, without what the workspace allows."""
        return without_allowed(gathered(findings), self.workspace)
