"""SHA-256 hashes of local files: a lockfile has none for the wheels of a local folder, and PEP 751 wants one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.places import artifact_place, is_url
from wsnox.errors import InstallError
from wsnox.files import read_regular
from wsnox.lock.records import Registry

if TYPE_CHECKING:
    from wsnox.closure import Closure

__all__ = ["files_without_hash", "local_digests"]


def local_digests(closure: Closure, root: str, *, needed: bool = True) -> dict[str, str]:
    """Return ``sha256:…`` by absolute path for every local file of *closure* whose hash the lockfile leaves out.

    Raise `InstallError` for one that cannot be read; where nothing is installed from them it is not *needed*, and left out.
    """
    files = files_without_hash(closure, root).items()
    return {place: f"sha256:{_sha256(Path(place), name)}" for place, name in files if needed or Path(place).is_file()}


def files_without_hash(closure: Closure, root: str) -> dict[str, str]:
    """Return the absolute paths of these files, each with the name of its package."""
    return {
        place: package.name
        for package in closure.packages
        if isinstance(package.source, Registry)
        for artifact in (*package.wheels, *([package.sdist] if package.sdist else []))
        if not artifact.hash and not is_url(place := artifact_place(artifact, package.source, root))
    }


def _sha256(path: Path, name: str) -> str:
    try:
        return hashlib.sha256(read_regular(path)).hexdigest()
    except OSError as error:
        hint = f"`{path}`, which the lockfile names for `{name}`, cannot be read ({error.strerror or error})"
        raise InstallError("the session", "wsnox", hint=hint) from error
