"""Runs of sessions that need no workspace."""

from __future__ import annotations

from pathlib import Path

from wsnox.workspace.sessions import Session, SessionRun

__all__ = ["run"]


def run(name: str, *requires: str, python: str = "") -> SessionRun:
    """Return a run on *python* of a session called *name*, which *requires* others."""
    session = Session(
        kind="task", name=name, description="", variants={"": ()}, directory=Path("/"), tags=(), pythons=None,
        requires=requires,
    )  # fmt: skip
    return SessionRun(title=f"{name}-{python}" if python else name, session=session, python=python, variant="")
