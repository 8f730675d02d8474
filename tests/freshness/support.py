"""What uv and wsnox say of a workspace whose files change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli
import tomli_w

from tests.support.workspaces import uv
from wsnox.freshness import stale_clauses
from wsnox.lock import read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["edit_toml", "passes", "problems", "set_key", "write_settings"]


def edit_toml(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Write the TOML *file* as its tables are after *change*."""
    tables = tomli.loads(file.read_text(encoding="utf-8"))
    change(tables)
    file.write_text(tomli_w.dumps(tables), encoding="utf-8")


def set_key(folder: Path, dotted: str, value: Any) -> None:
    """Set the *dotted* key of the manifest in *folder* to *value*."""

    def change(tables: dict[str, Any]) -> None:
        *upper, last = dotted.split(".")
        for key in upper:
            tables = tables.setdefault(key, {})
        tables[last] = value

    edit_toml(folder / "pyproject.toml", change)


def write_settings(
    root: Path, settings: Mapping[str, Any], file: Mapping[str, Any] | None = None, *, index: bool = True
) -> None:
    """Put *settings* in the place of those of the manifest at *root*, and *file* into a ``uv.toml`` beside it.

    With *index*, both have the index of the manifest, too.
    """
    indexes: dict[str, Any] = {}

    def change(tables: dict[str, Any]) -> None:
        uv_table = tables["tool"]["uv"]
        if index:
            indexes["index"] = uv_table["index"]
        tables["tool"]["uv"] = {key: uv_table[key] for key in ("workspace", "sources")} | indexes | dict(settings)

    edit_toml(root / "pyproject.toml", change)
    (root / "uv.toml").unlink(missing_ok=True)
    if file is not None:
        (root / "uv.toml").write_text(tomli_w.dumps({**file, **indexes}), encoding="utf-8")


def problems(root: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what wsnox says that the lockfile at *root* does not match."""
    return stale_clauses(discover(root, environ), read_lock(root))


def passes(root: Path, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether ``uv lock --check`` passes at *root*."""
    return uv(root, "lock", "--check", env=environ).returncode == 0
