"""When a package of one lockfile is that of another: the same distribution, and with the same files.

Wheels for other Pythons than the target's do not count; that a release got some is no news to a session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.lock.records import Git
from wsnox.lock.tags import concerns

if TYPE_CHECKING:
    from collections.abc import Hashable

    from wsnox.lock import Artifact, Package

__all__ = ["alike", "identity"]


def alike(old: Package, new: Package, minor: int) -> bool:
    """Tell whether a Python 3.*minor* gets the same of *old* as of *new*."""
    if identity(old) != identity(new):
        return False
    return (old.wheels, old.sdist) == (new.wheels, new.sdist) or _files(old, minor) == _files(new, minor)


def identity(package: Package) -> Hashable:
    """Return what tells a distribution from others of its name; the branch or tag that led to a commit does not."""
    source = package.source
    return package.version, replace(source, requested="") if isinstance(source, Git) else source


def _files(package: Package, minor: int) -> object:
    artifacts = (*package.wheels, *(() if package.sdist is None else (package.sdist,)))
    return frozenset(_content(each) for each in artifacts if concerns(each.filename, minor))


def _content(artifact: Artifact) -> tuple[str, str]:
    return artifact.filename, artifact.hash or artifact.url or artifact.path
