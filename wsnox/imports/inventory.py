"""The files of a workspace's members, and the owners of all modules, which every check of imports needs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.imports.declared import declarers
from wsnox.imports.judge import merged, without_allowed
from wsnox.imports.members import member_files, parse_files
from wsnox.imports.modules import read_shipped
from wsnox.imports.owners import Owners, known_prefixes, wheel_code
from wsnox.lock import Directory, Virtual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from wsnox.closure import Target
    from wsnox.imports.members import MemberFiles, ParsedFiles
    from wsnox.imports.model import Finding, How
    from wsnox.lock import Lock
    from wsnox.workspace import Member, Workspace

__all__ = ["Inventory"]


class Inventory:
    """Reads the members of *workspace* on *target*; the metadata in *site_packages* tells the modules of others.

    In the site directories *wheels*, members are installed from wheels that were built from their present sources.
    What has been read of a member is kept, as several members are judged against it.
    """

    def __init__(
        self,
        workspace: Workspace,
        lock: Lock,
        target: Target,
        site_packages: Iterable[Path],
        wheels: Sequence[Path] = (),
    ) -> None:
        self.workspace, self.lock, self.target = workspace, lock, target
        self._site_packages, self._wheels = tuple(site_packages), wheels
        self._files: dict[str, MemberFiles] = {}

    def files(self, member: Member) -> MemberFiles:
        """Return the Python files of *member*."""
        if member.name not in self._files:
            wheel = wheel_code(self._wheels, member.name)
            self._files[member.name] = member_files(member, self.workspace.members, wheel)
        return self._files[member.name]

    def parse(self, directory: Path, files: Iterable[str]) -> ParsedFiles:
        """Return the imports of *files* below *directory*."""
        return parse_files(directory, files, self.target)

    @cached_property
    def owners(self) -> Owners:
        """Who owns which module: members and other source trees by their sources, the rest by metadata, last by name."""
        prefixes: dict[str, tuple[How, Collection[str]]] = {
            name: ("metadata", owned) for name, owned in known_prefixes(self._site_packages).items()
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
        """Who declares each distribution."""
        return declarers(self.lock, self.workspace)

    def reported(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return *findings*, one for each module, without what the workspace allows."""
        return tuple(without_allowed(merged(findings), self.workspace))
