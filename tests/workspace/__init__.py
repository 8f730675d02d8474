"""Tests of the floor that reads what the user wrote."""

from __future__ import annotations
