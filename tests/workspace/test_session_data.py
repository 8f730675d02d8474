"""Sessions of a noxfile's functions, told as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.workspace import discover
from wsnox.workspace.session_data import session_data, session_from
from wsnox.workspace.settings import Integration, Settings, Task, Variant
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path

DEV, CI, X = map(canonicalize_name, ("dev", "ci", "x"))


@pytest.mark.parametrize("pythons", [None, ("3.11", "3.12")])
def test_what_is_told_is_what_is_read(tmp_path: Path, pythons: tuple[str, ...] | None) -> None:
    """But for commands and variables, which a function does not have."""
    members = (MemberSpec("a", groups={"dev": []}, extras={"x": [], "y": []}), MemberSpec("b"))
    workspace = discover(write_workspace(tmp_path, members, index=tmp_path, root_groups={"ci": []}))
    variants = (Variant("x", (X,)), Variant("all", "all"))
    settings = Settings(groups=(DEV,), extras=variants, pythons=pythons, tags=("slow",), requires=("b",), skip="no")
    suite = Suite(workspace, running="3.11.7")
    sessions = [
        *suite.of_members("fix", Task(settings=settings)),
        suite.of_several("ci", Integration(settings=Settings(root_groups=(CI,)), packages=())),
        suite.of_several("all", Integration(settings=Settings(default=False))),
    ]
    told = json.loads(json.dumps([session_data(session) for session in sessions]))
    assert [session_from(data, workspace) for data in told] == [
        replace(session, commands=(), env={}, external=()) for session in sessions
    ]
