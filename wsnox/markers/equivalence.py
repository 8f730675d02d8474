"""Whether markers agree in every environment of a range of Pythons.

The environments are those of uv's theory (crates/uv-pep508, ``marker/algebra.rs``): every value of every variable, each
fact true or false, except pairs that never occur together, such as ``os_name == 'nt'`` and ``sys_platform == 'linux'``.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.errors import LockError
from wsnox.markers.conditions import Diagrams, support
from wsnox.markers.expressions import VERSIONS, Expression, Fact, Span
from wsnox.markers.points import Unreadable, span
from wsnox.markers.versions import outer_bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.markers.conditions import Condition

__all__ = ["PythonRange", "is_unsatisfiable", "same_conditions"]

_STEP_LIMIT = 20_000
_PLATFORM = frozenset({"os_name", "platform_system", "sys_platform"})
# The values of `sys_platform` that uv excludes where `platform_system` is one that it does not translate.
_OTHERS = ("aix", "android", "cygwin", "darwin", "emscripten", "linux", "wasi", "win32")
_NEVER_TOGETHER = (
    (("os_name", "nt"), ("sys_platform", "darwin", "ios", "linux")),
    (("os_name", "posix"), ("sys_platform", "win32")),
    (("platform_system", "FreeBSD", "NetBSD", "OpenBSD", "SunOS"), ("sys_platform", "ios", *_OTHERS)),
    (("platform_system", "iOS", "iPadOS"), ("sys_platform", *_OTHERS)),
)


class PythonRange:
    """The environments within the outer bounds of *requires_python*; raise `Unreadable` if it is not a specifier.

    Every method raises `Unreadable` if its conditions tell too many environments apart.
    """

    def __init__(self, requires_python: str) -> None:
        self._diagrams = Diagrams()
        self._conditions: dict[Expression, Condition] = {}
        bounds = outer_bounds((requires_python,))
        # An empty range has no environments to compare in: then all of them count.
        self._pythons = True if bounds is None else self._diagrams.span(VERSIONS[0], *bounds)

    def same(self, left: Expression, right: Expression) -> bool:
        """Return whether *left* and *right* hold in the same environments."""
        if left == right:
            return True
        with _bounded():
            first, second = self._condition(left), self._condition(right)
            if first is second:
                return True
            existing = self._existing((first, second))
            return self._diagrams.both(first, existing) is self._diagrams.both(second, existing)

    def is_nowhere(self, expression: Expression) -> bool:
        """Return whether *expression* holds in no environment."""
        return self.same(expression, right=False)

    def speaks_of_extras(self, expression: Expression) -> bool:
        """Return whether some extra decides whether *expression* holds."""
        with _bounded():
            condition = self._condition(expression)
            existing = self._diagrams.both(condition, self._existing((condition,)))
        return any(variable.startswith("extra ") for variable in support((existing,)))

    def kinds(self, expressions: Sequence[Expression], within: Iterable[Expression]) -> Iterator[tuple[bool, ...]]:
        """Yield which of *expressions* hold in each kind of environment that they tell apart, where any of *within* does."""
        with _bounded():
            conditions = [self._condition(expression) for expression in expressions]
            area = self._diagrams.any_of(map(self._condition, within))
            pending: list[tuple[Condition, tuple[bool, ...]]] = [
                (self._diagrams.both(area, self._existing((area, *conditions))), ())
            ]
            for _ in range(_STEP_LIMIT):
                if not pending:
                    return
                area, holding = pending.pop()
                if area is False:
                    continue
                if len(holding) == len(conditions):
                    yield holding
                    continue
                condition = conditions[len(holding)]
                pending.append((self._diagrams.both(area, self._diagrams.negated(condition)), (*holding, False)))
                pending.append((self._diagrams.both(area, condition), (*holding, True)))
            raise _too_many()

    def _condition(self, expression: Expression) -> Condition:
        if expression not in self._conditions:
            self._conditions[expression] = self._diagrams.of(expression, self._comparison)
        return self._conditions[expression]

    def _comparison(self, comparison: Span | Fact) -> Condition:
        match comparison:
            case Span(variable, start, end):
                return self._diagrams.span(variable, start, end)
            case Fact(variable, relation, text):
                return self._diagrams.fact(f"{variable} {relation} {text}")

    def _existing(self, conditions: Iterable[Condition]) -> Condition:
        """Return which environments exist, as far as that matters to *conditions*."""
        if len(support(conditions) & _PLATFORM) < 2:
            return self._pythons
        return self._diagrams.both(self._pythons, self._platforms)

    @cached_property
    def _platforms(self) -> Condition:
        """Which values of the variables of the platform occur together."""
        diagrams = self._diagrams

        def is_any_of(variable: str, *values: str) -> Condition:
            return diagrams.any_of(diagrams.span(variable, *span("==", (value,))) for value in values)

        return diagrams.all_of(
            diagrams.negated(diagrams.both(is_any_of(*left), is_any_of(*right))) for left, right in _NEVER_TOGETHER
        )


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except LockError:  # from the diagrams
        raise _too_many() from None


def _too_many() -> Unreadable:
    return Unreadable("…", "condition")


def is_unsatisfiable(expression: Expression) -> bool:
    """Return whether *expression* holds on no Python and no platform at all; raise `Unreadable` if that takes too long."""
    return PythonRange("").is_nowhere(expression)


def same_conditions(left: Iterable[Expression], right: Iterable[Expression], pythons: PythonRange) -> bool:
    """Return whether *left* and *right*, expression by expression, mean the same; raise `Unreadable`."""
    left, right = tuple(left), tuple(right)
    return len(left) == len(right) and all(map(pythons.same, left, right))
