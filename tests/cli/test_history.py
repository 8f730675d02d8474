"""``wsnox affected --history N``: shares and causes, for those who tune rules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Wsnox, git
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace of two members, over which four commits have passed."""
    root = workspace(MemberSpec("a"), MemberSpec("b"))
    git(root, "init", "-q", "-b", "main")
    for files in ({}, {"packages/a/src/a.py": "x"}, {"odd/1.xyz": ""}, {"odd/2.xyz": "", "packages/b/src/b.py": "x"}):
        for name, text in files.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "change")
    return root


def test_text(wsnox: Wsnox, root: Path) -> None:
    """How much was selected, how often, and what a rule would be worth writing for."""
    said = wsnox("affected", "--history", "4", root=root)
    first = git(root, "rev-parse", "--short=7", "HEAD~3").strip()
    second = git(root, "rev-parse", "--short=7", "HEAD~2").strip()
    last = git(root, "rev-parse", "--short=7", "HEAD").strip()
    assert (
        said.out
        == f"""\
83% of the sessions would have run, half of the time at most 100% (5 of 6, over 3 commits)
  nothing        0
  up to 10%      0
  up to 50%      1
  more           0
  everything     2

commits  alone  e.g.     what caused everything
      2      2  {last}  odd/*: no rule knows it

commits  sessions  e.g.     what else selected most
      1         1  {second}  packages/a/src/**
"""
    )
    assert said.err == (
        f"not known: {first}: this clone has no commit before it\n"
        "hint: `wsnox affected --explain PATH` says which rule a file has\n"
    )
    assert (said.code, len(wsnox("affected", "--history", "1", root=root).err.splitlines())) == (0, 1)


def test_json(wsnox: Wsnox, root: Path) -> None:
    """Every commit, and each file that caused everything."""
    data = json.loads(wsnox("affected", "--history", "3", "--json", root=root).out)
    assert (data["selected"], data["total"]) == (5, 6)
    assert [(change["selected"], change["reason"]) for change in data["commits"]] == [(1, None), (2, None), (2, None)]
    assert [reason["path"] for reason in data["commits"][1]["everything"]] == ["odd/1.xyz"]
    (cause,) = data["causes"]
    assert (cause["reason"], cause["paths"], cause["alone"]) == ("no rule knows it", ["odd/1.xyz", "odd/2.xyz"], 2)
    (folder,) = data["folders"]
    assert (folder["path"], folder["selected"]) == ("packages/a/src/**", 1)
    assert cause["in_commits"] == [change["commit"] for change in data["commits"][1:]]


def test_nothing_to_say(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """Without anything to compare, and without a repository at all."""
    root = workspace(MemberSpec("a"))
    assert wsnox("affected", "--history", "3", root=root).err.startswith(f"error: git cannot read `{root}`: not a git")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    said = wsnox("affected", "--history", "3", root=root)
    assert (said.code, said.out) == (0, "no commit could be compared with the one before it\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_progress(root: Path) -> None:
    """A terminal shows how far it is; the line is blank in the end."""
    import pty

    terminal, stderr = pty.openpty()
    command = [sys.executable, "-m", "wsnox", "affected", "--history", "2"]
    done = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, stderr=stderr)
    os.close(stderr)
    said = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert done.stdout.startswith(b"100% of the sessions would have run")
    assert said.startswith("\r1 of 2 commits\r\r              \r")
