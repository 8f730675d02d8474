"""Sessions dealt to jobs that take about the same time, and written down for GitHub's matrix and GitLab's child pipelines.

Longest processing time first (Graham, Bounds on Multiprocessing Timing Anomalies, 1969): the longest session goes to the
job that has least to do so far. A session without a known time counts as the median of those that have one.
"""

from __future__ import annotations

import heapq
import shlex
from statistics import median
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.workspace.sessions import inseparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.workspace.sessions import SessionRun

__all__ = ["LIMITS", "NOTHING", "Shard", "github", "gitlab", "one_each", "shards_of"]


class Shard(Record, kw_only=True):
    """The *runs* of one job, and how many *seconds* they are expected to take."""

    runs: tuple[SessionRun, ...]
    seconds: float

    @property
    def titles(self) -> tuple[str, ...]:
        """The runs as ``nox -s`` takes them."""
        return tuple(run.title for run in self.runs)

    @property
    def pythons(self) -> tuple[str, ...]:
        """The Pythons that the runs name, each once; for a run on several, all of them."""
        pythons_of_runs = ((run.python,) if run.python else run.session.pythons or () for run in self.runs)
        return tuple(dict.fromkeys(python for pythons in pythons_of_runs for python in pythons))


def one_each(runs: Sequence[SessionRun], times: Mapping[str, float]) -> tuple[Shard, ...]:
    """Return a shard for each of *runs*, or each group of them that nox would run together, in their order."""
    known_times = [times[run.title] for run in runs if run.title in times] or list(times.values())
    default = median(known_times) if known_times else 1.0
    return tuple(
        Shard(runs=group, seconds=sum(times.get(run.title, default) for run in group)) for group in inseparable(runs)
    )


def shards_of(runs: Sequence[SessionRun], count: int, times: Mapping[str, float]) -> tuple[Shard, ...]:
    """Return *runs* dealt to at most *count* shards, none of them empty, by *times* in seconds (by title)."""
    groups = sorted(one_each(runs, times), key=lambda shard: (-shard.seconds, shard.titles))
    dealt: list[list[Shard]] = [[] for _ in range(min(count, len(groups)))]
    # The seconds dealt so far, by job.
    heap = [(0.0, number) for number in range(len(dealt))]
    for group in groups:
        seconds, number = heapq.heappop(heap)
        dealt[number].append(group)
        heapq.heappush(heap, (seconds + group.seconds, number))
    order = {run.title: position for position, run in enumerate(runs)}
    return tuple(
        Shard(
            runs=tuple(sorted((run for shard in shards for run in shard.runs), key=lambda run: order[run.title])),
            seconds=sum(shard.seconds for shard in shards),
        )
        for shards in dealt
    )


LIMITS: Mapping[str, int] = {"github": 256, "gitlab": 500}
"""The most jobs of a matrix (GitHub docs, Usage limits), and of a pipeline (GitLab docs, GitLab.com Free)."""

NOTHING = "nothing affected"
_TEMPLATE = ".wsnox"


def github(shards: Sequence[Shard]) -> dict[str, Any]:
    """Return a ``strategy.matrix`` (GitHub docs, Workflow syntax): of each job its name, sessions and Pythons.

    *sessions* and *pythons* are words with spaces between; both are empty in the job that has nothing to do.
    """
    jobs = [
        {"name": name, "sessions": " ".join(shard.titles), "pythons": " ".join(shard.pythons)}
        for name, shard in _named(shards)
    ]
    return {"include": jobs or [{"name": NOTHING, "sessions": "", "pythons": ""}]}


def gitlab(shards: Sequence[Shard], *, include: str = "") -> dict[str, Any]:
    """Return a child pipeline (GitLab docs, CI/CD YAML syntax reference), in which a job runs each shard.

    The file *include* of the repository has the job ``.wsnox``, which the jobs extend, and which reads their sessions from
    variables; without it each job calls nox.
    """
    # A session may have the name of one of GitLab's keywords; no keyword has two words.
    jobs = {f"session {name}" if len(shard.runs) == 1 else name: _job(shard, include) for name, shard in _named(shards)}
    if not jobs:
        return {NOTHING: {"script": ["echo 'no session is affected'"]}}
    return {**({"include": [{"local": f"/{include.lstrip('/')}"}]} if include else {}), **jobs}


def _job(shard: Shard, include: str) -> dict[str, Any]:
    variables = {"WSNOX_SESSIONS": " ".join(shard.titles), "WSNOX_PYTHONS": " ".join(shard.pythons)}
    if include:
        return {"extends": _TEMPLATE, "variables": variables}
    return {"variables": variables, "script": [f"nox -s {shlex.join(shard.titles)}"]}


def _named(shards: Sequence[Shard]) -> list[tuple[str, Shard]]:
    """Return *shards* with names: a session's own, or ``sessions 1/3`` for several, by which GitLab groups them."""
    if all(len(shard.runs) == 1 for shard in shards):
        return [(shard.titles[0], shard) for shard in shards]
    return [(f"sessions {number}/{len(shards)}", shard) for number, shard in enumerate(shards, 1)]
