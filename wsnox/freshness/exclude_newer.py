"""``exclude-newer``: until when what was published counts, as a time, a day, or a span before now.

uv: crates/uv-configuration, ``exclude_newer.rs``. A lockfile stays as it is where the time moves later, since every file
that it names still counts; a span is compared as it is written, unit by unit.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from wsnox.markers.unreadable import Unreadable

__all__ = ["Cutoff", "Moment", "Span", "keeps", "read_cutoff"]


class Moment(NamedTuple):
    """A time between two, in nanoseconds: a day without time ends where uv runs, which may be in any time zone."""

    earliest: int
    latest: int


class Span(NamedTuple):
    """A span before now; *sign* is the one that it is written with, and means nothing."""

    sign: str
    weeks: int
    days: int
    hours: int
    minutes: int
    seconds: int


Cutoff = Moment | Span | None

_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?(?:\[[^]]*\])?)?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.IGNORECASE,
)
_FRIENDLY = re.compile(
    r"([+-]?)\s*(?:(\d+)\s*(?:weeks?|wks?|w)\b,?\s*)?(?:(\d+)\s*(?:days?|d)\b,?\s*)?"
    r"(?:(\d+)\s*(?:hours?|hrs?|h)\b,?\s*)?(?:(\d+)\s*(?:minutes?|mins?|m)\b,?\s*)?"
    r"(?:(\d+)\s*(?:seconds?|secs?|s)\b)?\s*(ago)?",
    re.IGNORECASE,
)
_SECOND = 10**9
# From the first time zone in which a day ends to the last.
_EARLIEST, _LATEST = -14 * 3600 * _SECOND, 12 * 3600 * _SECOND


def read_cutoff(value: object) -> Cutoff:
    """Return what a *value* of ``exclude-newer`` means, `None` where it is ``false``; raise `Unreadable` for others."""
    match value:
        # A variable has no other way to say so.
        case False | "false":
            return None
        case {"span": str(span)}:
            return _span(span)
        case {"timestamp": str(text)} | str(text):
            return _moment(text) or _span(text)
        case _:
            raise Unreadable(str(value), "time or span")


def keeps(locked: Cutoff, asked: Cutoff) -> bool:
    """Return whether a lockfile that was made with *locked* holds under *asked*."""
    if isinstance(locked, Moment) and isinstance(asked, Moment):
        return asked.latest >= locked.earliest
    return locked == asked


def _moment(text: str) -> Moment | None:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        if offset is None:
            end = _nanoseconds(datetime(int(year), int(month), int(day), tzinfo=timezone.utc) + timedelta(days=1))
            return Moment(end + _EARLIEST, end + _LATEST)
        midnight = datetime(int(year), int(month), int(day), tzinfo=timezone.utc)
        time = midnight.replace(hour=int(hour), minute=int(minute or 0), second=int(second or 0))
    except (ValueError, OverflowError):
        raise Unreadable(text, "time or span") from None
    exact = _nanoseconds(time) + int((fraction or "").ljust(9, "0")) - _offset(offset)
    return Moment(exact, exact)


def _nanoseconds(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1) * _SECOND


def _offset(text: str) -> int:
    if text.upper() == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return (-seconds if text.startswith("-") else seconds) * _SECOND


def _span(text: str) -> Span:
    found = _ISO.fullmatch(text.strip()) or _FRIENDLY.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:6]):
        raise Unreadable(text, "time or span")
    sign, *numbers = found.groups()[:6]
    ago = found.re is _FRIENDLY and found[7]
    return Span("-" if ago else sign.replace("+", ""), *(int(number or 0) for number in numbers))
