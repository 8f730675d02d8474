"""The job of one session run: which closure its environment must hold, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.workspace.model import MemberSelection, Workspace

__all__ = ["Job"]


class Job(Record, kw_only=True):
    """The environment at *location* must hold the closure of *selections* for one run of the session *label*.

    *root_groups* are groups of the root, with its default groups on top where *root_defaults*. Members are installed as
    wheels unless *editable*. With *require_fresh_lock*, the lockfile must match the manifests. *python* is the
    environment's interpreter, which must be of the version in *python_request*. *uv* is the program to install with, pip
    if it is `None`; *environ* are the variables of nox's own environment, and *version* is that of wsnox.
    """

    label: str
    version: str
    workspace: Workspace
    selections: tuple[MemberSelection, ...]
    root_groups: tuple[str, ...]
    root_defaults: bool
    editable: bool
    require_fresh_lock: bool
    location: Path
    python: Path
    python_request: str
    uv: str | None
    environ: Mapping[str, str]

    @property
    def root(self) -> str:
        """The workspace root as POSIX text."""
        return self.workspace.root.as_posix()

    @property
    def folder(self) -> Path:
        """The folder of wsnox in this environment, with the stamp and the plan."""
        return self.location / "wsnox"

    @property
    def stamp(self) -> Path:
        """The environment's stamp."""
        return self.folder / "stamp.json"

    @property
    def shared(self) -> Path:
        """The folder of wsnox for all environments, with locks, and wheels built from members."""
        return self.location.parent / ".wsnox"

    @property
    def interpreters(self) -> Path:
        """The folder of answers that interpreters gave, in the shared one."""
        return self.shared / "interpreters"

    @property
    def request(self) -> str:
        """The request as text, another for each closure and way of installing it."""
        selections = [f"{each.member.name} {each.extras} {each.groups}" for each in self.selections]
        root = f"{self.root_groups} {self.root_defaults}"
        options = f"editable={self.editable} fresh={self.require_fresh_lock} uv={self.uv is not None}"
        return f"{selections} {root} {options} python={self.python_request}"
