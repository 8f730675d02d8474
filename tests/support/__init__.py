"""What the tests build their worlds from: tiny wheels, a build backend that needs nothing, whole workspaces."""

from __future__ import annotations
