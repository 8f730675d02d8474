"""Before an environment is made: what lets no session of the workspace, or not this one, have a closure is refused here.

A workspace with a stale lockfile is told so before thirty environments stand there empty. The preparation finds all of it
again: a proven environment is not looked at here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wsnox.environment.installers import refuse_uv
from wsnox.environment.isolation import find_uv
from wsnox.environment.lockfile import refuse_contents, resolution_lock, usable_lock
from wsnox.errors import WsnoxError
from wsnox.noxfile.shared_errors import abort
from wsnox.workspace.sessions import folder_of, runs_of

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
        if run is not None and session.resolution:
            resolution_lock(workspace, run)
            return
        lock = usable_lock(workspace, shared, os.environ)
        if run is not None:
            refuse_contents(workspace, lock, run)
    except WsnoxError as error:
        abort(run.title if run else location.name, error, shared)
