"""The base of all records: frozen, compared by their fields, and shown by them.

`dataclass` writes constructor and comparisons of each class as text, and compiles that at every start: half a millisecond
a class, and a session loads fifty. It also loads `inspect`, and so takes as long as Python itself. A record has its methods
from here, and is a dataclass to whoever asks.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import dataclass_transform
else:
    # In `typing` from Python 3.11, and only for type checkers.
    def dataclass_transform(**_: object) -> Callable[[type], type]:
        """Return a decorator that does nothing."""
        return lambda cls: cls


__all__ = ["Field", "Record", "field", "fields", "replace"]

_NO_DEFAULT: Any = object()


class Field:
    """What is known of a field: its *default*, or what makes one, and whether it counts in comparisons and the text."""

    __slots__ = ("compare", "default", "default_factory", "kw_only", "name", "repr")

    def __init__(
        self,
        name: str,
        default: Any,
        default_factory: Callable[[], Any] | None = None,
        *,
        repr: bool = True,  # noqa: A002 - as in `dataclasses.field`
        compare: bool = True,
        kw_only: bool = False,
    ) -> None:
        self.name, self.default, self.default_factory = name, default, default_factory
        self.repr, self.compare, self.kw_only = repr, compare, kw_only


def field(
    *,
    default: Any = _NO_DEFAULT,
    default_factory: Callable[[], Any] | None = None,
    repr: bool = True,  # noqa: A002 - as in `dataclasses.field`
    compare: bool = True,
) -> Any:
    """Return the description of a field, which means what `dataclasses.field` means."""
    return Field("", default, default_factory, repr=repr, compare=compare)


class _AsDataclass:
    """The fields of a class of records as `dataclasses.fields`, `replace` and `asdict` look for them, made when they do."""

    def __get__(self, _record: object, cls: type[Record]) -> object:
        import dataclasses  # noqa: PLC0415 - hardly any run needs it

        described: list[tuple[str, Any, Any]] = []
        for member in cls._fields:
            options: dict[str, Any] = {} if member.default is _NO_DEFAULT else {"default": member.default}
            options |= {} if member.default_factory is None else {"default_factory": member.default_factory}
            shown, compared, kw_only = member.repr, member.compare, member.kw_only
            of_dataclass = dataclasses.field(repr=shown, compare=compared, kw_only=kw_only, **options)
            described.append((member.name, cls._annotations[member.name], of_dataclass))
        made: Any = dataclasses.make_dataclass(cls.__name__, described, init=False, repr=False, eq=False)
        cls.__dataclass_fields__ = made.__dataclass_fields__
        return made.__dataclass_fields__


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """A frozen dataclass, which `dataclasses.fields`, `replace` and `asdict` take as any other.

    A field may have a default or a factory, and be left out of comparisons or the text; nothing runs after construction.
    """

    __dataclass_fields__: ClassVar[Any] = _AsDataclass()
    _fields: ClassVar[tuple[Field, ...]] = ()
    _annotations: ClassVar[Mapping[str, Any]] = {}
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[Mapping[str, object]] = {}
    _factories: ClassVar[tuple[tuple[str, Callable[[], object]], ...]] = ()
    _compared: ClassVar[Any]

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        """Make a record of *cls*, whose constructor takes keywords alone if *kw_only*."""
        super().__init_subclass__()
        known = {member.name: member for member in cls._fields}
        annotations = {name: kind for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")}
        for name in annotations:
            given = cls.__dict__.get(name, _NO_DEFAULT)
            if isinstance(given, Field):
                given.name, given.kw_only = name, kw_only
                known[name] = given
                delattr(cls, name)
            else:
                known[name] = Field(name, given, kw_only=kw_only)
        members = cls._fields = tuple(known.values())
        cls.__dataclass_fields__ = _AsDataclass()
        cls._annotations = {**cls._annotations, **annotations}
        cls._names = frozenset(known)
        cls.__match_args__ = tuple(member.name for member in members if not member.kw_only)  # type: ignore[misc] # no record is a tuple
        cls._defaults = {member.name: member.default for member in members if member.default is not _NO_DEFAULT}
        cls._factories = tuple((member.name, member.default_factory) for member in members if member.default_factory)
        compared = [member.name for member in members if member.compare]
        # The state of a record without fields has a length, and nothing else.
        cls._compared = itemgetter(*compared) if compared else len

    def __init__(self, *values: object, **keywords: object) -> None:
        arguments = keywords
        if values:
            arguments = dict(zip(self.__match_args__, values, strict=False))
            arguments.update(keywords)
        state = self.__dict__
        state.update(self._defaults)
        for name, factory in self._factories:
            if name not in arguments:
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
        values = (f"{member.name}={getattr(self, member.name)!r}" for member in self._fields if member.repr)
        return f"{type(self).__qualname__}({', '.join(values)})"


R = TypeVar("R", bound=Record)


def replace(record: R, **changes: object) -> R:
    """Return *record* with these *changes* of its fields."""
    state = record.__dict__
    # A cached property is part of the state, too.
    return type(record)(**{name: state[name] for name in record._names} | changes)  # noqa: SLF001 - one room


def fields(record: Record | type[Record]) -> tuple[Field, ...]:
    """Return the fields of *record* in their order."""
    return record._fields
