"""Tests of what is published: the source distribution, the wheel, and both in environments that had nothing."""

from __future__ import annotations
