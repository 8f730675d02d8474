"""Files that are written at once or not at all: a killed run leaves no half of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_whole"]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write *content* to *path*, whose folder is made where there is none; raise `OSError` and leave nothing new.

    A *private* file nobody else may read: it may hold credentials.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        # Of a killed process of the same number.
        draft.unlink(missing_ok=True)
        with open(draft, "xb", opener=_private if private else None) as file:
            file.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
