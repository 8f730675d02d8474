"""Where the things of a lockfile are: URLs and paths, as POSIX text, so that each platform's can be tested anywhere."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsnox.lock import Artifact, Registry

__all__ = ["absolute", "artifact_location", "is_url", "python_name"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]|\\\\")


def is_url(place: str) -> bool:
    """Tell a URL from a path; one letter before a colon is a drive."""
    return _SCHEME.match(place) is not None


def absolute(root: str, path: str) -> str:
    """Return *path* as an absolute POSIX path, relative ones starting at *root*."""
    if posixpath.isabs(path) or _DRIVE.match(path):
        return path.replace("\\", "/")
    return posixpath.normpath(posixpath.join(root, path))


def artifact_location(artifact: Artifact, registry: Registry, root: str) -> str:
    """Return the URL or absolute path of an *artifact* of *registry*; its path is relative to the registry's."""
    if artifact.url:
        return artifact.url
    if is_url(artifact.path):
        return artifact.path
    if is_url(registry.location):
        return f"{registry.location.rstrip('/')}/{artifact.path}"
    return absolute(absolute(root, registry.location), artifact.path)


def python_name(os_name: str) -> str:
    """Return what an environment's Python is called on the system that Python knows by *os_name*."""
    return "python.exe" if os_name == "nt" else "python"
