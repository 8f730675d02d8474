"""The ``wsnox`` command."""

from __future__ import annotations

from wsnox.cli.entry import main

__all__ = ["main"]
