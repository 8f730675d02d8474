"""The edge to nox: what a noxfile calls, and the run of a session. No other package here knows nox.

What wsnox changes in nox, beyond its documented interface, is explained where it happens: in `venvs` (how environments are
made), `tee` (standard output while commands run), `names` (the warning of a session that is replaced), `guarded_session`
(which programs a session starts) and `interrupts` (what SIGTERM does).
"""

from __future__ import annotations

from wsnox.noxfile.coverage import coverage
from wsnox.noxfile.register import integration, member, sessions

__all__ = ["coverage", "integration", "member", "sessions"]
