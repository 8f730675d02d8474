"""Places in the order of versions, which markers and ``requires-python`` compare by their release segments alone.

To compare the versions of distributions takes packaging (`wsnox.markers.versions`); a marker needs none of it.
"""

from __future__ import annotations

import re

from wsnox.errors import Doubt
from wsnox.text import abbreviated

__all__ = ["Point", "Unreadable", "next_minor", "release", "release_span", "span"]


class Unreadable(Exception):  # noqa: N818 - the floors above turn it into a clause or an error
    """The *text* is not a valid *kind*, such as ``marker``, or not one that wsnox reads."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(f"`{abbreviated(text)}` is not a valid {kind}")
        self.text, self.kind = text, kind

    def doubt(self, where: str) -> Doubt:
        """Return the clause that reports it, with *where* the text stands: a key and a file."""
        return Doubt(f"{self} in {where}")


_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")

Point = tuple[int | str, ...]
"""A place in the order of versions or texts: release segments without trailing zeros, or a text alone; or just beyond it.

Points compare as the versions or texts that they stand for. The empty one is where the order begins.
"""


def _beyond(point: Point) -> Point:
    """Return the place just past *point*: no segment is smaller than -1, so all that is greater comes after it."""
    return (*point, -1)


def span(operator: str, point: Point) -> tuple[Point, Point | None]:
    """Return where the values that satisfy *operator* and *point* begin and end (`None`: nowhere); for ``!=``, its hole."""
    match operator:
        case "<":
            return (), point
        case "<=":
            return (), _beyond(point)
        case ">":
            return _beyond(point), None
        case ">=":
            return point, None
        case _:
            return point, _beyond(point)


def release_span(operator: str, literal: str) -> tuple[Point, Point | None]:
    """Return the same for releases and the clause that *operator* and *literal* make."""
    segments = _segments(literal)
    if literal.endswith(".*"):
        return _trimmed(segments), _next(segments)
    if operator == "~=":
        return _trimmed(segments), _next(segments[:-1])
    return span(operator, _trimmed(segments))


def release(version: str) -> Point:
    """Return the release segments of *version* as a point: to uv, 3.14.0rc1 is 3.14."""
    return _trimmed(_segments(version))


def next_minor(point: Point) -> Point:
    """Return where a ``python_full_version`` must be for its first two segments to be at *point* or beyond it."""
    if len(point) <= 2 and -1 not in point:
        return point
    return _next((*(int(segment) for segment in point if segment != -1), 0, 0)[:2])


def _segments(literal: str) -> tuple[int, ...]:
    """Return the release segments of *literal*, a version or a prefix of versions."""
    match = _RELEASE.match(literal.strip())
    return tuple(map(int, match[1].split("."))) if match else ()


def _trimmed(segments: tuple[int, ...]) -> Point:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments


def _next(segments: tuple[int, ...]) -> Point:
    return _trimmed((*segments[:-1], segments[-1] + 1))
