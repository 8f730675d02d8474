"""Markers as uv means them: read, evaluated for one target, compared over a range of Pythons."""

from __future__ import annotations
