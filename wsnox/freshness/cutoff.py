"""The time until which what was published counts (``exclude-newer``): a time, a day, or a span before now.

uv: crates/uv-configuration, ``exclude_newer.rs``. A lockfile stays as it is if the time moves later, since every file that
it names still counts; a span is compared as it is written, unit by unit.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from wsnox.markers.points import Unreadable

__all__ = ["Span", "keeps", "read_cutoff"]


class Span(NamedTuple):
    """A span before now, in weeks, days, hours, minutes and seconds; the *sign* before it means nothing, but is compared."""

    sign: str
    numbers: tuple[int, ...]


Cutoff = int | Span | None
"""A time in nanoseconds since 1970, a span, or `None` where everything counts.

A day without time ends where uv runs: what is locked must not come after its end in the last time zone.
"""

# As text, and compiled where somebody sets one.
_TIME = (
    r"(?i)(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?(?:\[[^]]*\])?)?"
)
_ISO = r"(?i)([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
_FRIENDLY = (
    r"(?i)([+-]?)\s*(?:(\d+)\s*(?:weeks?|wks?|w)\b,?\s*)?(?:(\d+)\s*(?:days?|d)\b,?\s*)?"
    r"(?:(\d+)\s*(?:hours?|hrs?|h)\b,?\s*)?(?:(\d+)\s*(?:minutes?|mins?|m)\b,?\s*)?"
    r"(?:(\d+)\s*(?:seconds?|secs?|s)\b)?\s*(ago)?"
)
_LAST_ZONE = timedelta(hours=12)


def read_cutoff(value: object) -> Cutoff:
    """Return what a *value* of ``exclude-newer`` means, `None` where it is ``false`` or not set; raise `Unreadable` for others."""
    match value:
        # A variable has no other way to say so.
        case None | False | "false":
            return None
        case str(text):
            time = _time(text)
            return _span(text) if time is None else time
        case _:
            raise Unreadable(str(value), "time or span")


def keeps(locked: Cutoff, now: Cutoff) -> bool:
    """Return whether a lockfile that was made with *locked* holds with *now*."""
    if isinstance(locked, int) and isinstance(now, int):
        return now >= locked
    return locked == now


def _time(text: str) -> int | None:
    match = re.fullmatch(_TIME, text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        time = datetime(int(year), int(month), int(day), tzinfo=timezone.utc)
        if offset is None:
            time += timedelta(days=1) + _LAST_ZONE
        else:
            time = time.replace(hour=int(hour), minute=int(minute or 0), second=int(second or 0))
            time -= _offset(offset)
    except (ValueError, OverflowError):
        raise Unreadable(text, "time or span") from None
    seconds = (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1)
    return seconds * 10**9 + int((fraction or "").ljust(9, "0"))


def _offset(text: str) -> timedelta:
    """Return an offset such as ``Z``, ``+02`` or ``-0330``."""
    if text.upper() == "Z":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if text.startswith("-") else offset


def _span(text: str) -> Span:
    friendly = None if (iso := re.fullmatch(_ISO, text.strip())) else re.fullmatch(_FRIENDLY, text.strip())
    match = iso or friendly
    if match is None or not any(match.groups()[1:6]):
        raise Unreadable(text, "time or span")
    sign, *numbers = match.groups()[:6]
    ago = friendly and friendly[7]
    return Span("-" if ago else sign.replace("+", ""), tuple(int(number or 0) for number in numbers))
