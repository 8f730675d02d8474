"""``wsnox list``: the members, their sessions with the sizes of their closures, and what was left out and why."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.cli.context import open_workspace, session_target, target_of_options
from wsnox.cli.output import aligned, first, show, source_data, target_data
from wsnox.cli.python_range import lost_pythons, narrowing, unbounded
from wsnox.cli.summaries import suite_on, summaries
from wsnox.closure import Selection
from wsnox.errors import WsnoxError
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.cli.context import LockedWorkspace
    from wsnox.cli.python_range import LostPython, Narrowing
    from wsnox.cli.summaries import SessionSummary
    from wsnox.closure import Target
    from wsnox.workspace import Member
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session

__all__ = ["run"]

_SESSION_DECORATOR = re.compile(r"^\s*@(\w+\.)*(session|member|integration)\b", re.MULTILINE)


def run(args: Namespace) -> int:
    """Print the members and sessions of the workspace that *args* name."""
    locked, running = open_workspace(args), target_of_options(args)
    suite = suite_on(locked, running)
    members = [*_members(locked, session_target(args, locked), args.python)]
    sessions = [*summaries(locked, suite, running, python_option=args.python, platform=args.platform)]
    narrowings = narrowing(locked.workspace)
    unbound = suite_of(unbounded(locked.workspace), running=running.python)
    lost = lost_pythons(_plain(unbound.configured()), _plain(suite.configured()), narrowings)
    if args.json:
        show(_data(locked, running, members, sessions, narrowings, lost))
        return 0
    sessions = [summary for summary in sessions if summary.session.kind != "imports" or summary.session.default]
    blocks = [_member_table(members), _session_table(sessions, len(members))]
    allowed = locked.lock.requires_python
    blocks.append([*_narrowed(narrowings, allowed), *_lost(lost, allowed), *_reasons(members, sessions)])
    print("\n\n".join("\n".join(block) for block in blocks if block))
    _note_on_noxfile(locked.workspace.root)
    return 0


def _plain(sessions: Iterable[Session]) -> list[Session]:
    """Return *sessions* without the checks of imports, of which each member has one beside its other sessions."""
    return [session for session in sessions if session.kind != "imports"]


def _note_on_noxfile(root: Path) -> None:
    """Say that functions of the noxfile are not looked at, where it seems to have some: only nox can load it."""
    try:
        text = (root / "noxfile.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if _SESSION_DECORATOR.search(text):
        note = "note: sessions that `noxfile.py` defines itself are not among these; `nox -l` shows them"
        print(note, file=sys.stderr)


# --- members --------------------------------------------------------------------------------------------------------


class _LockedMember(Record, kw_only=True):
    """A *member*, its *source* and *extras* in the lockfile, its closure's *size*, or the *reason* for none."""

    member: Member
    source: str
    extras: frozenset[str]
    size: int | None
    reason: str


def _members(locked: LockedWorkspace, target: Target, python_option: str | None) -> Iterator[_LockedMember]:
    lock = locked.lock
    resolver, refusal = None, ""
    try:
        resolver = locked.resolver(target, python_option=python_option)
    except WsnoxError as error:
        refusal = error.sentence
    for member in locked.workspace.members:
        source, extras = "-", frozenset[str](member.manifest.extras)
        indexes = lock.by_name.get(member.name, ())
        if len(indexes) == 1:
            package = lock.packages[indexes[0]]
            source = source_data(package.source)["kind"]
            extras = extras | package.extras.keys() | (package.provided_extras or frozenset())
        size, reason = None, refusal
        if resolver is not None:
            try:
                size = len(locked.closure(Selection(packages=(member.name,)), resolver).packages)
            except WsnoxError as error:
                reason = error.sentence
        yield _LockedMember(member=member, source=source, extras=extras, size=size, reason=reason)


def _member_table(members: Iterable[_LockedMember]) -> list[str]:
    head = ("member", "path", "requires-python", "source", "distributions", "extras", "groups")
    rows = (
        (
            row.member.name,
            row.member.path,
            row.member.manifest.requires_python or "-",
            row.source,
            "-" if row.size is None else str(row.size),
            # Forty extras would make the table unreadable.
            ", ".join(first(sorted(row.extras))) or "-",
            ", ".join(first(sorted(row.member.manifest.groups))) or "-",
        )
        for row in members
    )
    return aligned([head, *rows])


# --- sessions, in a table of a hundred columns ----------------------------------------------------------------------

_HEAD = ("session", "installs", "pythons", "size", "default", "tags", "runs")
_WIDTH = 100
_LEAST = 16
_INSTALLS = 28
_PROBLEMS = 4


def _session_table(sessions: Sequence[SessionSummary], members: int) -> list[str]:
    """Return the table of *sessions* of so many *members*: an empty column is left out, the last is cut to the width."""
    rows = []
    for summary in sessions:
        session, sizes = summary.session, summary.sizes
        closures = ["-" if size.size is None else str(size.size) for size in sizes]
        rows.append((
            summary.title,
            _cut(_installs(summary, members), _INSTALLS),
            ", ".join(size.python or "-" for size in sizes),
            # Once where it is the same on every Python.
            ", ".join(closures if len(set(closures)) > 1 else closures[:1]),
            "skip" if session.skip else "yes" if session.default else "no",
            ", ".join(_chosen_tags(summary)),
        ))  # fmt: skip
    head = _HEAD[:-1] if any(row[5] for row in rows) else (*_HEAD[:5], "")
    lines = aligned([head, *rows]) if rows else []
    width = max(map(len, lines), default=0) + 2
    runs = ["runs", *(_cut(_runs(summary), max(_WIDTH - width, _LEAST)) for summary in sessions)]
    return [f"{line.ljust(width)}{text}".rstrip() for line, text in zip(lines, runs, strict=False)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _installs(summary: SessionSummary, members: int) -> str:
    """Return the members with their extras and groups, or `all members` if it is all of them with neither."""
    names = [selection.member.name for selection in summary.selections]
    texts = [
        _requested(
            selection.member.name, "*" if selection.extras == "all" else ",".join(selection.extras), selection.groups
        )
        for selection in summary.selections
    ]
    text = "all members" if 1 < members == len(texts) and texts == names else ", ".join(texts)
    root_groups = summary.session.root_groups
    return f"{text}, {_requested('root', '', root_groups)}" if root_groups else text


def _requested(name: str, extras: str, groups: Sequence[str] | None) -> str:
    return f"{name}{f'[{extras}]' if extras else ''}{':' if groups else ''}{','.join(groups or ())}"


def _chosen_tags(summary: SessionSummary) -> list[str]:
    """Return the tags that somebody chose: the kind, the members and the name are tags of every session."""
    session = summary.session
    given = {"member", "integration", "test", session.name, session.name.rpartition(":")[2]}
    given.update(selection.member.name for selection in summary.selections)
    return [tag for tag in session.tags if tag not in given]


def _runs(summary: SessionSummary) -> str:
    """Return the commands on one line."""
    if summary.checks_imports and not summary.session.skip:
        return "(checks imports)"
    commands = (
        command
        if isinstance(command, str)
        else " ".join(word if word.startswith("{") else shlex.quote(word) for word in command)
        for command in summary.commands
    )
    return "; ".join(commands) or ("fails" if summary.problem else "-")


# --- notes: who narrowed the range, and what was left out, skipped or refused ---------------------------------------


def _narrowed(narrowings: Sequence[Narrowing], allowed: str) -> Iterator[str]:
    for end, verb in (("floor", "raised"), ("ceiling", "lowered")):
        causes = [cause for cause in narrowings if cause.end == end]
        if causes:
            members = ", ".join(first([f"`{cause.member.name}`" for cause in causes]))
            yield f"`uv.lock` is for Python `{allowed}`: {members} {verb} the {end} to `{causes[0].bound}`"


def _lost(lost: Iterable[LostPython], allowed: str) -> Iterator[str]:
    for lost_python in lost:
        sessions = ", ".join(first([f"`{name}`" for name in lost_python.sessions]))
        yield f"no session on Python `{lost_python.python}` for {sessions}: {_lost_reason(lost_python, allowed)}"


def _lost_reason(lost: LostPython, allowed: str) -> str:
    if not lost.members:
        return f"the lockfile is for Python `{allowed}`"
    verb = "raised the floor" if lost.end == "floor" else "lowered the ceiling"
    return f"{', '.join(first([f'`{name}`' for name in lost.members]))} {verb} to `{lost.bound}`"


def _reasons(members: Sequence[_LockedMember], sessions: Sequence[SessionSummary]) -> Iterator[str]:
    """Yield each reason once: why sessions are skipped, have no closure, or fail."""
    skipped = _grouped((summary.session.skip, summary.session.name) for summary in sessions)
    for reason, names in skipped.items():
        yield f"skipped: {', '.join(first(names))}: {reason}"
    refused = _grouped((row.reason, row.member.name) for row in members)
    for reason, names in refused.items():
        yield f"no closure for {'any member' if len(names) == len(members) else ', '.join(first(names))}: {reason}"
    sizes = [size for summary in sessions for size in summary.sizes]
    for reason, names in _grouped((size.reason, size.title) for size in sizes).items():
        if reason not in refused:
            whose = "any session" if len(names) == len(sizes) else f"session {', '.join(first(names))}"
            yield f"no closure for {whose}: {reason}"
    problems = [*dict.fromkeys(summary.problem for summary in sessions if summary.problem and not summary.session.skip)]
    yield from (f"fails: {problem}" for problem in problems[:_PROBLEMS])
    if len(problems) > _PROBLEMS:
        yield f"fails: and {len(problems) - _PROBLEMS} more, for the like reason"


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names by reason, each once and in backticks; without a reason, none."""
    names: dict[str, dict[str, None]] = {}
    for reason, name in pairs:
        if reason:
            names.setdefault(reason, {})[f"`{name}`"] = None
    return {reason: [*unique] for reason, unique in names.items()}


# --- JSON -----------------------------------------------------------------------------------------------------------


def _data(  # noqa: PLR0917 - one for each part of the output
    locked: LockedWorkspace,
    running: Target,
    members: Iterable[_LockedMember],
    sessions: Iterable[SessionSummary],
    narrowings: Iterable[Narrowing],
    lost: Iterable[LostPython],
) -> dict[str, Any]:
    root, allowed = locked.workspace.root, locked.lock.requires_python
    return {
        "root": root.as_posix(),
        "requires_python": allowed,
        "narrowed_by": [
            {"member": cause.member.name, "end": cause.end, "bound": str(cause.bound)} for cause in narrowings
        ],
        "target": target_data(running),
        "members": [
            {
                "name": row.member.name,
                "path": row.member.path,
                "requires_python": row.member.manifest.requires_python,
                "source": row.source,
                "extras": sorted(row.extras),
                "groups": sorted(row.member.manifest.groups),
                "distributions": row.size,
                "reason": row.reason,
            }
            for row in members
        ],
        "sessions": [_session_data(summary, root) for summary in sessions],
        "left_out": [
            {
                "python": lost_python.python,
                "sessions": list(lost_python.sessions),
                "narrowed_by": list(lost_python.members),
                "reason": _lost_reason(lost_python, allowed),
            }
            for lost_python in lost
        ],
    }


def _session_data(summary: SessionSummary, root: Path) -> dict[str, Any]:
    session = summary.session
    return {
        "name": session.name,
        "variant": summary.variant,
        "description": session.description,
        "members": [_selection_data(selection) for selection in summary.selections],
        "root_groups": list(session.root_groups),
        "root_default_groups": session.root_defaults,
        "editable": session.editable,
        "directory": session.directory.relative_to(root).as_posix(),
        "pythons": None if session.pythons is None else list(session.pythons),
        "closures": [
            {"session": size.title, "python": size.python or None, "distributions": size.size, "reason": size.reason}
            for size in summary.sizes
        ],
        "default": session.default,
        "skip": session.skip,
        "tags": list(session.tags),
        "requires": list(session.requires),
        "env": dict(session.env),
        "commands": [command if isinstance(command, str) else list(command) for command in summary.commands],
        "commands_configured": session.commands is not None,
        "checks_imports": summary.checks_imports,
        "problem": summary.problem,
    }


def _selection_data(selection: MemberSelection) -> dict[str, Any]:
    """Return the member with its extras, or ``all``, and its groups, null where they are uv's default groups."""
    return {
        "name": selection.member.name,
        "extras": selection.extras if selection.extras == "all" else list(selection.extras),
        "groups": None if selection.groups is None else list(selection.groups),
    }
