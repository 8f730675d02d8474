"""Sessions dealt to a number of jobs so that the jobs take about the same time.

Longest processing time first (Graham, Bounds on Multiprocessing Timing Anomalies, 1969): the longest session goes to the
job that has least to do so far. A session without a known time counts as the median of those that have one.
"""

from __future__ import annotations

import heapq
from statistics import median
from typing import TYPE_CHECKING

from wsnox.change.runs import grouped
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.change.records import Run

__all__ = ["Shard", "one_each", "shards_of"]


class Shard(Record, kw_only=True):
    """The *runs* of one job, and how many *seconds* they are expected to take."""

    runs: tuple[Run, ...]
    seconds: float

    @property
    def titles(self) -> tuple[str, ...]:
        """The runs as ``nox -s`` takes them."""
        return tuple(run.title for run in self.runs)

    @property
    def pythons(self) -> tuple[str, ...]:
        """The Pythons that the runs name, each once: of a run that is for several, all."""
        named = ((run.python,) if run.python else run.spec.pythons or () for run in self.runs)
        return tuple(dict.fromkeys(python for pythons in named for python in pythons))


def one_each(runs: Sequence[Run], times: Mapping[str, float]) -> tuple[Shard, ...]:
    """Return a shard for each of *runs*, or each group of them that nox would run together, in their order."""
    return tuple(_shard(group, times, _unknown(runs, times)) for group in grouped(runs))


def shards_of(runs: Sequence[Run], count: int, times: Mapping[str, float]) -> tuple[Shard, ...]:
    """Return *runs* dealt to at most *count* shards, none of them empty, by *times* in seconds (by title)."""
    unknown = _unknown(runs, times)
    groups = sorted(
        (_shard(group, times, unknown) for group in grouped(runs)), key=lambda each: (-each.seconds, each.titles)
    )
    dealt: list[list[Shard]] = [[] for _ in range(min(count, len(groups)))]
    heap = [(0.0, number) for number in range(len(dealt))]
    for group in groups:
        seconds, number = heapq.heappop(heap)
        dealt[number].append(group)
        heapq.heappush(heap, (seconds + group.seconds, number))
    order = {run.title: at for at, run in enumerate(runs)}
    return tuple(_joined(groups, order) for groups in dealt)


def _unknown(runs: Sequence[Run], times: Mapping[str, float]) -> float:
    known = [times[run.title] for run in runs if run.title in times] or list(times.values())
    return median(known) if known else 1.0


def _shard(runs: Sequence[Run], times: Mapping[str, float], unknown: float) -> Shard:
    return Shard(runs=tuple(runs), seconds=sum(times.get(run.title, unknown) for run in runs))


def _joined(shards: Sequence[Shard], order: Mapping[str, int]) -> Shard:
    runs = sorted((run for each in shards for run in each.runs), key=lambda run: order[run.title])
    return Shard(runs=tuple(runs), seconds=sum(each.seconds for each in shards))
