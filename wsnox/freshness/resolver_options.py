"""The options that uv resolved with, as the lockfile has them, compared with those that it would resolve with now.

uv writes an option down where it is not its default, so that one which nobody sets any more is found, too. What a
lockfile does not say is the default of the uv that wrote it; of those, one is named otherwise since uv 0.12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from wsnox.freshness.equivalence import same_conditions
from wsnox.freshness.exclude_newer import keeps, read_cutoff
from wsnox.markers.expressions import parse_marker
from wsnox.markers.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wsnox.freshness.equivalence import PythonRange
    from wsnox.lock.model import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.uv_settings import Setting, UvSettings

__all__ = ["OptionCheck"]

_MODES = (
    ("resolution", "resolution-mode", "highest"),
    ("prerelease", "prerelease-mode", "if-necessary"),
    ("fork-strategy", "fork-strategy", "requires-python"),
)
_SAME = {"if-necessary-or-explicit": "if-necessary"}


class OptionCheck:
    """The comparison of the options in *lock* with *settings*, the ones that uv would take for *workspace*."""

    def __init__(self, workspace: Workspace, lock: Lock, settings: UvSettings, universe: PythonRange) -> None:
        self._root, self._lock, self._settings, self._universe = workspace.manifest, lock, settings, universe
        self._locked: Mapping[str, Any] = lock.declared.get("options", {})

    def problems(self) -> Iterator[str]:
        """Yield what differs, and a doubt for each setting that cannot be read."""
        checks = (
            self._modes,
            self._prerelease_of_packages,
            self._exclude_newer,
            self._exclude_newer_of_packages,
            self._minimum_libc,
            self._dependency_metadata,
        )
        for check in checks:
            yield from _readable(check)

    def _modes(self) -> Iterator[str]:
        for key, field, default in _MODES:
            setting, locked = self._settings.first(key), self._locked.get(field, default)
            asked = default if setting is None else setting.value
            if _SAME.get(str(asked), asked) != _SAME.get(str(locked), locked):
                yield f"{_said(key, setting)}, and `uv.lock` was made with `{locked}`"

    def _prerelease_of_packages(self) -> Iterator[str]:
        asked = self._by_package("prerelease-package")
        locked = self._locked.get("prerelease-package", {})
        for name in sorted({*asked, *locked}):
            setting, known = asked.get(name), locked.get(name)
            mode = None if setting is None else _SAME.get(str(setting.value), setting.value)
            if mode != _SAME.get(str(known), known):
                yield f"{_said('prerelease-package', setting, name)}, and {_made_with(known)}"

    def _exclude_newer(self) -> Iterator[str]:
        setting, locked = self._settings.first("exclude-newer"), self._locked.get("exclude-newer")
        span = self._locked.get("exclude-newer-span")
        known = locked if span is None else span
        before = None if known is None else read_cutoff(known)
        now = None if setting is None else read_cutoff(setting.value)
        if not keeps(before, now):
            yield f"{_said('exclude-newer', setting)}, and {_made_with(known)}"

    def _exclude_newer_of_packages(self) -> Iterator[str]:
        """Compare the times of single packages; one for a name that the lockfile does not have at all has no effect."""
        asked = self._by_package("exclude-newer-package")
        locked = self._locked.get("exclude-newer-package", {})
        for name in sorted({*locked, *(each for each in asked if each in self._lock.by_name)}):
            setting, known = asked.get(name), locked.get(name)
            now = None if setting is None else read_cutoff(setting.value)
            before = None if known is None else read_cutoff(known)
            gone = name in locked and setting is None
            # To let everything count keeps what is locked.
            if gone or (now is not None and not keeps(before, now)):
                yield f"{_said('exclude-newer-package', setting, name)}, and {_made_with(known)}"

    def _by_package(self, key: str) -> Mapping[str, Setting]:
        found: dict[str, Setting] = {}
        for setting in self._settings.each(key):
            if not isinstance(setting.value, dict):
                raise Unreadable(str(setting.value), f"value of `{key}`")
            for name, value in setting.value.items():
                found.setdefault(canonicalize_name(name), setting._replace(value=value))
        return found

    def _minimum_libc(self) -> Iterator[str]:
        asked, locked = self._root.declared.minimum_libc, self._locked.get("minimum-libc-version")
        if asked != locked:
            yield f"`minimum-libc-version` in `[tool.uv]` is not the one in `uv.lock` ({_libc(asked)}, {_libc(locked)})"

    def _dependency_metadata(self) -> Iterator[str]:
        """Compare the metadata that is given for packages; what is given for an unlocked name has no effect."""
        locked = [_metadata(entry) for entry in self._lock.declared.get("manifest", {}).get("dependency-metadata", [])]
        known = {each.name for each in locked}
        asked = [
            entry
            for setting in self._settings.each("dependency-metadata")
            for entry in map(_metadata, setting.value if isinstance(setting.value, list) else [setting.value])
            if entry.name in self._lock.by_name or entry.name in known
        ]
        for name in sorted({entry.name for entry in (*asked, *locked)}):
            now, before = ([entry for entry in side if entry.name == name] for side in (asked, locked))
            if not _same_set(now, before, self._universe):
                yield f"`dependency-metadata` for `{name}` is not the one in `uv.lock`"


def _readable(check: Callable[[], Iterator[str]]) -> Iterator[str]:
    try:
        yield from check()
    except Unreadable as unreadable:
        yield unreadable.doubt("the settings of uv, or in `uv.lock`")


class _Metadata:
    """One entry of ``dependency-metadata``, as uv compares it (crates/uv-distribution-types, ``StaticMetadata``)."""

    def __init__(self, name: str, plain: tuple[object, ...], requirements: list[Requirement]) -> None:
        self.name, self._plain, self._requirements = name, plain, requirements

    def same(self, other: _Metadata, universe: PythonRange) -> bool:
        """Return whether this entry says what *other* does, requirements in the same order."""
        mine, theirs = self._requirements, other._requirements
        return (
            self._plain == other._plain
            and [*map(_without_marker, mine)] == [*map(_without_marker, theirs)]
            and same_conditions(map(_condition, mine), map(_condition, theirs), universe)
        )


def _metadata(entry: Any) -> _Metadata:
    match entry:
        case {"name": str(name), **rest}:
            version, python = rest.get("version"), rest.get("requires-python")
            extras: Any = rest.get("provides-extra", rest.get("provides-extras", ()))
            texts: Any = rest.get("requires-dist", ())
            try:
                plain = (
                    None if version is None else Version(str(version)),
                    None if python is None else SpecifierSet(str(python)),
                    tuple(map(canonicalize_name, extras)),
                )
                requirements = [Requirement(text) for text in texts]
            except (ValueError, TypeError, AttributeError) as error:
                raise Unreadable(str(entry), "value of `dependency-metadata`") from error
            return _Metadata(canonicalize_name(name), plain, requirements)
        case _:
            raise Unreadable(str(entry), "value of `dependency-metadata`")


def _same_set(now: list[_Metadata], before: list[_Metadata], universe: PythonRange) -> bool:
    return all(any(one.same(other, universe) for other in before) for one in now) and all(
        any(one.same(other, universe) for other in now) for one in before
    )


def _without_marker(requirement: Requirement) -> tuple[object, ...]:
    extras = frozenset(map(canonicalize_name, requirement.extras))
    return canonicalize_name(requirement.name), extras, requirement.specifier, requirement.url


def _condition(requirement: Requirement) -> Any:
    return parse_marker(str(requirement.marker)) if requirement.marker else True


def _said(key: str, setting: Setting | None, name: str = "") -> str:
    of = f" for `{name}`" if name else ""
    if setting is None:
        return f"`{key}`{of} is not set"
    where = setting.where if setting.where.startswith("`UV_") else f"`{key}`{of} in {setting.where}"
    return f"{where} is `{_shown(setting.value)}`"


def _made_with(known: object) -> str:
    return "`uv.lock` was made without it" if known is None else f"`uv.lock` was made with `{_shown(known)}`"


def _shown(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case {"span": span}:
            return span
        case _:
            return value


def _libc(value: object) -> str:
    match value:
        case None:
            return "none"
        case dict():
            return " ".join(f"{kind} {version}" for kind, version in value.items())
        case _:
            return str(value)
