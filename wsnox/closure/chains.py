"""Why a package is in a closure: the shortest chains that lead from the request to it.

1. A chain starts at a root's production part, at one of its extras or groups, or at a group of the virtual root.
2. It goes on from a package along the edges of its production part and of those extras that the step before requested:
   an extra that only another chain switches on is no way through.
3. Level by level, each state is reached at its least distance; the number of ways to it is the sum over the states
   before it, so that diamonds upon diamonds are counted and never walked.
4. States that do not lead on to the goal are dropped, and the first few chains are written out in name order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.closure.model import Closure
    from wsnox.lock import Lock, Package

__all__ = ["Chain", "Chains", "Step", "chains"]

State = tuple["int | None", tuple[str, ...]]
"""A package (`None`: the virtual root) and those parts of it that a chain goes on from."""


class Step(Record):
    """One *package* on a chain (`None`: the virtual root), requested with *extras* where *marker* holds.

    The first step has no edge before it; its *part* is the extra (``[cli]``) or group (``:dev``) that the chain starts
    from.
    """

    package: Package | None
    extras: tuple[str, ...] = ()
    marker: str = ""
    part: str = ""


Chain = tuple[Step, ...]


class Chains(Record, kw_only=True):
    """The first few of the shortest chains, in name order, and how many there are in *total*."""

    total: int
    shown: tuple[Chain, ...]


def chains(lock: Lock, closure: Closure, name: str, *, limit: int = 50) -> Chains:
    """Return the shortest chains of *closure*, which is of *lock*, to the package *name*, the first *limit* of them."""
    goal = closure.entry(name)
    if goal is None:
        return Chains(total=0, shown=())
    graph = _Graph(lock, closure)
    levels = graph.levels(goal.position)
    total = sum(count for state, count in levels[-1].items() if _is_goal(state, goal.position))
    return Chains(total=total, shown=tuple(graph.walk(_leading_on(graph, levels, goal.position), limit)))


class _Edge(Record):
    step: Step
    state: State

    @property
    def order(self) -> tuple[str, str, tuple[str, ...], str, str]:
        package = self.step.package
        name, version = ("", "") if package is None else (package.name, package.version or "")
        return name, version, self.step.extras, self.step.marker, self.step.part


class _Graph:
    """The live edges of a closure by the part of a package that they belong to, and where chains start."""

    def __init__(self, lock: Lock, closure: Closure) -> None:
        self._edges_of: dict[tuple[int | None, str], list[_Edge]] = {}
        self._edges: dict[State, tuple[_Edge, ...]] = {}
        for entry in closure.entries:
            for reason in entry.reasons:
                state = (entry.position, ("", *(f"[{extra}]" for extra in reason.extras)))
                edge = _Edge(Step(entry.package, reason.extras, reason.marker), state)
                self._edges_of.setdefault((reason.parent, reason.part), []).append(edge)
        self.starts = tuple(sorted(_starts(lock, closure, self._edges_of), key=lambda edge: edge.order))

    def edges(self, state: State) -> tuple[_Edge, ...]:
        """Return the edges that lead on from *state*, each once, in name order."""
        if state not in self._edges:
            index, parts = state
            edges = (edge for part in parts for edge in self._edges_of.get((index, part), ()))
            distinct = {(edge.state, edge.step.marker): edge for edge in edges}
            self._edges[state] = tuple(sorted(distinct.values(), key=lambda edge: edge.order))
        return self._edges[state]

    def levels(self, goal: int) -> list[dict[State, int]]:
        """Return, for each distance up to that of *goal*, the states at that distance and the number of ways there."""
        levels = [{edge.state: 1 for edge in self.starts}]
        seen = set(levels[0])
        while levels[-1] and not any(_is_goal(state, goal) for state in levels[-1]):
            level: dict[State, int] = {}
            for state, count in levels[-1].items():
                for edge in self.edges(state):
                    if edge.state not in seen:
                        level[edge.state] = level.get(edge.state, 0) + count
            seen.update(level)
            levels.append(level)
        return levels

    def walk(self, levels: list[set[State]], limit: int) -> Iterator[Chain]:
        """Yield the first *limit* chains through *levels*, every state of which leads on to the next level."""
        first = (edge for edge in reversed(self.starts) if edge.state in levels[0])
        pending: list[tuple[State, Chain]] = [(edge.state, (edge.step,)) for edge in first]
        while pending and limit:
            state, chain = pending.pop()
            if len(chain) == len(levels):
                limit -= 1
                yield chain
                continue
            further = (edge for edge in reversed(self.edges(state)) if edge.state in levels[len(chain)])
            pending += ((edge.state, (*chain, edge.step)) for edge in further)


def _starts(lock: Lock, closure: Closure, edges_of: dict[tuple[int | None, str], list[_Edge]]) -> Iterator[_Edge]:
    """Yield the edges that chains start with: to the requested parts, and to every group, as only roots' are in effect."""
    extras = {root.name: root.extras for root in closure.request.roots}
    for entry in closure.entries:
        if entry.requested:
            for part in ("", *(f"[{extra}]" for extra in extras[entry.package.name])):
                yield _Edge(Step(entry.package, part=part), (entry.position, (part,)))
    for index, part in edges_of:
        if index is None or part.startswith(":"):
            yield _Edge(Step(None if index is None else lock.packages[index], part=part), (index, (part,)))


def _is_goal(state: State, goal: int) -> bool:
    index, parts = state
    return index == goal and "" in parts


def _leading_on(graph: _Graph, levels: list[dict[State, int]], goal: int) -> list[set[State]]:
    """Return the states of each level from which *goal* is reached at the last one."""
    kept = [{state for state in levels[-1] if _is_goal(state, goal)}]
    for level in reversed(levels[:-1]):
        kept.append({state for state in level if any(edge.state in kept[-1] for edge in graph.edges(state))})
    return kept[::-1]
