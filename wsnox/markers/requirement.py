"""Requirements as uv reads them (crates/uv-pep508): PEP 508, with markers as `wsnox.markers.expressions` reads them."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.markers.expressions import Expression, parse_marker
from wsnox.markers.points import Unreadable
from wsnox.markers.versions import clauses
from wsnox.package_names import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Requirement", "parse_lenient_requirement", "parse_requirement"]

_NAME = r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?"
_REQUIREMENT = re.compile(
    rf"""\s*(?P<name>{_NAME})\s*
    (?:\[\s*(?P<extras>{_NAME}\s*(?:,\s*{_NAME}\s*)*)?\]\s*)?
    (?:@\s*(?P<url>[^\s;#][^\r\n]*?)(?=\s+;|\s*\Z) | \((?P<inner>[^)]*)\) | (?P<specifier>[<=>~!][^;]*))?
    \s*(?:;(?P<marker>.*))?\Z""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
# uv cannot tell whether the URL ends there.
_DOUBTFUL = re.compile(r"[;#]\s|\s#")


class Requirement(Record, kw_only=True):
    """A requirement on *name*, normalised, with its *extras*; *url* is empty unless it has one, *condition* is its marker."""

    name: str
    extras: frozenset[str]
    clauses: tuple[str, ...]
    url: str
    condition: Expression


@lru_cache(maxsize=8192)
def parse_requirement(text: str) -> Requirement:
    """Return the requirement *text*; raise `Unreadable` if it is not one."""
    match = _REQUIREMENT.match(text)
    if match is None or (match["marker"] is not None and not match["marker"].strip()):
        raise Unreadable(text, "requirement")
    if match["url"] and _DOUBTFUL.search(match["url"]):
        raise Unreadable(text, "requirement")
    try:
        return Requirement(
            name=canonicalize_name(match["name"]),
            extras=frozenset(canonicalize_name(extra.strip()) for extra in (match["extras"] or "").split(",") if extra),
            clauses=_clauses(match["inner"] if match["inner"] is not None else match["specifier"]),
            url=match["url"] or "",
            condition=parse_marker(match["marker"] or ""),
        )
    except Unreadable as error:
        raise Unreadable(text, "requirement") from error


def _clauses(specifier: str | None) -> tuple[str, ...]:
    """Return the clauses of *specifier*, which may end with a comma here; `None` means any version."""
    return () if specifier is None else clauses(re.sub(r"(?<=[^\s,])\s*,\s*\Z", "", specifier).strip() or ",")


def parse_lenient_requirement(text: str) -> Requirement:
    """Return the requirement *text* of a ``[project]``, in which uv corrects common mistakes; raise `Unreadable`.

    uv: crates/uv-pypi-types, ``parse_lenient_requirement.rs``, which tries again after each correction.
    """
    try:
        return parse_requirement(text)
    except Unreadable:
        for corrected in _corrections(text):
            with suppress(Unreadable):
                return parse_requirement(corrected)
        raise


def _corrections(text: str) -> Iterator[str]:
    for mistake, right in _CORRECTIONS:
        text = re.sub(mistake, right, text)
        yield text
    # Last, quotes.
    yield _without_quotes(text)


def _without_quotes(text: str) -> str:
    specifier, semicolon, marker = text.partition(";")
    return "".join((re.sub("['\"]", "", specifier), semicolon, marker))


# As text, and compiled where a requirement has a mistake.
_CORRECTIONS = (
    # `>=7.2<8`, `!=~5.0`, `>=1.9.*`, `!=3.0*`
    (r"(\d)([<>=~^!])", r"\1,\2"),
    (r"!=~((?:\d\.)*\d)", r"!=\1.*"),
    (r"(<=|>=|<|>)\s*(\d+(\.\d+)*)\.\*", r"\1\2"),
    (r"(\d\.\d)+\*", r"\1.*"),
    # a comma at the end, `>dev`, `>=9.0.0a1.0`
    (r",\s*$", ""),
    (r">dev", ">0.0.0dev"),
    (r"(\d+(\.\d)*(a|b|rc|post|dev)\d+)\.0", r"\1"),
)
