"""``wsnox init``: a noxfile for the workspace, the settings that its tests need to find pytest, and what else is wrong.

The commonest layout has pytest in a group of the root, which no member's session installs by itself. The closures of the
lockfile show which sessions would find none; the settings are shown, and written into the manifest if somebody says so.
"""

from __future__ import annotations

import codecs
import re
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.cli.context import LockedWorkspace
from wsnox.cli.output import first, show
from wsnox.cli.places import root_of
from wsnox.cli.summaries import summaries
from wsnox.cli.terminal import Terminal
from wsnox.environment.installers import refuse_uv
from wsnox.environment.isolation import find_uv
from wsnox.errors import LockNotFoundError, NoxfileExistsError, StaleLockError, WsnoxError
from wsnox.files import write_through
from wsnox.freshness import stale_clauses
from wsnox.lock import LOCKFILE, read_lock
from wsnox.text import counted
from wsnox.workspace import discover
from wsnox.workspace.commands import Setting, group_with_pytest
from wsnox.workspace.suite import suite_of
from wsnox.workspace.toml_edit import with_value

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from wsnox.cli.summaries import SessionSummary
    from wsnox.workspace import Workspace
    from wsnox.workspace.sessions import Session

__all__ = ["advised", "noxfile", "run"]

_DOCSTRING = (
    '"""The sessions of this workspace: `nox -l` lists them, `[tool.wsnox]` in pyproject.toml configures them."""'
)
_CALL = "import wsnox\n\nwsnox.sessions()\n"


class _Findings(Record, kw_only=True):
    """The *settings* by which tests find pytest, and the *problems* that let the first run fail whatever is set."""

    settings: tuple[Setting, ...] = ()
    problems: tuple[str, ...] = ()


def run(args: Namespace) -> int:
    """Write the noxfile of the workspace that *args* name, and the settings if that is wanted, and say what comes next."""
    workspace = discover(root_of(args))
    sessions = [session for session in suite_of(workspace).configured() if session.default]
    path = workspace.root / "noxfile.py"
    exists = path.is_symlink() or path.exists()
    if exists and not _calls_wsnox(path):
        raise NoxfileExistsError(path)
    findings = _findings(args, workspace)
    edits = _edits(findings.settings)
    if not edits or not (args.yes or _agreed(args, workspace.root, findings.settings, edits)):
        edits = {}
    unwritten = tuple(setting for setting in findings.settings if setting.manifest.path not in edits)
    for manifest, content in edits.items():
        write_through(manifest, content)
    if not exists:
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(noxfile(_lines(unwritten, workspace.root)))
        except FileExistsError:
            raise NoxfileExistsError(path) from None
    written = [*(() if exists else (path,)), *edits]
    if args.json:
        show({
            "path": path.as_posix(),
            "written": [file.as_posix() for file in written],
            "session_names": [session.name for session in sessions],
            "advice": _lines(unwritten, workspace.root),
            "problems": findings.problems,
        })  # fmt: skip
        return 0
    print("\n".join(map(str, written)) or f"nothing to write: `{path}` calls wsnox", flush=True)
    prefix = "" if (workspace.root / LOCKFILE).exists() else "`uv lock`; then "
    terminal = Terminal(args)
    terminal.note(f"next: {prefix}`nox` runs {counted(len(sessions), 'session')}, `nox -l` lists them")
    if unwritten:
        lines = _lines(unwritten, workspace.root)
        how = "`wsnox init --yes` writes that." if _edits(unwritten) else "wsnox cannot write that for you."
        terminal.note("\n".join(["", _reason(lines), "", *lines, "", how]))
    if findings.problems:
        terminal.note("\n\n".join(["\nUntil this is done, `nox` fails:", *findings.problems]))
    return 0


def _calls_wsnox(path: Path) -> bool:
    try:
        return re.search(r"\bwsnox\b", path.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        return False


# --- the noxfile -----------------------------------------------------------------------------------------------------


def noxfile(advice: Iterable[str]) -> str:
    """Return the noxfile, with the lines of *advice* as a comment."""
    lines = [*advice]
    if not lines:
        return f"{_DOCSTRING}\n\n{_CALL}"
    comment = "\n".join(["#", *(f"#     {line}" for line in lines)])
    return f"{_DOCSTRING}\n\n# {_reason(lines)}\n{comment}\n\n{_CALL}"


def _reason(advice: Iterable[str]) -> str:
    keys = " and ".join(f"`{line.partition(' ')[0]}`" for line in advice if not line.startswith(("[", "#")))
    return f"Some tests find no pytest in their closure. Set {keys} in the pyproject.toml beside this file:"


# --- what the first run would meet -----------------------------------------------------------------------------------


def _findings(args: Namespace, workspace: Workspace) -> _Findings:
    """Return what plain nox would meet on this machine, as far as that shows without installing anything."""
    problems: list[str] = []
    failing: list[Session] = []
    reasons: dict[str, list[str]] = {}
    for summary in _summaries(args, workspace, problems):
        if summary.session.default and not summary.session.skip:
            if summary.problem and group_with_pytest(summary.session, workspace.manifest):
                failing.append(summary.session)
            elif summary.problem:
                reasons.setdefault(summary.problem, []).append(summary.title)
            for size in summary.sizes:
                if size.reason:
                    reasons.setdefault(size.reason, []).append(size.session)
    problems += [f"{', '.join(first(titles))}: {reason}" for reason, titles in reasons.items()]
    return _Findings(settings=advised(workspace, failing), problems=tuple(problems))


def _summaries(args: Namespace, workspace: Workspace, problems: list[str]) -> list[SessionSummary]:
    """Return the sessions as far as the lockfile has them, and add what is wrong with it, or with uv, to *problems*."""
    try:
        refuse_uv(find_uv(), workspace)
    except WsnoxError as error:
        problems.append(str(error))
    stale: tuple[str, ...] = ()
    try:
        lock = read_lock(workspace.root)
        if workspace.requires_fresh_lock and (stale := stale_clauses(workspace, lock)):
            problems.append(str(StaleLockError(stale)))
        return [*summaries(args, LockedWorkspace(workspace=workspace, lock=lock))]
    except LockNotFoundError:
        return []
    except WsnoxError as error:
        # A lockfile of other members has no closures for these.
        problems += [] if stale else [str(error)]
        return []


def advised(workspace: Workspace, failing: Iterable[Session]) -> tuple[Setting, ...]:
    """Return the settings that give pytest to the *failing* sessions: from a group of their own, else of the root.

    What the root's table of all members can say stands there once, and not in the table of each member.
    """
    root = workspace.manifest
    for_all: dict[str, list[str]] = {"groups": [], "root-groups": []}
    settings: dict[tuple[Path, str], Setting] = {}
    for session in failing:
        if (choice := group_with_pytest(session, root)) is None:
            continue
        _, setting = choice
        of_member = not session.integration and session.members[0].config.settings.groups is None
        if setting.table == "tool.wsnox" and (setting.manifest == root or (setting.key == "groups" and of_member)):
            for_all[setting.key] += setting.values
        else:
            settings[setting.manifest.path, setting.table] = setting
    if for_all["groups"] and root.config.settings.groups is None:
        # The key replaces the groups that uv installs by default.
        defaults = {group for member in workspace.members for group in member.manifest.groups_by_default()}
        for_all["groups"] = sorted({*for_all["groups"], *defaults})
    shared = [
        Setting(key=key, values=tuple(dict.fromkeys(groups)), table="tool.wsnox", manifest=root)
        for key, groups in for_all.items()
        if groups
    ]
    return tuple(sorted((*shared, *settings.values()), key=lambda setting: setting.manifest.path != root.path))


# --- settings in manifests -------------------------------------------------------------------------------------------


def _lines(settings: Iterable[Setting], root: Path) -> list[str]:
    """Return *settings* as TOML, those of other manifests than the one at *root* after a comment that names it."""
    lines: list[str] = []
    for path, of_file in groupby(settings, lambda setting: setting.manifest.path):
        if path.parent != root:
            lines.append(f"# in {path.relative_to(root).as_posix()}")
        for table, of_table in groupby(of_file, lambda setting: setting.table):
            lines += [f"[{table}]", *(setting.line for setting in of_table)]
    return lines


def _edits(settings: Iterable[Setting]) -> dict[Path, bytes]:
    """Return the new content of each manifest in which all its *settings* can be set with nothing else changed."""
    edits: dict[Path, bytes] = {}
    for path, of_file in groupby(settings, lambda setting: setting.manifest.path):
        try:
            content = path.read_bytes()
            mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
            text = content.removeprefix(mark).decode()
            # The first in a table is set last: each new key stands at the top.
            for setting in reversed([*of_file]):
                text = with_value(text, setting.table, setting.key, setting.values)
            edits[path] = mark + text.encode()
        except (OSError, ValueError):
            continue
    return edits


def _agreed(args: Namespace, root: Path, settings: Sequence[Setting], edits: Mapping[Path, bytes]) -> bool:
    """Ask at the terminal whether to make the *edits*; without a terminal, nobody agrees."""
    if args.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    shown = [setting for setting in settings if setting.manifest.path in edits]
    lines = ["Some tests find no pytest in their closure. That helps:", "", *_lines(shown, root), ""]
    files = ", ".join(f"`{path.relative_to(root).as_posix()}`" for path in edits)
    print("\n".join(lines), f"Write it into {files}? [Y/n] ", sep="\n", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    # The end of the input is no answer.
    return answer != "" and answer.strip().lower() in ("", "y", "yes")
