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


class Targets:
    """Describes the targets of a run's Python; *here* has the marker values of the interpreter that runs nox.

    *platforms* are those that closures are compared on, none for the platform of *here*.
    """

    def __init__(self, here: Mapping[str, str], platforms: Iterable[str], locks: Iterable[Lock]) -> None:
        self._here, self._platforms = here, tuple(platforms)
        self._locks = tuple(locks)

    def of(self, python: str) -> tuple[Target, ...]:
        """Return the targets of *python* (empty: the one that runs nox); none for one that cannot be described."""
        if not python and not self._platforms:
            return (target_of(self._here),)
        found = _PYTHON.fullmatch(python or self._here["python_full_version"])
        if found is None:
            return ()
        versions = [found[0]] if found["patch"] else self._versions(found["minor"])
        kind = (found["kind"] or "").lower()
        return tuple(
            self._target(version, platform, kind) for platform in self._platforms or ("",) for version in versions
        )

    @cached_property
    def _patches(self) -> dict[str, set[int]]:
        """The patch releases that the lockfiles mention, by minor version."""
        found: dict[str, set[int]] = {}
        for lock in self._locks:
            for minor, patch in _RELEASE.findall(" ".join(_texts(lock))):
                found.setdefault(minor, set()).add(int(patch))
        return found

    def _versions(self, minor: str) -> list[str]:
        around = {near for patch in self._patches.get(minor, ()) for near in (patch - 1, patch, patch + 1)}
        return [f"{minor}.{patch}" for patch in sorted({0, *around}) if patch >= 0]

    def _target(self, version: str, platform: str, kind: str) -> Target:
        release = re.search(r"3\.\d+\.\d+", version)
        described = dict(describe(release[0] if release else version, platform or "linux").values)
        place = {} if platform else {key: self._here[key] for key in _PLACE}
        pypy = {"implementation_name": "pypy", "platform_python_implementation": "PyPy"} if kind == "pypy" else {}
        return target_of({**described, **place, **pypy})


_PLACE = ("os_name", "sys_platform", "platform_system", "platform_machine", "platform_release", "platform_version")


def _texts(lock: Lock) -> tuple[str, ...]:
    """Return everything in *lock* that can tell one patch release from another."""
    return (lock.requires_python, *lock.markers, *lock.supported_markers, *markers_of(lock))
