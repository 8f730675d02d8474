"""How things are put in JSON: the full records, with parents by name."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from wsnox.lock.records import Directory
from wsnox.urls import masked

if TYPE_CHECKING:
    from wsnox.closure import Closure, Entry, Reason, Request, Target
    from wsnox.closure.explain import Chain
    from wsnox.lock import Lock, Package, Source

__all__ = ["chain_data", "closure_data", "package_data", "request_data", "show", "source_data", "target_data"]

_KINDS = {"Registry": "registry", "Git": "git", "Url": "url", "Archive": "archive", "Virtual": "virtual"}


def show(value: Any) -> None:
    """Print *value* as JSON, without the credentials of URLs in it."""
    print(json.dumps(_masked(value), indent=2))


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case dict():
            return {key: _masked(item) for key, item in value.items()}
        case list() | tuple():
            return [_masked(item) for item in value]
        case _:
            return value


def source_data(source: Source) -> dict[str, Any]:
    """Return the kind of *source* and its fields; an editable directory is a kind of its own."""
    if isinstance(source, Directory):
        return {"kind": "editable" if source.editable else "directory", "path": source.path}
    return {"kind": _KINDS[type(source).__name__], **{each.name: getattr(source, each.name) for each in fields(source)}}


def package_data(package: Package) -> dict[str, Any]:
    """Return what identifies *package*; the version is null where it is dynamic."""
    return {"name": package.name, "version": package.version, "source": source_data(package.source)}


def target_data(target: Target) -> dict[str, str]:
    """Return the marker values of *target*."""
    return dict(target.values)


def request_data(request: Request) -> dict[str, Any]:
    """Return what was asked for, each extra and group with its owner."""
    roots = [
        {"name": root.name, "production": root.production, "extras": sorted(root.extras), "groups": sorted(root.groups)}
        for root in request.roots
    ]
    return {"roots": roots, "root_groups": sorted(request.root_groups)}


def closure_data(lock: Lock, closure: Closure, target: Target) -> dict[str, Any]:
    """Return *closure* with every reason; ``virtual`` holds what only passes its dependencies on."""
    return {
        "request": request_data(closure.request),
        "target": target_data(target),
        "distributions": [_entry(lock, entry) for entry in closure.entries if entry.installed],
        "virtual": [_entry(lock, entry) for entry in closure.entries if not entry.installed],
    }


def _entry(lock: Lock, entry: Entry) -> dict[str, Any]:
    return {
        **package_data(entry.package),
        "extras": sorted(entry.extras),
        "asked": entry.asked,
        "reasons": [_reason(lock, reason) for reason in entry.reasons],
    }


def _reason(lock: Lock, reason: Reason) -> dict[str, Any]:
    parent = None if reason.parent is None else lock.packages[reason.parent].name
    return {"parent": parent, "part": reason.part, "extras": list(reason.extras), "marker": reason.marker}


def chain_data(chain: Chain) -> list[dict[str, Any]]:
    """Return the steps of *chain*; ``part`` is where it starts, ``extras`` and ``marker`` are of the edge to a step."""
    return [
        {
            "name": None if step.package is None else step.package.name,
            "version": None if step.package is None else step.package.version,
            "part": step.part,
            "extras": list(step.extras),
            "marker": step.marker,
        }
        for step in chain
    ]
