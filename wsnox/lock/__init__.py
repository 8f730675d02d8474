"""What uv wrote: ``uv.lock`` read into records in which every edge leads to a package."""

from __future__ import annotations

from wsnox.lock.artifacts import Artifact
from wsnox.lock.locked_declarations import ConflictItem, Requirement, RequirementSource, StaticMetadata
from wsnox.lock.reader import LOCKFILE, Dependency, Lock, Package, lock_content, parse_lock, read_lock
from wsnox.lock.sources import Archive, Directory, Git, Registry, Source, Url, Virtual

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
    "RequirementSource",
    "Source",
    "StaticMetadata",
    "Url",
    "Virtual",
    "lock_content",
    "parse_lock",
    "read_lock",
]
