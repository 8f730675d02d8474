"""``wsnox matrix``: the sessions as jobs of a CI system, one each or in shards of about equal time."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.affected.ci import LIMITS, github, gitlab, one_each, shards_of
from wsnox.cli.affected import select
from wsnox.cli.context import root_of
from wsnox.cli.output import show
from wsnox.errors import RequestError
from wsnox.text import counted
from wsnox.workspace import discover
from wsnox.workspace.sessions import inseparable
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from wsnox.affected.ci import Shard
    from wsnox.workspace.sessions import SessionRun

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the jobs that *args* ask for, those of sessions that the noxfile defines among them."""
    selection = select(suite_of(discover(root_of(args))), args.since)
    runs = [affected_run.run for affected_run in selection.affected.runs]
    shards = _shards(args, runs)
    for reason in selection.affected.everything[:1]:
        _say(f"everything: {reason.words}")
    affected = "" if args.since is None else f" affected{selection.since}"
    _say(f"{counted(len(runs), 'session')}{affected}, in {counted(len(shards), 'job')}")
    show(github(shards) if args.format == "github" else gitlab(shards, include=args.include or ""))
    return 0


def _shards(args: Namespace, runs: list[SessionRun]) -> tuple[Shard, ...]:
    """Return the requested shards; where one job for each session would be too many, as many as the system takes."""
    limit, times = LIMITS[args.format], dict(_times(args.reports))
    if args.shards is not None and args.shards > limit:
        raise RequestError(f"`{args.format}` takes {limit} jobs at most, not `{args.shards}`")
    if args.shards is None and len(inseparable(runs)) <= limit:
        return one_each(runs, times)
    return shards_of(runs, args.shards or limit, times)


def _times(reports: list[str]) -> Iterator[tuple[str, float]]:
    """Yield the seconds that each session took, report by report: the last of *reports* that has it counts."""
    for name in reports:
        try:
            report = json.loads(Path(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            # The first pipeline has no report yet.
            _say(f"note: there is no report `{name}`")
            continue
        except ValueError as error:
            raise RequestError(f"`{name}` is no report of nox: {error}") from None
        yield from _session_times(name, report)


def _session_times(name: str, report: Any) -> Iterator[tuple[str, float]]:
    """Yield the sessions of nox's ``--report`` with their times: those that were skipped or aborted took none."""
    sessions = report.get("sessions") if isinstance(report, dict) else None
    if not isinstance(sessions, list):
        raise RequestError(f"`{name}` is no report of nox: it has no `sessions`")
    for session in sessions:
        match session:
            case {"signatures": list(titles), "duration": int() | float() as seconds} if seconds > 0:
                yield from ((str(title), float(seconds)) for title in titles)
            case _:
                pass


def _say(text: str) -> None:
    print(text, file=sys.stderr)
