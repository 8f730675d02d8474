"""Where the closures of a session are compared: every interpreter that its Python can turn out to be.

A session on ``3.12`` runs on whichever patch release is installed, and a marker can tell patch releases apart. So that no
difference is missed, closures are compared at the first release and around each one that either lockfile mentions.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from wsnox.affected.lock_closures import markers_of
from wsnox.markers.target import parse_python

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.lock import Lock
    from wsnox.markers.target import Target

__all__ = ["Targets"]

_RELEASE = re.compile(r"\b(3\.\d+)\.(\d+)")


class Targets:
    """Describes the targets of a run's Python; *here* is the interpreter that runs nox.

    *platforms* are those that closures are compared on, none for the platform of *here*; *locks* are both lockfiles.
    """

    def __init__(self, here: Target, platforms: Iterable[str], locks: Iterable[Lock]) -> None:
        self._here, self._platforms, self._locks = here, tuple(platforms), tuple(locks)

    def of(self, python: str) -> tuple[Target, ...]:
        """Return the targets of *python* (empty: the one that runs nox); none for one that cannot be described."""
        if not python and not self._platforms:
            return (self._here,)
        named = parse_python(python or self._here.python)
        if named is None:
            return ()
        patches = [int(named.patch)] if named.patch else self._patch_releases(named.minor)
        return tuple(named.on(platform, patch) for platform in self._platforms or (self._here,) for patch in patches)

    def _patch_releases(self, minor: str) -> list[int]:
        """Return the first release of *minor*, and those around each one that a lockfile mentions."""
        around = {patch + step for patch in self._mentioned.get(minor, ()) for step in (-1, 0, 1)}
        return [patch for patch in sorted({0, *around}) if patch >= 0]

    @cached_property
    def _mentioned(self) -> dict[str, set[int]]:
        """The patch releases that the lockfiles mention, by minor version."""
        patches: dict[str, set[int]] = {}
        for lock in self._locks:
            texts = (lock.requires_python, *lock.markers, *lock.supported_markers, *markers_of(lock))
            for minor, patch in _RELEASE.findall(" ".join(texts)):
                patches.setdefault(minor, set()).add(int(patch))
        return patches
