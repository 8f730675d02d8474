"""Closures of many requests at once, as sets of packages alone, where a lockfile has no conflicts.

Without conflicts an edge is taken or not whatever else is requested, so a part of a package brings the same packages along
in every closure, and a closure is the union of what its starting parts bring along. That is worked out for all parts in
time linear in the edges: parts that lead to each other bring the same along (they are one strong component, by Kosaraju's
algorithm: Sharir, A strong-connectivity algorithm, 1981), and the components form no cycle.

A set is an integer with a bit for each package: a union is one operation for thousands of them. With bits, 300 dense
members take 0.56 s, and 19.7 s with a walk for each; six members take 0.60 s against 0.39.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wsnox.closure.resolve import Node
    from wsnox.lock import Dependency, Lock

__all__ = ["Reachability", "edges_below"]

Graph = dict["Node", list["Node"]]


class Reachability:
    """What each part of a package of *lock* brings along by edges whose marker is *live*; the package has its bit."""

    def __init__(self, lock: Lock, live: Callable[[str], bool], bits: Sequence[int]) -> None:
        self._bits = bits
        graph = {
            node: [(edge.target, part) for edge in edges if live(edge.marker) for part in ("", *edge.extras)]
            for node, edges in edges_below(lock)
        }
        self._sets: dict[Node, int] = {}
        for component in _components(graph):
            union = 0
            for node in component:
                union |= bits[node[0]]
                for target in graph[node]:
                    # A target without a set is in this component, or is an extra without edges of its own.
                    union |= self._sets.get(target, bits[target[0]])
            self._sets.update(dict.fromkeys(component, union))

    def from_roots(self, nodes: Iterable[Node]) -> int:
        """Return the set of what *nodes* bring along, themselves included."""
        union = 0
        for node in nodes:
            union |= self._sets.get(node, self._bits[node[0]])
        return union


def edges_below(lock: Lock) -> Iterator[tuple[Node, tuple[Dependency, ...]]]:
    """Yield the parts of packages with their edges, without groups, which are in effect for roots alone."""
    for index, package in enumerate(lock.packages):
        yield (index, ""), package.dependencies
        yield from (((index, extra), edges) for extra, edges in package.extras.items())


def _components(graph: Graph) -> list[list[Node]]:
    """Return the strong components of *graph*, each after those that it leads to."""
    # Each node after those that it leads to, except in cycles.
    seen: set[Node] = set()
    order = [node for start in graph for node in _after(graph, start, seen)]
    parents: Graph = {node: [] for node in graph}
    for node, targets in graph.items():
        for target in targets:
            if target in parents:
                parents[target].append(node)
    seen = set()
    components = [_after(parents, node, seen) for node in reversed(order)]
    return [component for component in reversed(components) if component]


def _after(graph: Mapping[Node, Sequence[Node]], start: Node, seen: set[Node]) -> list[Node]:
    """Return the nodes that *start* leads to and that were not *seen*, deepest first, *start* last; add them to *seen*."""
    nodes: list[Node] = []
    pending = [(start, False)]
    while pending:
        node, is_finished = pending.pop()
        if is_finished:
            nodes.append(node)
        elif node in graph and node not in seen:
            seen.add(node)
            pending.append((node, True))
            pending.extend((target, False) for target in graph[node] if target not in seen)
    return nodes
