"""The end of a run of nox: its record beside the environments, and its summary, on stderr below nox's own list.

GitHub Actions gets the same on the page of the job (``GITHUB_STEP_SUMMARY``), unless ``WSNOX_STEP_SUMMARY=no`` says that
somebody else sums up, as the action of wsnox does for all jobs together.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.runs.record import Run, last_run_file, write_run
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.colour import Choice
    from wsnox.runs.record import Outcome

__all__ = ["close_run"]

MANY = 12
"""The number of failed sessions from which on `wsnox report` names them for the command that runs them again."""


def close_run(config: Any, began: float, outcomes: Sequence[Outcome], *, not_run: int) -> None:
    """Keep and show how the sessions of a run ended that *began* at that time, with the *config* of nox.

    nox ended before it came to *not_run* more.
    """
    run = Run(
        wsnox=__version__,
        started=datetime.fromtimestamp(began, timezone.utc).isoformat(timespec="seconds"),
        seconds=round(time.time() - began, 4),
        sessions=tuple(outcomes),
        not_run=not_run,
        platform=sys.platform,
    )
    # A folder that cannot be written to has made sessions fail already, if that matters.
    with suppress(OSError):
        write_run(last_run_file(Path(os.fspath(config.envdir)).absolute()), run)
    failed = sorted((outcome for outcome in outcomes if outcome.needs_attention), key=lambda outcome: outcome.session)
    # nox sums up nothing either where there was one session, whose end is still in sight.
    several = len(outcomes) + not_run > 1
    if several:
        _show(run, _again(config, failed), config)
    if several or failed:
        _show_in_github(run)


def _show(run: Run, again: str, config: Any) -> None:
    """Print the summary of *run*."""
    from wsnox.colour import Paint, wanted  # noqa: PLC0415 - a single session has no summary
    from wsnox.runs.summary import summary  # noqa: PLC0415 - likewise

    choice: Choice = "never" if config.nocolor else "always" if config.forcecolor else "auto"
    is_terminal = sys.stderr.isatty()
    paint = Paint(wanted(choice, os.environ, terminal=is_terminal))
    width = shutil.get_terminal_size().columns if is_terminal else None
    # Whoever reads no output misses nothing.
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        print("", *summary(run, again=again, paint=paint, width=width), sep="\n", file=sys.stderr, flush=True)


def _again(config: Any, failed: Sequence[Outcome]) -> str:
    """Return the command that runs *failed* again, as nox was called with this *config*; empty for none."""
    from wsnox.runs.outline import rerun_command  # noqa: PLC0415 - a single session has no summary

    nox = ["nox"] if Path(sys.argv[0]).stem == "nox" else ["python", "-m", "nox"]
    noxfile, start = Path(config.noxfile), Path(config.invoked_from)
    if noxfile != start / "noxfile.py":
        nox += ["-f", os.path.relpath(noxfile, start)]
    if config.force_pythons:
        nox += ["-P", *config.force_pythons]
    elif len(failed) > MANY and len(nox) == 1 and not config.posargs and shutil.which("wsnox"):
        return "nox -s $(wsnox report --failed)"
    return rerun_command(failed, nox=nox, posargs=config.posargs) if failed else ""


def _show_in_github(run: Run) -> None:
    """Add the summary of *run* to the page of this job in GitHub Actions, if it runs there."""
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page and os.environ.get("GITHUB_ACTIONS") == "true" and os.environ.get("WSNOX_STEP_SUMMARY") != "no":
        from wsnox.runs.markdown_summary import markdown  # noqa: PLC0415 - other places need none of it

        with suppress(OSError), Path(page).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown(run))
