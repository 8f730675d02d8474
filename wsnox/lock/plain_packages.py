"""Packages of a registry that stand in a lockfile as uv writes nearly all of them, read by a pattern.

Name, version, source, dependencies, source distribution and wheels stand in this order, in text without escapes. A package
leaves a unique number behind, as its wheels did before (`wsnox.lock.wheel_rows`); what follows in tables of its own, such
as its extras, is left to tomli. That halves what tomli takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from wsnox.lock.wheel_rows import Rows

__all__ = ["PlainPackage", "put_back", "without_packages"]

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


class PlainPackage(NamedTuple):
    """The *table* of a package as tomli would have read it; tomli takes no table in the place of a number."""

    table: dict[str, Any]


def without_packages(text: str, taken: dict[str, Rows | PlainPackage]) -> str:
    """Return *text* without its plain packages, which are *taken* by their numbers, together with their wheels."""

    def take(match: re.Match[str]) -> str:
        name, version, registry, edges, url, digest, size, wheels = match.groups()
        package: dict[str, Any] = {"name": name, "version": version, "source": {"registry": registry}}
        if edges:
            pairs = _EDGE.findall(edges)
            package["dependencies"] = [
                {"name": target, "marker": marker} if marker else {"name": target} for target, marker in pairs
            ]
        if url is not None:
            package["sdist"] = {"url": url, "hash": digest, **({"size": int(size)} if size else {})}
        if wheels:
            if wheels not in taken:
                return match[0]
            package["wheels"] = taken.pop(wheels)
        number = f"{len(numbers)}.5"
        numbers.append(number)
        taken[number] = PlainPackage(package)
        return f"\n[[package]]\nplain = {number}\n"

    numbers: list[str] = []
    return _PACKAGE.sub(take, text)


def put_back(packages: list[Any]) -> bool:
    """Put the plain ones of *packages* in their places; return whether none has a key twice."""
    for index, package in enumerate(packages):
        plain = package.pop("plain", None) if isinstance(package, dict) else None
        if isinstance(plain, PlainPackage):
            if plain.table.keys() & package.keys():
                return False
            packages[index] = plain.table | package
    return True
