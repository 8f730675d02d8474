"""Serves the model."""

from __future__ import annotations

from model import device


def health():
    return f"ready on {device()}"
