"""What a session runs: its configured commands with their placeholders filled, or pytest where there are tests."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from wsnox.errors import CommandError
from wsnox.workspace.remedies import Remedies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
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

    A command is split before it is filled, and what fills it is not looked at again. So a word stays one word whatever
    fills it, but for the word ``{posargs}``, which becomes as many as there are; inside a longer word they are joined.
    """
    values = {"{member}": member, "{root}": root}
    filled: list[str] = []
    for word in _split(command) if isinstance(command, str) else command:
        if found := _POSARGS.fullmatch(word):
            filled += posargs or shlex.split(found[1] or "")
        else:
            filled.append(
                _PLACEHOLDER.sub(lambda found: values.get(found[0], " ".join(posargs) or found[1] or ""), word)
            )
    return tuple(filled)


def _split(command: str) -> list[str]:
    """Split *command* as a shell does, but for the words that stand in a placeholder."""
    whole = (found[0] for found in _POSARGS.finditer(command))
    words = shlex.split(_POSARGS.sub("{posargs}", command))
    return [re.sub(r"\{posargs\}", lambda found: next(whole, found[0]), word) for word in words]


def default_command(
    spec: Session, distributions: Collection[str], root: Manifest, *, posargs: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """Return the pytest command for the tests in the directory of *spec*, `None` where it has none.

    Where *posargs* name tests, these run and no others: pytest runs whatever any of its arguments names.

    Raise `CommandError` where there are tests, but *distributions* has no pytest to run them; the hint names the group
    of the member or the *root* that has it.
    """
    tests = _tests(spec.directory)
    if not tests:
        return None
    if "pytest" not in distributions:
        name = (root if spec.integration else spec.members[0].manifest).name or "the workspace"
        raise CommandError(f"`{tests[0]}` of {name} holds tests, but its closure has no pytest", hint=_hint(spec, root))
    return ("pytest", "{posargs}") if names_tests(posargs, spec.directory) else ("pytest", *tests, "{posargs}")


def names_tests(words: Sequence[str], directory: Path) -> bool:
    """Return whether pytest, run with *words* in *directory*, is told what to run: a path, a node id, or ``@file``.

    pytest knows which options take a value, those of its plugins included, and wsnox knows only its own and those of
    the plugins that nearly everybody has. So a word behind any other option counts where it is there on disk; and with
    ``--pyargs``, where a package need not be, it counts anyway.
    """
    present = "--pyargs" in words
    return any(not after_option or present or _is_there(directory, word) for after_option, word in _arguments(words))


def _is_there(directory: Path, word: str) -> bool:
    # Unlike the method of a path, this has an answer for what no file can be called.
    return os.path.exists(os.path.join(directory, word.removeprefix("@").partition("::")[0]))  # noqa: PTH110, PTH118


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


def _arguments(words: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Yield each of *words* that is neither an option nor known to be the value of one, with whether it follows one."""
    before = ""
    for number, word in enumerate(words):
        if word == "--":
            yield from ((False, rest) for rest in words[number + 1 :])
            return
        if not word.startswith("-") and before not in _TAKES_VALUE and not _SHORT_TAKES_VALUE.fullmatch(before):
            yield before.startswith("-") and "=" not in before, word
        before = word


def _hint(spec: Session, root: Manifest) -> str:
    """Return how *spec* gets pytest: by a group that has it beside those that it takes already, or by a new entry."""
    remedies = Remedies(session=spec, root=root)
    # In a session of several members, `groups` are the members' own.
    if not spec.integration:
        groups, manifest = next(iter(spec.variants.values()))[0].groups, spec.members[0].manifest
        taken = manifest.groups_by_default() if groups is None else groups
        for group in manifest.groups_with("pytest"):
            return f"the group `{group}` has pytest: {remedies.set('groups', dict.fromkeys((*taken, group)))}"
    for group in root.groups_with("pytest"):
        return (
            f"the group `{group}` has pytest: {remedies.set('root-groups', dict.fromkeys((*spec.root_groups, group)))}"
        )
    return remedies.add("pytest")


def _tests(directory: Path) -> list[str]:
    folders = [name for name in ("tests", "test") if (directory / name).is_dir()]
    return folders or sorted(path.name for path in (*directory.glob("test_*.py"), *directory.glob("*_test.py")))
