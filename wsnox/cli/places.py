"""Where a command works: the workspace root, the member around the working directory, the noxfile and its environments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.errors import RequestError
from wsnox.workspace import find_root

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from wsnox.workspace import Workspace

__all__ = ["environments_of", "member_around", "noxfile_of", "root_of"]


def root_of(args: Namespace) -> Path:
    """Return the workspace root for the directory that ``--root`` names, or the working directory."""
    try:
        start = Path.cwd() if args.root is None else Path(args.root).resolve()
    except FileNotFoundError:
        raise RequestError("the working directory is gone", hint="change to one that exists") from None
    if not os.path.isdir(start):  # noqa: PTH112 - it also answers for a name that no file can have
        raise RequestError(f"`{args.root}` is not a directory")
    return find_root(start)


def member_around(args: Namespace, workspace: Workspace) -> Sequence[str]:
    """Return the member around the working directory, as in uv, or the root's own, if there is one of them."""
    inside = [] if args.root is not None else [*map(str, (Path.cwd(), *Path.cwd().parents))]
    around = sorted(workspace.members, key=lambda member: -len(member.directory.parts))
    return [member.name for member in around if member.path == "." or str(member.directory) in inside][:1]


def noxfile_of(root: Path) -> Path | None:
    """Return the noxfile of the workspace at *root*: the one beside its manifest, or one above that is about wsnox."""
    beside = root / "noxfile.py"
    if beside.is_file():
        return beside
    above = next((folder / "noxfile.py" for folder in root.parents if (folder / "noxfile.py").is_file()), None)
    try:
        return above if above is not None and b"wsnox" in above.read_bytes() else None
    except OSError:
        return above


def environments_of(root: Path) -> tuple[Path, bool]:
    """Return where nox keeps the environments of the workspace at *root*, and whether they are those of wsnox's sessions.

    With ``--envdir``, or another folder in the noxfile's options, nox keeps them elsewhere.
    """
    noxfile = noxfile_of(root)
    folder = (root if noxfile is None else noxfile.parent) / ".nox"
    try:
        return folder, noxfile is None or b"wsnox" in noxfile.read_bytes()
    except OSError:
        return folder, False
