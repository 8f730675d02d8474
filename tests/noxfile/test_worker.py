"""A child of ``nox -j`` registers its own session and what that requires, and refuses what it refused before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.noxfile.loading import list_sessions
from tests.sessions.running import Ran, write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.noxfile.this_run import RUN
from wsnox.noxfile.worker import title_of_worker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

MEMBERS = (
    MemberSpec("a", extras={"cpu": [], "gpu": []}, groups={"dev": []}),
    MemberSpec("a-b"),
    MemberSpec("c", tool={"wsnox": {"requires": ["a-b-{python}", "a:types"]}}),
)
SETTINGS = {
    "pythons": ["3.10", "3.11"],
    "tasks": {"types": {"commands": ["mypy ."], "members": ["a"], "pythons": ["3.11"], "extras": [["cpu"], ["gpu"]]}},
}
STARTED_BY = {RUN: f"{os.getppid()}-x"}
OPTIONS = ("--no-dependencies", "--parallel-worker")


@pytest.fixture
def root(workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace of three members, as a run that another process has started finds it."""
    monkeypatch.setenv(RUN, STARTED_BY[RUN])
    return workspace(*MEMBERS, wsnox=SETTINGS, locked=False)


def _listed(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.said
    return [line.split()[1] for line in ran.lines if line.startswith(("* ", "- "))]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("a-3.11", {"a"}),
        ("a-b-3.10", {"a-b"}),
        ("a:types(cpu)", {"a:types"}),
        ("a:types-3.11(cpu)", {"a:types"}),
        ("a:imports", {"a:imports"}),
        ("workspace-3.10", {"workspace"}),
        ("c-3.10", {"c", "a-b", "a:types"}),
    ],
)
def test_what_a_child_registers(root: Path, title: str, names: set[str]) -> None:
    """Its session, whatever kind it is and however its title is made, and those that nox looks for."""
    listed = _listed(list_sessions(root, "--session", title, *OPTIONS))
    assert {name.partition("-3")[0].partition("(")[0] for name in listed} == names
    assert any(name in (title, title.replace("-3.11(", "(")) for name in listed)


@pytest.mark.parametrize(
    "options", [("--session", "a-3.11"), ("--session", "a-3.11", "--no-dependencies"), ("-k", "a")]
)
def test_a_run_registers_all(root: Path, options: tuple[str, ...]) -> None:
    """Whoever is no such child lists every session, the selected ones and the others."""
    listed = _listed(list_sessions(root, *options))
    assert {"a-3.10", "a-3.11", "a-b-3.10", "c-3.11", "workspace-3.10", "a:imports"} <= {*listed}


def test_a_session_of_the_noxfile_finds_all(root: Path) -> None:
    """It may call `session.notify` with any name, and so may a function that wsnox decorates."""
    own = "\n\n@{decorator}\ndef mine(session, *members):\n    session.notify('a-3.10')\n"
    for decorator, title in (("nox.session", "mine"), ("wsnox.member(members=['a'])", "a:mine-3.10")):
        text = "import nox\n\nimport wsnox\n\nwsnox.sessions()" + own.format(decorator=decorator)
        write_noxfile(root, text)
        listed = _listed(list_sessions(root, "--session", title, *OPTIONS))
        assert {title, "a-3.10", "a-b-3.11", "c-3.10"} <= {*listed}


def test_names_that_are_required_must_exist(workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child is told of a missing name as any run is: nox checks them there, too."""
    root = workspace(MemberSpec("a"), MemberSpec("b"), wsnox={"requires": ["nobody"]}, locked=False)
    ran = list_sessions(root, "--session", "a", "--no-dependencies")
    monkeypatch.setenv(RUN, STARTED_BY[RUN])
    for told in (ran, list_sessions(root, "--session", "a", *OPTIONS)):
        assert (told.code, "Session not found: nobody" in told.said) == (3, True)


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda root: (root / "packages/c/pyproject.toml").write_text("[project\n"), "packages/c/pyproject.toml"),
        (lambda root: (root / "packages/c/pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n'), "`a`"),
        (lambda root: (root / "packages/d").mkdir() or (root / "packages/d/x.py").touch(), "packages/d"),
        (lambda root: (root / ".python-version").write_bytes(b"\xff"), ".python-version"),
    ],
    ids=["a broken manifest", "a name twice", "a folder without a manifest", "a broken pin"],
)
def test_a_workspace_that_breaks_meanwhile(
    workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch, break_it: object, sentence: str
) -> None:
    """A child reads all manifests itself: what is broken since its run began, in whichever member, is refused."""
    root = workspace(*MEMBERS, wsnox=SETTINGS, patterns=["packages/*"], locked=False)
    monkeypatch.setenv(RUN, STARTED_BY[RUN])
    assert callable(break_it)
    break_it(root)
    ran = list_sessions(root, "--session", "a-3.11", *OPTIONS)
    assert ran.code != 0
    assert sentence in ran.said


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (["--session", "a", "--no-dependencies", "--parallel-worker"], "a"),
        (
            ["--parallel", "1", "--session", "a", "--report", "x", "--no-dependencies", "--parallel-worker", "--", "b"],
            "a",
        ),
        (["--session", "a", "--no-dependencies", "--", "--parallel-worker"], ""),
        (["--no-dependencies", "--parallel-worker", "--", "--session", "a"], ""),
        (["--session", "a", "--session", "b", "--no-dependencies", "--parallel-worker"], ""),
        (["--session", "a", "--parallel-worker"], ""),
        (["-k", "a", "--no-dependencies", "--parallel-worker"], ""),
    ],
    ids=" ".join,
)
def test_title_of_worker(arguments: list[str], title: str) -> None:
    """Only what nox itself writes counts, and only in a process that a run with wsnox has started."""
    assert title_of_worker(["nox", *arguments], STARTED_BY) == title
    for environ in ({}, {RUN: f"{os.getpid()}-x"}):
        assert title_of_worker(["nox", *arguments], environ) == ""
