"""Tests of whole sessions: the real nox on workspaces made and locked for the test."""

from __future__ import annotations
