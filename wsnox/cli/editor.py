"""``wsnox editor``: the files by which editors and type checkers find each member's own environment, shown or written."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wsnox.cli.editor_files import EditorFile, Placed, files_for, relative
from wsnox.cli.output import first, show
from wsnox.cli.parsing import parse
from wsnox.cli.places import root_of
from wsnox.cli.proven_venv import location_of, wanted
from wsnox.errors import WsnoxError
from wsnox.files import read_regular, write_through
from wsnox.workspace import discover
from wsnox.workspace.settings import MemberPattern
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from wsnox.workspace import Member, Workspace

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Show or write the files of the tool that *args* name."""
    workspace = discover(root_of(args), os.environ)
    members = [workspace.named(name) for name in args.members] or workspace.members
    placed = [*_placed(workspace, members)]
    files = files_for(args.tool, workspace, placed)
    if not args.write and not args.json:
        shown = (f"# {relative(file.path, workspace.root)}\n{file.shown}" for file in files)
        print("\n".join(shown), end="", flush=True)
        return _tell_absent(placed)
    # All of them are read before any is written: it is all or nothing.
    changed = {file.path: text for file in files if (text := _changed(file, force=args.force)) is not None}
    for path, text in changed.items() if args.write else ():
        write_through(path, text.encode())
    if args.json:
        data = [
            {"path": file.path.as_posix(), "content": file.shown, "changed": file.path in changed} for file in files
        ]
        show({"settings_files": data})
    else:
        print("\n".join(map(str, changed)) or "nothing to write", flush=True)
    return _tell_absent(placed)


def _tell_absent(placed: Iterable[Placed]) -> int:
    """Say which environments the files lead to in vain."""
    if absent := [one.member.name for one in placed if not one.location.exists()]:
        names = ", ".join(first([f"`{name}`" for name in absent]))
        print(f"not there yet: the environment of {names}; `nox --install-only` makes those of all", file=sys.stderr)
    return 0


def _placed(workspace: Workspace, members: Iterable[Member]) -> Iterator[Placed]:
    """Yield *members* with their environments, those that ``wsnox run`` would take."""
    suite, args = suite_of(workspace), parse(["run"])
    for member in members:
        args.members = [MemberPattern(member.name)]
        yield Placed(member, location_of(workspace.root, wanted(args, suite)))


def _changed(file: EditorFile, *, force: bool) -> str | None:
    """Return the new text of *file*, `None` if it says already what it has to say."""
    try:
        text = read_regular(file.path).decode()
    except FileNotFoundError:
        return file.shown
    except (OSError, UnicodeDecodeError) as error:
        raise WsnoxError(f"`{file.path}` cannot be read ({error})") from error
    after = file.merged(text, force=force)
    return None if after == text else after
