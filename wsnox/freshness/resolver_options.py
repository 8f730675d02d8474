"""The options that uv resolved with, as the lockfile has them, compared with those that it would resolve with now.

uv writes an option down where it is not its default, so that one which nobody sets any more is noticed, too. What a
lockfile does not say is the default of the uv that wrote it; of those, one is named otherwise since uv 0.12.

``exclude-newer`` is the time until which what was published counts: a time, a day, or a span before now (crates/uv-
configuration, ``exclude_newer.rs``). A lockfile stays as it is where the time moves later, since every file that it names
still counts; a span is compared as it is written, unit by unit.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from wsnox.freshness.normalized_requirements import paired
from wsnox.lock.declarations import read_static_metadata
from wsnox.lock.fields import MalformedField
from wsnox.markers.equivalence import same_conditions
from wsnox.markers.expressions import parse_marker
from wsnox.markers.versions import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wsnox.freshness.comparison import Comparison
    from wsnox.lock import StaticMetadata
    from wsnox.markers.equivalence import PythonRange
    from wsnox.markers.expressions import Expression
    from wsnox.workspace.uv_settings import Setting

__all__ = ["Moment", "OptionCheck", "Span", "keeps", "read_cutoff"]


class OptionCheck:
    """The comparison of the options in the lockfile with the settings that uv would take for the workspace."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison, self._lock = comparison, comparison.lock
        self._settings, self._locked = comparison.settings, comparison.lock.options

    def problems(self) -> Iterator[str]:
        """Yield what differs, and a doubt for each setting that cannot be read."""
        checks: tuple[Callable[[], Iterator[str]], ...] = (
            self._modes,
            self._prerelease_package,
            self._exclude_newer,
            self._exclude_newer_package,
            self._minimum_libc,
            self._dependency_metadata,
        )
        for check in checks:
            try:
                yield from check()
            except Unreadable as unreadable:
                yield unreadable.doubt("the settings of uv, or in `uv.lock`")

    def _modes(self) -> Iterator[str]:
        for key, locked, default in (
            ("resolution", self._locked.resolution, "highest"),
            ("prerelease", self._locked.prerelease, "if-necessary"),
            ("fork-strategy", self._locked.fork_strategy, "requires-python"),
        ):
            setting = self._settings.first(key)
            if _mode(setting.value if setting else default) != _mode(locked or default):
                yield f"{_set(key, setting)}, and `uv.lock` was made with `{locked or default}`"

    def _prerelease_package(self) -> Iterator[str]:
        key = "prerelease-package"
        now, before = self._by_package(key), self._locked.prerelease_package
        for name in sorted({*now, *before}):
            setting, locked = now.get(name), before.get(name)
            if (setting and _mode(setting.value)) != (locked and _mode(locked)):
                yield f"{_set(key, setting, name)}, and {_made_with(locked)}"

    def _exclude_newer(self) -> Iterator[str]:
        setting, locked = self._settings.first("exclude-newer"), self._locked.exclude_newer
        if not keeps(read_cutoff(locked), read_cutoff(setting.value if setting else None)):
            yield f"{_set('exclude-newer', setting)}, and {_made_with(locked)}"

    def _exclude_newer_package(self) -> Iterator[str]:
        """Compare the times of single packages; one for a name that the lockfile does not have at all has no effect."""
        key = "exclude-newer-package"
        now, before = self._by_package(key), self._locked.exclude_newer_package
        for name in sorted({*before, *(now.keys() & self._lock.by_name.keys())}):
            setting, locked = now.get(name), before.get(name)
            cutoff = read_cutoff(setting.value if setting else None)
            # To let everything count keeps what is locked.
            if setting is None or (cutoff is not None and not keeps(read_cutoff(locked), cutoff)):
                lifted = name in before and locked is None
                yield f"{_set(key, setting, name)}, and {_made_with(False if lifted else locked)}"

    def _by_package(self, key: str) -> Mapping[str, Setting]:
        settings: dict[str, Setting] = {}
        for setting in self._settings.in_order(key):
            if not isinstance(setting.value, dict):
                raise Unreadable(str(setting.value), f"value of `{key}`")
            for name, value in setting.value.items():
                settings.setdefault(canonicalize_name(name), setting._replace(value=value))
        return settings

    def _minimum_libc(self) -> Iterator[str]:
        now, before = self._comparison.workspace.manifest.declared.minimum_libc, self._locked.minimum_libc
        if now != before:
            yield f"`minimum-libc-version` in `[tool.uv]` is not the one in `uv.lock` ({_libc(now)}, {_libc(before)})"

    def _dependency_metadata(self) -> Iterator[str]:
        """Compare the metadata that is given for packages; what is given for an unlocked name has no effect."""
        before = [_metadata(entry) for entry in self._lock.declared.dependency_metadata]
        effective = {*self._lock.by_name, *(entry.name for entry in before)}
        now: list[_Metadata] = []
        for setting in self._settings.in_order("dependency-metadata"):
            for entry in setting.value if isinstance(setting.value, list) else [setting.value]:
                try:
                    now.append(_metadata(read_static_metadata(entry if isinstance(entry, dict) else {})))
                except MalformedField as error:
                    raise Unreadable(str(entry), "entry of `dependency-metadata`") from error
        now = [entry for entry in now if entry.name in effective]
        for name in sorted({entry.name for entry in (*now, *before)}):
            ours, theirs = ([entry for entry in side if entry.name == name] for side in (now, before))
            if not paired(ours, theirs, lambda one, other: one.same(other, self._comparison.pythons)):
                yield f"`dependency-metadata` for `{name}` is not the one in `uv.lock`"


def _mode(value: object) -> object:
    return "if-necessary" if value == "if-necessary-or-explicit" else value


def _set(key: str, setting: Setting | None, name: str = "") -> str:
    """Return how *key* is set now, for the package *name* or for all."""
    of = f" for `{name}`" if name else ""
    if setting is None:
        return f"`{key}`{of} is not set"
    where = setting.where if setting.where.startswith("`UV_") else f"`{key}`{of} in {setting.where}"
    return f"{where} is `{_shown(setting.value)}`"


def _made_with(locked: object) -> str:
    return "`uv.lock` was made without it" if locked is None else f"`uv.lock` was made with `{_shown(locked)}`"


def _shown(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _libc(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{kind} {version}" for kind, version in value.items())
    return "none" if value is None else str(value)


# --- dependency-metadata -------------------------------------------------------------------------------------------------


class _Metadata(NamedTuple):
    """One entry of ``dependency-metadata``, as uv compares it (crates/uv-distribution-types, ``StaticMetadata``)."""

    name: str
    plain: tuple[object, ...]
    requirements: tuple[tuple[object, ...], ...]
    conditions: tuple[Expression, ...]

    def same(self, other: _Metadata, pythons: PythonRange) -> bool:
        """Return whether this entry says what *other* does, requirements in the same order."""
        return self[:3] == other[:3] and same_conditions(self.conditions, other.conditions, pythons)


def _metadata(entry: StaticMetadata) -> _Metadata:
    try:
        requirements = [Requirement(text) for text in entry.requires_dist]
        plain = (
            None if entry.version is None else Version(entry.version),
            None if entry.requires_python is None else SpecifierSet(entry.requires_python),
            tuple(map(canonicalize_name, entry.provides_extras)),
        )
    except ValueError as error:
        raise Unreadable(entry.name, "entry of `dependency-metadata`") from error
    return _Metadata(
        canonicalize_name(entry.name),
        plain,
        tuple(
            (canonicalize_name(each.name), frozenset(map(canonicalize_name, each.extras)), each.specifier, each.url)
            for each in requirements
        ),
        tuple(parse_marker(str(each.marker)) if each.marker else True for each in requirements),
    )


# --- exclude-newer -------------------------------------------------------------------------------------------------------


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
    """Return what a *value* of ``exclude-newer`` means, `None` where it is ``false`` or not set; raise `Unreadable` for others."""
    match value:
        # A variable has no other way to say so.
        case None | False | "false":
            return None
        case str(text):
            return _moment(text) or _span(text)
        case _:
            raise Unreadable(str(value), "time or span")


def keeps(locked: Cutoff, now: Cutoff) -> bool:
    """Return whether a lockfile that was made with *locked* holds with *now*."""
    if isinstance(locked, Moment) and isinstance(now, Moment):
        return now.latest >= locked.earliest
    return locked == now


def _moment(text: str) -> Moment | None:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    try:
        time = datetime(int(year), int(month), int(day), tzinfo=timezone.utc)
        if offset is None:
            end = (time + timedelta(days=1) - epoch) // timedelta(seconds=1) * _SECOND
            return Moment(end + _EARLIEST, end + _LATEST)
        time = time.replace(hour=int(hour), minute=int(minute or 0), second=int(second or 0))
    except (ValueError, OverflowError):
        raise Unreadable(text, "time or span") from None
    seconds = (time - epoch) // timedelta(seconds=1) - _offset(offset)
    exact = seconds * _SECOND + int((fraction or "").ljust(9, "0"))
    return Moment(exact, exact)


def _offset(text: str) -> int:
    """Return the seconds of an offset such as ``Z``, ``+02`` or ``-0330``."""
    if text.upper() == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if text.startswith("-") else seconds


def _span(text: str) -> Span:
    match = _ISO.fullmatch(text.strip()) or _FRIENDLY.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:6]):
        raise Unreadable(text, "time or span")
    sign, *numbers = match.groups()[:6]
    ago = match.re is _FRIENDLY and match[7]
    return Span("-" if ago else sign.replace("+", ""), *(int(number or 0) for number in numbers))
