"""The requests that sessions make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.closure.model import Request, Root
from wsnox.closure.request import session_request
from wsnox.errors import LockMemberError
from wsnox.lock import read_lock
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


def _requests(root: Path) -> dict[str, Request]:
    workspace = discover(root)
    lock = read_lock(root)
    return {
        run.session.name: session_request(workspace, lock, run)
        for run in runs_of(Suite(workspace, running="3.11.7").configured())
        if run.session.kind != "imports"
    }


def _root(name: str, *groups: str, **more: Any) -> Root:
    return Root(name=name, groups=frozenset(groups), **more)


def test_default_groups(workspace: WorkspaceFactory) -> None:
    """Without configuration each member has uv's default groups for it: `dev`, or what it declares, or all of them."""
    groups = {"dev": ["num"], "test": ["leaf"]}
    root = workspace(
        MemberSpec("plain"),
        MemberSpec("dev", groups=groups),
        MemberSpec("declared", groups=groups, tool={"uv": {"default-groups": ["test"]}}),
        MemberSpec("every", groups=groups, tool={"uv": {"default-groups": "all"}}),
        MemberSpec("none", groups=groups, tool={"uv": {"default-groups": []}}),
    )
    requests = _requests(root)
    expected = {
        "plain": _root("plain"),
        "dev": _root("dev", "dev"),
        "declared": _root("declared", "test"),
        "every": _root("every", "dev", "test"),
        "none": _root("none"),
    }
    assert {name: requests[name].roots for name in expected} == {name: (root,) for name, root in expected.items()}
    assert {root.name: root for root in requests["workspace"].roots} == expected


def test_groups_of_a_virtual_root(workspace: WorkspaceFactory) -> None:
    """A virtual root lends members only what is asked of it; the session of all has its default groups on top."""
    root = workspace(
        MemberSpec("a"),
        MemberSpec("b", tool={"wsnox": {"root-groups": []}}),
        root_groups={"dev": ["num"], "test": ["leaf"], "docs": []},
        wsnox={"root-groups": ["test"]},
    )
    requests = _requests(root)
    assert {name: set(request.root_groups) for name, request in requests.items()} == {
        "a": {"test"},
        "b": set(),
        "workspace": {"test", "dev"},
    }


def test_groups_of_a_root_with_a_project(workspace: WorkspaceFactory) -> None:
    """A root with a project lends its groups to a member without its own production part, and adds them to its own."""
    project = MemberSpec("top", path=".", groups={"test": ["leaf"], "dev": ["num"]})
    root = workspace(MemberSpec("a"), root_project=project, wsnox={"root-groups": ["test"]})
    requests = _requests(root)
    member, lent = requests["a"].roots
    assert member == _root("a")
    assert (lent.name, lent.production, lent.groups) == ("top", False, frozenset({"test"}))
    assert requests["top"].roots == (_root("top", "dev", "test"),)
    assert {each.name: each.groups for each in requests["workspace"].roots} == {
        "a": frozenset(),
        "top": {"dev", "test"},
    }
    assert not any(request.root_groups for request in requests.values())


def test_a_member_that_is_not_locked(workspace: WorkspaceFactory, wheelhouse: Path) -> None:
    """A member that the lockfile lacks stops every session: what it would add to theirs is not known."""
    root = workspace(MemberSpec("a"))
    write_workspace(root, [MemberSpec("a"), MemberSpec("b")], index=wheelhouse)
    with pytest.raises(LockMemberError) as caught:
        _requests(root)
    assert str(caught.value) == "member `b` has no package in `uv.lock`\n\nhint: run `uv lock`"
