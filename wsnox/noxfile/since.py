"""``WSNOX_SINCE=REV nox``: sessions that the change since a git revision cannot affect are not run by default."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wsnox.change.since import Since
    from wsnox.workspace.specs import SessionSpec
    from wsnox.workspace.suite import Suite

__all__ = ["affected_names"]


def affected_names(
    suite: Suite, specs: Callable[[Suite], Iterable[SessionSpec]], *, complete: bool
) -> frozenset[str] | None:
    """Return the names of those sessions of *specs* that a change can affect, `None` where nobody asked.

    *complete* tells that there are no other sessions of wsnox.
    """
    revision = _revision()
    if not revision:
        return None
    found = _since(suite, revision).affected(specs, complete=complete)
    if complete:
        for reason in found.everything[:1]:
            print(f"wsnox: everything is affected since `{revision}`: {reason.words}", file=sys.stderr)
    return frozenset(each.run.spec.name for each in found.runs)


@lru_cache(maxsize=1)
def _revision() -> str:
    """Take ``WSNOX_SINCE`` out of the environment: a child of ``nox -j`` is told its session, and must not look again."""
    return os.environ.pop("WSNOX_SINCE", "")


@lru_cache(maxsize=8)
def _since(suite: Suite, revision: str) -> Since:
    from wsnox.change.since import Since  # noqa: PLC0415 - hardly any run of nox asks

    return Since(suite, revision)
