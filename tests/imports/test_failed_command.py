"""Where a fix declares what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec
from wsnox.imports.failed_command import option_for_tests
from wsnox.workspace import discover

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory


@pytest.mark.parametrize(
    ("groups", "option"),
    [
        ({}, "--dev"),
        ({"dev": ["marked"], "check": ["pytest"]}, "--group check"),
        ({"check": ["pytest >= 2"], "dev": ["PyTest[x]"]}, "--dev"),
        ({"b": ["pytest"], "a": ["pytest-cov", "py.test", "pytest"], "0": ["pytest-x"]}, "--group b"),
    ],
)
def test_the_group_of_tests(workspace: WorkspaceFactory, groups: dict[str, list[str]], option: str) -> None:
    """What a test needs goes where pytest is, to ``dev`` if that is one of the places, or if there is none."""
    root = workspace(MemberSpec("app", groups=groups), locked=False)
    assert option_for_tests(discover(root).named("app")) == option
