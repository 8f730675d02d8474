"""What ``uv.lock`` says that the manifests asked for when it was written: the ``metadata`` of each source tree.

uv writes the lowered form (crates/uv-distribution-types, ``requirement.rs``): one table for each requirement, in which
one of the keys ``git``, ``url``, ``path``, ``directory``, ``editable``, ``virtual`` or ``index`` tells the origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlunsplit

from packaging.utils import canonicalize_name

from wsnox.freshness.equivalence import LoweredRequirement
from wsnox.freshness.sources import bare_url, git_origin, placed, split_url, url_origin
from wsnox.freshness.unreadable import Unread, unread
from wsnox.markers.expressions import parse_marker
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import clauses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.workspace.model import Workspace

__all__ = ["locked_groups", "locked_requirements"]


def locked_requirements(workspace: Workspace, wires: object) -> tuple[LoweredRequirement | Unread, ...]:
    """Return the requirements in the array *wires*, and what cannot be read of it."""
    if not isinstance(wires, list):
        return (_unread(wires),)
    return tuple(_asked_or_unread(workspace, wire) for wire in wires)


def locked_groups(workspace: Workspace, wires: object) -> Mapping[str, tuple[LoweredRequirement | Unread, ...]]:
    """Return the requirements of each group in the table *wires*, and what cannot be read of it."""
    if not isinstance(wires, dict):
        return {"": (_unread(wires),)}
    return {group: locked_requirements(workspace, items) for group, items in wires.items()}


def _unread(wire: object, name: str = "") -> Unread:
    return unread(Unreadable(str(wire), "declaration"), "`uv.lock`", name=name)


def _asked_or_unread(workspace: Workspace, wire: object) -> LoweredRequirement | Unread:
    if not isinstance(wire, dict) or not isinstance(name := wire.get("name"), str):
        return _unread(wire)
    marker, specifier, extras = wire.get("marker", ""), wire.get("specifier", ""), wire.get("extras", [])
    try:
        return LoweredRequirement(
            name=canonicalize_name(name),
            condition=parse_marker(_string(marker)),
            extras=frozenset(canonicalize_name(_string(extra)) for extra in _array(extras)),
            clauses=clauses(_string(specifier)),
            origins=_origins(workspace, wire),
            text=_text(name, sorted(extras), specifier, marker),
        )
    except Unreadable:
        return _unread(wire, name)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable(str(value), "string")
    return value


def _array(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Unreadable(str(value), "array")
    return value


def _text(name: str, extras: list[str], specifier: str, marker: str) -> str:
    listed = f"[{','.join(extras)}]" if extras else ""
    return f"{name}{listed}{specifier}{f' ; {marker}' if marker else ''}"


def _origins(workspace: Workspace, wire: dict[str, Any]) -> frozenset[str]:
    match wire:
        case {"git": str(url)}:
            return frozenset({_git(url)})
        case {"url": str(url)}:
            return frozenset({url_origin(url, str(wire.get("subdirectory", "")))})
        case {"index": str(url)}:
            return frozenset({f"index {bare_url(url)}{_limit(wire.get('conflict'))}"})
        case {"index": index}:
            raise Unreadable(str(index), "URL")
    for kind in ("path", "directory", "editable", "virtual"):
        if kind in wire:
            return frozenset({f"{kind} {placed(workspace, str(wire[kind]))}"})
    return frozenset({""})


def _limit(conflict: object) -> str:
    match conflict:
        case {"package": str(package), "extra": str(part)} | {"package": str(package), "group": str(part)}:
            return f" for {package}:{part}"
        case _:
            return ""


def _git(text: str) -> str:
    parts = split_url(text)
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    reference = next((f"{key}={query[key]}" for key in ("rev", "tag", "branch") if key in query), "")
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    lfs = query.get("lfs", "").lower() == "true"
    return git_origin(url, reference, query.get("subdirectory", ""), file=query.get("path", ""), lfs=lfs)
