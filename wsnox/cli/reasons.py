"""How the reasons for which a session is affected are put in words and in JSON."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from wsnox.change.records import (
    Configured,
    Defined,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    NoClosure,
    PackagesChanged,
    Requires,
)
from wsnox.cli.data import package_data
from wsnox.cli.text import package_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.change.records import Reason
    from wsnox.closure.explain import Change

__all__ = ["reason_data", "reason_text"]

_SHOWN = 3
_KINDS = {
    Everything: "everything",
    MemberChanged: "member",
    FileChanged: "file",
    PackagesChanged: "packages",
    NoClosure: "no-closure",
    Configured: "configuration",
    New: "new",
    Requires: "requires",
    Defined: "noxfile",
}


def reason_text(reason: Reason) -> str:
    """Return *reason* in a few words."""
    match reason:
        case Everything(words=words):
            return words
        case MemberChanged(member=member, paths=paths):
            return f"{member} changed ({_some(paths)})"
        case FileChanged(path=path, why=why):
            return f"{path} changed{f', {why}' if why else ''}"
        case PackagesChanged(changes=changes, files=files, python=python):
            texts = [*map(_change, changes), *(f"{name} has other files" for name in files)]
            return f"{_some(texts)} (Python {python})"
        case NoClosure(python=python, words=words):
            return f"no closure to compare{f' on Python {python}' if python else ''}: {words}"
        case Configured(keys=keys):
            return f"other {_some([f'`{key}`' for key in keys])} in `tool.wsnox`"
        case New():
            return "new session"
        case Defined():
            return "defined by the noxfile, which selects it"
        case Requires(session=session):
            return f"requires {session}"


def _change(change: Change) -> str:
    match change.before, change.after:
        case None, after if after is not None:
            return f"{change.name} {package_text(after)} is new"
        case before, None if before is not None:
            return f"{change.name} {package_text(before)} is gone"
        case before, after if before is not None and after is not None:
            if before.version == after.version:
                return f"{change.name} has another source"
            return f"{change.name} {package_text(before)} -> {package_text(after)}"
    raise AssertionError(change)  # pragma: no cover - one of the two is there


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return f"{shown} and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else shown


def reason_data(reason: Reason) -> dict[str, Any]:
    """Return *reason* with its kind, its words and its fields."""
    data: dict[str, Any] = {each.name: getattr(reason, each.name) for each in fields(reason)}
    if isinstance(reason, PackagesChanged):
        data["changes"] = [
            {
                "name": change.name,
                "before": None if change.before is None else package_data(change.before),
                "after": None if change.after is None else package_data(change.after),
            }
            for change in reason.changes
        ]
    return {"kind": _KINDS[type(reason)], "text": reason_text(reason), **data}
