"""The edge for `wsnox.change.reading`: the lines of the work tree that can name a file, and what the root has."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.change.git import answer, git
from wsnox.change.reading import Line, Reading, strings_to_find
from wsnox.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.change.rules import Rules
    from wsnox.workspace import Workspace

__all__ = ["read_around"]

_TESTS = ("tests", "test")


def read_around(workspace: Workspace, rules: Rules, paths: Iterable[str], links: Mapping[str, str]) -> Reading:
    """Return what can be known of who reads *paths*; raise `RequestError` where git cannot search the work tree."""
    root = workspace.root
    documents = [path for path in paths if rules.meaning(path).document]
    return Reading(
        links=links,
        lines=tuple(_lines(root, sorted({tree.path for tree in rules.trees}), strings_to_find(documents))),
        conftest="\n".join(
            (*(_text(folder / "conftest.py") for folder in _above_members(workspace)), *_python_path(root))
        ),
        noxfile=_text(root / "noxfile.py"),
        root_tests=any((root / name).is_dir() for name in _TESTS)
        or any(any(root.glob(pattern)) for pattern in ("test_*.py", "*_test.py")),
    )


def _python_path(root: Path) -> Iterator[str]:
    """Yield, in quotes, the folders from which the settings of pytest in *root* let every test import."""
    for name in ("pyproject.toml", "pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"):
        for found in _PYTHON_PATH.findall(_text(root / name)):
            yield from (f'"{folder}"' for folder in re.findall(r"[\w./-]+", found))


_PYTHON_PATH = re.compile(r"^\s*pythonpath\s*=\s*(\[.*?\]|.*?(?=^\S|\Z))", re.MULTILINE | re.DOTALL)


def _above_members(workspace: Workspace) -> list[Path]:
    """Return the folders above members that are in none, those above the root included."""
    own = {member.directory for member in workspace.members if member.path != "."}
    folders = {folder for member in workspace.members for folder in (member.directory, *member.directory.parents)}
    return sorted(folder for folder in folders if own.isdisjoint((folder, *folder.parents)))


def _lines(root: Path, folders: Iterable[str], strings: Iterable[str]) -> Iterator[Line]:
    """Yield each line of the files in *folders*, tracked or not, that has one of *strings*; of binary files none."""
    top = Path(
        os.path.realpath(git(root, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").removesuffix("\n"))
    )
    places = {Path(os.path.realpath(root / folder)) for folder in folders}
    inside = sorted(os.path.relpath(place, root) for place in places if place.is_dir() and place.is_relative_to(top))
    if not inside:
        return
    patterns = os.fsencode("".join(f"{each}\n" for each in strings if "\n" not in each))
    found = answer(root, *_SEARCH, "--", *inside, words=patterns)
    if found.returncode > 1:
        said = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RequestError(f"git cannot search `{root}`: {said}")
    for line in found.stdout.split(b"\n"):
        file, _, text = line.partition(b"\0")
        if text:
            yield Line(os.fsdecode(file), text.decode(errors="replace"))


_SEARCH = (
    "--literal-pathspecs", "-c", "grep.lineNumber=false", "-c", "grep.column=false", "-c", "grep.fullName=false",
    "grep", "-I", "-F", "-z", "--no-color", "--untracked", "-f", "-",
)  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
