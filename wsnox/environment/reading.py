"""The lockfile as it was read and checked before, remembered beside the environments for the next one.

Reading a megabyte of it takes as long as installing what it locks. What is remembered serves only for the same content
of the lockfile, and that it is fresh only for the same manifests. It is a pickle, since nothing reads thousands of records
quicker: who can write it can write the programs of the environments beside it.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import packaging

from wsnox import record
from wsnox.environment.drafts import write_whole
from wsnox.errors import StaleLockError
from wsnox.lock.reader import LOCKFILE, lock_content, parse_lock

if TYPE_CHECKING:
    from wsnox.environment.records import Job
    from wsnox.lock import Lock

__all__ = ["checked_lock", "lock_of"]

# Where what is remembered, and what was found out about it, may change.
_FLOORS = ("*.py", "workspace/*.py", "lock/*.py", "lock/*/*.py")


class _Reading(NamedTuple):
    """A *lock*, the digest of the *manifests* that it was found fresh for (empty before), and its pickled *data*."""

    lock: Lock
    manifests: str
    data: bytes


def lock_of(job: Job) -> Lock:
    """Return the lockfile of *job*'s workspace; raise a `LockError` where it is absent or broken."""
    return _read(job)[1].lock


def checked_lock(job: Job, manifests: str, *, remember: bool = True) -> Lock:
    """Return the lockfile of *job*'s workspace, which has the *manifests* of this digest, and *remember* it.

    Raise a `LockError` where it is absent, broken, or, if *job* checks that, stale.
    """
    key, reading = _read(job)
    if job.check and reading.manifests != manifests:
        from wsnox.lock.freshness import stale  # noqa: PLC0415 - nobody needs it where it was asked before

        if problems := stale(job.workspace, reading.lock):
            raise StaleLockError(problems)
        reading = reading._replace(manifests=manifests)
    elif reading.data:
        return reading.lock
    if remember:
        # A disk without room for it costs the next environment some time.
        with suppress(OSError):
            _remember(job, key, reading)
    return reading.lock


def _read(job: Job) -> tuple[str, _Reading]:
    path = job.workspace.root / LOCKFILE
    content = lock_content(path)
    key = _key(job, content)
    return key, _recalled(job, key) or _Reading(parse_lock(content, path), "", b"")


def _key(job: Job, content: bytes) -> str:
    """Return what a reading of *content* belongs to: to the Python, the packaging and the wsnox that read it, too."""
    digest = hashlib.sha256(content)
    digest.update(f"{job.version} {_changed()} {packaging.__version__} {sys.version}".encode())
    return digest.hexdigest()


def _changed() -> int:
    """Return when the code that reads and checks was last changed: in a checkout of wsnox its version does not tell."""
    package = Path(record.__file__).parent
    files = (file for floor in _FLOORS for file in package.glob(floor))
    return max((file.stat().st_mtime_ns for file in files), default=0)


def _place(job: Job) -> Path:
    return job.shared / "lockfile"


def _recalled(job: Job, key: str) -> _Reading | None:
    try:
        head, _, data = _place(job).read_bytes().partition(b"\n")
        known, digest, *manifests = head.decode().split(" ")
        if known != key or digest != hashlib.sha256(data).hexdigest():
            return None
        return _Reading(pickle.loads(data), "".join(manifests), data)  # noqa: S301 - see the module's docstring
    except Exception:  # noqa: BLE001 - records of another form raise anything; the lockfile is at hand
        return None


def _remember(job: Job, key: str, reading: _Reading) -> None:
    data = reading.data or pickle.dumps(reading.lock, pickle.HIGHEST_PROTOCOL)
    place = _place(job)
    # What a killed run left; one that is just writing goes without.
    for left in place.parent.glob(f"{place.name}.*"):
        left.unlink(missing_ok=True)
    head = f"{key} {hashlib.sha256(data).hexdigest()} {reading.manifests}\n"
    write_whole(place, head.encode() + data, private=True)
