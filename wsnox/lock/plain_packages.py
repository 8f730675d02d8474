"""Packages of a registry that stand in a lockfile as uv writes nearly all of them, read by a pattern.

Name, version, source, dependencies, source distribution and wheels stand in this order, in text without escapes. Packages
that follow one another leave a unique number behind, as their wheels did before (`wsnox.lock.wheel_rows`); what follows
the last of them in tables of its own, such as its extras, is left to tomli. That halves what tomli takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsnox.lock.wheel_rows import Rows

__all__ = ["PlainEdges", "PlainPackages", "put_back", "without_packages"]

# Printed ASCII without quotes and escapes.
_TEXT = r"[ !#-\[\]-~]*"
_PACKAGE = re.compile(
    rf'\n\[\[package\]\]\nname = "({_TEXT})"\nversion = "({_TEXT})"\nsource = \{{ registry = "({_TEXT})" \}}\n'
    rf'(?:dependencies = \[\n((?:    \{{ name = "{_TEXT}"(?:, marker = "{_TEXT}")? \}},\n)+)\]\n)?'
    rf'(?:sdist = \{{ url = "({_TEXT})", hash = "({_TEXT})"(?:, size = (0|[1-9][0-9]{{0,17}}))?'
    rf'(?:, upload-time = "{_TEXT}")? \}}\n)?'
    r"(?:wheels = ([0-9]+\.0)\n)?(?=\n|\Z)"
)
_EDGE = re.compile(r'name = "([^"]*)"(?:, marker = "([^"]*)")? \}')


class PlainPackages(tuple[dict[str, Any], ...]):
    """The tables of packages that follow one another, as tomli would have read them but for their edges.

    tomli takes no table in the place of a number.
    """

    __slots__ = ()


class PlainEdges(tuple[tuple[str, str], ...]):
    """The dependencies of a package, each a name and a marker, which is empty for none."""

    __slots__ = ()

    @property
    def tables(self) -> list[dict[str, str]]:
        """They as tomli would have read them."""
        return [{"name": name, "marker": marker} if marker else {"name": name} for name, marker in self]


def without_packages(text: str, taken: dict[str, Rows | PlainPackages]) -> str:
    """Return *text* without its plain packages, which are *taken* by their numbers, together with their wheels."""
    runs: list[list[dict[str, Any]]] = []
    end = -1

    def take(match: re.Match[str]) -> str:
        nonlocal end
        name, version, registry, edges, url, digest, size, wheels = match.groups()
        package: dict[str, Any] = {"name": name, "version": version, "source": {"registry": registry}}
        if edges:
            package["dependencies"] = PlainEdges(_EDGE.findall(edges))
        if url is not None:
            package["sdist"] = {"url": url, "hash": digest, **({"size": int(size)} if size else {})}
        if wheels:
            if wheels not in taken:
                return match[0]
            package["wheels"] = taken.pop(wheels)
        begins, end = match.start() != end, match.end()
        if not begins:
            runs[-1].append(package)
            return ""
        runs.append([package])
        return f"\n[[package]]\nplain = {len(runs) - 1}.5\n"

    remainder = _PACKAGE.sub(take, text)
    taken.update((f"{index}.5", PlainPackages(run)) for index, run in enumerate(runs))
    return remainder


def put_back(packages: list[Any]) -> bool:
    """Put the plain ones of *packages* in their places; return whether none has a key twice."""
    complete: list[Any] = []
    for package in packages:
        plain = package.pop("plain", None) if isinstance(package, dict) else None
        if isinstance(plain, PlainPackages):
            *before, last = plain
            if last.keys() & package.keys():
                return False
            complete += (*before, last | package)
        else:
            complete.append(package)
    packages[:] = complete
    return True
