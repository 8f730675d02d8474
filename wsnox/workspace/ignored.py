"""Tell a forgotten manifest from a leftover directory, by whether it holds a file that no ignore rule hides.

After a branch switch a matched directory often holds nothing but caches. uv passes over such a directory and refuses
one with real files. The rules are those of the Rust crate ``ignore``, with which uv walks down from the directory:

1. Each entry is judged by its own path, so a rule that hides the directory itself, or one above, hides nothing in it.
2. A hidden directory is not entered, a link is not followed.
3. The first verdict counts, and a verdict of one file is its last rule that matches: of the ``.ignore`` files from the
   nearest upwards; of the ``.gitignore`` files from the nearest up to the repository's root; of ``.git/info/exclude``.
4. A rule that does not parse counts for nothing; above the directory it ends the walk, and the directory is refused.

Known difference: the user's own ignore file (git's ``core.excludesFile``) does not count here.
"""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.record import Record
from wsnox.workspace.ignorefiles import read_rules

if TYPE_CHECKING:
    from wsnox.workspace.ignorefiles import Rule

__all__ = ["holds_visible_files"]


class _Level(Record, kw_only=True):
    """The rules of one folder by the file that they stand in, the last line first."""

    ignore: tuple[Rule, ...]
    gitignore: tuple[Rule, ...]
    exclude: tuple[Rule, ...]
    is_repository: bool


def holds_visible_files(directory: Path) -> bool:
    """Tell whether *directory* holds, at any depth, a file that no ignore rule hides."""
    real = directory.resolve()
    try:
        above = tuple(_level(folder, strict=True) for folder in real.parents)
    except re.error:
        return True
    return _holds_visible_files(real, above)


def _holds_visible_files(folder: Path, above: tuple[_Level, ...]) -> bool:
    levels = (_level(folder, strict=False), *above)
    rules = _rules(levels)
    try:
        entries = list(os.scandir(folder))
    except OSError:
        # uv takes what it cannot look into for content.
        return True
    for entry in entries:
        is_directory = entry.is_dir(follow_symlinks=False)
        if _hidden(Path(entry.path), rules, is_directory=is_directory):
            continue
        if _holds_visible_files(Path(entry.path), levels) if is_directory else not Path(entry.path).is_dir():
            return True
    return False


def _hidden(entry: Path, rules: tuple[Rule, ...], *, is_directory: bool) -> bool:
    return next((rule.hides for rule in rules if rule.matches(entry, is_directory=is_directory)), False)


def _rules(levels: tuple[_Level, ...]) -> tuple[Rule, ...]:
    """Return the rules of *levels* (nearest first) in the order in which they are asked."""
    below = list(takewhile(lambda level: not level.is_repository, levels))
    repository = levels[: len(below) + 1] if len(below) < len(levels) else ()
    return (
        *(rule for level in levels for rule in level.ignore),
        *(rule for level in repository for rule in level.gitignore),
        *(rule for level in repository for rule in level.exclude),
    )


def _level(folder: Path, *, strict: bool) -> _Level:
    return _Level(
        ignore=tuple(read_rules(folder, folder / ".ignore", strict=strict)),
        gitignore=tuple(read_rules(folder, folder / ".gitignore", strict=strict)),
        exclude=tuple(read_rules(folder, _git_folder(folder) / "info" / "exclude", strict=strict)),
        is_repository=(folder / ".git").exists() or (folder / ".jj").exists(),
    )


def _git_folder(folder: Path) -> Path:
    """Return git's folder for *folder*: that of the main worktree where ``.git`` is the file of a linked one."""
    git = folder / ".git"
    if not git.is_file():
        return git
    try:
        linked = Path(git.read_text(encoding="utf-8").removeprefix("gitdir: ").rstrip("\n"))
        return linked / (linked / "commondir").read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        return git
