"""What one run of nox did: its record on disk, and the same in words for whoever started it."""

from __future__ import annotations
