"""Completion as a shell asks for it: by argcomplete's protocol, of a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec
from wsnox.cli.command_line import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real
EVERY_OPTION = ["--all-extras", "--all-groups", "--all-packages"]


def completed(line: str, *, cwd: Path, out: Path) -> list[str]:
    """Return what the shell would offer at the end of *line*; *out* is the file that the answer goes to."""
    words = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SUPPRESS_SPACE": "1"}
    asked = {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_STDOUT_FILENAME": os.fspath(out)}
    command = [sys.executable, "-m", "wsnox"]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **words, **asked}, capture_output=True, check=True)
    assert done.stdout == b""
    return out.read_text(encoding="utf-8").split("\n") if out.exists() else []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("wsnox ", sorted(COMMANDS)),
        ("wsnox cl", ["closure"]),
        ("wsnox help wh", ["why"]),
        ("wsnox schema cl", ["closure"]),
        ("wsnox closure --all-", EVERY_OPTION),
        ("wsnox --color never closure --all-", EVERY_OPTION),
        ("wsnox closure project-a pro", ["project-a", "project-b"]),
        ("wsnox check scr", ["script"]),
        ("wsnox closure --session work", ["workspace"]),
        ("wsnox why project-a pyh", ["pyhumps"]),
        ("wsnox diff project-a project-a:", ["project-a:imports"]),
        ("wsnox closure --extra ", ["loud"]),
        ("wsnox closure --group ", ["dev", "lint", "test"]),
        ("wsnox graph --format ", ["dot", "mermaid"]),
        ("wsnox list --platform ", ["linux", "macos", "windows"]),
        ("wsnox list --python ", []),
        ("wsnox clsoure pro", []),
    ],
)
def test_completions(shop: Path, tmp_path: Path, line: str, names: list[str]) -> None:
    """Commands, options, choices, and the names that a workspace has."""
    said = completed(line, cwd=shop, out=tmp_path / "out")
    assert sorted(filter(None, said)) == names


def test_resolutions(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """`wsnox lock` takes what has a resolution of its own, and nothing else."""
    root = workspace(MemberSpec("a"), MemberSpec("b", tool={"wsnox": {"resolutions": ["lowest"]}}))
    said = completed("wsnox lock ", cwd=root, out=tmp_path / "out")
    assert sorted(filter(None, said)) == ["b", "b:lowest"]


def test_no_workspace(tmp_path: Path) -> None:
    """Commands and options are completed anywhere, and names nowhere else, without a word."""
    assert not any(completed("wsnox closure pro", cwd=tmp_path, out=tmp_path / "out"))
    assert completed("wsnox gra", cwd=tmp_path, out=tmp_path / "out") == ["graph"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_code_for_a_shell(tmp_path: Path, shell: str) -> None:
    """It names the command, and needs no workspace."""
    done = subprocess.run(
        [sys.executable, "-m", "wsnox", "completion", shell], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert "wsnox" in done.stdout
    assert "_ARGCOMPLETE" in done.stdout
