"""What must run again: what git says has changed."""

from __future__ import annotations
