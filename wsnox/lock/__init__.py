"""What uv wrote: ``uv.lock`` read into records in which every edge leads to a package."""

from __future__ import annotations

from wsnox.lock.reader import LOCKFILE, parse_lock, read_lock
from wsnox.lock.records import (
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
