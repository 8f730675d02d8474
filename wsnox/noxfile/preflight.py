"""Before an environment is made: what lets no session of the workspace, or not this one, have a closure is refused here.

A workspace with a stale lockfile is told so before thirty environments stand there empty. The preparation finds all of it
again: a proven environment is not looked at here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wsnox.closure.conflicts import involved, refuse_declared, switched_on
from wsnox.closure.request import session_request
from wsnox.environment.inputs import manifests_digest
from wsnox.environment.installers import refuse_uv
from wsnox.environment.isolation import find_uv
from wsnox.environment.lockfile import fresh_lock, parsed_lock
from wsnox.errors import WsnoxError
from wsnox.noxfile.names import folder_of
from wsnox.noxfile.shared_errors import abort
from wsnox.version import __version__
from wsnox.workspace.sessions import runs_of

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session

__all__ = ["refuse_unusable"]


def refuse_unusable(workspace: Workspace, session: Session, location: Path) -> None:
    """Abort the run of *session* whose environment is to be made at *location*, if it cannot have a closure."""
    if session.skip:
        return
    shared = location.parent / ".wsnox"
    # With `--force-python`, a session has other titles.
    run = next((run for run in runs_of([session]) if folder_of(run.title) == location.name), None)
    try:
        refuse_uv(find_uv(), workspace)
        if workspace.requires_fresh_lock:
            digest = manifests_digest(workspace, os.environ, compared=True)
            lock = fresh_lock(workspace, shared / "fresh", manifests=digest, version=__version__)
        else:
            lock = parsed_lock(workspace.root)
        if run is not None:
            request = session_request(workspace, lock, run)
            refuse_declared(lock, involved(lock, request), switched_on(request))
    except WsnoxError as error:
        abort(run.title if run else location.name, error, shared)
