"""Workspaces whose settings are to change."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def plain(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace without any settings but its index."""
    root = tmp_path_factory.mktemp("plain") / "workspace"
    members = (
        MemberSpec("alpha", dependencies=["flavoured[fast]"], groups={"dev": ["marked"]}),
        MemberSpec("beta", dependencies=["alpha"]),
    )
    return write_workspace(root, members, index=wheelhouse)


@pytest.fixture(scope="module")
def indexed(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the plain workspace, locked."""
    root = tmp_path_factory.mktemp("indexed") / "workspace"
    shutil.copytree(plain, root)
    lock(root)
    return root
