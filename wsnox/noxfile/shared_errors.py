"""An error that several sessions of one run of nox share is said by the first of them; the others refer to that one.

A stale lockfile fails every session of a workspace, in the same words. Each of them still fails, in the report as well.
What was said is noted in the folder of the run, for all its processes.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, cast

import nox

from wsnox.errors import CommandError
from wsnox.noxfile.this_run import run_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wsnox.errors import WsnoxError

__all__ = ["abort"]


def abort(
    session: str, error: WsnoxError, shared: Path, for_all: Callable[[WsnoxError], WsnoxError] | None = None
) -> NoReturn:
    """End *session* with *error*, or by naming the session of this run that said it; *shared* is wsnox's own folder.

    Who says it says *for_all* of it.
    """
    # Whoever follows the hint to get pytest helps all members that need it.
    key = error.hint if isinstance(error, CommandError) else str(error)
    first = _first_to_say(key, session, shared) if error.shared else session
    # A session that has no environment yet has no `nox.Session` either; of this method, nothing needs one.
    nobody = cast("Any", None)
    if first != session:
        from wsnox.runs.record import SAME_REASON  # noqa: PLC0415 - a warm session needs none of it

        nox.Session.error(nobody, SAME_REASON.format(first))
    from wsnox.noxfile.import_findings import annotate_error  # noqa: PLC0415 - a warm session needs none of it

    if for_all is not None:
        error = for_all(error)
    annotate_error(session, error.sentence)
    nox.Session.error(nobody, str(error))


def _first_to_say(key: str, session: str, shared: Path) -> str:
    note = run_folder(shared) / f"said-{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:16]}"
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        with note.open("x", encoding="utf-8") as file:
            file.write(session)
    except FileExistsError:
        # Another child may have made the file just now, and not have written its name yet.
        with suppress(OSError):
            return note.read_text(encoding="utf-8") or "another session"
    except OSError:
        pass
    return session
