"""``wsnox graph``: members and arrows, in the grammar of Mermaid and DOT, whatever they are called."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec
from wsnox.cli.graph import Arrow, Graph, Node, dot, mermaid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

TEXT = r'"[^"`<>&\\]*"'
MERMAID = re.compile(
    rf"""flowchart\ LR
    |\ {{4}}(root|m_\w+)(\[{TEXT}\]|\[\[{TEXT}\]\])(:::virtual)?
    |\ {{4}}(root|m_\w+)\ (-->|-\.\ {TEXT}\ \.->)\ (root|m_\w+)
    |\ {{4}}classDef\ virtual\ stroke-dasharray:\ 4\ 4""",
    re.VERBOSE,
)
"""The part of Mermaid's grammar that is written."""


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose members need each other in every way."""
    return workspace(
        MemberSpec("end"),
        MemberSpec("script", build_system=False),
        MemberSpec("lib-b", extras={"cli": ["end"]}, groups={"dev": ["end", "x.y"], "test": ["end"]}),
        MemberSpec("x.y", dependencies=["lib-b[cli]", "num"]),
        root_project=MemberSpec("whole", dependencies=["end ; sys_platform == 'win32'"]),
    )


def test_mermaid(wsnox: Wsnox, root: Path) -> None:
    """A line a member, a line an arrow; extras and groups dashed and named."""
    said = wsnox("graph", root=root)
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == """\
flowchart LR
    m_end["end"]
    m_lib_b["lib-b"]
    m_script["script (virtual)"]:::virtual
    m_whole[["whole (root)"]]
    m_x_y["x-y"]
    m_lib_b -. ":dev, :test, [cli]" .-> m_end
    m_lib_b -. ":dev" .-> m_x_y
    m_whole --> m_end
    m_x_y --> m_lib_b
    classDef virtual stroke-dasharray: 4 4
"""
    )
    assert all(MERMAID.fullmatch(line) for line in said.out.splitlines())


def test_dot(wsnox: Wsnox, root: Path) -> None:
    """The same for Graphviz."""
    said = wsnox("graph", "--format", "dot", root=root)
    assert (
        said.out
        == """\
digraph workspace {
    rankdir=LR
    node [shape=box]
    "end"
    "lib-b"
    "script" [label="script (virtual)", style=dashed]
    "whole" [label="whole (root)", peripheries=2]
    "x-y"
    "lib-b" -> "end" [label=":dev, :test, [cli]", style=dashed]
    "lib-b" -> "x-y" [label=":dev", style=dashed]
    "whole" -> "end"
    "x-y" -> "lib-b"
}
"""
    )
    _check(said.out)


def test_json(wsnox: Wsnox, root: Path) -> None:
    """JSON has the same, with the directories."""
    data = json.loads(wsnox("graph", "--json", root=root).out)
    assert data["members"][2] == {"name": "script", "path": "packages/script", "is_virtual": True, "is_root": False}
    assert data["arrows"][:2] == [
        {"from": "lib-b", "to": "end", "parts": [":dev", ":test", "[cli]"]},
        {"from": "lib-b", "to": "x-y", "parts": [":dev"]},
    ]


def test_virtual_root(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A root that is no project is drawn where its groups need a member."""
    root = workspace(MemberSpec("a"), root_groups={"dev": ["a", "leaf"]}, uv={"sources": {"a": {"workspace": True}}})
    assert wsnox("graph", root=root).out.splitlines()[1:4] == [
        '    m_a["a"]',
        '    root[["workspace root"]]:::virtual',
        '    root -. ":dev" .-> m_a',
    ]


def test_lockfile_of_other_members(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A graph of half the members is refused."""
    root = workspace(MemberSpec("a"), patterns=["packages/*"])
    workspace(MemberSpec("a"), MemberSpec("new"), patterns=["packages/*"], locked=False)
    said = wsnox("graph", root=root)
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("error: member `new` has no package in `uv.lock`")


def test_names_are_escaped() -> None:
    """Whatever a name holds, it stays one name, and two names stay two."""
    names = ('a"b', "a\\", "a<b>&#`", "a_b", "a-b", "end")
    nodes = tuple(Node(name=name, path=name, virtual=False, root=False) for name in names)
    graph = Graph(nodes=nodes, arrows=(Arrow(start=names[0], end=names[1], parts=(names[2],)),))
    lines = mermaid(graph).splitlines()
    assert all(MERMAID.fullmatch(line) for line in lines), lines
    assert len({line.partition("[")[0] for line in lines[1:7]}) == 6
    assert '"a\\"b" -> "a\\\\" [label="a<b>&#`", style=dashed]' in dot(graph)
    _check(dot(graph))


def _check(text: str) -> None:
    """Let Graphviz read *text*, where it is installed."""
    program = shutil.which("dot")
    if program is not None:
        subprocess.run([program, "-Tcanon"], input=text, check=True, capture_output=True, encoding="utf-8")
