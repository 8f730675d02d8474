"""Short manifests to write, and error texts to compare whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["project", "text_of"]


def project(name: str, more: str = "") -> str:
    """Return the text of a ``pyproject.toml`` whose project has this *name*, with *more* lines after it."""
    return f'[project]\nname = "{name}"\nversion = "1.0"\n{more}'


def text_of(error: BaseException, root: Path) -> str:
    """Return the whole text of *error* with *root* written as ``[ROOT]``, the same on every machine."""
    return str(error).replace(str(root), "[ROOT]")
