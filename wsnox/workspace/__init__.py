"""What the user wrote: pyproject files read into a workspace, its members and their settings."""

from __future__ import annotations

from wsnox.workspace.discovery import discover, find_root
from wsnox.workspace.model import Manifest, Member, Workspace

__all__ = ["Manifest", "Member", "Workspace", "discover", "find_root"]
