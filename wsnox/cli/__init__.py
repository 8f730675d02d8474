"""The ``wsnox`` command."""

from __future__ import annotations

from wsnox.cli.main import main

__all__ = ["main"]
