"""``wsnox affected``: the sessions that a change can affect, one per line, and the reasons on stderr."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.change.affected import rules_for
from wsnox.change.manifest import parts_of_manifest
from wsnox.change.records import State
from wsnox.change.since import Since, suite_of
from wsnox.cli.data import show
from wsnox.cli.opened import root_of
from wsnox.cli.reasons import reason_data, reason_text
from wsnox.cli.text import counted, named
from wsnox.lock import read_lock
from wsnox.workspace import discover
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from wsnox.change.records import Affected, AffectedRun, Run
    from wsnox.change.rules import Meaning

__all__ = ["note_of_noxfile", "run", "runs_to_take"]

_OWN = re.compile(r"^\s*@(\w+\.)*(session|member|integration)\b", re.MULTILINE)
_SHOWN = 10


def run(args: Namespace) -> int:
    """Print which sessions are affected, or what a change of one file would mean."""
    suite = suite_of(discover(root_of(args), os.environ))
    if args.explain is not None:
        return _explain(args, suite)
    found = Since(suite, args.since).affected(Suite.configured)
    taken = [each for each in found.runs if args.all or runs_to_take(each.run)]
    if args.json:
        show(_data(args, found, taken))
        note_of_noxfile(suite.workspace.root, args.since)
        return 0
    print(_summary(args, found, taken), file=sys.stderr)
    for line in (*_of_all(found), *_of_each(taken)):
        print(_on_one_line(line), file=sys.stderr)
    note_of_noxfile(suite.workspace.root, args.since)
    for each in taken:
        print(each.run.title)
    return 0


def runs_to_take(run: Run) -> bool:
    """Tell whether plain ``nox`` would run *run*, and not skip it."""
    return run.spec.default and not run.spec.skip


def note_of_noxfile(root: Path, since: str | None = None) -> None:
    """Say that functions of the noxfile are not looked at, where it seems to have some: only nox can load it."""
    try:
        text = (root / "noxfile.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if _OWN.search(text):
        command = f"WSNOX_SINCE={shlex.quote(since)} nox -l" if since else "nox -l"
        note = f"note: sessions that `noxfile.py` defines itself are not among these; `{command}` shows them"
        print(note, file=sys.stderr)


def _on_one_line(text: str) -> str:
    """Return *text* with what a file's name can hold, and a terminal cannot show, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


def _summary(args: Namespace, found: Affected, taken: Sequence[AffectedRun]) -> str:
    sessions = counted(len(taken), "session")
    return f"{sessions} affected since `{args.since}`, of {found.total}"


def _of_all(found: Affected) -> Iterator[str]:
    for reason in found.everything[:_SHOWN]:
        yield f"everything: {reason_text(reason)}"
    if len(found.everything) > _SHOWN:
        yield f"everything: and {len(found.everything) - _SHOWN} more reasons"


def _of_each(taken: Sequence[AffectedRun]) -> Iterator[str]:
    for each in taken:
        yield from (f"{each.run.title}: {reason_text(reason)}" for reason in each.reasons)


def _data(args: Namespace, found: Affected, taken: Sequence[AffectedRun]) -> dict[str, Any]:
    return {
        "since": args.since,
        "total": found.total,
        "everything": [reason_data(reason) for reason in found.everything],
        "sessions": [
            {
                "session": each.run.title,
                "name": each.run.spec.name,
                "python": each.run.python or None,
                "members": [part.member.name for part in each.run.parts],
                "reasons": [reason_data(reason) for reason in each.reasons],
            }
            for each in taken
        ],
    }


# --- one path -------------------------------------------------------------------------------------------------------


def _explain(args: Namespace, suite: Suite) -> int:
    root = suite.workspace.root
    path = Path(os.path.relpath(Path.cwd() / args.explain, root)).as_posix()
    state = State(workspace=suite.workspace, lock=read_lock(root), rest=parts_of_manifest(root / "pyproject.toml"))
    meaning = rules_for(None, state).meaning(path)
    if args.json:
        show({
            "path": path,
            "because": meaning.because,
            "everything": meaning.everything,
            "members": list(meaning.packages),
            "sessions": list(meaning.sessions),
            "in_root": meaning.in_root,
        })  # fmt: skip
    else:
        print(f"{path}: {meaning.because}: {_effect(meaning, path)}")
    return 0


def _effect(meaning: Meaning, path: str) -> str:
    if meaning.everything:
        return "every session runs"
    effects = []
    if meaning.packages:
        effects.append(f"sessions run that have {named(meaning.packages)} in their closure")
    if meaning.sessions:
        effects.append(f"sessions run that {named(meaning.sessions)} names")
    if meaning.in_root:
        effects.append("sessions run whose directory is the workspace root")
    if path in {"uv.lock", "pyproject.toml"} and not effects:
        return "sessions run whose closure or settings it changes"
    return "; ".join(effects) or "no session runs because of it"
