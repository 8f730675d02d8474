"""Read a requirement as uv reads it (crates/uv-pep508): PEP 508, and markers as `wsnox.lock.freshness.formulas` does."""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.utils import canonicalize_name

from wsnox.lock.freshness.formulas import Formula, formula
from wsnox.lock.freshness.ranges import clauses
from wsnox.lock.freshness.unreadable import Unreadable
from wsnox.record import Record

__all__ = ["Requirement", "requirement"]

_NAME = r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?"
_REQUIREMENT = re.compile(
    rf"""\s*(?P<name>{_NAME})\s*
    (?:\[\s*(?P<extras>{_NAME}\s*(?:,\s*{_NAME}\s*)*)?\]\s*)?
    (?:@\s*(?P<url>[^\s;#][^\r\n]*?)(?=\s+;|\s*\Z) | \((?P<inner>[^)]*)\) | (?P<specifier>[<=>~!][^;]*))?
    \s*(?:;(?P<marker>.*))?\Z""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
# To uv it is not clear whether a URL ends there.
_DOUBTFUL = re.compile(r"[;#]\s|\s#")


class Requirement(Record, kw_only=True):
    """A requirement on *name*, normalised, with its *extras*; *url* is empty unless it names one, *condition* its marker."""

    name: str
    extras: frozenset[str]
    clauses: tuple[str, ...]
    url: str
    condition: Formula


@lru_cache(maxsize=8192)
def requirement(text: str) -> Requirement:
    """Return the requirement *text*; raise `Unreadable` where it is none."""
    found = _REQUIREMENT.match(text)
    if found is None or (found["marker"] is not None and not found["marker"].strip()):
        raise Unreadable(text, "requirement")
    if found["url"] and _DOUBTFUL.search(found["url"]):
        raise Unreadable(text, "requirement")
    try:
        return Requirement(
            name=canonicalize_name(found["name"]),
            extras=frozenset(canonicalize_name(extra.strip()) for extra in (found["extras"] or "").split(",") if extra),
            clauses=_clauses(found["inner"] if found["inner"] is not None else found["specifier"]),
            url=found["url"] or "",
            condition=formula(found["marker"] or ""),
        )
    except Unreadable as part:
        raise Unreadable(text, "requirement") from part


def _clauses(specifier: str | None) -> tuple[str, ...]:
    """Return the clauses of *specifier*, which may end with a comma here; `None` is any version."""
    return () if specifier is None else clauses(re.sub(r"(?<=[^\s,])\s*,\s*\Z", "", specifier).strip() or ",")
