"""Sets of versions compared by what they contain, as uv compares them: by meaning, not by text.

Two kinds of versions are told apart, as in uv (crates/uv-pep440, ``version_ranges``):

- those of Python, in ``requires-python`` and in markers, of which only the release segments count: as `wsnox.markers.points`;
- those of distributions, with pre-releases, post-releases and local parts (PEP 440), whose sets packaging compares.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

from wsnox.markers.points import Point, Unreadable, release_span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.ranges import VersionRange

__all__ = [
    "clause",
    "clauses",
    "outer_bounds",
    "parsed_version",
    "pinned",
    "same_clauses",
    "same_pythons",
    "same_version",
    "same_versions",
    "shortest",
]


# The numbers of uv's versions have 64 bits.
_LARGEST = 2**64 - 1


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
    except ValueError:  # not a version, or a number of more digits than Python converts
        raise Unreadable(text, "version") from None
    if any(int(digits) > _LARGEST for digits in re.findall(r"\d{19,}", text)):
        raise Unreadable(text, "version")
    return version


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


def pinned(specifier: tuple[str, ...]) -> tuple[str, Version] | None:
    """Return the operator and the version of the pin that *specifier* is, `None` if it is not one.

    A pin allows a version that was yanked (uv: crates/uv-configuration, ``normalized_requirements.rs``).
    """
    if len(specifier) != 1 or not specifier[0].startswith("==") or specifier[0].endswith(".*"):
        return None
    pin = clause(specifier[0])
    return pin.operator, _version(pin)


def same_version(left: str, right: str) -> bool:
    """Return whether two texts are one version (PEP 440); a text that is not a version equals only itself."""
    if left == right:
        return True
    try:
        return Version(left) == Version(right)
    except ValueError:  # not a version, or a number of more digits than Python converts
        return False


def same_versions(left: Iterable[str], right: Iterable[str]) -> bool:
    """Return whether the clauses *left* and *right* allow the same versions of a distribution, pre-releases among them."""
    first, second = ({clause(text) for text in side} for side in (left, right))
    if {_key(specifier, ends=True) for specifier in first} == {_key(specifier, ends=True) for specifier in second}:
        return True
    return _opts_in(first) == _opts_in(second) and _range(first) == _range(second)


def _opts_in(specifiers: Iterable[Specifier]) -> bool:
    """Return whether one of *specifiers* opts in to pre-releases by naming one."""
    return any(specifier.operator != "!=" and _version(specifier).is_prerelease for specifier in specifiers)


def _range(specifiers: Iterable[Specifier]) -> VersionRange | None:
    """Return the versions that all of *specifiers* allow, `None` for none at all."""
    from packaging.ranges import VersionRange  # noqa: PLC0415 - only texts that differ need it

    common = VersionRange.full(admit_arbitrary=False, prereleases=True)
    for specifier in specifiers:
        # To uv, `===` names a version and not a text.
        if specifier.operator == "===":
            allowed = VersionRange.singleton(_version(specifier), prereleases=True)
        else:
            allowed = SpecifierSet([specifier], prereleases=True).to_range()
        common = common.intersection(allowed)
    return None if common.is_empty else common


def same_clauses(left: Iterable[str], right: Iterable[str]) -> bool:
    """Return whether the clauses *left* and *right* are the same one by one: to uv ``1`` and ``1.0`` are, but in ``~=``."""
    first, second = (sorted(_key(clause(text), ends=False) for text in side) for side in (left, right))
    return first == second


def _key(specifier: Specifier, *, ends: bool) -> tuple[str, Version, int]:
    """Return what equal clauses share, with *ends* also the length of a prefix: ``==1.*`` and ``==1.0.*`` differ in that."""
    version = _version(specifier)
    starred = specifier.version.endswith(".*")
    length = len(version.release) if specifier.operator == "~=" or (ends and starred) else 0
    return f"{specifier.operator}{'*' if starred else ''}", version, length


def outer_bounds(texts: Iterable[str]) -> tuple[Point, Point | None] | None:
    """Return where the Pythons that satisfy every specifier in *texts* begin and end, `None` if none does.

    uv looks at the outer bounds of ``requires-python`` only: a hole made by ``!=`` does not count. Raise `Unreadable`.
    """
    specifiers = [clause(part) for text in texts for part in clauses(text)]
    spans = [(specifier.operator, *release_span(specifier.operator, specifier.version)) for specifier in specifiers]
    start = max((start for operator, start, _ in spans if operator != "!="), default=())
    end = min((end for operator, _, end in spans if operator != "!=" and end is not None), default=None)
    holes = sorted((start, end) for operator, start, end in spans if operator == "!=" and end is not None)
    for hole_start, hole_end in holes:
        start = hole_end if hole_start <= start < hole_end else start
    for hole_start, hole_end in reversed(holes):
        end = hole_start if end is not None and hole_start < end <= hole_end else end
    return None if end is not None and end <= start else (start, end)


def same_pythons(left: Iterable[str], right: Iterable[str]) -> bool:
    """Return whether the specifiers *left* and *right* of Python have the same outer bounds; raise `Unreadable`."""
    return outer_bounds(left) == outer_bounds(right)


def shortest(texts: Iterable[str]) -> str:
    """Return the specifiers in *texts* that set their common outer bounds, in one text; raise `Unreadable`."""
    kept = [part for text in texts for part in clauses(text)]
    for specifier in sorted(kept):
        rest = [other for other in kept if other is not specifier]
        if rest and same_pythons(rest, kept):
            kept = rest
    return ",".join(kept)
