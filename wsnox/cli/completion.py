"""What a shell may complete: commands, options, members, sessions, packages, extras and groups; and ``wsnox completion``.

argcomplete, which nox brings, speaks with the shells: they call the command with the line so far in their environment.
A name is completed as long as the workspace can be read; where it cannot, the command itself will say why.
"""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import argcomplete
from argcomplete.completers import DirectoriesCompleter
from argcomplete.shell_integration import shellcode

from wsnox.cli.arguments import CommandParser, general_options
from wsnox.cli.command_line import COMMANDS
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from wsnox.workspace import Workspace

    Names = dict[str, str]
    """Names, and what a shell says of each if it says anything."""

__all__ = ["complete", "run"]


def run(args: Namespace) -> int:
    """Print the code that lets the shell of *args* complete."""
    print(shellcode(["wsnox"], shell=args.shell))
    return 0


def complete() -> None:
    """Answer the shell that asks for completions, and end the process."""
    argcomplete.autocomplete(_parser(os.environ.get("COMP_LINE", "").split()), always_complete_options=False)


def _parser(words: list[str]) -> CommandParser:
    """Return the parser of the whole command line; only a command among its *words* has arguments."""
    top = CommandParser("")
    general_options(top)
    top.add_argument("-V", "--version", action="store_true", help="show the version")
    commands = top.add_subparsers(metavar="COMMAND", parser_class=ArgumentParser)
    for command in COMMANDS.values():
        commands.add_parser(command.name, help=command.summary)
        if command.name in words:
            parser = command.parser()
            commands.choices[command.name] = parser
            for action in parser.arguments:
                if action.dest in _COMPLETERS:
                    action.completer = _COMPLETERS[action.dest]  # type: ignore[attr-defined] # where argcomplete looks
    return top


# --- names in the workspace -----------------------------------------------------------------------------------------


def _in_workspace(names: Callable[[Workspace], Names]) -> Callable[..., Names]:
    """Return the completer with the *names* of the workspace that the arguments so far name."""

    def completer(parsed_args: Namespace, **_: Any) -> Names:
        from wsnox.cli.places import root_of  # noqa: PLC0415 - most completions need no workspace
        from wsnox.workspace import discover  # noqa: PLC0415 - likewise

        try:
            return names(discover(root_of(parsed_args), os.environ))
        except (WsnoxError, OSError):
            return {}

    return completer


def _members(workspace: Workspace) -> Names:
    return {member.name: member.path for member in workspace.members}


def _sessions(workspace: Workspace) -> Names:
    """Return what `--session` takes: each session with and without its Python and variant."""
    from wsnox.workspace.sessions import runs_of  # noqa: PLC0415 - likewise
    from wsnox.workspace.suite import suite_of  # noqa: PLC0415 - likewise

    runs = runs_of(suite_of(workspace).configured())
    return {name: run.session.description for run in runs for name in (run.session.name, run.title)}


def _with_resolutions(workspace: Workspace) -> Names:
    """Return what `wsnox lock` takes: sessions at other resolutions, and the members that have such sessions."""
    from wsnox.workspace.sessions import runs_of, title_of  # noqa: PLC0415 - likewise
    from wsnox.workspace.suite import suite_of  # noqa: PLC0415 - likewise

    names: Names = {}
    for run in runs_of(suite_of(workspace).configured()):
        if run.session.resolution:
            names[title_of(run.session.name, variant=run.variant)] = run.session.description
            if not run.session.integration:
                names[run.session.members[0].name] = run.session.members[0].path
    return names


_PACKAGE = re.compile(r'^name = "([^"]+)"$', re.MULTILINE)


def _packages(workspace: Workspace) -> Names:
    """Return the packages of the lockfile, at a glance: reading it whole would take longer than a reader waits."""
    names = _PACKAGE.findall((workspace.root / "uv.lock").read_text(encoding="utf-8", errors="replace"))
    return {**dict.fromkeys(names, ""), **_members(workspace)}


def _extras(workspace: Workspace) -> Names:
    return {extra: member.name for member in workspace.members for extra in member.manifest.extras}


def _groups(workspace: Workspace) -> Names:
    of_members: Names = {group: member.name for member in workspace.members for group in member.manifest.groups}
    return {**_root_groups(workspace), **of_members}


def _root_groups(workspace: Workspace) -> Names:
    return dict.fromkeys(workspace.manifest.groups, "the workspace root")


_CLOSURES = _in_workspace(lambda workspace: _sessions(workspace) | _members(workspace))
_COMPLETERS: dict[str, Any] = {
    "members": _in_workspace(_members),
    "package": _in_workspace(_packages),
    "session": _in_workspace(_sessions),
    **dict.fromkeys(("before", "after"), _CLOSURES),
    "names": _in_workspace(_with_resolutions),
    "upgraded": _in_workspace(_packages),
    "root_groups": _in_workspace(_root_groups),
    "extras": _in_workspace(_extras),
    **dict.fromkeys(("groups", "only_groups"), _in_workspace(_groups)),
    "topic": lambda **_: {command.name: command.summary for command in COMMANDS.values()},
    "command": lambda **_: [command.name for command in COMMANDS.values() if command.workspace],
    "root": DirectoriesCompleter(),
    "platform": lambda **_: ["linux", "macos", "windows"],
    # What is no name is not to be completed with files.
    **dict.fromkeys(("python", "since", "history", "shards", "minutes", "exclude_newer"), lambda **_: []),
}
"""Who completes which argument; others are choices or files."""
