"""Tests of what the documents promise: examples run, commands do what the page says, generated pages agree."""

from __future__ import annotations
