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

from wsnox._record import Record
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import boundary_releases, clause, holds, minor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Atom",
    "Expression",
    "Junction",
    "Sample",
    "atoms",
    "both",
    "either",
    "impossible",
    "parse_marker",
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
    parts: frozenset[Expression]


Expression = bool | Atom | Junction


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<paren>[()])
      | (?P<join>and|or)(?=[\s(]|\Z)
      | (?P<left>'[^']*'|"[^"]*"|[a-z_.]+) \s*
        (?P<op>[<>]=?|[=!~]=|not\s+in|in(?=[\s'"])) \s*
        (?P<right>'[^']*'|"[^"]*"|[a-z_.]+)
    )""",
    re.VERBOSE,
)
# Deeper than anybody writes, and far from where Python gives up.
_DEEPEST = 100
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RELEASES = ("python_full_version", "implementation_version")
_VERSIONS = (*_RELEASES, "python_version")
_PLATFORMS = {
    "Windows": "win32",
    "Darwin": "darwin",
    "Linux": "linux",
    "AIX": "aix",
    "Emscripten": "emscripten",
    "Android": "android",
}
# Other texts have no order: what is no less and no greater is equal (uv: ``marker/algebra.rs``, ``from_string``).
_ORDERED = ("platform_release", "platform_version")
_NAMES = {
    name: name
    for name in (
        *("dependency_groups", "extra", "extras", "implementation_name", "os_name", "platform_machine"),
        *("platform_python_implementation", "platform_release", "platform_system", "platform_version", "sys_platform"),
        *_VERSIONS,
    )
} | {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.machine": "platform_machine",
    "platform.version": "platform_version",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_EXTRA = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.ASCII | re.IGNORECASE)
_NOT_WINDOWS = frozenset({"linux", "darwin", "ios"})
_UNRELATED = frozenset({"FreeBSD", "NetBSD", "OpenBSD", "SunOS", "iOS", "iPadOS"})
_KNOWN_PLATFORMS = frozenset({*_PLATFORMS.values(), "ios", "cygwin", "wasi"})


def parse_marker(text: str) -> Expression:
    """Return the marker *text* as a formula, ``True`` where it is empty; raise `Unreadable`.

    What uv reads and takes no notice of, such as ``'a' == 'a'`` or ``python_version ~= '3'``, is left out
    (crates/uv-pep508, ``marker/parse.rs``).
    """
    if not text.strip():
        return True
    try:
        found = _read(_tokens(text))
    except (IndexError, KeyError, ValueError):
        raise Unreadable(text, "marker") from None
    if _depth(found) > _DEEPEST:
        raise Unreadable(text, "marker")
    return True if found is None else found


def _tokens(text: str) -> Iterator[re.Match[str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(text)
        yield token
        position = token.end()


def _read(tokens: Iterable[re.Match[str]]) -> Expression | None:
    """Read *tokens* without recursion: for each open parenthesis alternatives, each a list of operands.

    Return `None` where none of the comparisons counts; raise an error where they make no marker.
    """
    levels: list[list[list[Expression]]] = [[[]]]
    complete = False
    for token in tokens:
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
                operand = _comparison(token["left"], " ".join(token["op"].split()), token["right"])
                levels[-1][-1].extend(() if operand is None else (operand,))
                complete = True
            case _:
                raise ValueError(token[0])
    if not complete or len(levels) > 1:
        raise ValueError
    return _closed(levels[0])


def _closed(alternatives: Iterable[list[Expression]]) -> Expression | None:
    parts = [both(*operands) for operands in alternatives if operands]
    return either(*parts) if parts else None


def _depth(condition: Expression | None) -> int:
    """Return how deep the junctions in *condition* are nested."""
    depth, level = 0, [condition]
    while level := [part for each in level if isinstance(each, Junction) for part in each.parts]:
        depth += 1
    return depth


def _comparison(left: str, op: str, right: str) -> Expression | None:
    """Return the formula of one comparison, `None` where uv takes no notice of it; raise `KeyError` for other names."""
    names = [None if side[0] in "'\"" else _NAMES[side] for side in (left, right)]
    match names:
        case ("extras" | "dependency_groups", _):
            raise KeyError(left)
        case (None, "extras" | "dependency_groups" as variable):
            positive = {"in": True, "not in": False}[op]
            return Atom(f"'{canonicalize_name(left[1:-1])}' in {variable}", positive=positive)
        case (str(variable), None):
            return _compared(variable, op, right[1:-1])
        case (None, str(variable)) if op in ("in", "not in"):
            known = variable not in (*_VERSIONS, "extra")
            return Atom(f"'{left[1:-1]}' in {variable}", positive=op == "in") if known else None
        case (None, str(variable)) if not left[1:-1].endswith(".*"):
            return _compared(variable, _MIRRORED.get(op, op), left[1:-1])
        case _:
            return None


def _compared(variable: str, op: str, value: str) -> Expression | None:
    if variable == "extra":
        return _extra(op, value)
    if variable in _VERSIONS:
        return _version_compared(variable, op, value)
    if op in ("in", "not in"):
        return Atom(f"{variable} in '{value}'", positive=op == "in")
    if op == "~=":
        return None
    if variable not in _ORDERED and op not in ("==", "!="):
        if op in ("<", ">"):
            return False
        op = "=="
    if variable == "platform_system" and value in _PLATFORMS:
        variable, value = "sys_platform", _PLATFORMS[value]
    return Atom(variable, "==", value, op == "==") if op in ("==", "!=") else Atom(variable, op, value)


def _extra(op: str, value: str) -> Expression | None:
    if op not in ("==", "!="):
        return None
    # No extra has a name that is none.
    return Atom(f"extra {canonicalize_name(value)}", positive=op == "==") if _EXTRA.fullmatch(value) else False


def _version_compared(variable: str, op: str, value: str) -> Expression | None:
    """Read a comparison of versions; ``in`` a list it is one with each."""
    if op in ("in", "not in"):
        listed = [_version_compared(variable, "==", each) for each in value.split() if not each.endswith(".*")]
        if None in listed or len(listed) < len(value.split()):
            return None
        found = either(*(each for each in listed if each is not None))
        return found if op == "in" else negated(found)
    try:
        clause(f"{op}{value}")
    except Unreadable:
        return None
    if variable == "python_version":
        variable, op = "python_full_version", f"minor {op}"
    return Atom(variable, op, value.strip())


def both(*parts: Expression) -> Expression:
    """Return the conjunction of *parts*."""
    return _junction(parts, every=True)


def either(*parts: Expression) -> Expression:
    """Return the disjunction of *parts*."""
    return _junction(parts, every=False)


def _junction(parts: Iterable[Expression], *, every: bool) -> Expression:
    flat: set[Expression] = set()
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


def negated(condition: Expression) -> Expression:
    """Return the formula that holds where *condition* does not."""
    match condition:
        case bool():
            return not condition
        case Atom(variable, op, literal, positive):
            return Atom(variable, op, literal, not positive)
        case Junction(every, parts):
            return _junction((negated(part) for part in parts), every=not every)


def atoms(condition: Expression) -> Iterator[Atom]:
    """Yield every comparison in *condition*."""
    match condition:
        case Atom():
            yield condition
        case Junction(parts=parts):
            for part in parts:
                yield from atoms(part)


def restricted(condition: Expression, variable: str, sample: Sample) -> Expression:
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
                return holds(atom.op.removeprefix("minor "), atom.literal, minor(sample))
            return holds(atom.op, atom.literal, sample)
        case str():
            return _text_holds(atom.op, atom.literal, sample)


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
        return list(boundary_releases(atom.literal for atom in mine))
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
