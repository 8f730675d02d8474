"""Evaluate the markers of a lockfile for one target, each distinct text once.

A marker is split into its atoms; packaging evaluates each atom, except that

- ``extra`` is no PEP 508 extra here but one of uv's conflict items, several of which can be active at once: an atom on
  it becomes a `Decision`;
- ``python_full_version`` and ``python_version`` are compared by release segments on both sides, so that ``<`` and
  ``>=`` are complements, as uv has it; where the other side is nothing that they are compared with, such as
  ``~= '3'``, uv takes no notice of the atom, and neither does wsnox;
- ``platform_release`` and ``platform_version`` are compared as versions and do not hold where they are none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import Version

from wsnox.errors import RESTORE_LOCKFILE, LockError
from wsnox.lock.fields import shown
from wsnox.markers.conditions import all_of, any_of, item, negated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.markers.conditions import Condition
    from wsnox.markers.target import Target

__all__ = ["Markers"]

_TOKEN = re.compile(
    r"""[ \t]*(?:
        (?P<paren>[()])
      | (?P<join>and\b|or\b)
      | (?P<atom>
            (?P<left>'[^'\x00-\x1f\x7f-\x9f]*'|"[^"\x00-\x1f\x7f-\x9f]*"|[\w.]+) [ \t]*
            (?P<op>===|[<>=!~]=|[<>]|not[ \t]+in\b|in\b) [ \t]*
            (?P<right>'[^'\x00-\x1f\x7f-\x9f]*'|"[^"\x00-\x1f\x7f-\x9f]*"|[\w.]+)
        )
    )""",
    re.VERBOSE,
)
_VERSIONS = frozenset({"python_full_version", "python_version"})
_LOOSE = frozenset({"platform_release", "platform_version"})
_RELEASE = "platform_release"
_PRERELEASE = re.compile(r"(?<=\d)[-_.]?(a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)[-_.]?\d*.*$", re.IGNORECASE)


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The text is no marker."""


class Markers:
    """The markers of one *target*: `condition` is a function of their text alone, remembered."""

    def __init__(self, target: Target) -> None:
        self._values = dict(target.values)
        self._values["python_full_version"] = target.release
        self._known: dict[str, Condition] = {"": True}
        self._atoms: dict[tuple[str, str, str], Condition | None] = {}

    def condition(self, marker: str) -> Condition:
        """Return when *marker* holds on the target; raise `LockError` where it is malformed."""
        known = self._known.get(marker)
        if known is None:
            known = self._known[marker] = self._parse(marker)
        return known

    def may_hold(self, marker: str) -> bool:
        """Tell whether *marker* holds on the target for some set of active items."""
        return self.condition(marker) is not False

    def _parse(self, marker: str) -> Condition:
        try:
            return self._read(marker)
        except (_Malformed, InvalidMarker, KeyError):  # an unknown variable is a `KeyError`
            raise LockError(f"`{shown(marker)}` in `uv.lock` is no marker", hint=RESTORE_LOCKFILE) from None

    def _read(self, marker: str) -> Condition:
        """Read *marker* without recursion: for each open parenthesis alternatives, each a list of operands."""
        levels: list[list[list[Condition]]] = [[[]]]
        complete = False
        for token in _tokens(marker):
            match complete, token["join"] or token["paren"]:
                case True, "and":
                    complete = False
                case True, "or":
                    levels[-1].append([])
                    complete = False
                case True, ")" if len(levels) > 1:
                    inner = _closed(levels.pop())
                    levels[-1][-1].extend(() if inner is None else (inner,))
                case False, "(":
                    levels.append([[]])
                case False, None:
                    atom = self._atom(token["left"], " ".join(token["op"].split()), token["right"])
                    levels[-1][-1].extend(() if atom is None else (atom,))
                    complete = True
                case _:
                    raise _Malformed
        if not complete or len(levels) > 1:
            raise _Malformed
        read = _closed(levels[0])
        return True if read is None else read

    def _atom(self, left: str, op: str, right: str) -> Condition | None:
        key = (left, op, right)
        if key not in self._atoms:
            self._atoms[key] = self._evaluate(left, op, right)
        return self._atoms[key]

    def _evaluate(self, left: str, op: str, right: str) -> Condition | None:
        name, literal = (right, left) if left[0] in "'\"" else (left, right)
        if literal[0] not in "'\"" or name[0] in "'\"":
            raise _Malformed
        if name == "extra":
            return _conflict_item(op, literal[1:-1])
        if name in _VERSIONS and op in ("in", "not in"):
            return self._is_listed(name, literal[1:-1]) == (op == "in")
        if name in _VERSIONS and not _is_specifier(f"{op}{literal[1:-1]}"):
            return None
        if name in _VERSIONS:
            literal = f"{literal[0]}{_PRERELEASE.sub('', literal[1:-1])}{literal[0]}"
        values = self._values
        if name in _LOOSE and op not in ("in", "not in"):
            if not _is_version(values.get(name, "")):
                return False
            # packaging takes only the one of the two for a version.
            values = {**values, _RELEASE: values[name]}
            left, name = _RELEASE if left == name else left, _RELEASE
        literal = literal.replace("\\", "\\\\")  # packaging reads it as Python would
        return _compare(f"{name} {op} {literal}" if name == left else f"{literal} {op} {name}", values)

    def _is_listed(self, name: str, listed: str) -> bool:
        value = Version(self._values[name])
        return any(_is_version(text) and Version(text) == value for text in re.split(r"[\s,|]+", listed))


def _tokens(marker: str) -> Iterator[re.Match[str]]:
    position, end = 0, len(marker.rstrip())
    while position < end:
        token = _TOKEN.match(marker, position)
        if token is None:
            raise _Malformed
        yield token
        position = token.end()


def _closed(alternatives: list[list[Condition]]) -> Condition | None:
    """Return what holds where all operands of one of *alternatives* do, `None` where there are no operands at all."""
    counted = [operands for operands in alternatives if operands]
    return any_of(map(all_of, counted)) if counted else None


def _conflict_item(op: str, name: str) -> Condition:
    match op:
        case "==":
            return item(name)
        case "!=":
            return negated(item(name))
        case _:
            raise _Malformed


def _compare(atom: str, values: dict[str, str]) -> bool:
    try:
        return _parsed(atom).evaluate(dict(values))
    except (InvalidMarker, KeyError):
        raise
    except ValueError:  # one side is no version, or a number of more digits than Python converts
        return False


@lru_cache(maxsize=4096)
def _parsed(atom: str) -> Marker:
    """Return *atom* parsed: what a text means does not depend on the target, and a matrix has many targets."""
    return Marker(atom)


def _is_specifier(text: str) -> bool:
    try:
        return _is_version(Specifier(text).version.removesuffix(".*"))
    except InvalidSpecifier:
        return False


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:
        return False
    return True
