"""``wsnox graph``: the members and what they need of each other, as Mermaid or DOT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.cli.data import show
from wsnox.cli.opened import open_workspace
from wsnox.closure.graph import dot, graph_of, mermaid

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.closure.graph import Graph

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Print the graph of the workspace that *args* name."""
    opened = open_workspace(args)
    graph = graph_of(opened.workspace, opened.lock)
    if args.json:
        show(_data(graph))
    else:
        print(dot(graph) if args.format == "dot" else mermaid(graph))
    return 0


def _data(graph: Graph) -> dict[str, Any]:
    return {
        "members": [
            {"name": node.name, "path": node.path, "virtual": node.virtual, "root": node.root} for node in graph.nodes
        ],
        "dependencies": [{"from": arrow.start, "to": arrow.end, "parts": list(arrow.parts)} for arrow in graph.arrows],
    }
