"""Typed access to the raw lockfile, quick enough for files of many megabytes, exact about where it went wrong."""

from __future__ import annotations

import re
from typing import Any, TypeVar

__all__ = [
    "MalformedField",
    "array",
    "name_of",
    "named",
    "names",
    "optional",
    "same_version",
    "shown",
    "string",
    "strings",
    "table",
    "tables",
    "text",
]

T = TypeVar("T")
_WORDS = {str: "a string", bool: "a boolean", int: "an integer", dict: "a table", list: "an array"}
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST = 240


def shown(told: str) -> str:
    """Return *told* as an error may quote it: in part where it is long, without letters that a terminal obeys."""
    if len(told) > _LONGEST:
        told = f"{told[:160]} … {told[-60:]}"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in told
    )


class MalformedField(Exception):  # noqa: N818 - never leaves this floor: the reader turns it into a LockFormatError
    """What is wrong, and the dotted path to it."""

    def __init__(self, problem: str, where: str) -> None:
        super().__init__(problem, where)
        self.problem, self.where = problem, where

    def prefixed(self, where: str) -> MalformedField:
        """Return the same with *where* put before the path: loops over thousands of items build it only in need."""
        return MalformedField(self.problem, _dotted(where, self.where) if self.where else where)


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _mismatch(expected: type, value: object, where: str) -> MalformedField:
    got = _WORDS.get(type(value), f"a {type(value).__name__}")
    return MalformedField(f"expected {_WORDS[expected]}, got {got}", where)


def optional(wire: dict[str, Any], key: str, kind: type[T], where: str = "") -> T | None:
    """Return the value of this *kind* at *key*, `None` where absent."""
    value = wire.get(key)
    if value is None or type(value) is kind:
        return value
    raise _mismatch(kind, value, _dotted(where, key))


def string(wire: dict[str, Any], key: str, where: str = "") -> str | None:
    """Return the text at *key*, `None` where absent."""
    value = wire.get(key)
    if value is None or (type(value) is str and value.isprintable()):
        return value
    if type(value) is not str:
        raise _mismatch(str, value, _dotted(where, key))
    return text(value, _dotted(where, key))


def text(value: str, where: str) -> str:
    """Return *value*; control characters in it are refused, as what is read ends up in terminals and file names."""
    if not value.isprintable() and _CONTROL.search(value):
        raise MalformedField(f"`{value}` holds control characters", where)
    return value


def table(wire: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """Return the table at *key*, an empty one where absent."""
    return optional(wire, key, dict, where) or {}


def array(wire: dict[str, Any], key: str, where: str = "") -> list[Any]:
    """Return the array at *key* with its items unread, an empty one where absent."""
    return optional(wire, key, list, where) or []


def tables(wire: dict[str, Any], key: str, where: str = "") -> list[dict[str, Any]]:
    """Return the array of tables at *key*, an empty one where absent."""
    items = array(wire, key, where)
    for index, item in enumerate(items):
        if type(item) is not dict:
            raise _mismatch(dict, item, f"{_dotted(where, key)}[{index}]")
    return items


def strings(wire: dict[str, Any], key: str, where: str = "") -> tuple[str, ...]:
    """Return the array of strings at *key*, an empty one where absent."""
    items = array(wire, key, where)
    for index, item in enumerate(items):
        if type(item) is not str:
            raise _mismatch(str, item, f"{_dotted(where, key)}[{index}]")
        if not item.isprintable():
            text(item, f"{_dotted(where, key)}[{index}]")
    return tuple(items)


def names(wire: dict[str, Any], key: str, where: str = "") -> tuple[str, ...]:
    """Return the array of normalised names at *key*, an empty one where absent."""
    items = strings(wire, key, where)
    for index, item in enumerate(items):
        named(item, f"{_dotted(where, key)}[{index}]")
    return items


def named(name: str, where: str, kind: str = "") -> str:
    """Return *name*; uv writes those of packages, extras and groups normalised, so anything else is refused."""
    if not _NAME.fullmatch(name):
        raise MalformedField(f"`{name}` is not a normalised {kind}name", where)
    return name


def name_of(wire: dict[str, Any], where: str) -> str:
    """Return the ``name`` of a package or dependency."""
    name = wire.get("name")
    if type(name) is not str:
        raise MalformedField("missing" if name is None else "expected a string", _dotted(where, "name"))
    if not _NAME.fullmatch(name):
        named(name, _dotted(where, "name"), "package ")
    return name


def same_version(left: str, right: str) -> bool:
    """Tell whether two texts are one version (PEP 440); what is none is the same as nothing but its own text."""
    if left == right:
        return True
    # Only where the texts differ are they worth parsing, which few do.
    from packaging.version import Version  # noqa: PLC0415 - see above

    try:
        return Version(left) == Version(right)
    except ValueError:  # a number of more digits than Python converts is no `InvalidVersion`
        return False
