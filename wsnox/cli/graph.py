"""``wsnox graph``: the members and what they need of each other, as Mermaid or DOT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from wsnox._record import Record
from wsnox.cli.context import open_workspace
from wsnox.cli.output import show
from wsnox.closure.request import refuse_other_members
from wsnox.lock import Virtual

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from packaging.utils import NormalizedName

    from wsnox.lock import Lock, Package
    from wsnox.workspace import Workspace

__all__ = ["ROOT", "Arrow", "Graph", "Node", "dot", "graph_of", "mermaid", "run"]

ROOT = "workspace root"
"""The name of a root that is no project: no member can have it. It is drawn where its groups need a member."""


def run(args: Namespace) -> int:
    """Print the graph of the workspace that *args* name."""
    locked = open_workspace(args)
    graph = graph_of(locked.workspace, locked.lock)
    if args.json:
        arrows = [{"from": arrow.start, "to": arrow.end, "parts": arrow.parts} for arrow in graph.arrows]
        show({"members": [_node_data(node) for node in graph.nodes], "arrows": arrows})
    else:
        print(dot(graph) if args.format == "dot" else mermaid(graph))
    return 0


def _node_data(node: Node) -> dict[str, Any]:
    return {"name": node.name, "path": node.path, "is_virtual": node.virtual, "is_root": node.root}


class Node(NamedTuple):
    """A member, in the directory *path*; *virtual* where it is never installed, *root* where it is the root."""

    name: str
    path: str
    virtual: bool
    root: bool

    @property
    def label(self) -> str:
        """The name, with the marks of the drawing in words."""
        marks = [word for word, holds in (("root", self.root), ("virtual", self.virtual)) if holds]
        return f"{self.name} ({', '.join(marks)})" if marks and self.name != ROOT else self.name


class Arrow(NamedTuple):
    """The member *start* needs the member *end*: for its extras and groups *parts* or, without any, for itself."""

    start: str
    end: str
    parts: tuple[str, ...]


class Graph(Record, kw_only=True):
    """Members and arrows, in order."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def graph_of(workspace: Workspace, lock: Lock) -> Graph:
    """Return the graph of *workspace*; raise `LockMemberError` where *lock* is of other members."""
    refuse_other_members(workspace, lock)
    packages = {member.name: lock.packages[lock.by_name[member.name][0]] for member in workspace.members}
    needs = {(start, end, part) for start, end, part in _needs(lock, packages) if start != end and end in packages}
    nodes = [
        Node(
            name=member.name,
            path=member.path,
            virtual=isinstance(packages[member.name].source, Virtual),
            root=member.path == ".",
        )
        for member in workspace.members
    ]
    if any(start == ROOT for start, _, _ in needs):
        nodes.append(Node(name=ROOT, path=".", virtual=True, root=True))
    parts_by_edge: dict[tuple[str, str, bool], list[str]] = {}
    for start, end, part in sorted(needs):
        parts_by_edge.setdefault((start, end, bool(part)), []).append(part)
    arrows = [
        Arrow(start=start, end=end, parts=tuple(filter(None, parts)))
        for (start, end, _), parts in parts_by_edge.items()
    ]
    return Graph(nodes=tuple(sorted(nodes)), arrows=tuple(sorted(arrows)))


def _needs(lock: Lock, members: Mapping[NormalizedName, Package]) -> Iterator[tuple[str, str, str]]:
    """Yield each edge from one of *members*, and from the root's groups, with the part that it belongs to."""
    for package in members.values():
        extras = {f"[{extra}]": edges for extra, edges in package.extras.items()}
        groups = {f":{group}": edges for group, edges in package.groups.items()}
        for part, edges in {"": package.dependencies, **extras, **groups}.items():
            yield from ((package.name, lock.packages[edge.target].name, part) for edge in edges)
    yield from ((ROOT, requirement.name, "") for requirement in lock.requirements)
    for group, requirements in lock.root_groups.items():
        yield from ((ROOT, requirement.name, f":{group}") for requirement in requirements)


# --- Mermaid --------------------------------------------------------------------------------------------------------


def mermaid(graph: Graph) -> str:
    """Return *graph* as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    for node in graph.nodes:
        mark = ":::virtual" if node.virtual else ""
        opening, closing = ("[[", "]]") if node.root else ("[", "]")
        lines.append(f"    {_id(node.name)}{opening}{_in_mermaid(node.label)}{closing}{mark}")
    for arrow in graph.arrows:
        line = f"-. {_in_mermaid(', '.join(arrow.parts))} .->" if arrow.parts else "-->"
        lines.append(f"    {_id(arrow.start)} {line} {_id(arrow.end)}")
    if any(node.virtual for node in graph.nodes):
        lines.append("    classDef virtual stroke-dasharray: 4 4")
    return "\n".join(lines)


def _id(name: str) -> str:
    """Return the Mermaid id of a member: ``end`` and others are its keywords, and a hyphen may begin an arrow."""
    if name == ROOT:
        return "root"
    return "m_" + re.sub(r"[^A-Za-z0-9]", lambda match: "_" if match[0] == "-" else f"_{ord(match[0])}_", name)


def _in_mermaid(text: str) -> str:
    """Return *text* in quotes, with Mermaid's own entities (its docs, Flowchart, Entity codes to escape)."""
    return '"' + re.sub(r'["#&<>`\\]', lambda match: f"#{ord(match[0])};", text) + '"'


# --- DOT ------------------------------------------------------------------------------------------------------------


def dot(graph: Graph) -> str:
    """Return *graph* in the language of Graphviz."""
    lines = ["digraph workspace {", "    rankdir=LR", "    node [shape=box]"]
    for node in graph.nodes:
        settings = [
            *([f"label={_in_dot(node.label)}"] if node.label != node.name else []),
            *(["peripheries=2"] if node.root else []),
            *(["style=dashed"] if node.virtual else []),
        ]
        lines.append(f"    {_in_dot(node.name)}{_settings(settings)}")
    for arrow in graph.arrows:
        settings = [f"label={_in_dot(', '.join(arrow.parts))}", "style=dashed"] if arrow.parts else []
        lines.append(f"    {_in_dot(arrow.start)} -> {_in_dot(arrow.end)}{_settings(settings)}")
    return "\n".join([*lines, "}"])


def _settings(settings: list[str]) -> str:
    return f" [{', '.join(settings)}]" if settings else ""


def _in_dot(text: str) -> str:
    """Return *text* in quotes; a backslash begins an escape of Graphviz's own in a label."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
