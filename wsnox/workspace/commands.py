"""What a session runs: its configured commands with their placeholders filled, or pytest where there are tests."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from wsnox.errors import CommandError
from wsnox.workspace.remedies import Remedies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from wsnox.workspace.model import Manifest
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Command

__all__ = ["default_command", "expand", "names_tests"]

_POSARGS = re.compile(r"\{posargs(?::([^{}]*))?\}")
_PLACEHOLDER = re.compile(rf"{_POSARGS.pattern}|\{{member\}}|\{{root\}}")


def expand(command: Command, *, posargs: Sequence[str], member: str, root: str) -> tuple[str, ...]:
    """Return the words of *command* with its placeholders filled.

    ``{posargs}`` becomes what follows ``--`` on nox's command line, ``{posargs:x y}`` the words ``x y`` where nothing
    follows; ``{member}`` and ``{root}`` become the member's name and the workspace root. Other braces stay.

    A command is split before it is filled, and the result is not split again. So a word stays one word whatever
    fills it, except the word ``{posargs}``, which becomes as many as there are; inside a longer word they are joined.
    """
    values = {"{member}": member, "{root}": root}

    def fill(placeholder: re.Match[str]) -> str:
        return values.get(placeholder[0], " ".join(posargs) or placeholder[1] or "")

    filled: list[str] = []
    for word in _split(command) if isinstance(command, str) else command:
        if placeholder := _POSARGS.fullmatch(word):
            filled += posargs or shlex.split(placeholder[1] or "")
        else:
            filled.append(_PLACEHOLDER.sub(fill, word))
    return tuple(filled)


def _split(command: str) -> list[str]:
    """Split *command* as a shell does, but keep each placeholder, whose default may have spaces, in one word."""
    placeholders = (match[0] for match in _POSARGS.finditer(command))
    words = shlex.split(_POSARGS.sub("{posargs}", command))
    return [re.sub(r"\{posargs\}", lambda match: next(placeholders, match[0]), word) for word in words]


def default_command(
    session: Session, distributions: Collection[str], root: Manifest, *, posargs: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """Return the pytest command for the tests in the directory of *session*, `None` where it has none.

    Where *posargs* name tests, these run and no others: pytest runs whatever any of its arguments names.

    Raise `CommandError` where there are tests, but *distributions* has no pytest to run them; the hint names the group
    of the member or the *root* that has it.
    """
    directory = session.directory
    tests = [name for name in ("tests", "test") if (directory / name).is_dir()]
    tests = tests or sorted(path.name for pattern in ("test_*.py", "*_test.py") for path in directory.glob(pattern))
    if not tests:
        return None
    if "pytest" not in distributions:
        name = (root if session.integration else session.members[0].manifest).name or "the workspace"
        raise CommandError(
            f"`{tests[0]}` of {name} holds tests, but its closure has no pytest", hint=_add_pytest(session, root)
        )
    return ("pytest", "{posargs}") if names_tests(posargs, directory) else ("pytest", *tests, "{posargs}")


def _add_pytest(session: Session, root: Manifest) -> str:
    """Return how *session* gets pytest: from a group that has it, on top of its current groups, or by a new entry."""
    remedies = Remedies(session=session, root=root)
    choices = [("root-groups", root, session.root_groups)]
    # In a session of several members, `groups` are the members' own.
    if not session.integration:
        groups, manifest = next(iter(session.variants.values()))[0].groups, session.members[0].manifest
        choices.insert(0, ("groups", manifest, manifest.groups_by_default() if groups is None else groups))
    for key, manifest, current in choices:
        for group in manifest.groups_with("pytest"):
            return f"the group `{group}` has pytest: {remedies.set(key, dict.fromkeys((*current, group)))}"
    return remedies.add("pytest")


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
        is_value = option in _TAKES_VALUE or _SHORT_TAKES_VALUE.fullmatch(option)
        if not word.startswith("-") and not is_value:
            follows_option = option.startswith("-") and "=" not in option
            # Unlike the method of a path, `os.path.exists` has an answer for an impossible file name.
            path = os.path.join(directory, word.removeprefix("@").partition("::")[0])  # noqa: PTH118 - any word, even no path
            if not follows_option or "--pyargs" in words or os.path.exists(path):  # noqa: PTH110 - likewise
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

_SHORT_TAKES_VALUE = re.compile(r"-[hlqsvxV]*[Wckmnopr]")
"""Short options of which the last takes the next word: ``-k``, and ``-xk``, but not ``-kname``."""
