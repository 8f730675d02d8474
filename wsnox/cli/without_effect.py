"""What somebody wrote to have sessions, and that does nothing: neither nox nor wsnox has a word to say about it.

A noxfile that imports wsnox and never calls it has no session of a member. ``[tool.nox]`` looks like the place for nox's
options, but nox reads such a table in the script metadata of a noxfile alone (PEP 723).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wsnox.cli.places import noxfile_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wsnox.workspace import Workspace

__all__ = ["never_called", "without_effect"]

UNCALLED = "it imports wsnox and never calls it, so nox has no session of a member; add `wsnox.sessions()`"
UNREAD = "no tool reads `[tool.nox]`: sessions are configured in `[tool.wsnox]`, and options of nox are `nox.options` in the noxfile"


def without_effect(workspace: Workspace) -> Iterator[tuple[Path, str]]:
    """Yield each file of *workspace* that says something without an effect, with a sentence about it."""
    noxfile = noxfile_of(workspace.root)
    content = b"" if noxfile is None else _read(noxfile)
    if noxfile is not None and never_called(content):
        yield noxfile, UNCALLED
    manifest = workspace.manifest
    # A noxfile may read manifests for purposes of its own.
    if manifest.top is not None and "nox" in manifest.top.table("tool") and b"toml" not in content:
        yield manifest.path, UNREAD


def never_called(content: bytes) -> bool:
    """Return whether a noxfile of this *content* imports wsnox as a whole, and does not use it."""
    try:
        nodes = [*ast.walk(ast.parse(content))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # nox says itself what is wrong with it.
        return False
    imported = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "wsnox"
    }
    return bool(imported) and not any(isinstance(node, ast.Name) and node.id in imported for node in nodes)


def _read(noxfile: Path) -> bytes:
    try:
        return noxfile.read_bytes()
    except OSError:
        return b""
