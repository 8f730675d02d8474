"""What `wsnox list` tells below its tables: who narrowed the range, and what was left out, skipped or refused, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from wsnox.record import Record
from wsnox.workspace.pythons import MINORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.cli.ranges import Narrowing
    from wsnox.cli.sessions import Row
    from wsnox.workspace import Workspace
    from wsnox.workspace.specs import SessionSpec

__all__ = ["Omission", "first", "omissions", "refused", "skipped", "unbounded", "without_commands"]

_SHOWN = 4


class Omission(Record, kw_only=True):
    """That the *sessions* have no run on *python*, since the workspace's range excludes it, by the bound of *members*."""

    python: str
    sessions: tuple[str, ...]
    members: tuple[str, ...]
    reason: str


def unbounded(workspace: Workspace) -> Workspace:
    """Return *workspace* as if no member said which Pythons it is for."""
    members = (replace(member, manifest=replace(member.manifest, requires_python="")) for member in workspace.members)
    return replace(workspace, members=tuple(members))


def omissions(
    wanted: Iterable[SessionSpec], made: Iterable[SessionSpec], narrowed: Sequence[Narrowing], allowed: str
) -> tuple[Omission, ...]:
    """Return which Pythons of *wanted* are not among those that were *made*, and which bound in *narrowed* it is for."""
    kept = {spec.name: spec.pythons or () for spec in made}
    missing: dict[str, list[str]] = {}
    for spec in wanted:
        # `"requires-python"` asks for what the range has and nothing else.
        if spec.pythons != MINORS:
            for python in spec.pythons or ():
                if python not in kept.get(spec.name, ()):
                    missing.setdefault(python, []).append(spec.name)
    return tuple(
        _omission(python, tuple(names), narrowed, allowed) for python, names in sorted(missing.items(), key=_age)
    )


def _omission(python: str, sessions: tuple[str, ...], narrowed: Sequence[Narrowing], allowed: str) -> Omission:
    version = _version(python)
    cause = [each for each in narrowed if version is not None and _beyond(version, each)]
    members = tuple(each.member.name for each in cause)
    reason = f"the lockfile is for Python `{allowed}`"
    if cause:
        verb = "raised the floor" if cause[0].end == "floor" else "lowered the ceiling"
        reason = f"{', '.join(first([f'`{name}`' for name in members]))} {verb} to `{cause[0].bound}`"
    return Omission(python=python, sessions=sessions, members=members, reason=reason)


def _beyond(version: Version, end: Narrowing) -> bool:
    return version < end.bound if end.end == "floor" else version >= end.bound


def _version(python: str) -> Version | None:
    try:
        return Version(python.lower().removeprefix("pypy").removeprefix("python").removesuffix("t").strip("-"))
    except InvalidVersion:
        return None


def _age(item: tuple[str, list[str]]) -> tuple[Version, str]:
    return _version(item[0]) or Version("0"), item[0]


def first(names: Sequence[str]) -> Sequence[str]:
    """Return the first few of *names*, and how many more there are."""
    return names if len(names) <= _SHOWN + 1 else [*names[:_SHOWN], f"+{len(names) - _SHOWN}"]


def skipped(rows: Iterable[Row]) -> Iterator[str]:
    """Yield each reason to skip sessions once."""
    names: dict[str, list[str]] = {}
    for row in rows:
        if row.spec.skip and f"`{row.spec.name}`" not in names.setdefault(row.spec.skip, []):
            names[row.spec.skip].append(f"`{row.spec.name}`")
    for reason, each in names.items():
        yield f"skipped: {', '.join(first(each))}: {reason}"


def refused(rows: Sequence[Row], told: Iterable[str]) -> Iterator[str]:
    """Yield each reason why sessions have no closure once, but for those that were *told* already."""
    names: dict[str, list[str]] = {}
    for answer in (answer for row in rows for answer in row.answers if answer.reason):
        names.setdefault(answer.reason, []).append(f"`{answer.title}`")
    for reason in told:
        names.pop(reason, None)
    for reason, titles in names.items():
        everybody = len(titles) == sum(len(row.answers) for row in rows)
        whose = "any session" if everybody else f"session {', '.join(first(titles))}"
        yield f"no closure for {whose}: {reason}"


def without_commands(rows: Iterable[Row]) -> Iterator[str]:
    """Yield what keeps a session from running its tests."""
    problems = [*dict.fromkeys(row.problem for row in rows if row.problem and not row.spec.skip)]
    yield from (f"fails: {problem}" for problem in problems[:_SHOWN])
    if len(problems) > _SHOWN:
        yield f"fails: and {len(problems) - _SHOWN} more, for the like reason"
