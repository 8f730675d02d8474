"""Tests of `wsnox.closure`."""

from __future__ import annotations
