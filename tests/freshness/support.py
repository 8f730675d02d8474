"""What uv and wsnox say of a workspace whose settings change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli
import tomli_w

from tests.support.workspaces import uv
from wsnox.freshness import stale_clauses
from wsnox.lock import read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["passes", "problems", "write_settings"]


def write_settings(root: Path, settings: Mapping[str, Any], file: Mapping[str, Any] | None) -> None:
    """Add *settings* to the manifest at *root*; a *file* beside it has to name the index, too."""
    manifest = root / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    tables["tool"]["uv"] = {key: tables["tool"]["uv"][key] for key in ("workspace", "index", "sources")} | dict(
        settings
    )
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    (root / "uv.toml").unlink(missing_ok=True)
    if file is not None:
        text = tomli_w.dumps({**file, "index": tables["tool"]["uv"]["index"]})
        (root / "uv.toml").write_text(text, encoding="utf-8")


def problems(root: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what wsnox says that the lockfile at *root* does not match."""
    return stale_clauses(discover(root, environ), read_lock(root))


def passes(root: Path, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether ``uv lock --check`` passes at *root*."""
    return uv(root, "lock", "--check", env=environ).returncode == 0
