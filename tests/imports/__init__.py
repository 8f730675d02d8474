"""Tests of the floor that finds imports of what is not declared."""

from __future__ import annotations
