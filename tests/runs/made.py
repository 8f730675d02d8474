"""Runs for tests: as wsnox records them, and as nox reports them."""

from __future__ import annotations

from typing import Any

from wsnox.runs.record import Outcome, Run

__all__ = ["finding", "outcome", "reported", "run_on"]


def outcome(title: str, result: Any = "passed", *, name: str = "", commands: float = 1, **fields: Any) -> Outcome:
    """Return how the session *title* ended."""
    return Outcome(session=title, name=name or title, result=result, commands=commands, **fields)


def run_on(*sessions: Outcome, day: int = 1) -> Run:
    """Return the record of a run of this *day*."""
    return Run(wsnox="1.0", started=f"2026-01-{day:02}T03:04:05+00:00", seconds=9, sessions=sessions)


def finding(member: str, module: str, **fields: str) -> dict[str, Any]:
    """Return a finding as a record has it."""
    fix = f"uv add --package {member} {module}"
    sentence = f"{member} imports `{module}` (a.py:1), which it does not declare; hint: {fix}"
    return {"member": member, "kind": "transitive", "module": module, "fix": fix, "sentence": sentence, **fields}


def reported(
    title: str, seconds: float = 1, result: str = "success", *, name: str = "", reason: str = ""
) -> dict[str, Any]:
    """Return a session as nox reports it."""
    return {
        "args": {},
        "name": name or title,
        "result": result,
        "result_code": 1,
        "reason": reason or None,
        "signatures": [title],
        "duration": seconds,
    }
