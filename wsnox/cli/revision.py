"""The workspace as of a git revision, read as any other."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wsnox.change.checkout import checkout
from wsnox.cli.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["checked_out"]


@contextmanager
def checked_out(root: Path, revision: str) -> Iterator[Opened]:
    """Yield the workspace at *root* as of *revision*; errors name its files as ``REVISION:path``."""
    with checkout(root, revision) as place:
        yield Opened.at(place)
