"""Read the TOML of a lockfile, most of which is wheels, one to a line and always in the same form.

1. Arrays of wheels whose every row is as uv writes it, and of one version, are taken out of the text. Each leaves a unique
   number behind. What the rows say is read when somebody asks: a closure of thirty packages asks of thirty.
2. tomli reads the remaining text, and puts the rows where it meets a number.
3. Whatever is not certain to mean the same is left to tomli alone: text over several lines, in which something else
   might look like wheels, other numbers with a point (uv writes none), wheels that belong to no package, and
   everything that is not TOML.

Measured on 69 lockfiles of real workspaces (46 MB): 0.75 seconds, and 1.23 with tomli alone, of the 1.3
that the whole reader takes.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Rows", "read_toml"]

_BEGIN, _END = "\nwheels = [\n", "\n]\n"
# Printed ASCII without quotes, escapes and the characters that end the path of a URL; in a name's parts no `-` or `/`.
_TEXT, _PART = r"[!$&->@-\[\]-~]*", r"[!$&-,.0->@-\[\]-~]+"
_REST = rf', hash = "sha256:[0-9a-f]+"(?:, size = (?:0|[1-9][0-9]{{0,17}}))?(?:, upload-time = "{_TEXT}")? \}},'


def _row(version: str) -> str:
    """Return the pattern of a row in whose file name stands this *version*, itself a pattern."""
    name = rf"{_PART}-{version}(?:-[0-9](?:{_PART})?)?(?:-{_PART}){{3}}\.whl"
    return rf'    \{{ (?:url|path) = "(?:{_TEXT}/)?{name}"{_REST}'


_ROWS = re.compile(_row(f"({_PART})") + r"(?:\n" + _row(r"\1") + ")*")
_ROW = re.compile(r'\{ (url|path) = "((?:[^"]*/)?([^"]+))", hash = "([^"]+)"(?:, size = ([0-9]+))?')
Row = tuple[str, str, str, str, str]


class Rows(NamedTuple):
    """The wheels of a package as they stand in the file, in *text*, all of them of one *version*."""

    text: str
    version: str

    @property
    def rows(self) -> list[Row]:
        """Each wheel as five texts: ``url`` or ``path``, the URL or path, the name of the file, its hash and its size."""
        return _ROW.findall(self.text)


def read_toml(text: str) -> dict[str, Any]:
    """Return the document *text* as tomli does, with `Rows` for arrays of wheels that are as uv writes them.

    Raise `tomli.TOMLDecodeError` if it is not TOML.
    """
    # An error names a position, which has to be that in the original text.
    with suppress(ValueError):
        if (document := _read(text.replace("\r\n", "\n") if "\r" in text else text)) is not None:
            return document
    return tomli.loads(text)


def _read(text: str) -> dict[str, Any] | None:
    """Return the document with its rows, `None` if it is not certain to be the one that tomli would read."""
    head, *parts = text.split(_BEGIN)
    rows_by_number: dict[str, Rows] = {}
    remainder = "".join((head, *_without_rows(parts, rows_by_number)))
    # No row has any of these in it.
    if '"""' in remainder or "'''" in remainder or "\r" in remainder:
        return None
    numbers: list[str] = []

    def rows_at(number: str) -> Rows | None:
        numbers.append(number)
        return rows_by_number.get(number)

    document = tomli.loads(remainder, parse_float=rows_at)
    if numbers != list(rows_by_number) or _packages_with_rows(document) != len(rows_by_number):
        return None
    return document


def _packages_with_rows(document: dict[str, Any]) -> int:
    """Return how many packages of *document* have rows for their wheels: nothing else may have any."""
    packages = document.get("package") or document.get("distribution")
    return sum(
        isinstance(package, dict) and isinstance(package.get("wheels"), Rows)
        for package in (packages if isinstance(packages, list) else [])
    )


def _without_rows(parts: Iterable[str], rows_by_number: dict[str, Rows]) -> Iterable[str]:
    """Yield *parts*, each of which follows the beginning of an array, with arrays moved to *rows_by_number* if possible."""
    for part in parts:
        block, end, following = part.partition(_END)
        rows = _ROWS.fullmatch(block)
        if end and rows:
            number = f"{len(rows_by_number)}.0"
            rows_by_number[number] = Rows(block, rows[1])
            yield f"\nwheels = {number}\n{following}"
        else:
            yield f"{_BEGIN}{part}"
