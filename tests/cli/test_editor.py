"""``wsnox editor``: what editors and type checkers read, beside what they read already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli

from tests.sessions.running import OFFLINE
from tests.support.workspaces import MemberSpec
from wsnox.cli.editor_files import EditorFile
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory

VENV = {"venvPath": "../../.nox", "venv": "a"}
JSON = EditorFile(path=Path("x.json"), values={"venv": "a"})
TOML = EditorFile(path=Path("pyproject.toml"), table="tool.pyright", values=VENV)
FOLDERS = EditorFile(path=Path("w"), values={"folders": [{"path": "a"}, {"path": "."}]})
SCRIPT = EditorFile(path=Path(".envrc"), lines=("export A=1", "PATH_add x"))


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (JSON, "", '{\n  "venv": "a"\n}\n'),
        (JSON, '{\n    "strict": ["src"],\n    "é": 1\n}', '{\n    "strict": [\n        "src"\n    ],\n    "é": 1,\n    "venv": "a"\n}\n'),
        (JSON, '{ "venv":"a" }', '{ "venv":"a" }'),
        (FOLDERS, '{"folders": [{"path": ".", "name": "mine"}, {"path": "../b"}]}', {"folders": [{"path": ".", "name": "mine"}, {"path": "../b"}, {"path": "a"}]}),
        (TOML, '[tool.pyright]\nstrict = ["src"] # why\n', '[tool.pyright]\nvenvPath = "../../.nox"\nvenv = "a"\nstrict = ["src"] # why\n'),
        (TOML, '[tool.pyright]\nvenvPath = "../../.nox"\n', '[tool.pyright]\nvenv = "a"\nvenvPath = "../../.nox"\n'),
        (SCRIPT, "", "export A=1\nPATH_add x\n"),
        (SCRIPT, "dotenv\nexport A=1", "dotenv\nexport A=1\nPATH_add x\n"),
    ],
)  # fmt: skip
def test_merged(file: EditorFile, before: str, after: str | dict[str, object]) -> None:
    """All that a file has stays; a second time, nothing changes."""
    merged = file.merged(before, force=False)
    assert (merged if isinstance(after, str) else json.loads(merged)) == after
    assert file.merged(merged, force=False) == merged


@pytest.mark.parametrize(
    ("file", "before", "problem", "forced"),
    [
        (JSON, '{"venv": "b"}', "has `b` at `venv`, not `a`", '{\n  "venv": "a"\n}\n'),
        (TOML, '[tool.pyright]\nvenv = "b" # old\n', "has `b` at `venv`, not `a`", '[tool.pyright]\nvenvPath = "../../.nox"\nvenv = "a" # old\n'),
        (JSON, '{\n  // mine\n  "a": 1\n}', "cannot be changed: no JSON, or has comments", ""),
        (JSON, "[]", "cannot be changed: no JSON, or has comments", ""),
        (TOML, "[tool.pyright", "cannot be changed: no TOML", ""),
        (TOML, "[tool]\npyright = { strict = [] }\n", "cannot be changed: cannot set `venv` in `[tool.pyright]`", ""),
    ],
)  # fmt: skip
def test_what_somebody_wrote_stays(file: EditorFile, before: str, problem: str, forced: str) -> None:
    """Another value is replaced on request only, and a file that would lose something never."""
    with pytest.raises(WsnoxError, match=r"`") as refused:
        file.merged(before, force=False)
    assert refused.value.sentence == f"`{file.path}` {problem}"
    if forced:
        assert file.merged(before, force=True) == forced
    else:
        with pytest.raises(WsnoxError):
            file.merged(before, force=True)


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose member ``b`` imports what only ``a`` declares, and has settings for its tools."""
    a = MemberSpec("a", dependencies=["pyhumps"], modules={"a.py": "import humps\n"})
    b = MemberSpec("b", modules={"b.py": "import humps\n"}, tool={"pyright": {"strict": ["src"]}, "ty": {}})
    return workspace(a, b)


@pytest.mark.real
def test_where_each_tool_looks(root: Path, wsnox: Wsnox) -> None:
    """A table that a tool has already is where its settings go: a file of its own would hide the table."""
    paths = {
        "vscode": ["packages/a/.vscode/settings.json", "packages/b/.vscode/settings.json", "workspace.code-workspace"],
        "pyright": ["packages/a/pyrightconfig.json", "packages/b/pyproject.toml"],
        "ty": ["packages/a/ty.toml", "packages/b/pyproject.toml"],
        "direnv": ["packages/a/.envrc", "packages/b/.envrc"],
    }
    for tool, expected in paths.items():
        shown = wsnox("editor", tool, root=root).out
        assert [line[2:] for line in shown.splitlines() if line.startswith("# ")] == expected
        data = json.loads(wsnox("editor", tool, "--write", "--json", root=root).out)["settings_files"]
        assert [(file["path"], file["changed"]) for file in data] == [(str(root / path), True) for path in expected]
        assert all((root / path).exists() for path in expected)
        assert wsnox("editor", tool, "--write", root=root).out == "nothing to write\n"
    settings = json.loads((root / "packages/a/.vscode/settings.json").read_text(encoding="utf-8"))
    assert settings == {"python.defaultInterpreterPath": "${workspaceFolder}/../../.nox/a"}
    tables = tomli.loads((root / "packages/b/pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tables["pyright"] == {"venvPath": "../../.nox", "venv": "b", "strict": ["src"]}
    assert tables["ty"] == {"environment": {"python": "../../.nox/b"}}


@pytest.mark.real
def test_settings_of_the_root(root: Path, wsnox: Wsnox) -> None:
    """A file of the member's own goes on from what pyright had for all members, but for what it looked at."""
    (root / "pyrightconfig.json").write_text('{"include": ["packages"]}', encoding="utf-8")
    (file,) = json.loads(wsnox("editor", "pyright", "a", "--json", root=root).out)["settings_files"]
    assert json.loads(file["content"]) == {"extends": "../../pyrightconfig.json", "include": ["."], **VENV}


@pytest.mark.real
def test_all_or_nothing(root: Path, wsnox: Wsnox) -> None:
    """A file that cannot be changed leaves all others as they are."""
    (root / "packages/b/ty.toml").write_text('[environment]\npython = "mine"\n', encoding="utf-8")
    said = wsnox("editor", "ty", "--write", root=root)
    assert (said.code, said.err.splitlines()[-1]) == (1, "hint: `--force` replaces it")
    assert not (root / "packages/a/ty.toml").exists()
    assert wsnox("editor", "ty", root=root).code == 0


@pytest.mark.real
def test_the_undeclared_import_is_unresolved(root: Path) -> None:
    """In one environment for all, ty finds what any member declares; with its own, only what the member does."""
    python = [sys.executable, "-m"]
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for words in ("editor ty --write", "run a -- python -V", "run b -- python -V"):
        subprocess.run([*python, "wsnox", *words.split()], cwd=root, env={**env, **OFFLINE}, check=True)

    def unresolved(member: str) -> bool:
        folder = root / "packages" / member
        done = subprocess.run([*python, "ty", "check", "src"], cwd=folder, env=env, check=False, capture_output=True)
        assert done.returncode in (0, 1), done.stderr
        return b"Cannot resolve imported module `humps`" in done.stdout

    assert (unresolved("a"), unresolved("b")) == (False, True)
