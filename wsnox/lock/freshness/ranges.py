"""Version sets compared by what they contain, as uv compares them: by meaning, not by text.

Two kinds of versions are told apart, as in uv (crates/uv-pep440, ``version_ranges``):

- those of Python, in ``requires-python`` and in markers, of which only the release segments count;
- those of distributions, with pre-releases, post-releases and local parts (PEP 440).

A set is looked at through samples: each version that one of the two texts names, and one on either side of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Release", "holds", "outline", "release", "same_pythons", "same_versions", "shortest", "steps"]

Release = tuple[int, ...]
"""Release segments without trailing zeros; as tuples they compare as versions do."""

_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")
_AFTER = (0, 0, 0, 0, 0, 1)


def release(text: str) -> Release:
    """Return the release segments of the version *text*; raise `ValueError` where it has none."""
    found = _RELEASE.match(text.strip())
    if found is None:
        raise ValueError(text)
    return _trimmed(tuple(map(int, found[1].split("."))))


def _trimmed(segments: Release) -> Release:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments


def _padded(text: str) -> Release:
    found = _RELEASE.match(text.strip())
    if found is None:
        raise ValueError(text)
    return tuple(map(int, found[1].split(".")))


def _next(segments: Release) -> Release:
    return _trimmed((*segments[:-1], segments[-1] + 1))


def holds(op: str, literal: str, sample: Release) -> bool:
    """Tell whether the release *sample* satisfies ``op literal``, such as ``>=`` and ``3.10``."""
    if literal.strip().endswith(".*"):
        prefix = _padded(literal)
        inside = _trimmed(prefix) <= sample < _next(prefix)
        return inside == (op == "==")
    bound = release(literal)
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
            return bound <= sample < _next(_padded(literal)[:-1])
        case _:
            raise ValueError(op)


def steps(literals: Iterable[str]) -> list[Release]:
    """Return samples of all releases that comparisons with *literals* can tell apart, in order."""
    points: set[Release] = {()}
    for literal in literals:
        segments = _padded(literal)
        points.add(_trimmed(segments))
        points.update(_next(segments[:length]) for length in range(1, len(segments) + 1))
        # What `python_version` compares with are the first two segments.
        points.add(_trimmed(segments[:2]))
    return sorted([*points, *(point + _AFTER for point in points)])


def _bounds(text: str) -> list[Specifier]:
    return [Specifier(part) for part in text.split(",") if part.strip()]


def outline(texts: Iterable[str], samples: list[Release]) -> tuple[Release, Release] | None:
    """Return the first and the last of *samples* that satisfy every specifier in *texts*, `None` where none does.

    uv looks at the outer bounds of ``requires-python`` only: a hole made by ``!=`` does not count.
    """
    specifiers = [specifier for text in texts for specifier in _bounds(text)]
    inside = [sample for sample in samples if all(holds(each.operator, each.version, sample) for each in specifiers)]
    return (inside[0], inside[-1]) if inside else None


def same_pythons(left: Iterable[str], right: Iterable[str]) -> bool:
    """Tell whether the specifiers *left* and *right* of Python have the same outer bounds."""
    left, right = tuple(left), tuple(right)
    samples = steps(specifier.version for text in (*left, *right) for specifier in _bounds(text))
    return outline(left, samples) == outline(right, samples)


def shortest(texts: Iterable[str]) -> str:
    """Return the specifiers in *texts* that set their common outer bounds, in one text."""
    kept = [str(specifier) for text in texts for specifier in _bounds(text)]
    for specifier in sorted(kept):
        rest = [each for each in kept if each is not specifier]
        if rest and same_pythons(rest, kept):
            kept = rest
    return ",".join(kept)


def same_versions(left: Iterable[str], right: Iterable[str]) -> bool:
    """Tell whether the specifiers *left* and *right* allow the same versions of a distribution."""
    first, second = _specifiers(left), _specifiers(right)
    if _keys(first) == _keys(second):
        return True
    samples = {sample for each in (*first, *second) for sample in _around(each.version)}
    ours, theirs = (SpecifierSet(",".join(map(str, each))) for each in (first, second))
    return all(
        ours.contains(sample, prereleases=True) == theirs.contains(sample, prereleases=True) for sample in samples
    )


def _specifiers(texts: Iterable[str]) -> list[Specifier]:
    return [specifier for text in texts for specifier in _bounds(text)]


def _keys(specifiers: list[Specifier]) -> set[tuple[str, object]]:
    """Return the specifiers as uv compares them first: `1` and `1.0` are equal there, also in ``==1.*``."""
    return {(each.operator, _key(each.version)) for each in specifiers}


def _key(text: str) -> object:
    star = text.endswith(".*")
    try:
        return Version(text.removesuffix(".*")), star
    except InvalidVersion:
        return text, star


def _around(text: str) -> Iterator[str]:
    """Yield the version *text*, its neighbours, and those of the versions where a prefix of it ends."""
    base = text.removesuffix(".*")
    try:
        version = Version(base)
    except InvalidVersion:
        return
    yield base
    if not version.local:
        yield from (f"{version}+zzz", f"{version.public}.post0.dev0" if not version.is_prerelease else f"{version}+a")
    epoch = f"{version.epoch}!" if version.epoch else ""
    segments = version.release
    for length in range(1, len(segments) + 1):
        for stem in (segments[:length], (*segments[: length - 1], segments[length - 1] + 1)):
            number = epoch + ".".join(map(str, stem))
            yield from (f"{number}.dev0", f"{number}a0", f"{number}rc9", number, f"{number}.post1", f"{number}.0.0.1")
