"""The end of a run of nox: its record beside the environments."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.runs.record import Run, last_run_file, write_run
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.runs.record import Outcome

__all__ = ["close_run"]


def close_run(config: Any, began: float, outcomes: Iterable[Outcome]) -> None:
    """Keep how the sessions of a run ended that *began* at that time, with the *config* of nox."""
    run = Run(
        wsnox=__version__,
        started=datetime.fromtimestamp(began, timezone.utc).isoformat(timespec="seconds"),
        seconds=time.time() - began,
        sessions=tuple(outcomes),
    )
    # A folder that cannot be written to has made sessions fail already, if it matters.
    with suppress(OSError):
        write_run(last_run_file(Path(os.fspath(config.envdir)).absolute()), run)
