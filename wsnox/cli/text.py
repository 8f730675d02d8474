"""How things are put in words and columns for a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.lock.records import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.closure.explain import Chain, Step
    from wsnox.lock import Package, Source

__all__ = ["aligned", "chain_text", "counted", "marker_text", "named", "package_text", "source_text"]

_ITEM = re.compile(r"extra (?P<op>[=!]=) '(?P<kind>extra|group|project)-(?P<length>\d+)-(?P<rest>[^']+)'")


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a line for each of *rows*, in columns; a column that is empty everywhere takes no room."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip() for row in table
    ]


def counted(number: int, noun: str) -> str:
    """Return *number* with *noun*, in the plural where it is not one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def named(names: Iterable[str]) -> str:
    """Return *names* in backticks, as a sentence lists them."""
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def source_text(source: Source) -> str:
    """Return where a package is from, in short and without credentials; nothing for a registry."""
    return masked(_source_text(source))


def _source_text(source: Source) -> str:
    match source:
        case Registry():
            return ""
        case Git(url=url, commit=commit, subdirectory=subdirectory):
            return f"git {url}@{commit[:7]}{f'#{subdirectory}' if subdirectory else ''}"
        case Url(url=url, subdirectory=subdirectory):
            return f"url {url}{f'#{subdirectory}' if subdirectory else ''}"
        case Archive(path=path):
            return f"archive {path}"
        case Directory(path=path, editable=editable):
            return f"{'editable' if editable else 'directory'} {path}"
        case Virtual(path=path):
            return f"virtual {path}"


def marker_text(marker: str) -> str:
    """Return *marker* with uv's encoded conflict items spelled as what they stand for: ``extra-3-app-x`` is app[x]."""
    return _ITEM.sub(_item, marker)


def _item(found: re.Match[str]) -> str:
    length = int(found["length"])
    package, name = found["rest"][:length], found["rest"][length + 1 :]
    spelled = {"extra": f"{package}[{name}]", "group": f"{package}:{name}", "project": package}[found["kind"]]
    return spelled if found["op"] == "==" else f"not {spelled}"


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
