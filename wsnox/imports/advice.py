"""From what was judged to what is said: the owner with its version, who declares it, and the command that does.

``uv add`` makes a workspace member a workspace source by itself (uv docs, concepts/projects/dependencies).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.declared import locked
from wsnox.imports.judge import is_named_for
from wsnox.imports.model import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.imports.declared import Closures
    from wsnox.imports.judge import Judged
    from wsnox.imports.model import Owner
    from wsnox.lock import Lock
    from wsnox.workspace import Member, Workspace

__all__ = ["COMMAND", "Advisor", "group_for"]

COMMAND = "<command>"
"""What stands for the file of an import that the command itself has on its line."""


class Advisor(Record, kw_only=True):
    """Makes findings of what was judged in files of *member* (`None`: the virtual root).

    *part* is what a new dependency belongs to, as options of ``uv add``: none, ``--dev``, ``--group test``. *extras* tells
    for a file the extra that it needs, where it imports what only that extra declares; *declarers* by distribution.
    """

    workspace: Workspace
    lock: Lock
    declarers: Mapping[str, Sequence[str]]
    member: Member | None
    part: str = ""
    extras: Mapping[str, str]
    closures: Closures | None = None

    def explain_import(self, judged: Judged) -> Finding:
        """Return the finding for *judged*."""
        owner = self._owner(judged)
        file, name = judged.imported.file, owner.name if owner else ""
        aside = self.member is None or self.member.path == "." or file == COMMAND
        place = file if self.member is None or aside else f"{self.member.path}/{file}"
        transitive, group = judged.kind == "transitive", judged.kind == "group"
        return Finding(
            member=self.member.name if self.member else "",
            kind=judged.kind or "missing",
            module=judged.module,
            places=((place, judged.imported.line),),
            owner=name,
            version=locked(self.lock, name) if name else "",
            how=owner.how if owner else None,
            declared=tuple(self.declarers.get(name, ())),
            chain=self.closures.chain(name) if transitive and self.closures else "",
            groups=self.closures.groups.get(name, ()) if group and self.closures else (),
            beside="" if name else self._beside(judged.module),
            fix=self._fix(name, judged) if name else "",
        )

    def _owner(self, judged: Judged) -> Owner | None:
        """Return that of the owners which explains the kind of what was judged."""
        closures = self.closures
        if closures is not None and judged.kind == "transitive":
            return next(each for each in judged.owners if closures.gives(each.name))
        if closures is not None and judged.kind == "group":
            return next(each for each in judged.owners if each.name in closures.groups)
        return next(iter(judged.owners), None)

    def _beside(self, module: str) -> str:
        """Return where the root of the workspace has *module*, as a command that runs there would find it."""
        path = module.replace(".", "/")
        found = (each for each in (f"{path}.py", path) if (self.workspace.root / each).exists())
        return next(found, "")

    def _fix(self, name: str, judged: Judged) -> str:
        package = f"--package {self.member.name}" if self.member else ""
        return " ".join(word for word in ("uv add", package, self.part or self._extra(name, judged), name) if word)

    def _extra(self, name: str, judged: Judged) -> str:
        """Return the option for an extra: the one that the file needs anyway, or a new one for an integration."""
        file = judged.imported.file
        if file in self.extras:
            return f"--optional {self.extras[file]}"
        return f"--optional {name}" if judged.kind == "missing" and is_named_for(file, judged.module) else ""


def group_for(member: Member) -> str:
    """Return the option of ``uv add`` for what tests of *member* need: the group that has pytest, else ``--dev``."""
    groups = member.manifest.groups_with("pytest")
    group = next(iter(sorted(groups, key=lambda name: name != "dev")), "dev")
    return "--dev" if group == "dev" else f"--group {group}"
