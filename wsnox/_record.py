"""The base of all records: frozen, compared by their fields, and shown by them.

`dataclass` writes constructor and comparisons of each class as text, and compiles that at every start: half a millisecond
a class, and a session loads fifty. A record takes its fields from there, and its methods from here.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import dataclass_transform
else:
    # In `typing` from Python 3.11, and only for type checkers.
    def dataclass_transform(**_: object) -> Callable[[type], type]:
        """Return a decorator that does nothing."""
        return lambda cls: cls


__all__ = ["Record"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """A frozen dataclass, which `dataclasses.fields`, `replace` and `asdict` take as any other.

    A field may have a default or a factory, and be left out of comparisons or the text; nothing runs after construction.
    """

    _names: ClassVar[frozenset[str]] = frozenset()
    _in_order: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, object]] = {}
    _factories: ClassVar[tuple[tuple[str, Callable[[], object]], ...]] = ()
    _compared: ClassVar[Any]

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        """Make a dataclass of *cls*, whose constructor takes keywords alone if *kw_only*."""
        super().__init_subclass__()
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        members = fields(cls)  # type: ignore[arg-type] # a dataclass since the line above
        cls._names = frozenset(member.name for member in members)
        cls._in_order = tuple(member.name for member in members if not member.kw_only)
        cls._defaults = {member.name: member.default for member in members if member.default is not MISSING}
        cls._factories = tuple(
            (member.name, member.default_factory) for member in members if member.default_factory is not MISSING
        )
        compared = [member.name for member in members if member.compare]
        # The state of a record without fields has a length, and nothing else.
        cls._compared = itemgetter(*compared) if compared else len

    def __init__(self, *values: object, **keywords: object) -> None:
        arguments = dict(zip(self._in_order, values, strict=False))
        arguments.update(keywords)
        state = self.__dict__
        state.update(self._defaults)
        for name, factory in self._factories:
            state[name] = factory()
        state.update(arguments)
        if state.keys() != self._names or len(arguments) != len(values) + len(keywords):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(sorted(self._names))}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to `{name}`: a record stays what it is")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete `{name}`: a record stays what it is")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self._compared(self.__dict__) == self._compared(other.__dict__)

    def __hash__(self) -> int:
        return hash(self._compared(self.__dict__))

    def __repr__(self) -> str:
        record: Any = self
        values = (f"{member.name}={getattr(self, member.name)!r}" for member in fields(record) if member.repr)
        return f"{type(self).__qualname__}({', '.join(values)})"
