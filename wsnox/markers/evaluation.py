"""When the markers of a lockfile hold on one target: conditions of conflict items, each distinct text read once.

- ``extra`` is no PEP 508 extra here but one of uv's conflict items, several of which can be active at once.
- A pre-release of Python counts as its release, so that ``<`` and ``>=`` are complements.
- Texts are compared letter by letter, ``platform_release`` and ``platform_version`` among them, as uv compares them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.errors import RESTORE_LOCKFILE, LockError
from wsnox.markers.conditions import Diagrams
from wsnox.markers.expressions import VERSIONS, Expression, Fact, Junction, Negation, Span, parse_marker
from wsnox.markers.versions import Point, Unreadable, release
from wsnox.text import abbreviated

if TYPE_CHECKING:
    from wsnox.markers.conditions import Condition
    from wsnox.markers.target import Target

__all__ = ["Markers"]

# Characters that a terminal would act upon where the marker is shown.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class Markers:
    """The markers of one *target*: `condition` depends on their text alone, and is remembered.

    Conditions of several targets can be compared if they are made by the same *diagrams*.
    """

    def __init__(self, target: Target, diagrams: Diagrams | None = None) -> None:
        self.diagrams = Diagrams() if diagrams is None else diagrams
        self._values = dict(target.values)
        self._points: dict[str, Point] = {
            name: release(value) if name in VERSIONS else (value,) for name, value in target.values
        }
        self._conditions: dict[str, Condition] = {"": True}

    def condition(self, marker: str) -> Condition:
        """Return when *marker* holds on the target; raise `LockError` where it is malformed."""
        condition = self._conditions.get(marker)
        if condition is None:
            condition = self._conditions[marker] = self._read(marker)
        return condition

    def may_hold(self, marker: str) -> bool:
        """Return whether *marker* holds on the target for some set of active items."""
        return self.condition(marker) is not False

    def _read(self, marker: str) -> Condition:
        if marker.strip() and not _CONTROL.search(marker):
            with suppress(KeyError, Unreadable):  # `KeyError` for a variable that interpreters have no value for
                return self._evaluated(parse_marker(marker))
        raise LockError(f"`{abbreviated(marker)}` in `uv.lock` is no marker", hint=RESTORE_LOCKFILE)

    def _evaluated(self, expression: Expression) -> Condition:
        match expression:
            case Span(variable, start, end):
                point = self._points[variable]
                return start <= point and (end is None or point < end)
            case Junction(every, parts):
                conditions = [self._evaluated(part) for part in parts]
                return self.diagrams.all_of(conditions) if every else self.diagrams.any_of(conditions)
            case Negation(part):
                return self.diagrams.negated(self._evaluated(part))
            case Fact("extra", _, name):
                return self.diagrams.fact(name)
            case Fact(variable, "in", text):
                return self._values[variable] in text
            case Fact(variable, _, text):
                return text in self._values[variable]
            case _:
                return expression
