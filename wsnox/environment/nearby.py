"""Environments at hand, whose metadata tells which distribution has a module: uv's own, the active one, nox's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["sites_near"]

_SITE = ("lib/python3*/site-packages", "Lib/site-packages")


def sites_near(root: Path, *further: Path) -> tuple[Path, ...]:
    """Return the site directories of the environments of the workspace *root*, and of all in the *further* folders.

    Those of uv come first: they hold the most.
    """
    named = (os.environ.get(variable) for variable in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"))
    own = [root / ".venv", *(root / place for place in named if place)]
    below = [place for folder in further for place in _folders(folder)]
    return tuple(dict.fromkeys(site for place in (*own, *below) for part in _SITE for site in sorted(place.glob(part))))


def _folders(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(place for place in folder.iterdir() if not place.name.startswith("."))
    except OSError:
        return
