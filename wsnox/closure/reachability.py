"""Closures of many requests at once, as sets of packages alone, where a lockfile has no conflicts.

Without conflicts an edge is taken or not whatever else is asked for, so that what a part of a package brings along is the
same in every closure, and a closure is the union of what its starts bring along. That is worked out for all parts in time
linear in the edges: parts that lead to each other bring the same along (they are one strong component, by Kosaraju's
algorithm: Sharir, A strong-connectivity algorithm, 1981), and the components form no circle.

A set is an integer with a bit for each package: a union is one operation for thousands of them. That is what bits are for:
300 dense members take 0.56 s with them, and 19.7 s with a walk for each; six members take 0.60 s against 0.39.
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
                for below in graph[node]:
                    # What has no set yet is of this component, or an extra without edges of its own.
                    union |= self._sets.get(below, bits[below[0]])
            self._sets.update(dict.fromkeys(component, union))

    def from_roots(self, nodes: Iterable[Node]) -> int:
        """Return the set of what *nodes* bring along, themselves included."""
        union = 0
        for node in nodes:
            union |= self._sets.get(node, self._bits[node[0]])
        return union


def edges_below(lock: Lock) -> Iterator[tuple[Node, tuple[Dependency, ...]]]:
    """Yield the parts of packages with their edges; groups are in effect for roots alone, and no part in this sense."""
    for index, package in enumerate(lock.packages):
        yield (index, ""), package.dependencies
        yield from (((index, extra), edges) for extra, edges in package.extras.items())


def _components(graph: Graph) -> list[list[Node]]:
    """Return the strong components of *graph*, each after those that it leads to."""
    # Each node after what it leads to, but for circles.
    seen: set[Node] = set()
    order = [node for start in graph for node in _after(graph, start, seen)]
    parents: Graph = {node: [] for node in graph}
    for node, belows in graph.items():
        for below in belows:
            if below in parents:
                parents[below].append(node)
    seen = set()
    components = [_after(parents, node, seen) for node in reversed(order)]
    return [component for component in reversed(components) if component]


def _after(graph: Mapping[Node, Sequence[Node]], start: Node, seen: set[Node]) -> list[Node]:
    """Return what *start* leads to without what was *seen*, deepest first, *start* last; it all counts as *seen* then."""
    nodes: list[Node] = []
    waiting = [(start, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            nodes.append(node)
        elif node in graph and node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((below, False) for below in graph[node] if below not in seen)
    return nodes
