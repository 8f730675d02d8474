"""From a closure to a verified virtual environment: `prepare` tells the way, `stamp` spares it."""

from __future__ import annotations
