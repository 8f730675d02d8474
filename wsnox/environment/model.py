"""The job of one session run: which closure its environment must hold, and where that environment is."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.text import counted, printable_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.closure.request import Selection
    from wsnox.environment.snapshot import SiteSnapshot
    from wsnox.workspace.model import MemberSelection, Workspace
    from wsnox.workspace.sessions import SessionRun

__all__ = ["Job", "Proof", "Venv"]


class Venv(Record):
    """The virtual environment at *location*, which has its programs in the folder *bin*."""

    location: Path
    bin: Path

    @cached_property
    def python(self) -> Path:
        """Its Python; only Windows has a suffix for programs."""
        return self.bin / ("python.exe" if os.name == "nt" else "python")

    @cached_property
    def settings(self) -> Path:
        """The file by which its Python finds everything else."""
        return self.location / "pyvenv.cfg"

    @cached_property
    def folder(self) -> Path:
        """The folder of wsnox in the environment, with the stamp and the plan of the last install."""
        return self.location / "wsnox"

    @cached_property
    def stamp(self) -> Path:
        """The stamp of the last preparation."""
        return self.folder / "stamp.json"

    @cached_property
    def shared(self) -> Path:
        """The folder of wsnox for all environments beside this one: locks, wheels of members, answers of interpreters."""
        return self.location.parent / ".wsnox"


class Job(Record, kw_only=True):
    """The environment *venv* must hold the closure of *selections* for one run of the session *label*.

    *root_groups* are groups of the root, with its default groups on top where *root_defaults*, and uv's *options* on top
    of all. Members are installed as wheels unless *editable*. With *require_fresh_lock*, the lockfile must match the manifests. The environment's Python
    must be of the version in *python_request*. *uv* is the program to install with, pip if it is `None`; *environ* are
    the variables of nox's own environment, and *version* is that of wsnox. At another resolution, *run* has the file with the
    versions.
    """

    label: str
    version: str
    workspace: Workspace
    selections: tuple[MemberSelection, ...]
    root_groups: tuple[str, ...]
    root_defaults: bool
    editable: bool
    require_fresh_lock: bool
    venv: Venv
    python_request: str
    uv: str | None
    environ: Mapping[str, str]
    options: Selection | None = None
    run: SessionRun | None = None


class Proof(Record, kw_only=True):
    """That an environment holds exactly the distributions *names* of a closure, and what was *removed* to get there.

    *sites* are snapshots of its directories at that time, *settings* is the digest of its ``pyvenv.cfg``, *contents* those
    of the files that each distribution is from, by its name.
    """

    names: tuple[str, ...]
    sites: tuple[SiteSnapshot, ...]
    settings: str
    contents: Mapping[str, str]
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        removed = f" (removed {printable_line(', '.join(self.removed))})" if self.removed else ""
        return f"{counted(len(self.names), 'distribution')}, exactly its locked closure{removed}"
