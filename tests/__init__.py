"""The tests of wsnox."""

from __future__ import annotations
