"""The lockfile of a job's workspace: parsed once for all sessions of a run, and checked once for all runs.

Checking it against the manifests may take as long as reading it. So one line beside the environments remembers for which
lockfile and which manifests nothing was found: digests alone, nothing of what they say.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import packaging

from wsnox.errors import StaleLockError
from wsnox.files import atomic_write, read_regular
from wsnox.lock.reader import LOCKFILE, lock_content, parse_lock

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.model import Job
    from wsnox.lock import Lock

__all__ = ["checked_lock", "lock_of"]


def lock_of(job: Job) -> Lock:
    """Return the lockfile of *job*'s workspace; raise a `LockError` where it is absent or broken."""
    path = job.workspace.root / LOCKFILE
    return _parsed(lock_content(path), path)


def checked_lock(job: Job, manifests: str, *, remember: bool = True) -> Lock:
    """Return the lockfile of *job*'s workspace, which has the *manifests* of this digest, and *remember* that it is fresh.

    Raise a `LockError` where it is absent, broken, or, if *job* checks that, stale.
    """
    path = job.workspace.root / LOCKFILE
    content = lock_content(path)
    lock = _parsed(content, path)
    if not job.check:
        return lock
    place, found = job.shared / "fresh", _digest(job, content, manifests)
    if _remembered(place) != found:
        from wsnox.freshness import stale_clauses  # noqa: PLC0415 - nobody needs it where it was asked before

        if problems := stale_clauses(job.workspace, lock):
            raise StaleLockError(problems)
        if remember:
            # A disk without room for it costs the next run some time.
            with suppress(OSError):
                atomic_write(place, found)
    return lock


@lru_cache(maxsize=1)
def _parsed(content: bytes, path: Path) -> Lock:
    return parse_lock(content, path)


def _digest(job: Job, content: bytes, manifests: str) -> bytes:
    """Return what a check belongs to: the lockfile and the manifests, and the wsnox and packaging that compared them."""
    digest = hashlib.sha256(content)
    digest.update(f"{manifests} {job.version} {packaging.__version__}".encode())
    return digest.hexdigest().encode()


def _remembered(place: Path) -> bytes:
    try:
        return read_regular(place)
    except OSError:
        return b""
