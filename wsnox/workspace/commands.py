"""What a session runs: its configured commands with their placeholders filled, or pytest where there are tests."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from wsnox.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from wsnox.workspace.records import Manifest
    from wsnox.workspace.settings import Command

__all__ = ["default_command", "expand"]

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
    directory: Path, distributions: Collection[str], owner: Manifest, root: Manifest
) -> tuple[str, ...] | None:
    """Return the pytest command for the tests in *directory*, `None` where it has none.

    Raise `CommandError` where there are tests, but *distributions* has no pytest to run them; the hint names the group
    of the *owner* or the *root* that has it.
    """
    tests = _tests(directory)
    if not tests:
        return None
    if "pytest" not in distributions:
        name = owner.name or "the workspace"
        raise CommandError(
            f"`{tests[0]}` of {name} holds tests, but its closure has no pytest", hint=_hint(owner, root)
        )
    return ("pytest", *tests, "{posargs}")


def _hint(owner: Manifest, root: Manifest) -> str:
    for key, manifest in (("groups", owner), ("root-groups", root)):
        for group in manifest.groups_with("pytest"):
            return f'the group `{group}` has pytest: set `{key} = ["{group}"]` in `[tool.wsnox]` of `{manifest.path}`'
    return f"`uv add --package {owner.name} --dev pytest`" if owner.name else "`uv add --dev pytest`"


def _tests(directory: Path) -> list[str]:
    folders = [name for name in ("tests", "test") if (directory / name).is_dir()]
    return folders or sorted(path.name for path in (*directory.glob("test_*.py"), *directory.glob("*_test.py")))
