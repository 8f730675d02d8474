"""Whether a ``requires-python`` allows a Python: by comparing numbers where it is as nearly everybody writes it.

For everything else packaging is asked. To load that takes longer than to find the closure of a member.
"""

from __future__ import annotations

import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["allows", "is_plain_clause", "refuse_malformed"]

_RELEASE = r"\d{1,9}(?:\.\d{1,9})*"
_CLAUSE = re.compile(rf"\s*(>=|<=|>|<|==|!=)\s*({_RELEASE})\s*", re.ASCII)
_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def is_plain_clause(text: str) -> bool:
    """Return whether *text* is a comparison with a release, such as ``>=3.10``, and so certainly a valid specifier."""
    return _CLAUSE.fullmatch(text) is not None


def allows(specifier: str, python: str) -> bool:
    """Return whether *specifier* allows the release *python*; raise `ValueError` where it is malformed."""
    clauses = _plain(specifier)
    if clauses is None or not re.fullmatch(_RELEASE, python, re.ASCII):
        return _by_packaging(specifier, python)
    release = _numbers(python)
    return all(_COMPARE[comparison](release, other) for comparison, other in clauses)


def refuse_malformed(specifier: str) -> None:
    """Raise `ValueError` where *specifier* is malformed."""
    if _plain(specifier) is None:
        from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - see above
        from packaging.version import Version  # noqa: PLC0415 - see above

        for clause in SpecifierSet(specifier):
            Version(clause.version.removesuffix(".*"))


@lru_cache(maxsize=256)
def _plain(specifier: str) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """Return the clauses of *specifier* where all of them are plain, else `None`."""
    matches = [_CLAUSE.fullmatch(part) for part in specifier.split(",")] if specifier.strip() else []
    clauses = tuple((match[1], _numbers(match[2])) for match in matches if match)
    return clauses if len(clauses) == len(matches) else None


def _numbers(release: str) -> tuple[int, ...]:
    """Return the segments of *release* without the zeros at its end, which mean nothing."""
    numbers = [*map(int, release.split("."))]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _by_packaging(specifier: str, python: str) -> bool:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - see above

    return SpecifierSet(specifier).contains(python, prereleases=True)
