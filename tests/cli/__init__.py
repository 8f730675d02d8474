"""The command, through `main` and as a process."""

from __future__ import annotations
