"""What editors and type checkers read to find an environment, from the documentation of each of them.

- Visual Studio Code: ``python.defaultInterpreterPath`` in the settings of a folder, which may be the folder of an
  environment. Only in a workspace of several folders has each its own (Python settings reference, Multi-root workspaces).
- pyright and basedpyright: ``venvPath`` and ``venv`` in the nearest ``pyrightconfig.json``, else in ``[tool.pyright]``. One
  file has one environment, ``executionEnvironments`` have none; with ``extends`` it goes by another (configuration).
- ty: ``environment.python`` in the nearest ``ty.toml``, else in ``[tool.ty]``; it goes by one file alone (configuration).
- direnv: the shell script ``.envrc`` of the nearest folder that has one (direnv-stdlib).

PyCharm keeps interpreters in its own settings, not in the project.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record, field
from wsnox.errors import WsnoxError
from wsnox.workspace.toml_edit import with_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.workspace.model import Manifest, Member, Workspace

__all__ = ["TOOLS", "EditorFile", "Placed", "files_for", "relative"]

TOOLS = ("vscode", "pyright", "ty", "direnv")


class Placed(Record):
    """A *member* and the *location* of its own environment."""

    member: Member
    location: Path

    @property
    def relative(self) -> str:
        """The environment as seen from the member."""
        return relative(self.location, self.member.directory)


class EditorFile(Record, kw_only=True):
    """What the file at *path* has to say: *values* by their keys, in a *table* of TOML if that is not JSON, or *lines* of a script."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    lines: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The text of a file that says just that."""
        return self.merged("", force=False)

    def merged(self, text: str, *, force: bool) -> str:
        """Return *text*, empty for a new file, with what it has to say; other values of these keys are replaced with *force*.

        Raise `WsnoxError` where there are others, or it cannot be changed without a loss.
        """
        if self.lines:
            missing = [f"{line}\n" for line in self.lines if line not in text.splitlines()]
            gap = "\n" if missing and text and not text.endswith("\n") else ""
            return "".join([text, gap, *missing])
        before = self._read(text)
        for key, value in self.values.items():
            if key in before and not (force or before[key] == value or _is_list(before[key], value)):
                sentence = f"`{self.path}` has `{before[key]}` at `{key}`, not `{value}`"
                raise WsnoxError(sentence, hint="`--force` replaces it")
        return self._merged_toml(text, before) if self.table else self._merged_json(text, before)

    def _merged_json(self, text: str, before: Mapping[str, Any]) -> str:
        after = {**before, **{key: _united(before.get(key), value) for key, value in self.values.items()}}
        indent = re.search(r"^([ \t]+)", text, re.MULTILINE)
        changed = json.dumps(after, indent=indent[1] if indent else 2, ensure_ascii=False)
        return text if after == before else f"{changed}\n"

    def _merged_toml(self, text: str, before: Mapping[str, Any]) -> str:
        # The first in a table is set last: each new key stands at the top.
        for key, value in reversed([*self.values.items()]):
            if before.get(key) != value:
                try:
                    text = with_value(text, self.table, key, value)
                except ValueError as error:
                    raise self._unwritable(str(error)) from error
        return text

    def _read(self, text: str) -> dict[str, Any]:
        """Return the table, or the top of the JSON, in *text*."""
        import tomli  # noqa: PLC0415 - the arguments of every command know the tools

        try:
            found = tomli.loads(text) if self.table else json.loads(text or "{}")
            for name in filter(None, self.table.split(".")):
                found = found.get(name, {})
        except (ValueError, AttributeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._unwritable("no TOML" if self.table else "no JSON, or has comments")
        return found

    def _unwritable(self, problem: str) -> WsnoxError:
        where = f" in `[{self.table}]`" if self.table else ""
        values = ", ".join(f"`{key}` to `{value}`" for key, value in self.values.items())
        return WsnoxError(f"`{self.path}` cannot be changed: {problem}", hint=f"set {values}{where} yourself")


def _is_list(before: Any, value: Any) -> bool:
    """Return whether both are lists: then *value* is added to *before*."""
    return isinstance(before, list) and isinstance(value, list)


def _united(before: Any, value: Any) -> Any:
    """Return *value*, or both where they are lists of folders, each folder once."""
    if not _is_list(before, value):
        return value
    paths = {folder.get("path") for folder in before if isinstance(folder, dict)}
    return [*before, *(folder for folder in value if folder["path"] not in paths)]


def files_for(tool: str, workspace: Workspace, placed: Iterable[Placed]) -> tuple[EditorFile, ...]:
    """Return the files by which *tool* finds the environment of each of the *placed* members of *workspace*."""
    members = tuple(placed)
    match tool:
        case "vscode":
            return (*map(_vscode, members), _code_workspace(workspace, members))
        case "pyright":
            return tuple(_pyright(one, workspace) for one in members)
        case "ty":
            return tuple(map(_ty, members))
        case _:
            return tuple(map(_direnv, members))


def _vscode(placed: Placed) -> EditorFile:
    path = "${workspaceFolder}/" + placed.relative
    file = placed.member.directory / ".vscode" / "settings.json"
    return EditorFile(path=file, values={"python.defaultInterpreterPath": path})


def _code_workspace(workspace: Workspace, placed: Iterable[Placed]) -> EditorFile:
    """Return the workspace of Visual Studio Code, with the root last: a file belongs to the innermost folder."""
    members = [one.member for one in placed]
    folders = [{"name": member.name, "path": member.path} for member in members if member.path != "."]
    name = workspace.project.name if workspace.project else workspace.root.name
    existing = sorted(workspace.root.glob("*.code-workspace"))
    file = existing[0] if existing else workspace.root / f"{workspace.root.name}.code-workspace"
    return EditorFile(path=file, values={"folders": [*folders, {"name": name, "path": "."}]})


_PYRIGHTS = {"basedpyright", "pyright"}


def _pyright(placed: Placed, workspace: Workspace) -> EditorFile:
    folder, name = os.path.split(placed.relative)
    values: dict[str, Any] = {"venvPath": folder, "venv": name}
    directory = placed.member.directory
    file = directory / "pyrightconfig.json"
    own = _PYRIGHTS & _tools(placed.member.manifest)
    if own and not file.exists():
        return EditorFile(path=directory / "pyproject.toml", table=f"tool.{min(own)}", values=values)
    shared = workspace.root / "pyrightconfig.json"
    if not shared.exists() and _PYRIGHTS & _tools(workspace.manifest):
        shared = workspace.root / "pyproject.toml"
    if not file.exists() and shared.exists() and shared.parent != directory:
        # What the root says of its own folders is not for the member.
        values = {"extends": relative(shared, directory), "include": ["."], **values}
    return EditorFile(path=file, values=values)


def _ty(placed: Placed) -> EditorFile:
    directory = placed.member.directory
    values = {"python": placed.relative}
    if "ty" in _tools(placed.member.manifest) and not (directory / "ty.toml").exists():
        return EditorFile(path=directory / "pyproject.toml", table="tool.ty.environment", values=values)
    return EditorFile(path=directory / "ty.toml", table="environment", values=values)


def _direnv(placed: Placed) -> EditorFile:
    location = f'export VIRTUAL_ENV="$(expand_path {shlex.quote(placed.relative)})"'
    return EditorFile(path=placed.member.directory / ".envrc", lines=(location, 'PATH_add "$VIRTUAL_ENV/bin"'))


def _tools(manifest: Manifest) -> set[str]:
    """Return the names of the tools that *manifest* has a table for."""
    return set() if manifest.top is None else {*manifest.top.table("tool")}


def relative(path: Path, directory: Path) -> str:
    """Return *path* as seen from *directory*, with ``/`` on every system."""
    return Path(os.path.relpath(path, directory)).as_posix()
