"""``wsnox report``: what sessions did and how long they took, from nox's reports of one run in several jobs."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.annotations import annotation, print_annotations
from wsnox.cli.output import show
from wsnox.errors import RequestError
from wsnox.files import atomic_write, read_regular
from wsnox.text import counted, printable_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Ended", "read_reports", "run", "times_of"]


class Ended(Record, kw_only=True):
    """How a session ended: its *name*, what ``nox -s`` calls it (*titles*), its *result*, why, and its *seconds*."""

    name: str
    titles: tuple[str, ...]
    result: str
    reason: str
    seconds: float

    @property
    def title(self) -> str:
        """What tells it from other sessions."""
        return next(iter(self.titles), self.name)


def run(args: Namespace) -> int:
    """Sum up the reports that *args* name, and bring a file of times up to date with them."""
    reports = list(read_reports(args.reports))
    if args.times is not None:
        _keep_times(Path(args.times), reports)
    sessions = sorted((session for report in reports for session in report), key=_worst_first)
    if args.json:
        show([_data(session) for session in sessions])
    else:
        lines = _markdown(sessions) if args.format == "markdown" else _text(sessions)
        print("\n".join(lines))
    unsuccessful = (session for session in sessions if session.result in ("failed", "aborted"))
    print_annotations(map(_annotation, unsuccessful), os.environ, sys.stderr)
    return 0


# --- Reading ---


def read_reports(paths: Iterable[str]) -> Iterator[list[Ended]]:
    """Yield the sessions of each of nox's ``--report`` files; a missing one is noted, as the first run has none.

    Raise `RequestError` for a file that is no such report.
    """
    for path in paths:
        try:
            report = json.loads(read_regular(path))
            yield [_ended(session) for session in report["sessions"]]
        except FileNotFoundError:
            print(f"note: there is no report `{path}`", file=sys.stderr)
        except OSError as error:
            raise RequestError(f"`{path}` cannot be read: {error.strerror}") from None
        except KeyError as error:
            raise RequestError(f"`{path}` is not a nox report: it has no {error}") from None
        except ValueError as error:
            raise RequestError(f"`{path}` is not a nox report: {error}") from None
        except (TypeError, AttributeError):
            raise RequestError(f"`{path}` is not a nox report: its `sessions` are not a list of sessions") from None


def _ended(session: dict[str, Any]) -> Ended:
    return Ended(
        name=str(session["name"]),
        titles=tuple(map(str, session["signatures"])),
        result=str(session["result"]),
        reason=" ".join(str(session.get("reason") or "").split()),
        seconds=float(session["duration"]),
    )


def times_of(reports: Iterable[Sequence[Ended]]) -> dict[str, float]:
    """Return the seconds that each session took, by its titles: in the last of *reports* where it succeeded, if in any.

    One that was skipped took no time, and one that failed early is no measure. The name of a session stands for all its
    Pythons and parameters together.
    """
    times: dict[str, float] = {}
    for report in reports:
        together = defaultdict[str, float](float)
        for session in report:
            if session.seconds > 0:
                together[session.name] += session.seconds
                taken = dict.fromkeys(session.titles, session.seconds)
                times.update(taken if session.result == "success" or taken.keys().isdisjoint(times) else {})
        titles = {title for session in report for title in session.titles}
        times.update({name: seconds for name, seconds in together.items() if name not in titles})
    return times


def _keep_times(path: Path, reports: list[list[Ended]]) -> None:
    """Bring the file at *path* up to date: a report of nox's form, in which sessions stay that did not run this time."""
    before = list(read_reports([str(path)])) if path.exists() else []
    sessions = [
        {"name": title, "signatures": [title], "result": "success", "duration": seconds}
        for title, seconds in sorted(times_of([*before, *reports]).items())
    ]
    atomic_write(path, (json.dumps({"sessions": sessions}, indent=1) + "\n").encode())


# --- Showing ---

_ORDER = ("failed", "aborted", "skipped", "success")


def _worst_first(session: Ended) -> tuple[int, float, str]:
    rank = _ORDER.index(session.result) if session.result in _ORDER else -1
    return rank, -session.seconds, session.title


def _text(sessions: list[Ended]) -> Iterator[str]:
    for session in sessions:
        if session.result != "success":
            yield printable_line(f"{session.title} {session.result}{f': {session.reason}' if session.reason else ''}")
    yield _sum(sessions)


def _markdown(sessions: list[Ended]) -> Iterator[str]:
    """Yield a summary for a page of the CI system: what did not succeed in sight, all sessions behind a click."""
    yield f"**{_sum(sessions)}**\n"
    unsuccessful = [session for session in sessions if session.result != "success"]
    if unsuccessful:
        yield from _table(unsuccessful)
    if sessions:
        yield "<details><summary>All sessions</summary>\n"
        yield from _table(sessions)
        yield "</details>"


def _table(sessions: Iterable[Ended]) -> Iterator[str]:
    yield "| session | result | time | |\n| --- | --- | ---: | --- |"
    for session in sessions:
        cells = (f"`{session.title}`", session.result, _duration(session.seconds), session.reason)
        yield "| " + " | ".join(printable_line(cell).replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _annotation(session: Ended) -> str:
    return annotation(session.reason or session.result, title=f"session {session.title} {session.result}")


def _sum(sessions: list[Ended]) -> str:
    counts = Counter("succeeded" if session.result == "success" else session.result for session in sessions)
    results = ", ".join(f"{count} {result}" for result, count in sorted(counts.items()))
    took = _duration(sum(session.seconds for session in sessions))
    return f"{counted(len(sessions), 'session')}{f': {results}, in {took}' if results else ''}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _data(session: Ended) -> dict[str, Any]:
    return {
        "session": session.title,
        "name": session.name,
        "result": session.result,
        "reason": session.reason or None,
        "seconds": session.seconds,
    }
