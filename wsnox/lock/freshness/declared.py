"""What ``uv.lock`` says that the manifests asked for when it was written: the ``metadata`` of each source tree.

uv writes the lowered form (crates/uv-distribution-types, ``requirement.rs``): one table for each requirement, in which
one of the keys ``git``, ``url``, ``path``, ``directory``, ``editable``, ``virtual`` or ``index`` tells the origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from wsnox.lock.freshness.equivalence import Asked
from wsnox.lock.freshness.formulas import MalformedFormula, formula
from wsnox.lock.freshness.lowering import Unreadable
from wsnox.lock.freshness.origins import bare_url, git_origin, placed, url_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.workspace.records import Workspace

__all__ = ["locked_groups", "locked_requirements"]


def locked_requirements(workspace: Workspace, wires: object) -> tuple[Asked, ...]:
    """Return the requirements in the array *wires*; raise `Unreadable` where wsnox cannot read one."""
    if not isinstance(wires, list):
        raise Unreadable(repr(wires))
    return tuple(_asked(workspace, wire) for wire in wires)


def locked_groups(workspace: Workspace, wires: object) -> Mapping[str, tuple[Asked, ...]]:
    """Return the requirements of each group in the table *wires*; raise `Unreadable` where it is none."""
    if not isinstance(wires, dict):
        raise Unreadable(repr(wires))
    return {group: locked_requirements(workspace, items) for group, items in wires.items()}


def _asked(workspace: Workspace, wire: object) -> Asked:
    if not isinstance(wire, dict) or not isinstance(wire.get("name"), str):
        raise Unreadable(repr(wire))
    name: str = wire["name"]
    marker, specifier, extras = wire.get("marker", ""), wire.get("specifier", ""), wire.get("extras", [])
    try:
        return Asked(
            name=name,
            condition=formula(marker),
            extras=frozenset(map(str, extras)),
            # uv sorts clauses otherwise than packaging, by which the manifest's were.
            specifier=str(SpecifierSet(specifier)),
            origins=_origins(workspace, wire),
            text=_text(name, sorted(map(str, extras)), specifier, marker),
        )
    except (MalformedFormula, InvalidSpecifier, TypeError, AttributeError):
        raise Unreadable(repr(wire)) from None


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
        case {"index": _}:
            return frozenset()
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
    parts = urlsplit(text)
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    reference = next((f"{key}={query[key]}" for key in ("rev", "tag", "branch") if key in query), "")
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    lfs = query.get("lfs", "").lower() == "true"
    return git_origin(url, reference, query.get("subdirectory", ""), file=query.get("path", ""), lfs=lfs)
