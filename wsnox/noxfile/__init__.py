"""The edge to nox: the noxfile's functions, and the run of a session. No other package here knows nox."""

from __future__ import annotations

from wsnox.noxfile.coverage import coverage
from wsnox.noxfile.register import integration, member, sessions

__all__ = ["coverage", "integration", "member", "sessions"]
