"""Which edges of a lockfile are taken on one target: what their markers mean there.

1. The target must be inside the lockfile's ``requires-python`` and in one of its supported environments.
2. The union of the lockfile's forks is the universe of every edge; uv leaves out of markers what it implies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.closure.markers import Markers
from wsnox.closure.target import in_range
from wsnox.errors import UnsupportedTargetError

if TYPE_CHECKING:
    from wsnox.closure.decisions import Condition
    from wsnox.closure.target import Target
    from wsnox.lock import Lock

__all__ = ["Edges"]


class Edges:
    """The edges of *lock* on *target*; raise a `TargetError` where the lockfile is not for it."""

    def __init__(self, lock: Lock, target: Target) -> None:
        in_range(target, lock.requires_python, "the lockfile")
        self.lock = lock
        self.markers = Markers(target)
        supported = lock.supported_markers
        if supported and not any(map(self.markers.ignoring_items, supported)):
            raise UnsupportedTargetError(supported)
        self.universe = not lock.markers or any(map(self.markers.ignoring_items, lock.markers))

    def condition(self, marker: str) -> Condition:
        """Return when an edge with this *marker* is taken."""
        return self.markers.condition(marker) if self.universe else False

    def lives(self, index: int) -> bool:
        """Tell whether the target is in a fork of the package at *index*; one without forks is everywhere."""
        forks = self.lock.packages[index].markers
        return not forks or any(map(self.markers.ignoring_items, forks))
