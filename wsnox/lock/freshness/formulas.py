"""Markers as Boolean formulas over what an environment can be, without an environment at hand.

The theory is uv's (crates/uv-pep508, ``marker/algebra.rs``):

- ``python_version`` speaks of ``python_full_version``, and both only of release segments;
- ``platform_system`` speaks of ``sys_platform`` where the two name one thing (``Windows`` and ``win32``);
- ``in`` and ``not in`` on texts are facts of their own, unrelated to equality;
- some pairs of values never occur together, such as ``os_name == 'nt'`` and ``sys_platform == 'linux'``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.lock.freshness.ranges import holds, release, steps
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Atom",
    "Formula",
    "Junction",
    "MalformedFormula",
    "Sample",
    "atoms",
    "both",
    "either",
    "formula",
    "impossible",
]
__all__ += ["negated", "restricted", "samples"]

Sample = tuple[int, ...] | str | bool
"""A value of one variable: release segments, a text, or whether a fact holds."""


class Atom(Record):
    """A comparison of *variable* with *literal*; *op* is empty for a fact, ``minor`` before it cuts a release to two."""

    variable: str
    op: str = ""
    literal: str = ""
    positive: bool = True


class Junction(Record):
    """All of *parts* where *every*, else at least one of them."""

    every: bool
    parts: frozenset[Formula]


Formula = bool | Atom | Junction


class MalformedFormula(ValueError):  # noqa: N818 - never leaves this floor
    """The text is no marker."""


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<paren>[()])
      | (?P<join>and\b|or\b)
      | (?P<left>'[^']*'|"[^"]*"|[\w.]+) \s*
        (?P<op>===|[<>=!~]=|[<>]|not\s+in\b|in\b) \s*
        (?P<right>'[^']*'|"[^"]*"|[\w.]+)
    )""",
    re.VERBOSE,
)
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RELEASES = ("python_full_version", "implementation_version")
_PLATFORMS = {
    "Windows": "win32",
    "Darwin": "darwin",
    "Linux": "linux",
    "AIX": "aix",
    "Emscripten": "emscripten",
    "Android": "android",
}
_DEPRECATED = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.machine": "platform_machine",
    "platform.version": "platform_version",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_NOT_WINDOWS = frozenset({"linux", "darwin", "ios"})
_UNRELATED = frozenset({"FreeBSD", "NetBSD", "OpenBSD", "SunOS", "iOS", "iPadOS"})
_KNOWN_PLATFORMS = frozenset({*_PLATFORMS.values(), "ios", "cygwin", "wasi"})


def formula(text: str) -> Formula:
    """Return the marker *text* as a formula, ``True`` where it is empty; raise `MalformedFormula`."""
    tokens: list[re.Match[str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise MalformedFormula(text)
        tokens.append(token)
        position = token.end()
    if not tokens:
        return True
    tokens.reverse()
    try:
        found = _joined(tokens, "or", 0)
    except (IndexError, ValueError):
        raise MalformedFormula(text) from None
    if tokens:
        raise MalformedFormula(text)
    return found


def _joined(tokens: list[re.Match[str]], word: str, depth: int) -> Formula:
    """Read operands that *word* joins; those of ``or`` are joined by ``and`` themselves."""
    if depth > 100:
        raise MalformedFormula
    parts = [_operand(tokens, word, depth)]
    while tokens and tokens[-1]["join"] == word:
        tokens.pop()
        parts.append(_operand(tokens, word, depth))
    return either(*parts) if word == "or" else both(*parts)


def _operand(tokens: list[re.Match[str]], word: str, depth: int) -> Formula:
    if word == "or":
        return _joined(tokens, "and", depth)
    token = tokens.pop()
    if token["op"]:
        return _comparison(token["left"], " ".join(token["op"].split()), token["right"])
    if token["paren"] != "(":
        raise MalformedFormula
    inner = _joined(tokens, "or", depth + 1)
    if tokens.pop()["paren"] != ")":
        raise MalformedFormula
    return inner


def _comparison(left: str, op: str, right: str) -> Formula:
    reversed_sides = left[0] in "'\""
    name, literal = (right, left) if reversed_sides else (left, right)
    if literal[0] not in "'\"" or name[0] in "'\"":
        raise MalformedFormula
    variable, value = _DEPRECATED.get(name, name), literal[1:-1]
    if op in ("in", "not in"):
        return _membership(variable, value, reversed_sides=reversed_sides, positive=op == "in")
    if reversed_sides:
        op = _MIRRORED.get(op, op)
    return _compared(variable, op, value)


def _compared(variable: str, op: str, value: str) -> Formula:
    if variable == "extra":
        return Atom(f"extra {canonicalize_name(value)}", positive=op == "==")
    if variable == "python_version":
        release(value)
        return Atom("python_full_version", f"minor {op}", value)
    if variable in _RELEASES:
        release(value)
        return Atom(variable, op, value)
    if variable == "platform_system" and value in _PLATFORMS:
        variable, value = "sys_platform", _PLATFORMS[value]
    return Atom(variable, "==", value, op == "==") if op in ("==", "!=") else Atom(variable, op, value)


def _membership(variable: str, value: str, *, reversed_sides: bool, positive: bool) -> Formula:
    """Read ``in``: of a version in a list it is a comparison with each, of texts a fact."""
    if variable in (*_RELEASES, "python_version") and not reversed_sides:
        listed = either(*(_compared(variable, "==", each) for each in re.split(r"[\s,|]+", value) if each))
        return listed if positive else negated(listed)
    return Atom(f"'{value}' in {variable}" if reversed_sides else f"{variable} in '{value}'", positive=positive)


def both(*parts: Formula) -> Formula:
    """Return the conjunction of *parts*."""
    return _junction(parts, every=True)


def either(*parts: Formula) -> Formula:
    """Return the disjunction of *parts*."""
    return _junction(parts, every=False)


def _junction(parts: Iterable[Formula], *, every: bool) -> Formula:
    flat: set[Formula] = set()
    for part in parts:
        if isinstance(part, bool):
            if part != every:
                return not every
        elif isinstance(part, Junction) and part.every == every:
            flat |= part.parts
        else:
            flat.add(part)
    if any(isinstance(part, Atom) and negated(part) in flat for part in flat):
        return not every
    if len(flat) == 1:
        return next(iter(flat))
    return Junction(every, frozenset(flat)) if flat else every


def negated(condition: Formula) -> Formula:
    """Return the formula that holds where *condition* does not."""
    match condition:
        case bool():
            return not condition
        case Atom(variable, op, literal, positive):
            return Atom(variable, op, literal, not positive)
        case Junction(every, parts):
            return _junction((negated(part) for part in parts), every=not every)


def atoms(condition: Formula) -> Iterator[Atom]:
    """Yield every comparison in *condition*."""
    match condition:
        case Atom():
            yield condition
        case Junction(parts=parts):
            for part in parts:
                yield from atoms(part)


def restricted(condition: Formula, variable: str, sample: Sample) -> Formula:
    """Return what is left of *condition* where *variable* has the value *sample*."""
    match condition:
        case Atom() if condition.variable == variable:
            return _evaluated(condition, sample) == condition.positive
        case Junction(every, parts):
            return _junction((restricted(part, variable, sample) for part in parts), every=every)
        case _:
            return condition


def _evaluated(atom: Atom, sample: Sample) -> bool:
    match sample:
        case bool():
            return sample
        case tuple():
            if atom.op.startswith("minor "):
                return holds(atom.op.removeprefix("minor "), atom.literal, _minor(sample))
            return holds(atom.op, atom.literal, sample)
        case str():
            return _text_holds(atom.op, atom.literal, sample)


def _minor(sample: tuple[int, ...]) -> tuple[int, ...]:
    segments = sample[:2]
    return segments[:1] if segments[1:] == (0,) else segments


def _text_holds(op: str, literal: str, sample: str) -> bool:
    match op:
        case "<":
            return sample < literal
        case "<=":
            return sample <= literal
        case ">":
            return sample > literal
        case ">=":
            return sample >= literal
        case _:
            return sample == literal


def samples(variable: str, found: Iterable[Atom]) -> list[Sample]:
    """Return values of *variable* that between them give the atoms in *found* every result they can have.

    The values that say least come first: a fact that does not hold, a text that no atom names.
    """
    mine = [atom for atom in found if atom.variable == variable]
    if not any(atom.op for atom in mine):
        return [False, True]
    if variable in _RELEASES:
        return list(steps(atom.literal for atom in mine))
    literals = sorted({atom.literal for atom in mine})
    if all(atom.op == "==" for atom in mine):
        return ["\0", *literals]
    return ["\0", *literals, *(f"{literal}\0" for literal in literals), ""]


def impossible(values: Mapping[str, Sample]) -> bool:
    """Tell whether no platform has these *values* together."""
    os_name, platform = values.get("os_name"), values.get("sys_platform")
    if (os_name == "nt" and platform in _NOT_WINDOWS) or (os_name == "posix" and platform == "win32"):
        return True
    system = values.get("platform_system")
    if system not in _UNRELATED or platform not in _KNOWN_PLATFORMS:
        return False
    return not (platform == "ios" and system in ("iOS", "iPadOS"))
