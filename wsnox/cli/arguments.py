"""The arguments of the ``wsnox`` command."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from wsnox.affected.ci_formats import FORMATS
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parser"]

_EXCLUSIVE = (
    ("members", "all_packages", "MEMBER", "--all-packages"),
    ("session", "members", "--session", "MEMBER"),
    ("session", "all_packages", "--session", "--all-packages"),
    ("extras", "all_extras", "--extra", "--all-extras"),
    ("only_groups", "groups", "--only-group", "--group"),
    ("only_groups", "all_groups", "--only-group", "--all-groups"),
    ("only_groups", "extras", "--only-group", "--extra"),
    ("only_groups", "all_extras", "--only-group", "--all-extras"),
    ("json", "text_format", "--json", "--format"),
    ("history", "text_format", "--history", "--format"),
    ("explain", "text_format", "--explain", "--format"),
    ("explain", "all", "--explain", "--all"),
)
"""Options that contradict each other, most of them as in uv."""

_MEMBER = (
    "a member, as its own session installs it; default: the one around the working directory, else the root's own project, or "
    "all members"
)
_SINCE_HELP = (
    "compare with the merge base of this git revision and HEAD; `auto`: with what the CI system says this run is for, else "
    "with the default branch"
)


class _Command(argparse.ArgumentParser):
    """The parser of one command; options that exclude each other are wrong usage."""

    def parse_known_args(  # type: ignore[override] # one of its overloads is enough here
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        options, rest = super().parse_known_args(args, namespace)
        for dest, other_dest, option, other_option in _EXCLUSIVE:
            if getattr(options, dest, None) and getattr(options, other_dest, None):
                self.error(f"{option} cannot be used with {other_option}")
        if "after" in options and options.after is None and options.session is None:
            self.error("the following arguments are required: B, or --session")
        return options, rest


class _Once(argparse.Action):
    """Store the value of an option that is given once: the command has one answer, and would leave the other out."""

    def __call__(self, _parser: argparse.ArgumentParser, namespace: Any, values: Any, _option: Any = None) -> None:
        if getattr(namespace, self.dest, None) is not None:
            raise argparse.ArgumentError(self, "may be given once")
        setattr(namespace, self.dest, values)


def _normalized(name: str) -> str:
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - help and version do without

    return canonicalize_name(name)


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it parses names the *module* of the command."""
    top = argparse.ArgumentParser(
        prog="wsnox",
        description="Look into a uv workspace: what each member's locked closure holds, and why.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"wsnox {__version__}", help="show the version and exit")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Command)
    for add in (_init, _list, _check, _closure, _why, _diff, _export, _affected, _matrix, _report, _graph):
        add(commands)
    return top


def _command(commands: Any, name: str, text: str, more: str = "") -> argparse.ArgumentParser:
    """Add the command *name*, which its module of that name runs, with the options that every command has."""
    description = f"{text[0].upper()}{text[1:]}.{f' {more}' if more else ''}"
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=description, allow_abbrev=False)
    command.set_defaults(module=f"wsnox.cli.{name}")
    command.add_argument("--root", metavar="DIR", help="a directory of the workspace; default: the working directory")
    command.add_argument("--json", action="store_true", help="write JSON")
    return command


def _init(commands: Any) -> None:
    text = "write a noxfile.py for this workspace, and the settings by which its tests find pytest"
    more = "A noxfile is never overwritten. A setting is written into pyproject.toml if you agree, or with --yes."
    command = _command(commands, "init", text, more)
    command.add_argument("--yes", action="store_true", help="write the settings without asking")
    command.set_defaults(python=None, platform=None)


def _list(commands: Any) -> None:
    text = "show members, sessions, Pythons, the sizes of closures, what was left out and why"
    command = _command(commands, "list", text, "`-` under `pythons` is the Python that runs nox.")
    _target_options(command)


def _check(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        "check the lockfile, the sessions, and that members declare what they import",
        "Nothing is installed or run. The lockfile must match the manifests, what plain `nox` runs must be installable, "
        "each version in `pythons` must fit somebody, and each member must declare what its code imports. Exit code 1: "
        "something is wrong.",
    )
    command.add_argument(
        "members", metavar="MEMBER", nargs="*", type=_normalized, help="members to check; default: all"
    )
    _session_option(command, "check its members and whether it can be installed, and nothing else")
    _target_options(command)


def _closure(commands: Any) -> None:
    command = _command(commands, "closure", "show what is installed for a selection, and what brings it")
    _member_options(command)


def _why(commands: Any) -> None:
    text = "show every shortest chain from a member to a package"
    command = _command(commands, "why", text, "Exit code 1: the closure does not have it.")
    command.add_argument("members", metavar="MEMBER", nargs="*", type=_normalized, help=_MEMBER)
    command.add_argument("package", metavar="PACKAGE", type=_normalized, help="what to explain")
    _selection_options(command)


def _diff(commands: Any) -> None:
    more = (
        "A and B are each a member or a session, or as REV:NAME one of the workspace as of a git revision; with `--session`, they "
        "are the revisions. Exit code 1: they differ."
    )
    command = _command(commands, "diff", "compare two closures", more)
    command.add_argument("before", metavar="A", help="NAME or REV:NAME; with `--session`, REV")
    command.add_argument(
        "after", metavar="B", nargs="?", help="NAME or REV:NAME; with `--session`, REV or nothing for what is on disk"
    )
    _selection_options(command)


def _export(commands: Any) -> None:
    text = "write a closure as a PEP 751 file, for the sessions' Python or the target described"
    command = _command(commands, "export", text)
    command.add_argument(
        "-o", "--output-file", dest="output", metavar="FILE", help="pylock.toml or pylock.NAME.toml; default: stdout"
    )
    _member_options(command)


def _affected(commands: Any) -> None:
    text = "print the sessions that a change can affect, as `nox -s` takes them, and why"
    command = _command(commands, "affected", text)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--since", metavar="REV", help=_SINCE_HELP)
    what.add_argument("--explain", metavar="PATH", help="say what a change of this file would mean")
    what.add_argument(
        "--history",
        metavar="N",
        type=_count,
        help="say what the rules would have selected over the last N commits, and why",
    )
    command.add_argument("--all", action="store_true", help="also sessions that plain `nox` would not run")
    command.add_argument(
        "--format",
        dest="text_format",
        choices=("text", "markdown"),
        help="text, the default, or Markdown for a comment on a pull request",
    )


def _matrix(commands: Any) -> None:
    command = _command(commands, "matrix", "write the sessions as jobs of a CI system")
    command.add_argument("--format", required=True, choices=tuple(FORMATS), help="whose jobs")
    command.add_argument("--since", metavar="REV", help=f"only sessions that a change can affect: {_SINCE_HELP}")
    command.add_argument("--shards", metavar="N", type=_count, help="at most so many jobs, of several sessions each")
    command.add_argument(
        "--minutes",
        metavar="N",
        type=_count,
        help="no more jobs than take about so long each, by the times of `--report`",
    )
    command.add_argument(
        "--summary", metavar="FILE", help="append to this file, as Markdown, which sessions are affected, and why"
    )
    command.add_argument(
        "--report", metavar="FILE", dest="reports", nargs="+", action="extend", default=[],
        help="earlier `nox --report` files, whose times balance the shards",
    )  # fmt: skip
    meanings = "; ".join(f"{name}: {format_.include}" for name, format_ in FORMATS.items() if format_.include)
    command.add_argument("--include", metavar="PATH", help=meanings)


def _report(commands: Any) -> None:
    text = "sum up what the sessions of several jobs did, and keep how long they took"
    command = _command(commands, "report", text, "A session that did not run keeps its time.")
    command.add_argument("reports", metavar="REPORT", nargs="+", help="a file that `nox --report` wrote")
    command.add_argument("--times", metavar="FILE", help="bring this file up to date, for `wsnox matrix --report FILE`")
    command.add_argument(
        "--format", choices=("text", "markdown"), default="text", help="Markdown is for a page of the CI system"
    )


def _graph(commands: Any) -> None:
    command = _command(commands, "graph", "draw the members and what they need of each other")
    command.add_argument(
        "--format", choices=("mermaid", "dot"), default="mermaid", help="Mermaid, as GitHub shows it, or Graphviz's DOT"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not a number above zero")
    return int(text)


def _member_options(command: argparse.ArgumentParser) -> None:
    """Let *command* take a selection of any members, on a target."""
    command.add_argument("members", metavar="MEMBER", nargs="*", type=_normalized, help=_MEMBER)
    command.add_argument("--all-packages", action="store_true", help="every member of the workspace")
    _selection_options(command)


def _session_option(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("--session", action=_Once, metavar="NAME", help=f"a session, as `nox -l` lists it: {text}")


def _selection_options(command: argparse.ArgumentParser) -> None:
    """Let *command* take a session, extras and groups on top of it, and a target."""
    _session_option(command, "what it installs, on its Python")
    options = command.add_argument_group(
        "selection", "Each means what uv's option of this name means, on top of what the session installs."
    )
    for option, dest, metavar, text in (
        ("--extra", "extras", "E", "an extra of the members; repeatable"),
        ("--group", "groups", "G", "a dependency group; repeatable"),
        ("--only-group", "only_groups", "G", "this group and nothing else; repeatable"),
    ):
        options.add_argument(
            option, dest=dest, metavar=metavar, action="append", default=[], type=_normalized, help=text
        )
    options.add_argument("--all-extras", action="store_true", help="every extra of the members")
    options.add_argument("--all-groups", action="store_true", help="every dependency group")
    options.add_argument("--no-default-groups", action="store_true", help="none of the default groups")
    _target_options(command)


def _target_options(command: argparse.ArgumentParser) -> None:
    target = command.add_argument_group(
        "target", "Default: the Python that the sessions of these members choose, on this platform."
    )
    for option, metavar, text in (
        ("--python", "VERSION", "CPython of this version, as 3.12 (for 3.12.0) or 3.12.4"),
        ("--platform", "NAME", "linux, macos or windows, or one with a machine: linux-aarch64"),
    ):
        target.add_argument(option, action=_Once, metavar=metavar, help=text)
