"""Tests of the floor that makes an environment and proves it."""

from __future__ import annotations
