"""Arguments to a command: the parser of one command, the options that several have, and sentences for wrong usage.

Only the command that is asked for gets a parser: a dozen would take as long as reading a small workspace.
"""

from __future__ import annotations

import argparse
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from wsnox.errors import UsageError
from wsnox.package_names import canonicalize_name
from wsnox.text import all_known, near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.workspace.settings import MemberPattern

__all__ = [
    "MEMBER",
    "CommandParser",
    "above_zero",
    "environment_options",
    "general_options",
    "member_options",
    "members_argument",
    "normalized",
    "selection_options",
    "session_option",
    "target_options",
    "workspace_options",
]

_EXCLUSIVE = (
    ("members", "all_packages", "MEMBER", "--all-packages"),
    ("session", "members", "--session", "MEMBER"),
    ("session", "all_packages", "--session", "--all-packages"),
    ("extras", "all_extras", "--extra", "--all-extras"),
    ("only_groups", "groups", "--only-group", "--group"),
    ("only_groups", "all_groups", "--only-group", "--all-groups"),
    ("only_groups", "extras", "--only-group", "--extra"),
    ("only_groups", "all_extras", "--only-group", "--all-extras"),
    ("only_groups", "root_groups", "--only-group", "--root-group"),
    ("no_default_groups", "root_groups", "--no-default-groups", "--root-group"),
    ("json", "text_format", "--json", "--format"),
    ("json", "ci_format", "--json", "--format"),
    ("history", "text_format", "--history", "--format"),
    ("explain", "text_format", "--explain", "--format"),
    ("explain", "all", "--explain", "--all"),
    ("failed", "text_format", "--failed", "--format"),
    ("failed", "json", "--failed", "--json"),
)
"""Options that contradict each other, most of them as in uv."""

_WORDS = (
    (r"^argument (\S+?)(/\S+)?: ", r"`\1` "),
    (r"^the following arguments are required: ", "`{}` needs "),
    (r"^one of the arguments (.*) is required", r"`{}` needs one of \1"),
    (r"expected one argument", "needs a value"),
    (r"expected at least one argument", "needs at least one value"),
    (r"not allowed with argument (\S+)", r"cannot be used with `\1`"),
    (r"ignored explicit argument '(.*)'", r"takes no value, and got `\1`"),
)
"""What argparse says, which is the same in all versions of Python, and how wsnox says it."""


class CommandParser(argparse.ArgumentParser):
    """The parser of the command *name*, which raises `UsageError` for arguments that make no sense.

    Where it takes *words* behind ``--``, they are called that.
    """

    def __init__(self, name: str, words: str = "") -> None:
        # The help is not argparse's. Without a width, argparse asks the terminal for one, and loads `shutil`, for each argument.
        width = partial(argparse.HelpFormatter, width=80)
        prog = f"wsnox {name}".strip()
        super().__init__(prog=prog, allow_abbrev=False, add_help=False, formatter_class=width)
        self.words = words

    @property
    def arguments(self) -> list[argparse.Action]:
        """All that it takes."""
        return self._actions

    @property
    def needed(self) -> list[list[argparse.Action]]:
        """The options that must be given, each with those that may be given in its place."""
        required = [[action] for action in self._actions if action.option_strings and action.required]
        groups = (group for group in self._mutually_exclusive_groups if group.required)
        return [*required, *(group._group_actions for group in groups)]  # noqa: SLF001 - no other way

    @property
    def groups(self) -> dict[str, tuple[str, list[argparse.Action]]]:
        """What it takes, by the titles of the groups that the help shows, with what is said about a group."""
        named = {self._positionals: "arguments", self._optionals: "options"}
        return {
            named.get(group, group.title or ""): (group.description or "", group._group_actions)  # noqa: SLF001 - no other way
            for group in self._action_groups
            if group._group_actions  # noqa: SLF001 - as above
        }

    def parsed(self, words: Sequence[str]) -> argparse.Namespace:
        """Return what *words* say."""
        end = words.index("--") if self.words and "--" in words else len(words)
        options, rest = self.parse_known_args(words[:end])
        options.words = [*words[end + 1 :]]
        if rest:
            name = rest[0].partition("=")[0]
            kind = "option" if name.startswith("-") else "argument"
            hint = near_miss(name, self._option_string_actions, start="--") if kind == "option" else ""
            if self.words and "--" not in words:
                hint = hint or "the command comes behind `--`"
            raise self._usage(f"`{self.prog}` has no {kind} `{name}`", hint)
        for dest, other_dest, option, other_option in _EXCLUSIVE:
            if getattr(options, dest, None) and getattr(options, other_dest, None):
                raise self._usage(f"`{option}` cannot be used with `{other_option}`")
        if "after" in options and options.after is None and options.session is None:
            raise self._usage(f"`{self.prog}` needs B, or `--session`")
        return options

    def error(self, message: str) -> Any:
        """Raise the error for which argparse has this *message*."""
        for pattern, words in _WORDS:
            message = re.sub(pattern, words.format(self.prog), message)
        raise self._usage(message)

    def _usage(self, sentence: str, hint: str = "") -> UsageError:
        return UsageError(sentence, hint=hint or f"`{self.prog} --help` says what it takes")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a *value* that is none of the choices of *action*, with the nearest one."""
        if action.choices is not None and value not in action.choices:
            choices = [*map(str, action.choices)]
            hint = near_miss(value, choices) or all_known(choices)
            raise self._usage(f"`{(*action.option_strings, action.metavar)[0]}` cannot be `{value}`", hint)


# --- what several commands take -------------------------------------------------------------------------------------

MEMBER = (
    "a member, as its own session installs it; default: the one around the working directory, else the root's own project, or "
    "all members"
)


class _Once(argparse.Action):
    """Store the value of an option that is given once: the command has one answer, and would leave the other out."""

    def __call__(self, _parser: argparse.ArgumentParser, namespace: Any, values: Any, _option: Any = None) -> None:
        if getattr(namespace, self.dest, None) is not None:
            raise argparse.ArgumentError(self, "may be given once")
        setattr(namespace, self.dest, values)


def normalized(name: str) -> str:
    """Return the *name* of a member, an extra, a group or a package as uv writes it."""
    return canonicalize_name(name)


def above_zero(text: str) -> int:
    """Return the number that *text* is; raise for none, and for zero."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not a number above zero")
    return int(text)


def member_options(command: CommandParser) -> None:
    """Let *command* take a selection of any members, on a target."""
    members_argument(command)
    command.add_argument("--all-packages", action="store_true", help="every member of the workspace")
    selection_options(command)


def members_argument(command: CommandParser, text: str = MEMBER) -> None:
    """Let *command* take names of members."""
    # Without a default, argparse counts them among what is missing.
    command.add_argument("members", metavar="MEMBER", nargs="*", default=[], type=normalized, help=text)


def session_option(command: CommandParser, text: str) -> None:
    """Let *command* take a session, which means *text* for it."""
    command.add_argument("--session", action=_Once, metavar="NAME", help=f"a session, as `nox -l` lists it: {text}")


def selection_options(command: CommandParser) -> None:
    """Let *command* take a session, extras and groups on top of it, and a target."""
    session_option(command, "what it installs, on its Python")
    _uv_options(command)
    target_options(command)


def environment_options(command: CommandParser) -> None:
    """Let *command* take what an environment is to hold, and its Python."""
    command.add_argument(
        "members",
        metavar="MEMBER[EXTRA]",
        nargs="*",
        type=_member_with_extras,
        help="a member, as its own session installs it, or with these extras in place of the session's; several are installed "
        "together; default: the one around the working directory, else the root's own project",
    )
    session_option(command, "its environment")
    command.add_argument("--no-editable", action="store_true", help="install members as wheels")
    command.add_argument(
        "--python",
        action=_Once,
        metavar="VERSION",
        help="as in `pythons`: 3.12, 3.13t, pypy3.11; default: the session's",
    )
    _uv_options(command).add_argument(
        "--root-group", dest="root_groups", metavar="G", action="append", default=[], type=normalized,
        help="a dependency group of the workspace root; repeatable",
    )  # fmt: skip


def _member_with_extras(text: str) -> MemberPattern:
    from wsnox.workspace.settings import MemberPattern  # noqa: PLC0415 - help and version do without

    match = re.fullmatch(r"([^\[\]]+)(?:\[([^\[\]]*)\])?", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"`{text}` is not a member such as `lib` or `lib[extra]`")
    extras = (canonicalize_name(extra.strip()) for extra in (match[2] or "").split(",") if extra.strip())
    return MemberPattern(canonicalize_name(match[1]), tuple(dict.fromkeys(extras)))


def _uv_options(command: CommandParser) -> argparse._ArgumentGroup:
    """Let *command* take extras and groups on top of a session, and return the group of these options."""
    options = command.add_argument_group(
        "selection", "As uv's options of the same names, on top of what the session installs."
    )
    for option, dest, metavar, text in (
        ("--extra", "extras", "E", "an extra of the members; repeatable"),
        ("--group", "groups", "G", "a dependency group; repeatable"),
        ("--only-group", "only_groups", "G", "this group and nothing else; repeatable"),
    ):
        options.add_argument(
            option, dest=dest, metavar=metavar, action="append", default=[], type=normalized, help=text
        )
    options.add_argument("--all-extras", action="store_true", help="every extra of the members")
    options.add_argument("--all-groups", action="store_true", help="every dependency group")
    options.add_argument("--no-default-groups", action="store_true", help="none of the default groups")
    return options


def target_options(command: CommandParser) -> None:
    """Let *command* take the Python and the platform that it answers for."""
    target = command.add_argument_group(
        "target", "Default: the Python that the sessions of these members choose, on this platform."
    )
    for option, metavar, text in (
        ("--python", "VERSION", "a version of CPython, such as 3.12 (which means 3.12.0) or 3.12.4"),
        ("--platform", "NAME", "linux, macos or windows, also with a machine: linux-aarch64"),
    ):
        target.add_argument(option, action=_Once, metavar=metavar, help=text)


def workspace_options(command: CommandParser, *, json: bool) -> None:
    """Let *command* take the workspace that it is about, and write *json* where what it writes is its own."""
    command.add_argument("--root", metavar="DIR", help="a directory of the workspace; default: the working directory")
    if json:
        command.add_argument(
            "--json", action="store_true", help="write JSON, whose schema `wsnox schema COMMAND` prints"
        )


def general_options(command: CommandParser) -> None:
    """Let *command* take what every command takes."""
    command.add_argument(
        "--color",
        metavar="WHEN",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto, always or never; auto is on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise",
    )
    command.add_argument("-h", "--help", action="store_true", help="show this help")
