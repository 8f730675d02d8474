"""Sessions dealt to jobs that take about the same time.

With times, longest processing time first (Graham, Bounds on Multiprocessing Timing Anomalies, 1969): the longest session
goes to the job that has least to do so far, and a session without a time counts as the median of those that have one.
Without any, each job takes as many sessions as the others, one Python after the other: so most jobs need one interpreter
and the wheels for it.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.workspace.sessions import inseparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wsnox.workspace.sessions import SessionRun

__all__ = ["Shard", "one_each", "shards_of"]


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
    known_times = sorted([times[run.title] for run in runs if run.title in times] or times.values())
    default = known_times[len(known_times) // 2] if known_times else 1.0
    return tuple(
        Shard(runs=group, seconds=sum(times.get(run.title, default) for run in group)) for group in inseparable(runs)
    )


def shards_of(runs: Sequence[SessionRun], count: int, times: Mapping[str, float]) -> tuple[Shard, ...]:
    """Return *runs* dealt to at most *count* shards, none of them empty, by *times* in seconds (by title)."""
    groups = one_each(runs, times)
    if not groups:
        return ()
    count = min(count, len(groups))
    dealt = _longest_first(groups, count) if any(run.title in times for run in runs) else _by_python(groups, count)
    order = {run.title: position for position, run in enumerate(runs)}
    return tuple(_together(shards, order) for shards in dealt)


def _longest_first(groups: Iterable[Shard], count: int) -> list[list[Shard]]:
    dealt: list[list[Shard]] = [[] for _ in range(count)]
    # The seconds dealt so far, by job.
    heap = [(0.0, number) for number in range(count)]
    for group in sorted(groups, key=lambda group: (-group.seconds, group.titles)):
        seconds, number = heapq.heappop(heap)
        dealt[number].append(group)
        heapq.heappush(heap, (seconds + group.seconds, number))
    return dealt


def _by_python(groups: Sequence[Shard], count: int) -> list[list[Shard]]:
    """Cut *groups*, sorted by their Pythons, into *count* slices: all Pythons together begin in a slice, or split one."""
    pythons = list(dict.fromkeys(group.pythons for group in groups))
    left = sorted(groups, key=lambda group: pythons.index(group.pythons))
    dealt: list[list[Shard]] = []
    for jobs_left in range(count, 0, -1):
        share = sum(group.seconds for group in left) / jobs_left
        taken = [left.pop(0)]
        seconds = taken[0].seconds
        # Half of the next group may go over the share; each job that is left needs a group.
        while len(left) >= jobs_left and (jobs_left == 1 or seconds + left[0].seconds / 2 <= share):
            seconds += left[0].seconds
            taken.append(left.pop(0))
        dealt.append(taken)
    return dealt


def _together(shards: Sequence[Shard], order: Mapping[str, int]) -> Shard:
    """Return one shard of all the runs of *shards*, in the *order* of their titles."""
    return Shard(
        runs=tuple(sorted((run for shard in shards for run in shard.runs), key=lambda run: order[run.title])),
        seconds=sum(shard.seconds for shard in shards),
    )
