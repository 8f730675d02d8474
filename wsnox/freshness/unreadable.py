"""What the check of freshness cannot read, and how it is said.

What cannot be read is never taken for fresh, and hides no other change: it is raised where reading fails, caught for
one requirement, one marker or one setting, and told as a `Doubt` beside the differences. That refuses the session, with
a hint of its own, for three reasons:

- Nearly all of it uv refuses as well, so ``uv lock`` would not go on either. Where uv cannot read ``[project]``, it asks
  the build backend, and one that keeps to PEP 621 refuses.
- A lockfile says what a requirement was lowered to and not how it was written, so its text does not tell that it is
  unchanged.
- After a warning, a session would run with a closure of which nobody knows whether the manifests ask for it. Who wants
  that says so, with ``lock = "frozen"``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.errors import Doubt
    from wsnox.markers.unreadable import Unreadable

__all__ = ["Unread", "doubts", "unread"]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


class Unread(Record):
    """In place of a requirement that cannot be read: the *name* that it may be on, empty where nobody knows, and why."""

    name: str
    doubt: Doubt


def unread(unreadable: Unreadable, where: str, *, name: str = "") -> Unread:
    """Return what stands for *unreadable*, found *where*; its text begins with the *name* unless that is given."""
    found = _NAME.match(unreadable.text)
    return Unread(name or (canonicalize_name(found[1]) if found else ""), unreadable.doubt(where))


def doubts(*sides: Iterable[object]) -> Iterator[Doubt]:
    """Yield the doubts among the requirements of *sides*."""
    for side in sides:
        for each in side:
            if isinstance(each, Unread):
                yield each.doubt
