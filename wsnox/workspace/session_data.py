"""Sessions as JSON, by which a noxfile that nox has loaded tells ``wsnox list`` and similar commands what its functions install.

nox lists names and no contents, and only running a noxfile tells what its decorators say. Where the variable
`wsnox.workspace.sessions.SESSIONS_FILE` names a file, each session of such a function is appended to it, one to a line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.workspace.model import MemberSelection
from wsnox.workspace.sessions import Session

if TYPE_CHECKING:
    from wsnox.workspace.model import Workspace

__all__ = ["session_data", "session_from"]

_PLAIN = ("kind", "name", "description", "root_defaults", "editable", "default", "skip")
_LISTS = ("tags", "root_groups", "requires")


def session_data(session: Session) -> dict[str, Any]:
    """Return *session* as JSON can have it, without commands and variables: a function has none."""
    return {
        **{key: getattr(session, key) for key in (*_PLAIN, *_LISTS, "pythons")},
        "directory": os.fspath(session.directory),
        "variants": {
            variant: [[selection.member.name, selection.extras, selection.groups] for selection in selections]
            for variant, selections in session.variants.items()
        },
    }


def session_from(data: dict[str, Any], workspace: Workspace) -> Session:
    """Return the session of *workspace* that `session_data` made *data* of."""

    def names(value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    variants = {
        variant: tuple(
            MemberSelection(member=workspace.named(name), extras=names(extras), groups=names(groups))
            for name, extras, groups in selections
        )
        for variant, selections in data["variants"].items()
    }
    plain = {key: names(data[key]) for key in (*_PLAIN, *_LISTS, "pythons")}
    return Session(**plain, directory=Path(data["directory"]), variants=variants, commands=())
