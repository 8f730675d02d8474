"""What the records of this floor have in common: they are equal where their fields are, and are shown by them.

`dataclass` would write these methods for each class out of text, and compile it at every start: a third of what loading
the records takes, for which each ``nox -l`` waits.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

__all__ = ["Record"]


class Record:
    """A frozen dataclass with ``eq=False, repr=False``, which takes both from here."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or _compared(self) == _compared(other)

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __repr__(self) -> str:
        shown: Any = self
        values = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(shown) if each.repr)
        return f"{type(self).__qualname__}({', '.join(values)})"


def _compared(record: Any) -> tuple[object, ...]:
    return tuple(getattr(record, each.name) for each in fields(record) if each.compare)
