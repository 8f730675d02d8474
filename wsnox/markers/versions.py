"""Version sets compared by what they contain, as uv compares them: by meaning, not by text.

Two kinds of versions are told apart, as in uv (crates/uv-pep440, ``version_ranges``):

- those of Python, in ``requires-python`` and in markers, of which only the release segments count;
- those of distributions, with pre-releases, post-releases and local parts (PEP 440), whose sets packaging compares.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

from wsnox.markers.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.ranges import VersionRange

__all__ = [
    "Release",
    "boundary_releases",
    "clause",
    "clauses",
    "holds",
    "literals",
    "minor",
    "outer_bounds",
    "parsed_version",
    "pinned",
    "same_clauses",
    "same_pythons",
    "same_versions",
    "shortest",
]

Release = tuple[int, ...]
"""Release segments without trailing zeros; as tuples they compare as versions do."""

_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")
# Past a release and before every later one: no segment is smaller, and what is longer comes after.
_AFTER = (-1,)
# The numbers of uv's versions have 64 bits.
_LARGEST = 2**64 - 1


# --- specifiers ------------------------------------------------------------------------------------------------------


def clauses(text: object) -> tuple[str, ...]:
    """Return the clauses of the specifier *text* in order, such as ``<2`` and ``>=1``; raise `Unreadable` for anything else.

    As in uv, ``===`` takes a version and no other text, and a comma stands between two clauses.
    """
    if not isinstance(text, str):
        raise Unreadable(str(text), "version specifier")
    return tuple(sorted(str(clause(part.strip())) for part in text.split(","))) if text else ()


def parsed_version(text: str) -> Version:
    """Return the version *text*; raise `Unreadable`."""
    try:
        version = Version(text)
    except ValueError:  # what is none, and more digits than Python converts
        raise Unreadable(text, "version") from None
    if _is_too_large(text):
        raise Unreadable(text, "version")
    return version


def _is_too_large(text: str) -> bool:
    return any(int(digits) > _LARGEST for digits in re.findall(r"\d{19,}", text))


@lru_cache(maxsize=4096)
def clause(text: str) -> Specifier:
    """Return one clause, such as ``>=1``; raise `Unreadable`."""
    try:
        specifier = Specifier(text)
        parsed_version(specifier.version.removesuffix(".*"))
    except (InvalidSpecifier, Unreadable):
        raise Unreadable(text, "version specifier") from None
    return specifier


def _version(specifier: Specifier) -> Version:
    return Version(specifier.version.removesuffix(".*"))


def pinned(found: tuple[str, ...]) -> tuple[str, Version] | None:
    """Return the one version that the clauses *found* name, with the operator, `None` where they are no pin.

    A pin allows a version that was yanked (uv: crates/uv-configuration, ``normalized_requirements.rs``).
    """
    if len(found) != 1 or not found[0].startswith("==") or found[0].endswith(".*"):
        return None
    specifier = clause(found[0])
    return specifier.operator, _version(specifier)


def same_versions(left: Iterable[str], right: Iterable[str]) -> bool:
    """Tell whether the clauses *left* and *right* allow the same versions of a distribution, pre-releases among them."""
    first, second = ({clause(each) for each in side} for side in (left, right))
    if {_key(each, ends=True) for each in first} == {_key(each, ends=True) for each in second}:
        return True
    return _opts_in(first) == _opts_in(second) and _range(first) == _range(second)


def _opts_in(found: Iterable[Specifier]) -> bool:
    """Tell whether one of the clauses *found* asks for pre-releases by naming one."""
    return any(each.operator != "!=" and _version(each).is_prerelease for each in found)


def _range(found: Iterable[Specifier]) -> VersionRange | None:
    """Return the versions that all of *found* allow, `None` for none at all."""
    from packaging.ranges import VersionRange  # noqa: PLC0415 - only texts that differ need it

    everything = VersionRange.full(admit_arbitrary=False, prereleases=True)
    whole = everything
    for each in found:
        # To uv, `===` names a version and not a text.
        exact = each.operator == "==="
        own = VersionRange.singleton(_version(each), prereleases=True) if exact else _allowed(each)
        whole = whole.intersection(own)
    return None if whole.is_empty else whole


def _allowed(specifier: Specifier) -> VersionRange:
    return SpecifierSet([specifier], prereleases=True).to_range()


def same_clauses(left: Iterable[str], right: Iterable[str]) -> bool:
    """Tell whether the clauses *left* and *right* are the same one by one: to uv ``1`` and ``1.0`` are, but in ``~=``."""
    first, second = (sorted(_key(clause(each), ends=False) for each in side) for side in (left, right))
    return first == second


def _key(specifier: Specifier, *, ends: bool) -> tuple[str, Version, int]:
    """Return what equal clauses share; where *ends*, also where a prefix ends: ``==1.*`` and ``==1.0.*`` differ in that."""
    version = _version(specifier)
    starred = specifier.version.endswith(".*")
    length = len(version.release) if specifier.operator == "~=" or (ends and starred) else 0
    return f"{specifier.operator}{'*' if starred else ''}", version, length


# --- Python ----------------------------------------------------------------------------------------------------------


def holds(op: str, literal: str, sample: Release) -> bool:
    """Tell whether the release *sample* satisfies ``op literal``, such as ``>=`` and ``3.10``, which is a specifier."""
    if literal.endswith(".*"):
        prefix = _segments(literal)
        inside = _trimmed(prefix) <= sample < _next(prefix)
        return inside == (op == "==")
    bound = _trimmed(_segments(literal))
    match op:
        case "==" | "===":
            return sample == bound
        case "!=":
            return sample != bound
        case "<":
            return sample < bound
        case "<=":
            return sample <= bound
        case ">":
            return sample > bound
        case ">=":
            return sample >= bound
        case "~=":
            return bound <= sample < _next(_segments(literal)[:-1])
        case _:
            raise AssertionError(op)


@lru_cache(maxsize=4096)
def _segments(literal: str) -> Release:
    """Return the release segments of *literal*, a version or a prefix of versions."""
    found = _RELEASE.match(literal.strip())
    return tuple(map(int, found[1].split("."))) if found else ()


def _trimmed(segments: Release) -> Release:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments


def _next(segments: Release) -> Release:
    return _trimmed((*segments[:-1], segments[-1] + 1))


def minor(sample: Release) -> Release:
    """Return the release that ``python_version`` has where ``python_full_version`` is *sample*."""
    return _trimmed(tuple(max(segment, 0) for segment in sample[:2]))


def boundary_releases(literals: Iterable[str]) -> list[Release]:
    """Return one of all releases that comparisons with *literals* cannot tell apart, in order.

    These are the points where a comparison changes, and what lies between one and the next.
    """
    points: set[Release] = {()}
    for literal in literals:
        segments = _segments(literal)
        # What `python_version` compares with are two segments.
        padded = (*segments, 0)[: max(len(segments), 2)]
        points.update(_trimmed(each) for each in (segments, padded[:2]))
        points.update(_next(padded[:length]) for length in range(1, len(padded) + 1))
    return sorted([*points, *(point + _AFTER for point in points)])


def outer_bounds(texts: Iterable[str], samples: list[Release]) -> tuple[Release, Release] | None:
    """Return the first and the last of *samples* that satisfy every specifier in *texts*, `None` where none does.

    uv looks at the outer bounds of ``requires-python`` only: a hole made by ``!=`` does not count. Raise `Unreadable`.
    """
    specifiers = [clause(each) for text in texts for each in clauses(text)]
    inside = [sample for sample in samples if all(holds(each.operator, each.version, sample) for each in specifiers)]
    return (inside[0], inside[-1]) if inside else None


def same_pythons(left: Iterable[str], right: Iterable[str]) -> bool:
    """Tell whether the specifiers *left* and *right* of Python have the same outer bounds; raise `Unreadable`."""
    left, right = tuple(left), tuple(right)
    samples = boundary_releases(literals((*left, *right)))
    return outer_bounds(left, samples) == outer_bounds(right, samples)


def literals(texts: Iterable[str]) -> list[str]:
    """Return the versions that the specifiers in *texts* name; raise `Unreadable`."""
    return [clause(each).version for text in texts for each in clauses(text)]


def shortest(texts: Iterable[str]) -> str:
    """Return the specifiers in *texts* that set their common outer bounds, in one text; raise `Unreadable`."""
    kept = [each for text in texts for each in clauses(text)]
    for specifier in sorted(kept):
        rest = [each for each in kept if each is not specifier]
        if rest and same_pythons(rest, kept):
            kept = rest
    return ",".join(kept)
