"""Closures of many requests at once, as sets of packages alone, where a lockfile has no conflicts.

Without conflicts an edge is taken or not whatever else is asked for, so that what a part of a package brings along is the
same in every closure, and a closure is the union of what its starts bring along. That is worked out for all parts in time
linear in the edges: parts that lead to each other bring the same along (they are one strong component, by Kosaraju's
algorithm: Sharir, A strong-connectivity algorithm, 1981), and the components form no circle.

A set is an integer with a bit for each package: a union is one operation for thousands of them.
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
        self._sets = _sets(_graph(lock, live), bits)

    def from_roots(self, nodes: Iterable[Node]) -> int:
        """Return the set of what *nodes* bring along, themselves included."""
        found = 0
        for node in nodes:
            found |= self._sets.get(node, self._bits[node[0]])
        return found


def edges_below(lock: Lock) -> Iterator[tuple[Node, tuple[Dependency, ...]]]:
    """Yield the parts of packages with their edges; groups are in effect for roots alone, and no part in this sense."""
    for index, package in enumerate(lock.packages):
        yield (index, ""), package.dependencies
        yield from (((index, extra), edges) for extra, edges in package.extras.items())


def _graph(lock: Lock, live: Callable[[str], bool]) -> Graph:
    return {
        node: [(edge.target, part) for edge in edges if live(edge.marker) for part in ("", *edge.extras)]
        for node, edges in edges_below(lock)
    }


def _sets(graph: Graph, bits: Sequence[int]) -> dict[Node, int]:
    """Return for each node the union of the *bits* of what it leads to."""
    found: dict[Node, int] = {}
    for component in _components(graph):
        everything = 0
        for node in component:
            everything |= bits[node[0]]
            for below in graph[node]:
                # What is not yet found is of this component, or an extra without edges of its own.
                everything |= found.get(below, bits[below[0]])
        found.update(dict.fromkeys(component, everything))
    return found


def _components(graph: Graph) -> list[list[Node]]:
    """Return the strong components of *graph*, each after those that it leads to."""
    parents: Graph = {node: [] for node in graph}
    for node, belows in graph.items():
        for below in belows:
            if below in parents:
                parents[below].append(node)
    seen: set[Node] = set()
    found = [_after(parents, node, seen) for node in reversed(_order(graph))]
    return [component for component in reversed(found) if component]


def _order(graph: Graph) -> list[Node]:
    """Return the nodes of *graph*, each after what it leads to, but for circles."""
    seen: set[Node] = set()
    return [node for start in graph for node in _after(graph, start, seen)]


def _after(graph: Mapping[Node, Sequence[Node]], start: Node, seen: set[Node]) -> list[Node]:
    """Return what *start* leads to without what was *seen*, deepest first, *start* last; it all counts as *seen* then."""
    found: list[Node] = []
    waiting = [(start, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            found.append(node)
        elif node in graph and node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((below, False) for below in graph[node] if below not in seen)
    return found
