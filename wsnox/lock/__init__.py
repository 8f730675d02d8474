"""What uv wrote: ``uv.lock`` read into records in which every edge leads to a package."""

from __future__ import annotations

from wsnox.lock.model import (
    Archive,
    Artifact,
    ConflictItem,
    Dependency,
    Directory,
    Git,
    Lock,
    Package,
    Registry,
    Requirement,
    Source,
    Url,
    Virtual,
)
from wsnox.lock.reader import LOCKFILE, parse_lock, read_lock

__all__ = [
    "LOCKFILE",
    "Archive",
    "Artifact",
    "ConflictItem",
    "Dependency",
    "Directory",
    "Git",
    "Lock",
    "Package",
    "Registry",
    "Requirement",
    "Source",
    "Url",
    "Virtual",
    "parse_lock",
    "read_lock",
]
