"""Where a command works: the workspace root, the member around the working directory, the noxfile and its environments."""

from __future__ import annotations

import os
from contextlib import suppress
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

    That is `.nox` beside the noxfile, or the folder that this names as ``nox.options.envdir``, in a string. With ``--envdir``
    nox keeps them elsewhere, which only who calls it knows.
    """
    noxfile = noxfile_of(root)
    if noxfile is None:
        return root / ".nox", True
    try:
        content = noxfile.read_bytes()
    except OSError:
        return noxfile.parent / ".nox", False
    return noxfile.parent / (_envdir_in(content) or ".nox"), b"wsnox" in content


def _envdir_in(content: bytes) -> str:
    """Return what a noxfile of this *content* sets ``nox.options.envdir`` to, empty if it does not, or not to a string."""
    if b"envdir" not in content:
        return ""
    import ast  # noqa: PLC0415 - few noxfiles have it

    envdir = ""
    # nox says itself what is wrong with a noxfile.
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        for statement in ast.parse(content).body:
            match statement:
                case ast.Assign(targets=[target], value=value) if ast.unparse(target).endswith("options.envdir"):
                    envdir = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return envdir
