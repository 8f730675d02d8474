"""nox's list of sessions, without a search through all of them for each.

A workspace of a thousand members on four Pythons has 8,004 sessions. `nox.manifest.Manifest` searches its lists for each
session that it adds, and once more for each that it lists or checks: of 2.2 seconds that ``nox -l`` took there, 1.1 were
these searches. No fewer sessions will do, as ``nox -l`` shows all of them. So wsnox changes two methods, with equal results:

1. ``add_session`` appends a session that it has not added before to both lists, and leaves any other to nox. What is in
   ``_queue`` is in ``_all_sessions`` too, and only this method appends to that.
2. ``list_all_sessions`` looks a session up in a set of those in ``_queue``.

A session equals itself alone. Checked with nox 2026.8 to 2026.10: methods that use other names than theirs did, and
sessions that compare otherwise, are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nox

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["look_sessions_up"]

_KNOWN = {"add_session": ("_all_sessions", "append", "_queue"), "list_all_sessions": ("_all_sessions", "_queue")}
"""The names that each method uses in the nox that this was checked with."""


def look_sessions_up() -> None:
    """Let nox look sessions up in sets, once a process, where its methods are those that are known."""
    kind: Any = getattr(getattr(nox, "manifest", None), "Manifest", None)
    codes = {name: getattr(getattr(kind, name, None), "__code__", None) for name in _KNOWN}
    if {name: getattr(code, "co_names", None) for name, code in codes.items()} != _KNOWN:
        return
    add, list_all = kind.add_session, kind.list_all_sessions

    def add_session(self: Any, session: Any) -> None:
        seen: set[Any] = vars(self).setdefault("wsnox_seen", set())
        added: Any = getattr(self, "_all_sessions", ())
        queue: Any = getattr(self, "_queue", None)
        if queue is None or session in seen or len(seen) != len(added) or not _is_its_own(session):
            add(self, session)
        else:
            seen.add(session)
            added.append(session)
            queue.append(session)

    def list_all_sessions(self: Any) -> Iterator[tuple[Any, bool]]:
        added, queue = getattr(self, "_all_sessions", ()), getattr(self, "_queue", None)
        if queue is None or not all(map(_is_its_own, queue)):
            yield from list_all(self)
        else:
            selected = set(queue)
            yield from ((session, session in selected) for session in added)

    kind.add_session, kind.list_all_sessions = add_session, list_all_sessions


def _is_its_own(session: Any) -> bool:
    """Return whether *session* equals itself alone, so that a set finds it as a list does."""
    kind: Any = type(session)
    return kind.__eq__ is object.__eq__
