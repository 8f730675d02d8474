"""Before an environment is made: what lets no session of the workspace, or not this one, have a closure is refused here.

A workspace with a stale lockfile is told so before thirty environments stand there empty. The preparation finds all of it
again: a proven environment is not looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.environment.inputs import manifests_digest
from wsnox.environment.installers import refuse_uv
from wsnox.environment.isolation import find_uv
from wsnox.environment.lockfile import refuse_contents, resolution_lock, usable_lock
from wsnox.errors import WsnoxError
from wsnox.noxfile.shared_errors import abort
from wsnox.workspace.sessions import run_in

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session, SessionRun

__all__ = ["refuse_run", "refuse_unusable"]


_accepted: set[tuple[str | None, str]] = set()
"""The programs that were of the version that the manifests and settings of a digest require."""


def refuse_unusable(workspace: Workspace, session: Session, location: Path) -> None:
    """Abort the run of *session* whose environment is to be made at *location*, if it cannot have a closure."""
    if session.skip:
        return
    shared = location.parent / ".wsnox"
    # With `--force-python`, a session has other titles.
    run = run_in(session, location.name)
    try:
        refuse_run(workspace, run, shared, find_uv())
    except WsnoxError as error:
        abort(run.title if run else location.name, error, shared)


def refuse_run(workspace: Workspace, run: SessionRun | None, shared: Path, uv: str | None) -> None:
    """Raise a `WsnoxError` if no session of *workspace* can have a closure with *uv*, or *run* cannot.

    *shared* is wsnox's own folder.
    """
    manifests = manifests_digest(workspace, workspace.environ, compared=True)
    if (uv, manifests) not in _accepted:
        refuse_uv(uv, workspace)
        _accepted.add((uv, manifests))
    if run is not None and run.session.resolution:
        resolution_lock(workspace, run)
        return
    lock = usable_lock(workspace, shared, workspace.environ, manifests)
    if run is not None:
        refuse_contents(workspace, lock, run)
