"""What a session is: the members that take part, what is installed of each, and what runs."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.workspace.records import Member
    from wsnox.workspace.settings import Command, Names

__all__ = ["IMPORTS", "Part", "SessionSpec"]

IMPORTS = "imports"
"""The task that every member has: without commands, it checks the member's imports."""


class Part(Record, kw_only=True):
    """A member of a session, with *extras* of it and *groups* of it (`None`: uv's default groups)."""

    member: Member
    extras: Names | Literal["all"] = ()
    groups: Names | None = None


class SessionSpec(Record, kw_only=True):
    """One session: its *name*, what it installs by variant, and what it runs in *directory*.

    *pythons* is `None` for the interpreter that runs nox; *commands* is `None` where nothing is configured. The key of a
    variant is empty where there is just one. *root_groups* are groups of the root, with its default groups on top where
    *root_defaults*. *external* are programs from outside of the environment that its commands may be.
    """

    name: str
    description: str
    variants: Mapping[str, tuple[Part, ...]]
    directory: Path
    tags: tuple[str, ...]
    pythons: tuple[str, ...] | None
    root_groups: Names = ()
    root_defaults: bool = False
    commands: tuple[Command, ...] | None = None
    editable: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    external: tuple[str, ...] = ()
    default: bool = True
    requires: tuple[str, ...] = ()
    skip: str = ""

    @property
    def members(self) -> tuple[Member, ...]:
        """The members that take part."""
        return tuple(part.member for part in next(iter(self.variants.values())))

    @property
    def imports(self) -> bool:
        """Whether the imports of the member are checked, in place of commands."""
        # Tags stand once each: a member called `member` has one less, so the name tells.
        return self.name.endswith(f":{IMPORTS}") and not self.integration and self.commands is None

    @property
    def integration(self) -> bool:
        """Whether several members are installed together on purpose."""
        return self.tags[0] == "integration"
