"""What a failed command says of itself, where a fix declares what is missing, and what a built wheel leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.imports.failed_command import FailedCommand, option_for_tests, unshipped_files
from wsnox.imports.members import member_files
from wsnox.workspace import discover

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory


def _failed(words: str, output: str | None = "", *, editable: bool = True, provided: str = "") -> FailedCommand:
    return FailedCommand(
        words=words.split(),
        members=(),
        directory=Path(),
        provided=provided.split(),
        editable=editable,
        output=output,
    )


@pytest.mark.parametrize(
    ("words", "programs", "tests"),
    [
        ("pytest -q", "pytest", True),
        ("python3.12 -m pytest", "python pytest", True),
        ("../bin/coverage.exe run -m unittest", "coverage unittest", True),
        ("ruff check", "ruff", False),
        ("", "", False),
    ],
)
def test_what_a_command_runs(words: str, programs: str, *, tests: bool) -> None:
    """The first word, and the modules behind ``-m``; any Python may run tests, and what the environment has pytest for."""
    command = _failed(words)
    assert (command.programs, command.may_run_tests) == (frozenset(programs.split()), tests)
    assert _failed(words, provided="pytest").may_run_tests
    assert _failed("python -c pass").code == b"pass"
    assert _failed("sh -c pass").code == b""


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        ("ModuleNotFoundError: No module named 'a.b'", "a.b"),
        ("/bin/python: No module named a", "a"),
        ("ImportError: cannot import name 'x' from 'a' (a.py)", "a"),
        ('a.py:1: error: Cannot find implementation or library stub for module named "a.b"', "a.b"),
        ('error: Import "a.b" could not be resolved (reportMissingImports)', "a.b"),
        ("a.py:1:0: E0401: Unable to import 'a' (import-error)\nNo module named 'b'", "a b"),
        ("No such luck", ""),
    ],
)
def test_what_the_output_says(output: str, missing: str) -> None:
    """An import is a reason where a module was not found; with wheels a file may be, which has no fixed words."""
    command = _failed("ruff", output)
    assert command.missing == set(missing.split())
    assert command.may_be_explained is bool(missing)
    assert _failed("ruff", output, editable=False).may_be_explained


def test_without_the_output_the_program_decides() -> None:
    """On a terminal nobody knows what was printed."""
    commands = ["python a.py", "pytest", "mypy .", "ruff check", "cp a b"]
    assert [_failed(words, None).may_be_explained for words in commands] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("groups", "option"),
    [
        ({}, "--dev"),
        ({"dev": ["marked"], "check": ["pytest"]}, "--group check"),
        ({"check": ["pytest >= 2"], "dev": ["PyTest[x]"]}, "--dev"),
        ({"b": ["pytest"], "a": ["pytest-cov", "py.test", "pytest"], "0": ["pytest-x"]}, "--group b"),
    ],
)
def test_the_group_of_tests(workspace: WorkspaceFactory, groups: dict[str, list[str]], option: str) -> None:
    """What a test needs goes where pytest is, to ``dev`` if that is one of the places, or if there is none."""
    root = workspace(MemberSpec("app", groups=groups), locked=False)
    assert option_for_tests(discover(root).named("app")) == option


MODULES = {"app/__init__.py": "", "app/deep/a.py": "", "app/data.txt": "", "app/deep/more.json": ""}


def _left_out(root: Path, *installed: str, root_project: bool = False) -> list[tuple[str, str]]:
    """Return what is left out, with its place, where only *installed* are in the first of two site directories."""
    spec = MemberSpec("app", path="packages/app", modules=MODULES)
    if root_project:
        write_workspace(root, [], index=root, root_project=spec)
    else:
        write_workspace(root, [spec], index=root)
    member = discover(root).named("app")
    (member.directory / "src/app/__pycache__").mkdir()
    (member.directory / "src/app/__pycache__/x.pyc").touch()
    site = root / "site"
    for file in installed:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    findings = unshipped_files(member_files(member), [site, root / "platlib"])
    return [(finding.module, finding.places[0][0]) for finding in findings]


def test_what_a_wheel_leaves_out(tmp_path: Path) -> None:
    """Modules and data files, at their place in the workspace; nothing of a whole wheel; byte code is nobody's."""
    assert _left_out(tmp_path / "whole", *MODULES) == []
    assert _left_out(tmp_path / "parts", "app/__init__.py", "app/data.txt") == [
        ("app/deep/a.py", "packages/app/src/app/deep/a.py"),
        ("app/deep/more.json", "packages/app/src/app/deep/more.json"),
    ]
    root = _left_out(tmp_path / "root", "app/__init__.py", "app/deep/a.py", "app/data.txt", root_project=True)
    assert root == [("app/deep/more.json", "src/app/deep/more.json")]
