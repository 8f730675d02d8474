"""Typed access to the raw lockfile: a getter knows only its own key, and the levels above prepend theirs.

So the path of a problem is composed only if there is one, and a file of many megabytes is read without any.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "MalformedField",
    "array",
    "at",
    "items",
    "keyed",
    "name_of",
    "named",
    "names",
    "optional",
    "required",
    "string",
    "string_table",
    "strings",
    "table",
    "tables",
    "text",
]

T = TypeVar("T")
R = TypeVar("R")
_TYPES = {str: "a string", bool: "a boolean", int: "an integer", dict: "a table", list: "an array"}
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class MalformedField(Exception):  # noqa: N818 - never leaves this floor: the reader turns it into a LockFormatError
    """The *problem*, and the dotted path to *where* it is; empty for the value itself."""

    def __init__(self, problem: str, where: str = "") -> None:
        super().__init__(problem, where)
        self.problem, self.where = problem, where

    def prefixed(self, where: str) -> MalformedField:
        """Return the same with *where* put before the path."""
        dot = "." if self.where and not self.where.startswith("[") else ""
        return MalformedField(self.problem, f"{where}{dot}{self.where}")


def _mismatch(expected: type, value: object, where: str) -> MalformedField:
    actual = _TYPES.get(type(value), f"a {type(value).__name__}")
    return MalformedField(f"expected {_TYPES[expected]}, got {actual}", where)


def optional(wire: dict[str, Any], key: str, kind: type[T]) -> T | None:
    """Return the value of this *kind* at *key*, `None` where absent."""
    value = wire.get(key)
    if value is None or type(value) is kind:
        return value
    raise _mismatch(kind, value, key)


def required(wire: dict[str, Any], key: str, kind: type[T]) -> T:
    """Return the value of this *kind* at *key*."""
    value = optional(wire, key, kind)
    if value is None:
        raise MalformedField("no value", key)
    return value


def string(wire: dict[str, Any], key: str) -> str | None:
    """Return the text at *key*, `None` where absent."""
    value = wire.get(key)
    if value is None or (type(value) is str and value.isprintable()):
        return value
    if type(value) is not str:
        raise _mismatch(str, value, key)
    return text(value, key)


def text(value: str, where: str = "") -> str:
    """Return *value*; control characters in it are refused, as it may end up in a terminal or a file name."""
    if not value.isprintable() and _CONTROL.search(value):
        raise MalformedField(f"`{value}` holds control characters", where)
    return value


def table(wire: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the table at *key*, an empty one where absent."""
    return optional(wire, key, dict) or {}


def array(wire: dict[str, Any], key: str) -> list[Any]:
    """Return the array at *key* with its items unread, an empty one where absent."""
    return optional(wire, key, list) or []


def tables(wire: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the array of tables at *key*, an empty one where absent."""
    values = array(wire, key)
    for index, item in enumerate(values):
        if type(item) is not dict:
            raise _mismatch(dict, item, f"{key}[{index}]")
    return values


def strings(wire: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return the array of strings at *key*, an empty one where absent."""
    values = array(wire, key)
    for index, item in enumerate(values):
        if type(item) is not str:
            raise _mismatch(str, item, f"{key}[{index}]")
        if not item.isprintable():
            text(item, f"{key}[{index}]")
    return tuple(values)


def names(wire: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return the array of normalised names at *key*, an empty one where absent."""
    values = strings(wire, key)
    for index, item in enumerate(values):
        named(item, f"{key}[{index}]")
    return values


def named(name: str, where: str = "", kind: str = "") -> str:
    """Return *name*; uv writes those of packages, extras and groups normalised, so anything else is refused."""
    if not _NAME.fullmatch(name):
        raise MalformedField(f"`{name}` is not a normalised {kind}name", where)
    return name


def name_of(wire: dict[str, Any]) -> str:
    """Return the ``name`` of a package, dependency or requirement."""
    name = wire.get("name")
    if type(name) is not str:
        raise MalformedField("no value" if name is None else "expected a string", "name")
    return name if _NAME.fullmatch(name) else named(name, "name", "package ")


def at(key: str, read: Callable[[T], R], value: T) -> R:
    """Return what *read* makes of the *value* at *key*."""
    try:
        return read(value)
    except MalformedField as error:
        raise error.prefixed(key) from None


def items(wires: Iterable[T], read: Callable[[T], R], where: str) -> tuple[R, ...]:
    """Return what *read* makes of each of *wires*, the items of the array at *where*."""
    values: list[R] = []
    try:
        for wire in wires:
            values.append(read(wire))  # noqa: PERF401 - their number is the index of the item that is refused
    except MalformedField as error:
        raise error.prefixed(f"{where}[{len(values)}]") from None
    return tuple(values)


def keyed(wire: dict[str, Any], key: str, read: Callable[[dict[str, Any], str], R]) -> Mapping[str, R]:
    """Return what *read* makes of the table at *key* and each normalised name in it."""
    values = table(wire, key)
    try:
        return {named(name): read(values, name) for name in values}
    except MalformedField as error:
        raise error.prefixed(key) from None


def string_table(wire: dict[str, Any], key: str) -> Mapping[str, str]:
    """Return the table of strings by normalised name at *key*, an empty one where absent."""
    return keyed(wire, key, lambda values, name: string(values, name) or "") if key in wire else {}
