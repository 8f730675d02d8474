"""The one session that a child of ``nox -j`` is for.

``nox -j`` loads the noxfile, chooses the sessions, checks the names that they require, and starts a child for each, with
``--session TITLE --no-dependencies --parallel-worker`` (``nox._parallel``; checked with nox 2026.10). The child loads the
noxfile again, in which wsnox registers thousands of sessions for a large workspace, and takes one.

So in such a child ``wsnox.sessions()`` registers that session, and what it requires, as nox checks that these exist. It
reads and checks the manifests as ever. What it leaves out, the names of the other sessions, was checked by the run that
started it. Where the session is one of the noxfile's own, or of a function that wsnox decorates, everything is
registered: such a function may call ``session.notify`` with any name.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wsnox.noxfile.names import names_in_nox
from wsnox.noxfile.this_run import is_child

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from wsnox.workspace.sessions import Session
    from wsnox.workspace.suite import Suite

__all__ = ["needed_sessions", "title_of_worker"]


def title_of_worker(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the title of the session that nox, called with *argv*, is a child of ``nox -j`` for; empty if it is none.

    *environ* has to say as well that a run of nox with a noxfile of wsnox has started it.
    """
    options = argv[: argv.index("--")] if "--" in argv else argv
    if not {"--parallel-worker", "--no-dependencies"} <= {*options} or not is_child(environ):
        return ""
    titles = [value for option, value in pairwise(options) if option == "--session"]
    return titles[0] if len(titles) == 1 else ""


def needed_sessions(suite: Suite, title: str) -> tuple[Session, ...]:
    """Return the session of *suite* that has the run called *title*, and those that it requires; all if none has."""
    session = next(iter(_sessions_called(suite, [title])), None)
    if session is None:
        return suite.configured()
    required = [name for python in session.pythons or ("",) for name in session.requires_on(python)]
    others = (other for other in _sessions_called(suite, required) if other.name != session.name)
    return (session, *others) if required else (session,)


def _sessions_called(suite: Suite, titles: Collection[str]) -> list[Session]:
    """Return the sessions of *suite* that nox finds by one of *titles*."""
    # A title is a name, or a name with a Python and a variant.
    starts = {title[:end] for title in titles for end, after in enumerate(f"{title}-") if after in "-("}
    sessions = suite.configured(starts.__contains__)
    return [session for session in sessions if not {*names_in_nox(session)[1]}.isdisjoint(titles)]
