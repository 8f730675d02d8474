"""What the comparison with the real uv once found, each as the smallest workspace that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.closure.differential import Locked, differences
from tests.support.workspaces import MemberSpec, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


def _agree(root: Path, *selections: str) -> None:
    comparison = differences(Locked.at(root), [flags.split() for flags in selections])
    assert comparison.differing == ()
    assert comparison.overruled == comparison.undecided == comparison.ambiguous == 0


def test_root_that_lends_a_group_is_not_selected(workspace: WorkspaceFactory) -> None:
    """Items of the root project count as conflicting only where it is selected or reached, not where it lends a group."""
    root = workspace(
        MemberSpec("core", extras={"x": ["leaf"]}),
        root_project=MemberSpec("app", extras={"x": ["num==2.0"]}, groups={"dev": ["num<2"]}),
        uv={"conflicts": [[{"package": "app", "extra": "x"}, {"package": "app", "group": "dev"}]]},
    )
    _agree(root, "--package core --extra x --group dev", "--package app --extra x --group dev")


def test_groups_of_a_virtual_root_involve_no_member(workspace: WorkspaceFactory) -> None:
    """What a virtual root's group reaches takes no part in the check of declared conflicts, which goes by names alone."""
    root = workspace(
        MemberSpec("app", dependencies=["core"], extras={"x": ["num<2"]}),
        MemberSpec("core", groups={"dev": ["num>=2"]}),
        MemberSpec("other", extras={"x": []}),
        root_groups={"dev": ["app"]},
        uv={"conflicts": [[{"package": "app", "extra": "x"}, {"package": "core", "group": "dev"}]]},
    )
    _agree(root, "--package other --extra x --group dev", "--package app --extra x --group dev")


def test_default_groups_are_those_of_the_manifest(workspace: WorkspaceFactory, wheelhouse: Path) -> None:
    """Where the lockfile is stale about a member's default groups, its manifest holds."""
    groups = {"dev": ["num"], "lint": ["leaf"]}
    root = workspace(MemberSpec("app", groups=groups))
    write_workspace(
        root, [MemberSpec("app", groups=groups, tool={"uv": {"default-groups": ["lint"]}})], index=wheelhouse
    )
    _agree(root, "--package app", "--package app --package app", "--package app --group dev")


@pytest.mark.parametrize("group", ["dev", "nope"])
def test_default_group_that_does_not_exist_is_refused(
    workspace: WorkspaceFactory, wheelhouse: Path, group: str
) -> None:
    """A default group that the manifest names and no longer has refuses every selection of the member."""
    groups = {"lint": ["leaf"]}
    root = workspace(MemberSpec("app", groups={**groups, group: []}, tool={"uv": {"default-groups": [group]}}))
    write_workspace(
        root, [MemberSpec("app", groups=groups, tool={"uv": {"default-groups": [group]}})], index=wheelhouse
    )
    _agree(root, "--package app", "--package app --no-default-groups", "--package app --only-group lint", "")


def test_root_lends_only_groups_that_its_manifest_has(workspace: WorkspaceFactory, wheelhouse: Path) -> None:
    """Where the root's manifest lost its groups after the lock, it lends none, whatever the lockfile still holds."""
    groups = {"lint": ["leaf"]}
    core = MemberSpec("core", groups={"docs": ["num"]})
    root = workspace(core, root_project=MemberSpec("app", groups=groups))
    _agree(root, "--package core --all-groups", "--package core --group lint")
    write_workspace(root, [core], root_project=MemberSpec("app"), index=wheelhouse)
    _agree(root, "--package core --all-groups", "--package core --group lint")
