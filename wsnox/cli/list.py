"""``wsnox list``: the members, their sessions with the sizes of their closures, and what was left out and why."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from wsnox._record import Record, replace
from wsnox.cli.closures import Closures
from wsnox.cli.context import attempt, open_workspace, session_target, target_of_options
from wsnox.cli.narrowings import narrowings
from wsnox.cli.nox_sessions import FoundByNox, found_by_nox
from wsnox.cli.output import first, show
from wsnox.cli.summaries import summaries
from wsnox.cli.terminal import Terminal
from wsnox.closure import Selection, lower
from wsnox.errors import WsnoxError
from wsnox.text import counted
from wsnox.workspace.pythons import MINORS
from wsnox.workspace.suite import IMPORTS, suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.cli.context import LockedWorkspace
    from wsnox.cli.narrowings import Narrowing
    from wsnox.cli.nox_sessions import OtherSession
    from wsnox.cli.summaries import SessionSummary
    from wsnox.closure import Target
    from wsnox.colour import Meaning
    from wsnox.lock import Source
    from wsnox.workspace import Workspace
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.settings import Command, Names, NamesOrAll

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the members and sessions of the workspace that *args* name."""
    locked, running, terminal = open_workspace(args), target_of_options(args), Terminal(args)
    workspace, allowed = locked.workspace, locked.lock.requires_python
    configured = frozenset(session.name for session in suite_of(workspace, running=running.python).configured())
    found = attempt(lambda: found_by_nox(workspace, configured))
    noxfile = FoundByNox() if isinstance(found, WsnoxError) else found
    closures = Closures(locked)
    members = [*_members(args, locked, closures)]
    sessions = [*summaries(args, locked, more=noxfile.sessions, closures=closures)]
    bounds = [*narrowings(workspace)]
    left_out = [*_left_out(locked, running, sessions, bounds)]
    if args.json:
        show({
            "root": workspace.root.as_posix(),
            "requires_python": allowed,
            "narrowed_by": [{"member": bound.member, "end": bound.end, "bound": str(bound.bound)} for bound in bounds],
            "target": running,
            "members": members,
            "sessions": [_session_data(summary, workspace.root) for summary in sessions],
            "other_sessions": noxfile.other,
            "left_out": left_out,
        })  # fmt: skip
    else:
        _show_members(members, terminal)
        _show_sessions(sessions, noxfile.other, len(members), terminal)
        notes = [*_narrowed(bounds, allowed), *_reasons(members, sessions, left_out)]
        if notes:
            terminal.data("\n".join(["", *notes]))
    if isinstance(found, WsnoxError):
        terminal.note(f"note: sessions that the noxfile defines itself are not among these: {found.sentence}")
    elif unused := [*_unused_tasks(workspace, sessions)]:
        terminal.note(f"note: no `commands`, and no function of the noxfile, for {_several(unused)}")
    if noxfile.names is not None and (missing := [name for name in sorted(configured) if name not in noxfile.names]):
        terminal.note(
            f"note: not registered by the noxfile, which may not call `wsnox.sessions()`: {_several(missing)}"
        )
    return 0


# --- members --------------------------------------------------------------------------------------------------------


class _Row(Record, kw_only=True):
    """A member, its *source* and *extras* in the lockfile, the *size* of its closure, or the *reason* for none."""

    name: str
    path: str
    requires_python: str
    source: Source | None
    extras: list[str]
    groups: list[str]
    size: int | None
    reason: str


def _members(args: Namespace, locked: LockedWorkspace, closures: Closures) -> Iterator[_Row]:
    lock, target = locked.lock, session_target(args, locked)
    resolver = attempt(lambda: locked.resolver(target, python_option=args.python))
    for member in locked.workspace.members:
        source, extras = None, set[str](member.manifest.extras)
        indexes = lock.by_name.get(member.name, ())
        if len(indexes) == 1:
            package = lock.packages[indexes[0]]
            source = package.source
            extras.update(package.extras, package.provided_extras or ())
        count, reason = None, ""
        try:
            if isinstance(resolver, WsnoxError):
                raise resolver
            request = lower(locked.workspace, lock, Selection(packages=(member.name,)))
            count = closures.closure(request, target).bit_count()
        except WsnoxError as error:
            reason = error.sentence
        yield _Row(
            name=member.name,
            path=member.path,
            requires_python=member.manifest.requires_python,
            source=source,
            extras=sorted(extras),
            groups=sorted(member.manifest.groups),
            size=count,
            reason=reason,
        )


_MEANINGS: Mapping[str, Meaning] = {"-": "faint", "no": "faint", "skip": "changed", "fails": "bad"}


def _show_members(members: Iterable[_Row], terminal: Terminal) -> None:
    # Forty extras would make the table unreadable; whoever reads a pipe wants them all.
    shown = first if terminal.width else tuple[str, ...]
    rows = (
        (
            row.name,
            "-" if row.size is None else str(row.size),
            row.requires_python or "-",
            row.path,
            "-" if row.source is None else "" if row.source.kind == "editable" else row.source.kind,
            ", ".join(shown(row.extras)) or "-",
            ", ".join(shown(row.groups)) or "-",
        )
        for row in members
    )
    terminal.table(rows, ("member", "size", "requires-python", "path", "source", "extras", "groups"), _MEANINGS)


# --- sessions -------------------------------------------------------------------------------------------------------

_FUNCTION = "(noxfile.py)"
_CHECKS = 4
_PROBLEMS = 4


def _show_sessions(
    sessions: Sequence[SessionSummary], other: Sequence[OtherSession], members: int, terminal: Terminal
) -> None:
    """Print the table of *sessions* of so many *members*, and of *other* ones.

    A terminal gets one line for the sessions that check imports of a member, which are as many as members and all alike.
    """
    checks = [summary for summary in sessions if summary.session.kind == "imports" and not summary.session.skip]
    folded = checks if terminal.width and len(checks) > _CHECKS else []
    rows = []
    for summary in sessions:
        if summary in folded:
            continue
        session, sizes = summary.session, summary.sizes
        counts = ["-" if size.size is None else str(size.size) for size in sizes]
        rows.append((
            summary.title,
            ", ".join(size.python or "-" for size in sizes),
            # Once where it is the same on every Python.
            ", ".join(counts if len(set(counts)) > 1 else counts[:1]),
            "skip" if session.skip else "yes" if session.default else "no",
            ", ".join(_chosen_tags(summary)),
            _installs(summary, members),
            _runs(summary),
        ))  # fmt: skip
    for session_of_nox in other:
        default = "yes" if session_of_nox.default else "no"
        pythons = ", ".join(session_of_nox.pythons) or "-"
        tags = ", ".join(tag for tag in session_of_nox.tags if tag != session_of_nox.name)
        rows.append((session_of_nox.name, pythons, "-", default, tags, "-", _FUNCTION))
    if rows:
        terminal.data("")
        terminal.table(rows, ("session", "pythons", "size", "default", "tags", "installs", "runs"), _MEANINGS)
    if folded:
        terminal.data(f"and {counted(len(folded), 'session')} `MEMBER:imports`, which check imports: `nox -t imports`")


def _installs(summary: SessionSummary, members: int) -> str:
    """Return the members with their extras and groups; `all members` if it is all of them, each with what it has of these.

    Nothing is said of a session that installs the member alone that it is called after.
    """
    selections = summary.selections
    if 1 < members == len(selections) and (common := _in_common(selections)):
        text = _requested("all members", *common)
    else:
        text = ", ".join(_requested(chosen.member.name, chosen.extras, chosen.groups) for chosen in selections)
    root_groups, of_member = summary.session.root_groups, summary.session.name.partition(":")[0]
    text = ", ".join(filter(None, (text, _requested("root", (), root_groups) if root_groups else "")))
    return "" if text == of_member else text or "-"


def _in_common(selections: Sequence[MemberSelection]) -> tuple[NamesOrAll, Names | None] | None:
    """Return the extras and groups of which every one of *selections* has all that its member knows; `None` if they differ."""
    asked = {(selection.extras, selection.groups) for selection in selections}
    if len(asked) == 1:
        return asked.pop()
    if any(extras == "all" for extras, _ in asked) or len({groups is None for _, groups in asked}) > 1:
        return None
    extras = {extra for names, _ in asked if names != "all" for extra in names}
    groups = {group for _, names in asked for group in names or ()}
    for selection in selections:
        known = selection.member.manifest
        if {*selection.extras} != extras & known.extras or {*(selection.groups or ())} != groups & known.groups.keys():
            return None
    return tuple(sorted(extras)), tuple(sorted(groups))


def _requested(name: str, extras: NamesOrAll, groups: Names | None) -> str:
    text = "*" if extras == "all" else ",".join(extras)
    return f"{name}{f'[{text}]' if text else ''}{':' if groups else ''}{','.join(groups or ())}"


def _chosen_tags(summary: SessionSummary) -> list[str]:
    """Return the tags that somebody chose: the kind, the members and the name are tags of every session."""
    session = summary.session
    given = {"member", "integration", "root", "test", session.name, session.name.rpartition(":")[2]}
    given.update(selection.member.name for selection in summary.selections)
    return [tag for tag in session.tags if tag not in given]


def _runs(summary: SessionSummary) -> str:
    """Return the commands on one line, as a shell would have them: those in the background end in ``&``."""
    session = summary.session
    if summary.function:
        return _FUNCTION
    if summary.checks_imports and not session.skip:
        return "(checks imports)"
    commands = [
        *map(_in_shell, session.before),
        *(f"{_in_shell(background.command)} &" for background in session.background),
        *(map(_in_shell, summary.commands) if summary.commands else ["fails"] if summary.problem else ()),
        *map(_in_shell, session.after),
    ]
    return "; ".join(commands) or ("-" if session.skip else "(installs only)")


def _in_shell(command: Command) -> str:
    if isinstance(command, str):
        return command
    return " ".join(word if word.startswith("{") else shlex.quote(word) for word in command)


# --- Pythons that the range of the workspace leaves out -------------------------------------------------------------


class _LeftOut(Record, kw_only=True):
    """A *python* on which sessions would run, but for the range of the workspace, for the *reason*."""

    python: str
    session_names: list[str]
    reason: str


def _left_out(
    locked: LockedWorkspace, running: Target, sessions: Iterable[SessionSummary], bounds: Sequence[Narrowing]
) -> Iterator[_LeftOut]:
    """Yield the Pythons that the *sessions* would have if no member said which Pythons it is for."""
    kept = {(summary.session.name, size.python) for summary in sessions for size in summary.sizes}
    missing: dict[str, list[str]] = {}
    for session in suite_of(_without_ranges(locked.workspace), running=running.python).configured():
        # `"requires-python"` stands for the Pythons of the range and no others.
        if session.kind != "imports" and session.pythons != MINORS:
            for python in session.pythons or ():
                if (session.name, python) not in kept:
                    missing.setdefault(python, []).append(session.name)
    for python, names in sorted(missing.items(), key=lambda item: (_version(item[0]) or Version("0"), item[0])):
        version = _version(python)
        causes = [bound for bound in bounds if version is not None and bound.excludes(version)]
        reason = _bound_of(causes) if causes else f"the lockfile is for Python `{locked.lock.requires_python}`"
        yield _LeftOut(python=python, session_names=names, reason=reason)


def _unused_tasks(workspace: Workspace, sessions: Iterable[SessionSummary]) -> Iterator[str]:
    """Yield the tasks that only a member has and that run nothing: their tables are settings for functions, and there is none."""
    known = {IMPORTS, *workspace.manifest.config.tasks}
    named = {summary.session.name for summary in sessions}
    for member in workspace.members:
        for name, task in member.config.tasks.items():
            if name not in known and task.settings.commands is None and f"{member.name}:{name}" not in named:
                yield f"{member.name}:{name}"


def _without_ranges(workspace: Workspace) -> Workspace:
    members = (replace(member, manifest=replace(member.manifest, requires_python="")) for member in workspace.members)
    return replace(workspace, members=tuple(members))


def _version(python: str) -> Version | None:
    try:
        return Version(python.lower().removeprefix("pypy").removeprefix("python").removesuffix("t").strip("-"))
    except InvalidVersion:
        return None


def _bound_of(causes: Sequence[Narrowing]) -> str:
    verb = "raised the floor" if causes[0].end == "floor" else "lowered the ceiling"
    return f"{_several(cause.member for cause in causes)} {verb} to `{causes[0].bound}`"


def _several(names: Iterable[str]) -> str:
    return ", ".join(first([f"`{name}`" for name in dict.fromkeys(names)]))


# --- notes: who narrowed the range, and what was left out, skipped or refused ---------------------------------------


def _narrowed(bounds: Sequence[Narrowing], allowed: str) -> Iterator[str]:
    for end in ("floor", "ceiling"):
        if causes := [bound for bound in bounds if bound.end == end]:
            yield f"`uv.lock` is for Python `{allowed}`: {_bound_of(causes)}"


def _reasons(
    members: Sequence[_Row], sessions: Sequence[SessionSummary], left_out: Iterable[_LeftOut]
) -> Iterator[str]:
    """Yield each reason once: why Pythons are left out, and why sessions are skipped, have no closure, or fail."""
    for lost in left_out:
        yield f"no session on Python `{lost.python}` for {_several(lost.session_names)}: {lost.reason}"
    for reason, names in _grouped((summary.session.skip, summary.session.name) for summary in sessions).items():
        yield f"skipped: {_several(names)}: {reason}"
    refused = _grouped((row.reason, row.name) for row in members)
    for reason, names in refused.items():
        yield f"no closure for {'any member' if len(names) == len(members) else _several(names)}: {reason}"
    sizes = [size for summary in sessions for size in summary.sizes]
    for reason, names in _grouped((size.reason, size.session) for size in sizes).items():
        if reason not in refused:
            yield f"no closure for {'any session' if len(names) == len(sizes) else f'session {_several(names)}'}: {reason}"
    problems = [*dict.fromkeys(summary.problem for summary in sessions if summary.problem and not summary.session.skip)]
    yield from (f"fails: {problem}" for problem in problems[:_PROBLEMS])
    if len(problems) > _PROBLEMS:
        yield f"fails: and {len(problems) - _PROBLEMS} more, for the like reason"


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names by reason, each once; without a reason, none."""
    names: dict[str, list[str]] = {}
    for reason, name in pairs:
        if reason and name not in names.setdefault(reason, []):
            names[reason].append(name)
    return names


# --- JSON -----------------------------------------------------------------------------------------------------------


_AS_CONFIGURED = ("root_groups", "editable", "pythons", "default", "tags", "requires", "env")


def _session_data(summary: SessionSummary, root: Path) -> dict[str, Any]:
    session = summary.session
    return {
        "name": session.name,
        "kind": session.kind,
        "variant": summary.variant or None,
        "description": session.description,
        "skip": session.skip or None,
        # Groups are null where they are uv's default groups.
        "members": [
            {
                "name": selection.member.name,
                "path": selection.member.path,
                "extras": sorted(selection.member.manifest.extras) if selection.extras == "all" else selection.extras,
                "groups": selection.groups,
            }
            for selection in summary.selections
        ],
        **{key: getattr(session, key) for key in _AS_CONFIGURED},
        "root_default_groups": session.root_defaults,
        "resolution": session.resolution.name if session.resolution else None,
        "directory": posixpath.relpath(session.directory.as_posix(), root.as_posix()),
        "runs": summary.sizes,
        "commands": summary.commands,
        "commands_configured": session.commands is not None and not summary.function,
        "function": summary.function,
        "commands_before": session.before,
        "background": session.background,
        "commands_after": session.after,
        "checks_imports": summary.checks_imports,
        "problem": summary.problem or None,
    }
