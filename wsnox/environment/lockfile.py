"""The lockfile of a workspace: parsed once for all sessions of a run, and checked for freshness once for all runs.

Checking it against the manifests may take as long as reading it. So one line beside the environments remembers for which
lockfile and which manifests nothing was found: digests alone, nothing of what they say.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import packaging

from wsnox.environment.inputs import other_manifests, tree_digests
from wsnox.errors import StaleLockError
from wsnox.files import atomic_write, read_regular
from wsnox.lock import LOCKFILE, lock_content, parse_lock

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace

__all__ = ["fresh_lock", "parsed_lock"]


def parsed_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` where it is absent or broken."""
    path = root / LOCKFILE
    return _parsed(lock_content(path), path)


def fresh_lock(workspace: Workspace, memo: Path, *, manifests: str, version: str, remember: bool = True) -> Lock:
    """Return the lockfile of *workspace*; raise a `LockError` where it is absent, broken or stale.

    *memo* is the file that remembers for which lockfile, *manifests* (a digest), those of projects beside the workspace,
    and *version* of wsnox it was fresh. It is not written unless *remember*.
    """
    path = workspace.root / LOCKFILE
    content = lock_content(path)
    lock = _parsed(content, path)
    digest = hashlib.sha256(content)
    digest.update(f"{manifests} {version} {packaging.__version__}".encode())
    others = tree_digests(workspace, other_manifests(workspace, lock), {})
    digest.update("".join(f" {name} {state}" for name, state in others.items()).encode())
    checked = digest.hexdigest().encode()
    try:
        if read_regular(memo) == checked:
            return lock
    except OSError:
        pass
    from wsnox.freshness import stale_clauses  # noqa: PLC0415 - hardly a session needs it

    if problems := stale_clauses(workspace, lock):
        raise StaleLockError(problems)
    if remember:
        # A disk without room for it costs the next run some time.
        with suppress(OSError):
            atomic_write(memo, checked)
    return lock


@lru_cache(maxsize=1)
def _parsed(content: bytes, path: Path) -> Lock:
    return parse_lock(content, path)
