"""``wsnox report``: what the sessions of one run did, in one job or several, as text, for CI systems, or as a page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.annotations import annotation, print_annotations
from wsnox.cli.nox_sessions import shell_word
from wsnox.cli.places import environments_of, root_of
from wsnox.cli.terminal import paint_for, width_of
from wsnox.errors import RequestError
from wsnox.files import atomic_write
from wsnox.runs.causes import why
from wsnox.runs.merging import merged, read_any
from wsnox.runs.outline import rerun_command, worst_first
from wsnox.runs.record import json_of_run, last_run_file
from wsnox.runs.summary import summary
from wsnox.runs.times import times_of, write_times

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.runs.record import Outcome, Run

__all__ = ["earlier_runs", "run"]


def run(args: Namespace) -> int:
    """Show the run that the files of *args* tell of, by default the last one, and bring a file of times up to date."""
    runs = [_read(path) for path in args.files or [_last_run(args)]]
    if args.times is not None:
        write_times(Path(args.times), times_of([*earlier_runs([args.times], say=False), *runs]))
    whole = merged(runs)
    failed = [session for session in worst_first(whole.sessions) if session.needs_attention]
    if args.failed:
        names = dict.fromkeys(shell_word(session.name, session.session) for session in failed)
        written = "".join(f"{name}\n" for name in names)
    else:
        written = _written(whole, failed, args)
    if args.output is not None:
        atomic_write(Path(args.output), written.encode(errors="backslashreplace"))
        return 0
    sys.stdout.write(written)
    if not args.failed:
        print_annotations(map(_annotation, failed), os.environ, sys.stderr)
    return 0


def _written(run: Run, failed: Sequence[Outcome], args: Namespace) -> str:
    """Return *run*, of which these sessions *failed*, in the form that *args* ask for, which loads what no other needs."""
    match "json" if args.json else args.text_format:
        case "json":
            return json_of_run(run)
        case "markdown":
            from wsnox.runs.markdown_summary import markdown  # noqa: PLC0415 - see above

            return markdown(run)
        case "html":
            from wsnox.runs.page import html  # noqa: PLC0415 - see above

            return html(run)
        case "junit":
            from wsnox.runs.junit import junit_xml  # noqa: PLC0415 - see above

            return junit_xml(run)
        case _:
            is_shown = args.output is None
            paint, width = (paint_for(sys.stdout, args.color), width_of(sys.stdout)) if is_shown else (None, None)
            lines = summary(run, again=rerun_command(failed), paint=paint, width=width)
            return "".join(f"{line}\n" for line in lines)


def earlier_runs(paths: Iterable[str], *, say: bool = True) -> Iterator[Run]:
    """Yield the runs of the files at *paths*; a missing one is noted on stderr if *say*, as the first run in CI has none.

    Raise `RequestError` for a file that tells of no run.
    """
    for path in paths:
        try:
            yield read_any(path, times=True)
        except FileNotFoundError:
            if say:
                print(f"note: there is no report `{path}`", file=sys.stderr)


def _read(path: str) -> Run:
    try:
        return read_any(path)
    except FileNotFoundError:
        raise RequestError(
            f"there is no file `{path}`", hint="name files that `nox --report` wrote, or none for the last run here"
        ) from None


def _last_run(args: Namespace) -> str:
    """Return the file with the record of the last run of the workspace of *args*; raise `RequestError` without one."""
    path = last_run_file(environments_of(root_of(args))[0])
    if not path.exists():
        hint = "run `nox` first, or name files that `nox --report` wrote; the record of `nox --envdir DIR` is"
        raise RequestError(
            f"no run of this workspace is recorded in `{path}`", hint=f"{hint} `{last_run_file(Path('DIR'))}`"
        )
    return str(path)


def _annotation(session: Outcome) -> str:
    return annotation(why(session) or session.result, title=f"session {session.session} {session.result}")
