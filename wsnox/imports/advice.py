"""From a judged import to the finding that a user reads: its owner, who declares that, and the command that does.

``uv add`` makes a workspace member a workspace source by itself (uv docs, concepts/projects/dependencies).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.imports.declared import extra_by_distribution, locked_version
from wsnox.imports.judge import is_named_for
from wsnox.imports.model import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.imports.declared import Closures
    from wsnox.imports.inventory import Inventory
    from wsnox.imports.judge import Judged
    from wsnox.imports.model import Import, Owner
    from wsnox.workspace import Member

__all__ = ["COMMAND", "Advisor", "option_for_tests"]

COMMAND = "<command>"
"""Stands for the file of an import that the command has on its own line."""


class Advisor:
    """Explains *imports* of files of *member* (`None`: the virtual root) that were judged against its *closures*, if any.

    *option* of ``uv add`` says where a new dependency belongs: ``--dev``, ``--group test``; without it, the dependency is
    one of the member or of an extra.
    """

    def __init__(
        self,
        inventory: Inventory,
        member: Member | None,
        imports: Sequence[Import],
        *,
        closures: Closures | None = None,
        option: str = "",
    ) -> None:
        self._inventory, self._member, self._imports = inventory, member, imports
        self._closures, self._option = closures, option

    def explain_import(self, judged: Judged) -> Finding:
        """Return the finding for *judged*."""
        member, inventory, imported = self._member, self._inventory, judged.imported
        owner = self._owner(judged)
        name = owner.name if owner else ""
        prefix = f"{member.path}/" if member and member.path != "." and imported.file != COMMAND else ""
        groups = self._closures.groups if self._closures and judged.kind == "group" else {}
        return Finding(
            member=member.name if member else "",
            kind=judged.kind or "missing",
            module=judged.module,
            places=((f"{prefix}{imported.file}", imported.line),),
            owner=name,
            version=locked_version(inventory.lock, name),
            how=owner.how if owner else None,
            declared=tuple(inventory.declarers.get(name, ())),
            chain=self._closures.chain(name) if self._closures and judged.kind == "transitive" else "",
            groups=groups.get(name, ()),
            beside="" if owner else self._uninstalled_path(judged.module),
            fix=self._fix(name, judged) if owner else "",
        )

    def _owner(self, judged: Judged) -> Owner | None:
        """Return the owner that explains the kind of *judged*, `None` if none does."""
        names = {owner.name for owner in judged.owners}
        if self._closures and judged.kind == "transitive":
            names &= self._closures.installed
        elif self._closures and judged.kind == "group":
            names &= self._closures.groups.keys()
        return next((owner for owner in judged.owners if owner.name in names), None)

    def _uninstalled_path(self, module: str) -> str:
        """Return the path of *module* in the workspace root, where a command that runs there finds it; empty if it has none."""
        path = module.replace(".", "/")
        return next((file for file in (f"{path}.py", path) if (self._inventory.workspace.root / file).exists()), "")

    def _fix(self, name: str, judged: Judged) -> str:
        file, option = judged.imported.file, self._option
        if not option and file in self._extras:
            option = f"--optional {self._extras[file]}"
        elif not option and judged.kind == "missing" and is_named_for(file, judged.module):
            # An integration, for which an extra of its own is usual.
            option = f"--optional {name}"
        package = f"--package {self._member.name}" if self._member else ""
        return " ".join(filter(None, ("uv add", package, option, name)))

    @cached_property
    def _extras(self) -> Mapping[str, str]:
        """The extra by file, for files that cannot be imported without what only an extra of the member declares."""
        if self._member is None:
            return {}
        extras = extra_by_distribution(self._inventory.lock, self._member)
        return {
            imported.file: extras[owner.name]
            for imported in self._imports
            if not imported.lazy and not imported.guard
            for owner in self._inventory.owners.of(imported.module)
            if owner.name in extras
        }


def option_for_tests(member: Member) -> str:
    """Return the option of ``uv add`` for what tests of *member* need: the group that has pytest, else ``--dev``."""
    groups = member.manifest.groups_with("pytest")
    return f"--group {groups[0]}" if groups and "dev" not in groups else "--dev"
