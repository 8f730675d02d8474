"""A workspace whose two states a test writes, and a repository whose work tree it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.affected.states import Workspaces

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspaces(tmp_path: Path) -> Workspaces:
    """Return where to write the two states of a workspace."""
    return Workspaces(tmp_path)
