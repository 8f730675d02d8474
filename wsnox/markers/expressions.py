"""Markers as trees: one tokenizer and one parser, for evaluation and for comparison alike.

A tree says what a marker means to uv (crates/uv-pep508, ``marker/parse.rs`` and ``marker/algebra.rs``), in the terms in which
environments differ:

- A `Span`: the value of a variable is at one point or beyond it, and before another one. Versions count by their release
  segments, and ``python_version`` speaks of ``python_full_version``: ``> '3.9'`` of the one is ``>= '3.10'`` of the other.
- ``platform_system`` speaks of ``sys_platform`` where the two name one thing, such as ``Windows`` and ``win32``.
- Texts other than ``platform_release`` and ``platform_version`` have no order: ``<=`` and ``>=`` mean ``==``.
- A `Fact`: an extra, or a text in another one, which is unrelated to equality.
- Comparisons that uv reads and ignores, such as ``'a' == 'a'`` or ``python_version ~= '3'``, are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from wsnox.markers.points import Point, Unreadable, next_minor, release_span, span
from wsnox.package_names import canonicalize_name
from wsnox.python_ranges import is_plain_clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "VERSIONS",
    "Expression",
    "Fact",
    "Junction",
    "Negation",
    "Span",
    "both",
    "compared_versions",
    "either",
    "negated",
    "parse_marker",
]


class Span(NamedTuple):
    """The value of *variable* is at *start* or beyond, and before *end* unless that is `None`."""

    variable: str
    start: Point
    end: Point | None


class Fact(NamedTuple):
    """*variable* ``==`` *text* (an extra), is ``in`` *text*, or ``contains`` *text*."""

    variable: str
    relation: Literal["==", "in", "contains"]
    text: str


class Negation(NamedTuple):
    """What holds where *part* does not."""

    part: Span | Fact | Junction


class Junction(NamedTuple):
    """All of *parts* where *every*, else at least one of them; they stand in the order of the text."""

    every: bool
    parts: tuple[Expression, ...]


Expression = bool | Span | Fact | Negation | Junction

VERSIONS = ("python_full_version", "implementation_version")
"""The variables whose values are compared by release segments."""

# Most sessions read no marker: as a text, it is compiled where it is used.
_SYMBOL = r"""(?x)\s*(?:
        (?P<paren>[()])
      | (?P<join>and|or)(?=[\s(]|\Z)
      | (?P<left>'[^']*'|"[^"]*"|[a-z_.]+) \s*
        (?P<operator>[<>]=?|[=!~]=|not\s+in|in(?=[\s'"])) \s*
        (?P<right>'[^']*'|"[^"]*"|[a-z_.]+)
    )"""
# Deeper than anybody writes, and far from Python's recursion limit.
_MAX_DEPTH = 100
_CONTAINERS = ("in", "not in")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PLATFORMS = {
    "Windows": "win32",
    "Darwin": "darwin",
    "Linux": "linux",
    "AIX": "aix",
    "Emscripten": "emscripten",
    "Android": "android",
}
_ORDERED = ("platform_release", "platform_version")
_LISTS = ("extras", "dependency_groups")
_TEXTS = (
    *("implementation_name", "os_name", "platform_machine", "platform_python_implementation", "platform_system"),
    *("sys_platform", *_ORDERED),
)
_VARIABLES = {name: name for name in (*VERSIONS, "python_version", "extra", *_LISTS, *_TEXTS)} | {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.machine": "platform_machine",
    "platform.version": "platform_version",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_EXTRA = r"(?ai)[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?"


def parse_marker(text: str) -> Expression:
    """Return the tree of the marker *text*, ``True`` where it is blank; raise `Unreadable`."""
    if not text.strip():
        return True
    try:
        expression = _read(_tokens(text))
        if _depth(expression) > _MAX_DEPTH:
            raise Unreadable(text, "marker")
    except (KeyError, RecursionError, ValueError):
        raise Unreadable(text, "marker") from None
    return True if expression is None else expression


def _tokens(text: str) -> Iterator[re.Match[str]]:
    position, end, match = 0, len(text.rstrip()), re.compile(_SYMBOL).match
    while position < end:
        token = match(text, position)
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
                operand = _comparison(token["left"], " ".join(token["operator"].split()), token["right"])
                levels[-1][-1].extend(() if operand is None else (operand,))
                complete = True
            case _:
                raise ValueError(token[0])
    if not complete or len(levels) > 1:
        raise ValueError
    return _closed(levels[0])


def _closed(alternatives: Iterable[list[Expression]]) -> Expression | None:
    """Return the disjunction of *alternatives*, each the conjunction of its operands, `None` without any operands."""
    parts = [both(*operands) for operands in alternatives if operands]
    return either(*parts) if parts else None


def _depth(expression: Expression | None) -> int:
    """Return how deep the junctions in *expression* are nested."""
    depth, level = 0, [expression]
    while level := [part for junction in level if isinstance(junction, Junction) for part in junction.parts]:
        depth += 1
    return depth


# Depends on its text alone: the markers of a lockfile repeat a few comparisons. Without the cache the 1,245 markers of a
# corpus of 69 lockfiles took 57 ms on two targets, with it 37 ms.
@lru_cache(maxsize=4096)
def _comparison(left: str, operator: str, right: str) -> Expression | None:
    """Return what one comparison says, `None` if uv ignores it; raise `KeyError` if uv refuses it."""
    match [None if side[0] in "'\"" else _VARIABLES[side] for side in (left, right)]:
        case [str(variable), _] if variable in _LISTS:
            raise KeyError(left)
        case [str(variable), None]:
            return _compared(variable, operator, right[1:-1])
        case [None, str(variable)] if variable in _LISTS or operator in _CONTAINERS:
            if operator not in _CONTAINERS:
                raise KeyError(operator)
            if variable not in (*_LISTS, *_TEXTS):
                return None
            text = canonicalize_name(left[1:-1]) if variable in _LISTS else left[1:-1]
            return _unless_not(operator, Fact(variable, "contains", text))
        case [None, str(variable)] if variable in _TEXTS or not left[1:-1].endswith(".*"):
            return _compared(variable, _MIRRORED.get(operator, operator), left[1:-1])
        case _:
            return None


def _compared(variable: str, operator: str, value: str) -> Expression | None:
    match variable:
        case "extra" if operator not in ("==", "!="):
            return None
        case "extra":
            # No extra has an invalid name.
            valid = re.fullmatch(_EXTRA, value)
            return _unless_not(operator, Fact(variable, "==", canonicalize_name(value))) if valid else False
        case _ if variable not in _TEXTS:
            return compared_versions(variable, operator, value)
        case _ if operator in _CONTAINERS:
            return _unless_not(operator, Fact(variable, "in", value))
        case _ if operator == "~=":
            return None
    if variable not in _ORDERED and operator not in ("==", "!="):
        if operator in ("<", ">"):
            return False
        operator = "=="
    if variable == "platform_system" and value in _PLATFORMS:
        variable, value = "sys_platform", _PLATFORMS[value]
    return _unless_not(operator, Span(variable, *span(operator, (value,))))


def _unless_not(operator: str, expression: Span | Fact) -> Expression:
    return Negation(expression) if operator in ("!=", "not in") else expression


def compared_versions(variable: str, operator: str, value: str) -> Expression | None:
    """Return what a comparison with the version *value* says, or with a list of them for ``in``; `None` if uv ignores it."""
    if operator in _CONTAINERS:
        versions = value.split()
        comparisons = [
            comparison
            for version in versions
            if not version.endswith(".*") and (comparison := compared_versions(variable, "==", version)) is not None
        ]
        if len(comparisons) < len(versions):
            return None
        return either(*comparisons) if operator == "in" else negated(either(*comparisons))
    if not is_plain_clause(f"{operator}{value}"):
        from wsnox.markers.versions import clause  # noqa: PLC0415 - most markers need none of packaging

        try:
            clause(f"{operator}{value}")
        except Unreadable:
            return None
    start, end = release_span(operator, value.strip())
    if variable == "python_version":
        variable, start, end = VERSIONS[0], next_minor(start), None if end is None else next_minor(end)
    expression: Expression = Span(variable, start, end)
    if start == end:
        expression = False
    elif not start and end is None:
        expression = True
    return negated(expression) if operator == "!=" else expression


def both(*parts: Expression) -> Expression:
    """Return the conjunction of *parts*."""
    return _junction(parts, every=True)


def either(*parts: Expression) -> Expression:
    """Return the disjunction of *parts*."""
    return _junction(parts, every=False)


def _junction(parts: Iterable[Expression], *, every: bool) -> Expression:
    distinct: dict[Expression, None] = {}
    for part in parts:
        if isinstance(part, bool):
            if part != every:
                return not every
        elif isinstance(part, Junction) and part.every == every:
            distinct.update(dict.fromkeys(part.parts))
        else:
            distinct[part] = None
    if len(distinct) == 1:
        return next(iter(distinct))
    return Junction(every, tuple(distinct)) if distinct else every


def negated(expression: Expression) -> Expression:
    """Return what holds where *expression* does not."""
    match expression:
        case bool():
            return not expression
        case Negation(part):
            return part
        case _:
            return Negation(expression)
