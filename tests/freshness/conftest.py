"""A workspace whose settings are to change."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def locked(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a locked workspace without any settings but its index."""
    members = (
        MemberSpec("alpha", dependencies=["flavoured[fast]"], groups={"dev": ["marked"]}),
        MemberSpec("beta", dependencies=["alpha"]),
    )
    root = write_workspace(tmp_path_factory.mktemp("locked") / "workspace", members, index=wheelhouse)
    lock(root)
    return root


@pytest.fixture
def root(locked: Path, tmp_path: Path) -> Path:
    """Return a copy of the locked workspace."""
    return shutil.copytree(locked, tmp_path / "workspace")
