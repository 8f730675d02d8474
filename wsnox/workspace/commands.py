"""What a session runs if no command is configured, and how it gets what it lacks.

Without commands it is pytest, on the tests of the member. A hint to change a setting names the table that wins for the
session, together with the current values, so that nothing is lost by following it; a distribution goes into a group that
the session installs.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.errors import CommandError
from wsnox.text import toml_array
from wsnox.workspace.settings import NOTHING
from wsnox.workspace.suite import EVERYBODY, tests_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from wsnox.workspace.model import Manifest
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Resolution

__all__ = ["Remedies", "Setting", "default_command", "group_with_pytest", "names_tests", "together"]


def default_command(
    session: Session, distributions: Collection[str], root: Manifest, *, posargs: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """Return the pytest command for the tests of the member, or the workspace, of *session*; `None` if there are none.

    If *posargs* name tests, these run and no others: pytest runs whatever any of its arguments names.

    Raise `CommandError` if there are tests, but *distributions* has no pytest to run them; the hint names the group
    of the member or the *root* that has it.
    """
    home = root.path.parent if session.integration else session.members[0].directory
    tests = tests_in(home)
    if not tests:
        return None
    if "pytest" not in distributions:
        name = (root if session.integration else session.members[0].manifest).name
        raise CommandError([f"`{name}`" if name else "the workspace"], tests=tests[0], hint=_add_pytest(session, root))
    if names_tests(posargs, session.directory):
        return ("pytest", "{posargs}")
    if session.directory != home:
        tests = [posixpath.relpath((home / name).as_posix(), session.directory.as_posix()) for name in tests]
    return ("pytest", *tests, "{posargs}")


def together(errors: Iterable[CommandError]) -> Mapping[str, CommandError]:
    """Return *errors* by their hints, those with the same hint as one error."""
    by_hint: dict[str, CommandError] = {}
    for error in errors:
        other = by_hint.get(error.hint)
        owners = dict.fromkeys((*(other.owners if other else ()), *error.owners))
        by_hint[error.hint] = error if len(owners) == 1 else CommandError([*owners], tests="", hint=error.hint)
    return by_hint


def _add_pytest(session: Session, root: Manifest) -> str:
    """Return how *session* gets pytest: from a group that has it, or by a new entry."""
    if choice := group_with_pytest(session, root):
        group, setting = choice
        return f"the group `{group}` has pytest: {setting.hint}"
    return Remedies(session=session, root=root).add("pytest")


def group_with_pytest(session: Session, root: Manifest) -> tuple[str, Setting] | None:
    """Return the group of the member or the *root* that has pytest, and the setting by which *session* gets it, too."""
    choices = [("root-groups", root, session.root_groups)]
    # In a session of several members, `groups` are the members' own.
    if not session.integration:
        groups, manifest = next(iter(session.variants.values()))[0].groups, session.members[0].manifest
        choices.insert(0, ("groups", manifest, manifest.groups_by_default() if groups is None else groups))
    for key, manifest, current in choices:
        for group in manifest.groups_with("pytest"):
            return group, Remedies(session=session, root=root).setting(key, dict.fromkeys((*current, group)))
    return None


def names_tests(words: Sequence[str], directory: Path) -> bool:
    """Return whether pytest, run with *words* in *directory*, is told what to run: a path, a node id, or ``@file``.

    pytest knows which options take a value, those of its plugins included, and wsnox knows only its own and those of
    the plugins that nearly everybody has. So a word after any other option counts if it exists on disk, and with
    ``--pyargs``, where a package need not exist there, it counts anyway.
    """
    option = ""
    for index, word in enumerate(words):
        if word == "--":
            return index + 1 < len(words)
        is_value = option in _TAKES_VALUE or re.fullmatch(_SHORT_TAKES_VALUE, option)
        if not word.startswith("-") and not is_value:
            follows_option = option.startswith("-") and "=" not in option
            # Unlike the method of a path, `os.path.exists` has an answer for an impossible file name.
            path = os.path.join(directory, word.removeprefix("@").partition("::")[0])  # noqa: PTH118 - any word, even no path
            if not follows_option or "--pyargs" in words or os.path.exists(path):  # noqa: PTH110 - as above
                return True
        option = word
    return False


_TAKES_VALUE = frozenset(
    """
    --basetemp --cache-show --config-file --confcutdir --debug --deselect --doctest-glob --durations --durations-min
    --ignore --ignore-glob --junit-prefix --junit-xml --junitprefix --junitxml --log-auto-indent
    --log-cli-date-format --log-cli-format --log-cli-level --log-date-format --log-disable --log-file
    --log-file-date-format --log-file-format --log-file-level --log-file-mode --log-format --log-level
    --max-warnings --maxfail --override-ini --pdbcls --pythonwarnings --report-chars --rootdir --verbosity
    --cov --cov-config --cov-context --cov-fail-under --cov-report --maxprocesses --maxschedchunk --max-worker-restart --numprocesses
    --px --rsyncdir --rsyncignore --testrunuid --tx
    """.split()  # noqa: SIM905 - as a list, it would be a page long
)
"""The options of pytest, pytest-cov and pytest-xdist whose value may look like a path."""

_SHORT_TAKES_VALUE = r"-[hlqsvxV]*[Wckmnopr]"
"""Short options of which the last takes the next word: ``-k``, and ``-xk``, but not ``-kname``."""


class Setting(Record, kw_only=True):
    """The *values* of a *key* in the *table* of a *manifest*."""

    key: str
    values: tuple[str, ...]
    table: str
    manifest: Manifest

    @property
    def line(self) -> str:
        """The setting in TOML."""
        return f"{self.key} = {toml_array(self.values)}"

    @property
    def hint(self) -> str:
        """What to do."""
        return f"set `{self.line}` in `[{self.table}]` of `{self.manifest.path}`"


class Remedies(Record, kw_only=True):
    """Hints for *session* of the workspace with the manifest *root*.

    A function of the noxfile has its settings in its decorator: then it is *decorated*.
    """

    session: Session
    root: Manifest
    decorated: bool = False

    def set(self, key: str, values: Iterable[str]) -> str:
        """Return the hint to set *key* to *values* in the table that wins for the session."""
        if self.decorated:
            return f"set `{key.replace('-', '_')}={toml_array(values)}` in the decorator of `{self.session.name}`"
        return self.setting(key, values).hint

    def setting(self, key: str, values: Iterable[str]) -> Setting:
        """Return *key* with *values* in the table that wins for the session."""
        table, manifest = self._table(key)
        return Setting(key=key, values=tuple(values), table=table, manifest=manifest)

    def allow(self, program: str) -> str:
        """Return the hint to allow *program* to come from outside of the environment."""
        return f"{self.set('external', (*self.session.external, program))} to allow it"

    def add(self, distribution: str) -> str:
        """Return the command that adds *distribution* to a group that the session installs."""
        session, root = self.session, self.root
        if session.integration and (session.root_groups or session.root_defaults or not session.members):
            package = f"--package {root.name} " if root.name else ""
            return f"`uv add {package}{_option(session.root_groups or root.uv_default_groups())} {distribution}`"
        first = next(iter(session.variants.values()))[0]
        groups = first.member.manifest.uv_default_groups() if first.groups is None else first.groups
        command = f"`uv add --package {first.member.name} {_option(groups)} {distribution}`"
        return f"{command}, and {self.set('groups', ['dev'])}" if groups == () else command

    def _table(self, key: str) -> tuple[str, Manifest]:
        """Return the table in which *key* wins for the session, and the manifest that has it or would.

        A group of the root serves all members, so it is set for all, unless the session has commands of its own. At another
        resolution, a session has what it has at the locked one, but for what the table of the resolution says.
        """
        session, root, resolution = self.session, self.root, self.session.resolution
        at = f".resolutions.{_toml_key(resolution.name)}" if resolution and _sets(resolution, key) else ""
        if session.integration:
            named = session.name.removesuffix(f":{resolution.name}") if resolution else session.name
            name = EVERYBODY if session.kind == "workspace" else named
            table, manifest = f"tool.wsnox.integration.{_toml_key(name)}{at}", root
            settings = root.config.integration[name].settings if name in root.config.integration else NOTHING
        else:
            member, task = session.members[0], "" if resolution else session.name.partition(":")[2]
            table, manifest = "tool.wsnox.project" if member.path == "." else "tool.wsnox", member.manifest
            settings = member.config.settings
            if task and task in root.config.tasks and task not in member.config.tasks:
                return f"tool.wsnox.tasks.{_toml_key(task)}", root
            if task:
                return f"{table}.tasks.{_toml_key(task)}", manifest
            if resolution and at and not _sets((member.config.resolutions or {}).get(resolution.name), key):
                return f"tool.wsnox{at}", root
            table += at
        is_for_all = key == "root-groups" and settings.root_groups is None and settings.commands is None and not at
        return ("tool.wsnox", root) if is_for_all and session.kind != "root" else (table, manifest)


def _sets(resolution: Resolution | None, key: str) -> bool:
    """Return whether the table of *resolution* has *key*."""
    return resolution is not None and getattr(resolution.settings, key.replace("-", "_")) is not None


def _option(groups: Sequence[str] | None) -> str:
    """Return the option of ``uv add`` for the first of *groups*, for ``dev`` if it is among them or they are none."""
    return "--dev" if not groups or groups == "all" or "dev" in groups else f"--group {groups[0]}"


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
