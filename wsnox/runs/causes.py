"""Why sessions failed: what several of them have in common is one cause, and is told once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.runs.grid import row_of
from wsnox.runs.record import SAME_REASON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wsnox.runs.record import Outcome

__all__ = ["Cause", "causes", "why", "without_hint"]

_SAME_REASON = re.compile(re.escape(SAME_REASON).replace(re.escape("{}"), "(.+)"))


class Cause(Record, kw_only=True):
    """What made *sessions* fail: the *reason*, the *command* that failed, and the *findings*, each once."""

    sessions: tuple[Outcome, ...]
    reason: str
    command: str
    findings: tuple[Mapping[str, Any], ...]


def causes(sessions: Iterable[Outcome]) -> tuple[Cause, ...]:
    """Return why *sessions* failed or were aborted, what several of them have in common once.

    That is where the findings are the same; where the same command of one session failed on several Pythons or in several
    variants; and where no command ran, for a reason that is the same in every word, as a stale lockfile.
    """
    failed = [session for session in sessions if session.needs_attention]
    by_title = {session.session: session for session in failed}
    groups: dict[tuple[object, ...], list[Outcome]] = {}
    for session in failed:
        other = _SAME_REASON.fullmatch(session.reason)
        groups.setdefault(_key(by_title.get(other[1], session) if other else session), []).append(session)
    return tuple(map(_cause, groups.values()))


def _key(session: Outcome) -> tuple[object, ...]:
    if session.findings:
        return tuple(map(_identity, session.findings))
    # nox gives the words of a command as the reason, and these may be the same for quite different tests.
    if session.command or session.reason.startswith("Command "):
        return session.name, session.command, session.reason
    return (session.result, session.reason) if session.reason else (session.session,)


def _identity(finding: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what tells *finding* from others: lines and versions may differ from one Python to the next."""
    parts = finding.get("member"), finding.get("kind"), finding.get("module")
    return parts if all(isinstance(part, str) for part in parts) else (finding["sentence"],)


def _cause(sessions: Sequence[Outcome]) -> Cause:
    findings = {_identity(finding): finding for session in sessions for finding in session.findings}
    members = {finding.get("member") for finding in findings.values()}
    # First comes the member that is to be changed, and last what only refers to another session.
    first, *others = sorted(
        sessions,
        key=lambda session: (_SAME_REASON.fullmatch(session.reason) is not None, row_of(session) not in members),
    )
    return Cause(
        sessions=(first, *others), reason=first.reason, command=first.command, findings=tuple(findings.values())
    )


def why(session: Outcome) -> str:
    """Return in one sentence why *session* ended as it did: a finding says more than that a command failed."""
    if session.findings:
        return without_hint(session.findings[0])
    return session.reason or (f"`{session.command}` failed" if session.command else "")


def without_hint(finding: Mapping[str, Any]) -> str:
    """Return the sentence of *finding* without the command at its end that it hints at."""
    return str(finding["sentence"]).removesuffix(f"; hint: {finding.get('fix')}")
