"""The command line: which commands there are, and what each takes; `wsnox.cli.parsing` says what the words of a line mean.

A command is an entry here, and a module of its name whose `run` takes the arguments; it is loaded when it is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.cli.arguments import (
    CommandParser,
    above_zero,
    environment_options,
    general_options,
    member_options,
    members_argument,
    normalized,
    selection_options,
    session_option,
    target_options,
    workspace_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COMMANDS", "Command"]


class Command(Record):
    """A command: its *summary* in the list of all, in a *group*, *more* about it, and *examples* with what they show.

    *takes* adds its own arguments to a parser. It is about a *workspace*, unless it is about wsnox itself. *words* may follow
    ``--``. Without *json*, what it writes is not its own. Its *module* has its name unless that is another's.
    """

    name: str
    group: str
    summary: str
    takes: Callable[[CommandParser], None]
    examples: tuple[tuple[str, str], ...]
    more: str = ""
    workspace: bool = True
    words: str = ""
    json: bool = True
    module: str = ""

    @property
    def description(self) -> str:
        """What it does, in sentences."""
        return f"{self.summary[0].upper()}{self.summary[1:]}.{f' {self.more}' if self.more else ''}"

    def parser(self) -> CommandParser:
        """Return the parser of its arguments."""
        parser = CommandParser(self.name, self.words)
        self.takes(parser)
        if self.workspace:
            workspace_options(parser, json=self.json)
        general_options(parser)
        parser.set_defaults(module=f"wsnox.cli.{self.module or self.name}")
        return parser


# --- the commands ---------------------------------------------------------------------------------------------------

_SINCE = (
    "compare with the merge base of this git revision and HEAD; `auto`: with what the CI system says this run is for, else "
    "with the default branch"
)


def _init(command: CommandParser) -> None:
    command.add_argument("--yes", action="store_true", help="write the settings without asking")
    command.set_defaults(python=None, platform=None)


def _check(command: CommandParser) -> None:
    members_argument(command, "members to check; default: all")
    session_option(command, "check its members and whether it can be installed, and nothing else")
    target_options(command)


def _why(command: CommandParser) -> None:
    members_argument(command)
    command.add_argument("package", metavar="PACKAGE", type=normalized, help="what to explain")
    selection_options(command)


def _diff(command: CommandParser) -> None:
    command.add_argument("before", metavar="A", help="NAME or REV:NAME; with `--session`, REV")
    command.add_argument(
        "after", metavar="B", nargs="?", help="NAME or REV:NAME; with `--session`, REV or nothing for what is on disk"
    )
    selection_options(command)


def _export(command: CommandParser) -> None:
    command.add_argument(
        "-o", "--output-file", dest="output", metavar="FILE", help="pylock.toml or pylock.NAME.toml; default: stdout"
    )
    member_options(command)


def _editor(command: CommandParser) -> None:
    from wsnox.cli.editor_files import TOOLS  # noqa: PLC0415 - no other command needs it

    command.add_argument("tool", metavar="TOOL", choices=TOOLS, help=f"whose files: {', '.join(TOOLS)}")
    members_argument(command, "members to write them for; default: all")
    command.add_argument("--write", action="store_true", help="write the files; without it, they are shown")
    command.add_argument("--force", action="store_true", help="replace settings that have another value")


def _lock(command: CommandParser) -> None:
    command.add_argument("names", metavar="NAME", nargs="*", help="sessions or members; default: all that have any")
    command.add_argument(
        "--check", action="store_true", help="compare the files with the workspace, without uv or network"
    )
    command.add_argument(
        "--strict",
        action="store_true",
        help="with --check: every lower bound must be reached, and the rest as in uv.lock",
    )
    command.add_argument("--upgrade", action="store_true", help="keep nothing of the files that there are")
    command.add_argument(
        "--upgrade-package", dest="upgraded", metavar="P", action="append", default=[], type=normalized,
        help="keep all but this package; repeatable",
    )  # fmt: skip
    command.add_argument(
        "--exclude-newer", metavar="DATE", help="nothing that was released later, as for uv; kept until --upgrade"
    )


def _graph(command: CommandParser) -> None:
    command.add_argument(
        "--format", choices=("mermaid", "dot"), default="mermaid", help="Mermaid, as GitHub shows it, or Graphviz's DOT"
    )


def _affected(command: CommandParser) -> None:
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--since", metavar="REV", help=_SINCE)
    what.add_argument(
        "--explain", metavar="PATH", help="say which sessions a change of this file would affect, and why"
    )
    what.add_argument(
        "--history",
        metavar="N",
        type=above_zero,
        help="say what the rules would have selected over the last N commits, and why",
    )
    command.add_argument("--all", action="store_true", help="also sessions that plain `nox` would not run")
    command.add_argument(
        "--format",
        dest="text_format",
        choices=("text", "markdown"),
        help="text, the default, or Markdown for a comment on a pull request",
    )


def _matrix(command: CommandParser) -> None:
    from wsnox.affected.ci_formats import FORMATS  # noqa: PLC0415 - no other command needs it

    command.add_argument(
        "--format", dest="ci_format", choices=tuple(FORMATS), help="the CI system; needed without `--json`"
    )
    command.add_argument("--since", metavar="REV", help=f"only sessions that a change can affect: {_SINCE}")
    command.add_argument("--shards", metavar="N", type=above_zero, help="at most this many jobs")
    command.add_argument(
        "--minutes",
        metavar="N",
        type=above_zero,
        help="so few jobs that each takes about this long, by the times of `--report`",
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


def _report(command: CommandParser) -> None:
    command.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="a file that `nox --report` wrote, or a record that wsnox did; default: the record of the last run here",
    )
    command.add_argument(
        "--format",
        dest="text_format",
        choices=("text", "markdown", "html", "junit", "json"),
        help="text, the default; Markdown for a page of the CI system; a page in one file; JUnit XML; or a record again",
    )
    command.add_argument("-o", "--output-file", dest="output", metavar="FILE", help="default: stdout")
    command.add_argument(
        "--failed", action="store_true", help="print the names of the sessions to run again, and no more"
    )
    command.add_argument("--times", metavar="FILE", help="bring this file up to date, for `wsnox matrix --report FILE`")


def _schema(command: CommandParser) -> None:
    command.add_argument(
        "command",
        metavar="COMMAND",
        nargs="?",
        help="a command that has `--json`; default: `[tool.wsnox]`, for editors",
    )


def _completion(command: CommandParser) -> None:
    command.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish", "powershell"), help="whose code")


def _topic(command: CommandParser) -> None:
    command.add_argument("topic", metavar="COMMAND", nargs="?", help="a command; default: all of them, in short")
    command.set_defaults(asked=True)


_LOOK, _CI, _START, _SELF = "Look into a workspace", "Run what a change can affect", "Start", "wsnox itself"
_WORK = "Work in an environment"

_ALL = (
    Command(
        "init", _START, "write a noxfile, and the settings by which tests find pytest", _init,
        (("wsnox init", "ask before writing settings"), ("wsnox init --yes", "write them without asking")),
        "A noxfile is never overwritten. A setting is written into pyproject.toml if you agree, or with --yes.",
    ),
    Command(
        "check", _START, "find what is wrong, without installing anything", _check,
        (("wsnox check", "the whole workspace"), ("wsnox check project-a", "one member")),
        "The lockfile must match the manifests, all that plain `nox` runs must be installable, each version in `pythons` must "
        "have a session that runs on it, and members must declare what they import. Exit code 1: something is wrong.",
    ),
    Command(
        "lock", _START, "find the lowest versions that members allow, for sessions", _lock,
        (
            ("wsnox lock", "write the files of all such sessions"),
            ("wsnox lock --check", "compare them with the manifests, without uv"),
        ),
        "uv finds the versions; what an earlier file or `uv.lock` has is kept if it can be. Exit code 4, with --check: a file "
        "is stale.",
    ),
    Command(
        "run", _WORK, "run a command in the environment of a member, or of several", environment_options,
        (
            ("wsnox run project-a -- python", "Python with what the session of project-a installs"),
            ("wsnox run --group docs -- sphinx-build docs site", "in the member of this directory, with one more group"),
        ),
        "The environment is verified first: it holds exactly the locked closure. No noxfile is needed. The command runs in the "
        "working directory, and its exit code is that of wsnox.",
        words="COMMAND", json=False, module="run_command",
    ),
    Command(
        "shell", _WORK, "open a shell in the environment of a member, or of several", environment_options,
        (("wsnox shell project-a", "`exit` leaves it"),),
        "It is the shell that `SHELL` names, or on Windows the one that wsnox is started from.",
        json=False,
    ),
    Command(
        "editor", _WORK, "let an editor or type checker find the environment of each member", _editor,
        (
            ("wsnox editor vscode", "what would be written"),
            ("wsnox editor pyright project-a --write", "write it for one member"),
        ),
        "A file that is there keeps all that it has.",
    ),
    Command(
        "list", _LOOK, "show members and sessions, and what was left out and why", target_options,
        (("wsnox list", "on this Python"), ("wsnox list --python 3.12 --platform windows", "as it is there")),
        "The size of a closure is the number of its distributions. `-` under `pythons` is the Python that runs nox.",
    ),
    Command(
        "closure", _LOOK, "show what is installed for a member or session, and what brings it", member_options,
        (
            ("wsnox closure project-a", "what its session installs"),
            ("wsnox closure --all-packages --json", "every member, as JSON"),
        ),
    ),
    Command(
        "why", _LOOK, "show every shortest chain from a member to a package", _why,
        (
            ("wsnox why project-a pyhumps", "what brings pyhumps into project-a"),
            ("wsnox why pyhumps", "into the member of this directory"),
        ),
        "Exit code 1: the closure does not have it.",
    ),
    Command(
        "diff", _LOOK, "compare two closures", _diff,
        (
            ("wsnox diff project-a project-b", "two members"),
            ("wsnox diff main:project-a project-a", "what the branch changes for one"),
        ),
        "A and B are members or sessions; REV:NAME is one as of a git revision. With `--session`, A and B are revisions. "
        "Exit code 1: they differ.",
    ),
    Command(
        "graph", _LOOK, "draw the members and what they need of each other", _graph,
        (("wsnox graph", "a Mermaid flowchart"), ("wsnox graph --format dot | dot -Tsvg", "a picture, by Graphviz")),
    ),
    Command(
        "export", _LOOK, "write a closure as a PEP 751 file", _export,
        (
            ("wsnox export project-a -o pylock.toml", "what its session installs"),
            ("wsnox export --session workspace", "a session, to stdout"),
        ),
    ),
    Command(
        "affected", _CI, "print the sessions that a change can affect, and why", _affected,
        (
            ("nox -s $(wsnox affected --since main)", "run what this branch can affect"),
            ("wsnox affected --explain README.md", "what a change of this file means"),
        ),
    ),
    Command(
        "matrix", _CI, "write the sessions as jobs of a CI system", _matrix,
        (("wsnox matrix --format github --since auto --shards 8", "at most eight jobs"),),
    ),
    Command(
        "report", _CI, "show what the sessions of a run did, in one job or in several", _report,
        (
            ("wsnox report --format html -o report.html", "the last run here, as a page"),
            ("nox -s $(wsnox report --failed)", "run again what failed"),
            ("wsnox report jobs/*.json --format junit -o junit.xml", "several jobs, for a CI system"),
        ),
        "Of a session that several files tell of, the last run of it counts. One that did not run keeps its time in the file of "
        "`--times`.",
    ),
    Command(
        "schema", _SELF, "print the JSON Schema of `[tool.wsnox]`, or of what `--json` writes", _schema,
        (
            ("wsnox schema > wsnox.schema.json", "for an editor, which then knows the keys"),
            ("wsnox schema list", "what `wsnox list --json` writes"),
        ),
        workspace=False,
    ),
    Command(
        "completion", _SELF, "print the code with which a shell completes commands and names", _completion,
        (
            ('eval "$(wsnox completion bash)"', "in ~/.bashrc; for zsh in ~/.zshrc, behind compinit"),
            ("wsnox completion fish | source", "in ~/.config/fish/config.fish"),
        ),
        "It takes bash, zsh, fish and powershell. Commands, options, members, sessions, packages, extras and groups are "
        "completed.",
        workspace=False,
    ),
    Command(
        "help", _SELF, "show what a command does and takes", _topic,
        (("wsnox help why", "one command"),), workspace=False,
    ),
)  # fmt: skip
COMMANDS = {command.name: command for command in _ALL}
"""The commands by name, in the order of the help, where those of a group stand together."""
