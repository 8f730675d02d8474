"""One locked workspace for all tests of the command, and a caller that returns what it printed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.support.answers import assert_answers
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.cli import main

if TYPE_CHECKING:
    from pathlib import Path

LINUX = ("--python", "3.12", "--platform", "linux")

SHOP = (
    MemberSpec(
        "project-a",
        dependencies=["pyhumps==3.7.3", "flavoured[fast]"],
        extras={"loud": ["flavoured[loud]", "num>=2"]},
        groups={"dev": ["tool-with-script"], "test": ["marked"]},
    ),
    MemberSpec("project-b", dependencies=["project-a"], requires_python=">=3.11"),
    MemberSpec("script", dependencies=["Dotted.Name_Here"], build_system=False),
)


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Wsnox(Protocol):
    """Run the command in the workspace."""

    def __call__(self, *words: str, root: Path | None = None) -> Said:
        """Take the *words* of the command line, and another *root* to run it in."""


def git(folder: Path, *words: str) -> str:
    """Run git in *folder* as somebody."""
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, encoding="utf-8")
    return done.stdout


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return the root of a locked workspace; treat it as read-only."""
    root = tmp_path_factory.mktemp("cli") / "shop"
    write_workspace(root, SHOP, index=wheelhouse, root_groups={"dev": ["leaf"], "lint": ["backported"]})
    lock(root)
    return root


@pytest.fixture
def wsnox(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wsnox:
    """Return a function that runs the command in this process, in the root of the workspace; JSON is held to its schema."""

    def call(*words: str, root: Path | None = None) -> Said:
        monkeypatch.chdir(root or shop)
        code = main(words)
        printed = capsys.readouterr()
        if "--json" in words:
            assert_answers(words[0], printed.out)
        return Said(code, printed.out, printed.err)

    return call
