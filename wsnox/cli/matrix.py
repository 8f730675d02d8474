"""``wsnox matrix``: the sessions as jobs of a CI system, one each or in shards of about equal time."""

from __future__ import annotations

import json
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.affected.ci_formats import FORMATS
from wsnox.affected.shards import one_each, shards_of
from wsnox.cli.affected import select, session_data
from wsnox.cli.output import show
from wsnox.cli.places import root_of
from wsnox.cli.reasons import markdown, reason_data, reason_lines
from wsnox.cli.report import earlier_runs
from wsnox.cli.terminal import Terminal
from wsnox.errors import RequestError, UsageError
from wsnox.files import read_regular
from wsnox.runs.times import times_of
from wsnox.text import all_known, counted
from wsnox.workspace import discover
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from wsnox.affected.ci_formats import Format
    from wsnox.affected.shards import Shard
    from wsnox.workspace.sessions import SessionRun

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the jobs that *args* ask for, those of sessions that the noxfile defines among them."""
    format_ = FORMATS.get(args.ci_format)
    if format_ is None and not args.json:
        raise UsageError("`wsnox matrix` needs `--format`, or `--json`", hint=all_known(FORMATS))
    include = _include(args, format_)
    selection = select(suite_of(discover(root_of(args))), args.since)
    runs = [affected_run.run for affected_run in selection.affected.runs]
    shards = _shards(args, runs, format_.limit if format_ else len(runs))
    affected = "" if args.since is None else f" affected{selection.since}"
    terminal = Terminal(args)
    terminal.note(f"{counted(len(runs), 'session')}{affected}, in {counted(len(shards), 'job')}")
    for line in reason_lines(selection.affected):
        terminal.note(line)
    if args.summary is not None:
        _append(Path(args.summary), markdown(selection.affected, selection.since))
    if format_ is None:
        sessions = {affected_run.run.title: session_data(affected_run) for affected_run in selection.affected.runs}
        show({
            "since": args.since,
            "base": selection.base,
            "everything": [reason_data(reason) for reason in selection.affected.everything],
            "jobs": [_job(shard, sessions) for shard in shards],
        })  # fmt: skip
    else:
        # It has the form of the CI system, and so no version.
        print(json.dumps(format_.write(shards, include), indent=2))
    return 0


def _job(shard: Shard, sessions: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the job of *shard*, with the *sessions* by their titles."""
    return {
        "sessions": [sessions[title] for title in shard.titles],
        "pythons": shard.pythons,
        "seconds": shard.seconds,
    }


def _include(args: Namespace, format_: Format | None) -> str:
    """Return the path that ``--include`` gives, or the text of the file where the format needs it."""
    if args.include is None:
        return ""
    if format_ is None or not format_.include:
        raise RequestError(f"`{args.ci_format or '--json'}` takes no `--include`")
    if not format_.reads:
        return str(args.include)
    try:
        return read_regular(Path(args.include)).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"`{args.include}` cannot be read: {error}") from None


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _shards(args: Namespace, runs: list[SessionRun], limit: int) -> tuple[Shard, ...]:
    """Return as many shards as *args* ask for; without a number, one for each session, if the system takes *limit* jobs."""
    times = times_of(earlier_runs(args.reports))
    if args.ci_format and args.shards is not None and args.shards > limit:
        raise RequestError(f"`{args.ci_format}` takes {limit} jobs at most, not `{args.shards}`")
    count = args.shards or limit
    one_job_each = one_each(runs, times)
    if args.minutes is not None and any(run.title in times for run in runs):
        count = min(count, ceil(sum(job.seconds for job in one_job_each) / (60 * args.minutes)))
    elif args.shards is None and len(one_job_each) <= limit:
        return one_job_each
    return shards_of(runs, count, times)
