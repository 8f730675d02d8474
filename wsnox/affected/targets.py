"""Where the closures of a session are compared: every interpreter that its Python can turn out to be.

A session on ``3.12`` runs on whichever patch release is installed, and a marker can tell patch releases apart. So that no
difference is missed, closures are compared at the first release and around each one that either lockfile mentions.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.affected.lock_closures import markers_of
from wsnox.markers.target import describe, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.lock import Lock
    from wsnox.markers.target import Target

__all__ = ["Targets"]

_PYTHON = re.compile(r"(?P<kind>cpython|pypy|python)?-?(?P<minor>3\.\d+)(?:\.(?P<patch>\d+))?t?", re.IGNORECASE)
_RELEASE = re.compile(r"\b(3\.\d+)\.(\d+)")


_PLATFORM_VALUES = (
    "os_name", "sys_platform", "platform_system", "platform_machine", "platform_release", "platform_version",
)  # fmt: skip


class Targets:
    """Describes the targets of a run's Python; *here* holds the marker values of the interpreter that runs nox.

    *platforms* are those that closures are compared on, none for the platform of *here*; *locks* are both lockfiles.
    """

    def __init__(self, here: Mapping[str, str], platforms: Iterable[str], locks: Iterable[Lock]) -> None:
        self._here, self._platforms, self._locks = here, tuple(platforms), tuple(locks)

    def of(self, python: str) -> tuple[Target, ...]:
        """Return the targets of *python* (empty: the one that runs nox); none for one that cannot be described."""
        if not python and not self._platforms:
            return (target_of(self._here),)
        match = _PYTHON.fullmatch(python or self._here["python_full_version"])
        if match is None:
            return ()
        release = f"{match['minor']}.{match['patch']}" if match["patch"] else ""
        releases = [release] if release else self._releases(match["minor"])
        is_pypy = (match["kind"] or "").lower() == "pypy"
        platforms = self._platforms or ("",)
        return tuple(self._target(release, platform, is_pypy=is_pypy) for platform in platforms for release in releases)

    def _releases(self, minor: str) -> list[str]:
        """Return the first release of *minor*, and those around each one that a lockfile mentions."""
        mentioned = self._patches.get(minor, set())
        around = {patch + step for patch in mentioned for step in (-1, 0, 1)}
        return [f"{minor}.{patch}" for patch in sorted({0, *around}) if patch >= 0]

    @cached_property
    def _patches(self) -> dict[str, set[int]]:
        """The patch releases that the lockfiles mention, by minor version."""
        patches: dict[str, set[int]] = {}
        for lock in self._locks:
            texts = (lock.requires_python, *lock.markers, *lock.supported_markers, *markers_of(lock))
            for minor, patch in _RELEASE.findall(" ".join(texts)):
                patches.setdefault(minor, set()).add(int(patch))
        return patches

    def _target(self, release: str, platform: str, *, is_pypy: bool) -> Target:
        described = dict(describe(release, platform or "linux").values)
        if not platform:
            described |= {key: self._here[key] for key in _PLATFORM_VALUES}
        if is_pypy:
            described |= {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
        return target_of(described)
