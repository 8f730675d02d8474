"""Results in words and columns for a person, and in JSON."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.closure import Closure, ClosurePackage, Reason, Request, Target
    from wsnox.closure.chains import Chain, Step
    from wsnox.lock import Lock, Package, Source

__all__ = [
    "aligned",
    "chain_data",
    "chain_text",
    "closure_data",
    "first",
    "marker_text",
    "named",
    "package_data",
    "package_text",
    "request_data",
    "show",
    "source_data",
    "source_text",
    "target_data",
]

_FEW = 4
_ITEM = re.compile(r"extra (?P<op>[=!]=) '(?P<kind>extra|group|project)-(?P<length>\d+)-(?P<rest>[^']+)'")


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a line for each of *rows*, in columns; a column that is empty everywhere takes no room."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip() for row in table
    ]


def first(names: Sequence[str]) -> Sequence[str]:
    """Return the first few of *names*, and how many more there are."""
    return names if len(names) <= _FEW + 1 else [*names[:_FEW], f"+{len(names) - _FEW}"]


def named(names: Iterable[str]) -> str:
    """Return *names* in backticks, as a sentence lists them."""
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


def source_text(source: Source) -> str:
    """Return where a package is from, in short and without credentials; nothing for a registry."""
    return masked(str(source))


def marker_text(marker: str) -> str:
    """Return *marker* with uv's encoded conflict items spelled out: ``extra-3-app-x`` is app[x]."""
    return _ITEM.sub(_item, marker)


def _item(match: re.Match[str]) -> str:
    length = int(match["length"])
    package, name = match["rest"][:length], match["rest"][length + 1 :]
    spelled = {"extra": f"{package}[{name}]", "group": f"{package}:{name}", "project": package}[match["kind"]]
    return spelled if match["op"] == "==" else f"not {spelled}"


def package_text(package: Package) -> str:
    """Return the version of *package*, or where it is from if it has none."""
    return package.version or source_text(package.source)


def chain_text(chain: Chain) -> str:
    """Return *chain* on one line."""
    return " -> ".join(_step(step, first=index == 0) for index, step in enumerate(chain))


def _step(step: Step, *, first: bool) -> str:
    if step.package is None:
        return f"workspace root{step.part}"
    if first:
        return f"{step.package.name}{step.part}"
    extras = f"[{','.join(step.extras)}]" if step.extras else ""
    version = f" {step.package.version}" if step.package.version else ""
    marker = f" ({marker_text(step.marker)})" if step.marker else ""
    return f"{step.package.name}{extras}{version}{marker}"


# --- JSON: the full records, with parents by name ---


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
    names = (field.name for field in fields(source) if field.name != "editable")
    return {"kind": source.kind, **{name: getattr(source, name) for name in names}}


def package_data(package: Package) -> dict[str, Any]:
    """Return what identifies *package*; the version is null where it is dynamic."""
    return {"name": package.name, "version": package.version, "source": source_data(package.source)}


def target_data(target: Target) -> dict[str, str]:
    """Return the marker values of *target*."""
    return dict(target.values)


def request_data(request: Request) -> dict[str, Any]:
    """Return *request*, each extra and group with its owner."""
    roots = [
        {"name": root.name, "production": root.production, "extras": sorted(root.extras), "groups": sorted(root.groups)}
        for root in request.roots
    ]
    return {"roots": roots, "root_groups": sorted(request.root_groups)}


def closure_data(lock: Lock, closure: Closure, target: Target) -> dict[str, Any]:
    """Return *closure* with every reason; ``virtual`` holds the packages that only pass their dependencies on."""
    return {
        "request": request_data(closure.request),
        "target": target_data(target),
        "distributions": [_entry(lock, entry) for entry in closure.entries if entry.installed],
        "virtual": [_entry(lock, entry) for entry in closure.entries if not entry.installed],
    }


def _entry(lock: Lock, entry: ClosurePackage) -> dict[str, Any]:
    return {
        **package_data(entry.package),
        "extras": sorted(entry.extras),
        "asked": entry.requested,
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
