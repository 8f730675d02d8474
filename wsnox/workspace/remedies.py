"""Hints on how a session gets a further distribution, or may run a further program.

A setting goes into the table that wins for the session, together with its current values, so that nothing is lost by
following the hint. A dependency goes into a group that the session installs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.workspace.settings import NOTHING
from wsnox.workspace.suite import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.workspace.model import Manifest
    from wsnox.workspace.sessions import Session

__all__ = ["Remedies"]


class Remedies(Record, kw_only=True):
    """Hints for *session* of the workspace with the manifest *root*.

    A function of the noxfile has its settings in its decorator: then it is *decorated*.
    """

    session: Session
    root: Manifest
    decorated: bool = False

    def set(self, key: str, values: Iterable[str]) -> str:
        """Return the hint to set *key* to *values* in the table that wins for the session."""
        array = json.dumps([*values], ensure_ascii=False)
        if self.decorated:
            return f"set `{key.replace('-', '_')}={array}` in the decorator of `{self.session.name}`"
        table, manifest = self._table(key)
        return f"set `{key} = {array}` in `[{table}]` of `{manifest.path}`"

    def allow(self, program: str) -> str:
        """Return the hint to allow *program* to come from outside of the environment."""
        return f"{self.set('external', (*self.session.external, program))} to allow it"

    def add(self, distribution: str) -> str:
        """Return the command that adds *distribution* to a group that the session installs."""
        session, root = self.session, self.root
        if session.integration and (session.root_groups or session.root_defaults):
            package = f"--package {root.name} " if root.name else ""
            return f"`uv add {package}{_option(session.root_groups or root.uv_default_groups())} {distribution}`"
        first = next(iter(session.variants.values()))[0]
        groups = first.member.manifest.uv_default_groups() if first.groups is None else first.groups
        command = f"`uv add --package {first.member.name} {_option(groups)} {distribution}`"
        return f"{command}, and {self.set('groups', ['dev'])}" if groups == () else command

    def _table(self, key: str) -> tuple[str, Manifest]:
        """Return the table in which *key* wins for the session, and the manifest that has it or would.

        A group of the root serves all members, so it is set for all, unless the session has commands of its own.
        """
        session, root = self.session, self.root
        manifest, task = session.members[0].manifest, session.name.partition(":")[2]
        if session.integration:
            name = EVERYBODY if session.kind == "workspace" else session.name
            table, manifest = f"tool.wsnox.integration.{_toml_key(name)}", root
            settings = root.config.integration[name].settings if name in root.config.integration else NOTHING
        elif task:
            is_shared_task = task in root.config.tasks and task not in manifest.config.tasks
            return f"tool.wsnox.tasks.{_toml_key(task)}", root if is_shared_task else manifest
        else:
            table, settings = "tool.wsnox", manifest.config.settings
        is_for_all = key == "root-groups" and settings.root_groups is None and settings.commands is None
        return ("tool.wsnox", root) if is_for_all else (table, manifest)


def _option(groups: Sequence[str] | None) -> str:
    """Return the option of ``uv add`` for the first of *groups*, for ``dev`` if it is among them or they are none."""
    return "--dev" if not groups or groups == "all" or "dev" in groups else f"--group {groups[0]}"


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
