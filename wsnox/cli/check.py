"""``wsnox check``: the problems of a workspace that can be found without installing or running anything of it."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.annotations import annotation, checkout_prefix, print_annotations
from wsnox.cli.chosen import choose
from wsnox.cli.context import open_workspace, session_target
from wsnox.cli.output import first, show, target_text
from wsnox.cli.places import environments_of
from wsnox.cli.summaries import summaries
from wsnox.cli.terminal import Terminal
from wsnox.cli.without_effect import without_effect
from wsnox.environment.site_packages import known_site_packages
from wsnox.errors import StaleLockError, WsnoxError
from wsnox.freshness import stale_clauses
from wsnox.imports.findings import check_member
from wsnox.imports.inventory import Inventory
from wsnox.imports.reporting import combined_fixes, finding_annotations, finding_data, finding_lines
from wsnox.resolution_errors import UnusedFileError
from wsnox.resolutions.floors import refuse_unbounded
from wsnox.resolutions.requested import requested
from wsnox.resolutions.resolution_file import unused_files
from wsnox.text import counted
from wsnox.workspace.pythons import pythons_of_nobody, workspace_range
from wsnox.workspace.sessions import runs_of, title_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.cli.chosen import Chosen
    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Target
    from wsnox.imports.findings import CheckedMember
    from wsnox.imports.reporting import Finding
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import Session

__all__ = ["run"]


class _Checked(Record, kw_only=True):
    """The results: why the lockfile is *stale*, which *sessions* cannot be installed and why, *findings* of imports.

    *pythons* are the configured versions on which no session runs, in words, each after the path of the manifest; likewise,
    *without_effect* is what files say that nobody reads.
    *unsure* are the modules, by member, whose distribution is unknown; *unread* are files that cannot be parsed;
    *layouts* are the build settings, by member, that are not read, so that its imports are not judged.
    """

    stale: tuple[str, ...]
    pythons: tuple[tuple[str, str], ...]
    without_effect: tuple[tuple[str, str], ...]
    sessions: Mapping[str, str]
    findings: tuple[Finding, ...]
    unsure: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]
    layouts: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.stale or self.pythons or self.without_effect or self.sessions or self.findings)


def run(args: Namespace) -> int:
    """Print what is wrong with the members that *args* name, all of them by default; 1 where anything is."""
    locked = open_workspace(args)
    chosen = None if args.session is None else choose(args, locked, [], args.session)
    if chosen is None:
        members = [*map(locked.workspace.named, dict.fromkeys(args.members))] or [*locked.workspace.members]
        target = session_target(args, locked, [member.name for member in members])
        subject = counted(len(members), "member")
    else:
        members, target, subject = [*(chosen.run.session.members if chosen.run else ())], chosen.target, chosen.text
    checked = _checked(args, locked, members, target, chosen)
    if args.json:
        show({
            "session": chosen.title if chosen else None,
            "members": [{"name": member.name, "path": member.path} for member in members],
            "target": target,
            "stale": checked.stale,
            "unused_pythons": [{"file": file, "reason": problem} for file, problem in checked.pythons],
            "without_effect": [{"file": file, "reason": problem} for file, problem in checked.without_effect],
            "sessions": [{"session": title, "reason": reason} for title, reason in checked.sessions.items()],
            "findings": [finding_data(finding) for finding in checked.findings],
            "unsure": [{"member": name, "modules": modules} for name, modules in checked.unsure.items()],
            "unread": checked.unread,
            "unjudged": [{"member": name, "setting": setting} for name, setting in checked.layouts.items()],
        })  # fmt: skip
    else:
        _print(checked, f"{subject} checked", target, Terminal(args))
    print_annotations(_annotations(checked, locked.workspace), os.environ, sys.stderr if args.json else sys.stdout)
    return 1 if checked else 0


def _checked(
    args: Namespace, locked: LockedWorkspace, members: Sequence[Member], target: Target, chosen: Chosen | None
) -> _Checked:
    resolver = locked.resolver(target, python_option=args.python)
    workspace, lock = locked.workspace, locked.lock
    nearby = known_site_packages(workspace.root, environments_of(workspace.root)[0])
    inventory = Inventory(workspace, resolver, target, nearby=nearby)
    stale = tuple(stale_clauses(workspace, lock)) if workspace.requires_fresh_lock else ()
    pythons = () if chosen else tuple(_pythons_of_nobody(workspace, members, whole=not args.members))
    checks: dict[str, CheckedMember] = {}
    sessions: dict[str, str] = {}
    try:
        checks = {member.name: check_member(inventory, member) for member in members}
        names: set[str] = {member.name for member in members}
        sessions = dict(_failing_sessions(args, locked, names, chosen))
        sessions |= _failing_resolutions(locked, names, chosen)
        if not (chosen or args.members):
            runs = runs_of(suite_of(workspace).configured())
            for path in unused_files(workspace.root, runs):
                error = UnusedFileError(path)
                sessions[path.split(".")[1]] = f"{error.sentence}: {error.hint}"
        if not (chosen or pythons):
            sessions |= _sessions_without_python(workspace, names)
    except WsnoxError:
        # A lockfile of other members has no closures to check these against.
        if not stale:
            raise
    return _Checked(
        stale=stale,
        pythons=pythons,
        without_effect=() if chosen or args.members else tuple(_without_effect(workspace)),
        sessions=sessions,
        findings=tuple(finding for check in checks.values() for finding in check.findings),
        unsure={name: check.unsure for name, check in checks.items() if check.unsure and not check.unread_setting},
        layouts={name: check.unread_setting for name, check in checks.items() if check.unread_setting},
        unread=tuple(
            f"{workspace.named(name).path}/{file}" for name, check in checks.items() for file in check.unparsed
        ),
    )


def _failing_sessions(
    args: Namespace, locked: LockedWorkspace, names: set[str], chosen: Chosen | None
) -> Iterator[tuple[str, str]]:
    """Yield the sessions that must fail, with the reason: a conflict, a Python out of range.

    They are those that plain nox runs for members of these *names*, or the one that is *chosen*.
    """
    only = chosen.run.session.name if chosen and chosen.run else None

    def wanted(session: Session) -> bool:
        if chosen:
            return only is None or session.name == only
        return session.runs_by_default and names.issuperset(member.name for member in session.members)

    for summary in summaries(args, locked, wanted=wanted):
        if summary.problem:
            yield summary.title, summary.problem
        for size in summary.sizes:
            if size.reason and (not chosen or args.session == summary.session.name or size.session == chosen.title):
                yield size.session, size.reason


def _failing_resolutions(locked: LockedWorkspace, names: set[str], chosen: Chosen | None) -> Iterator[tuple[str, str]]:
    """Yield the sessions at other resolutions, of members of these *names* or *chosen*, whose file is absent or stale, and why."""
    runs = {run.resolution_file: run for run in runs_of(suite_of(locked.workspace).configured())}
    for run in runs.values():
        members = {member.name for member in run.session.members}
        wanted = (
            names >= members if chosen is None or chosen.run is None else run.session.name == chosen.run.session.name
        )
        if run.session.resolution and wanted:
            try:
                request = requested(locked.workspace, run, run.session.resolution, run.session.pythons)
                refuse_unbounded(locked.workspace, request, run.session.resolution, {})
                locked.of(run)
            except WsnoxError as error:
                yield title_of(run.session.name, variant=run.variant), error.sentence


def _pythons_of_nobody(workspace: Workspace, members: Sequence[Member], *, whole: bool) -> Iterator[tuple[str, str]]:
    """Yield the configured versions on which no session runs: of the manifests of *members*, and the root's if *whole*."""
    manifests = {member.manifest.path for member in members} | ({workspace.manifest.path} if whole else set())
    for manifest, problem in pythons_of_nobody(workspace):
        if manifest.path in manifests:
            yield _shown(manifest.path, workspace), problem


def _without_effect(workspace: Workspace) -> Iterator[tuple[str, str]]:
    for path, problem in without_effect(workspace):
        yield _shown(path, workspace), problem


def _shown(path: Path, workspace: Workspace) -> str:
    return Path(os.path.relpath(path, workspace.root)).as_posix()


def _sessions_without_python(workspace: Workspace, names: set[str]) -> dict[str, str]:
    """Return the sessions of members of these *names* that plain nox would run, but on no Python that fits."""
    reason = f"none of the Pythons that it is for is in the range of the workspace, `{workspace_range(workspace)}`"
    return {
        session.name: reason
        for session in suite_of(workspace).without_python()
        if session.runs_by_default and names.issuperset(member.name for member in session.members)
    }


def _print(checked: _Checked, subject: str, target: Target, terminal: Terminal) -> None:
    for finding in checked.findings:
        terminal.data("\n".join(finding_lines(finding)))
    for command in combined_fixes(checked.findings):
        terminal.data(f"together: {command}")
    for file, problem in (*checked.pythons, *checked.without_effect):
        terminal.data(f"{file}: {problem}")
    for reason, titles in _by_value(checked.sessions).items():
        terminal.data(f"{_sessions_with(reason, titles)}: {reason}")
    if checked.stale:
        # Last, where the eye falls first: everything above was checked against this lockfile.
        terminal.data(str(StaleLockError(checked.stale)))
    for name, modules in checked.unsure.items():
        terminal.note(f"{name}: unsure who provides {', '.join(modules)}; `nox -s {name}:imports` would tell")
    for setting, names in _by_value(checked.layouts).items():
        shown = ", ".join(first(names))
        terminal.note(f"{shown}: imports not judged, as {setting} decides what is shipped and is not read")
    if checked.unread:
        shown = ", ".join(first(checked.unread))
        terminal.note(f"not read, as Python {platform.python_version()} cannot parse it: {shown}")
    about_files = len(checked.stale) + len(checked.pythons) + len(checked.without_effect)
    problems = about_files + len(checked.sessions) + len(checked.findings)
    verdict = counted(problems, "problem") if problems else "nothing found"
    terminal.note(f"for {target_text(target)}\n{subject}: {terminal.marked(verdict, 'bad' if problems else 'good')}")


def _sessions_with(reason: str, titles: Sequence[str]) -> str:
    """Return the sessions of these *titles*, without the names if the *reason* has them: of members without pytest, say."""
    shown = first(titles)
    if len(titles) > 1 and all(f"`{title}`" in reason for title in shown if title in titles):
        return counted(len(titles), "session")
    return f"session{'s' if len(titles) > 1 else ''} {', '.join(shown)}"


def _by_value(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the keys of *texts* by their values: what is true of several is said once."""
    keys: dict[str, list[str]] = {}
    for key, value in texts.items():
        keys.setdefault(value, []).append(key)
    return keys


def _annotations(checked: _Checked, workspace: Workspace) -> Iterator[str]:
    prefix = checkout_prefix(workspace.root, os.environ)
    for line in checked.stale:
        yield annotation(line, title="wsnox: the lockfile is stale", file=f"{prefix}uv.lock")
    for file, problem in checked.pythons:
        yield annotation(problem, title="wsnox: a Python that no member supports", file=f"{prefix}{file}")
    for file, problem in checked.without_effect:
        yield annotation(problem, title="wsnox: without an effect", file=f"{prefix}{file}")
    for title, reason in checked.sessions.items():
        yield annotation(reason, title=f"wsnox: {title}")
    yield from finding_annotations(checked.findings, prefix=prefix)
