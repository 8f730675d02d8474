"""What nox does not find is followed by what was meant, whatever is asked for: names, Pythons, tags, requirements."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.noxfile.loading import list_sessions
from tests.support.workspaces import MemberSpec, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

TASKS = {"x": {"requires": ["project-c"]}, "y": {"requires": ["{python}"]}, "z": {"requires": ["project-a:z"]}}
CHOOSES = "`pythons` in `[tool.wsnox]` chooses others, or `--force-python` for one run"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a workspace of two members that is only listed."""
    members = [MemberSpec("project-a", tool={"wsnox": {"tasks": TASKS}}), MemberSpec("project-b")]
    for task in TASKS.values():
        task["commands"] = ["x"]
    folder = tmp_path_factory.mktemp("selection") / "workspace"
    return write_workspace(folder, members, index=wheelhouse, wsnox={"pythons": ["3.11", "3.12"]})


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("-s project_a", "did you mean `project-a`?"),
        ("-s Project.A", "did you mean `project-a`?"),
        ("-s packages/project-a/", "did you mean `project-a`?"),
        ("-s project-a:test", "did you mean `project-a`?"),
        ("-s project-a-imports", "did you mean `project-a:imports`?"),
        ("-s projekt-a projekt-b", "did you mean `project-a`? did you mean `project-b`?"),
        ("-s project-a,project-b", "spaces separate names: `nox -s project-a project-b`"),
        ("-s project-a-3.13", f"`project-a` does not run on 3.13; {CHOOSES}"),
        ("-s WSNOX_AFFECTED_FAILED", "see above why that command of wsnox failed"),
        ("-s qqq", "known: `project-a`, `project-a:imports`, `project-a:x`, "),
        ("-s project-a:x", "required by `project-a:x`; did you mean `project-b`?"),
        ("-s project-a:y", "required by `project-a:y`"),
        ("-s project-a:z", "take one of them out of the other's `requires`"),
    ],
)
def test_what_was_meant(root: Path, arguments: str, hint: str) -> None:
    """Nox says what it does not find, and wsnox which name is near, or what chooses it."""
    ran = list_sessions(root, *arguments.split())
    said = ran.said.partition("\n\nhint: ")[2]
    assert said.startswith(hint), ran.said
    assert "Traceback" not in ran.said


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("Python version selection caused no sessions to be selected.", f"sessions run on `3.11`, `3.12`; {CHOOSES}"),
        (
            "Tag selection caused no sessions to be selected.",
            "known: `imports`, `integration`, `member`, `project-a`, ",
        ),
        ("No sessions selected after filtering by keyword.", "`nox -l` shows names and tags"),
        (
            "Session f raised exception TypeError(\"f() missing 1 required positional argument: 'member'\")",
            "`@nox.session` gives a function the session alone; decorate it with `@wsnox.member` in its place",
        ),
        ("Session f raised exception TypeError(\"g() missing 1 required positional argument: 'member'\")", ""),
        ("Something else", ""),
    ],
)
def test_what_nox_does_not_say_of_a_list(root: Path, caplog: pytest.LogCaptureFixture, error: str, hint: str) -> None:
    """A list may be empty; a run that would run nothing is an error."""
    list_sessions(root, "-s", "project-b")
    logging.getLogger("nox").error(error)
    message = caplog.messages[-1]
    assert message.startswith(f"{error}\n\nhint: {hint}" if hint else error)
    assert ("hint" in message) == bool(hint)


def test_a_tag(root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which tag was asked for is what nox does not say."""
    list_sessions(root, "-s", "project-b")
    monkeypatch.setattr("sys.argv", ["nox", "-t", "project_b"])
    logging.getLogger("nox").error("Tag selection caused no sessions to be selected.")
    assert caplog.messages[-1].endswith("\n\nhint: did you mean `project-b`?")


def test_an_unknown_nox(root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nox registers something else one day, its own error is still seen."""
    list_sessions(root, "-s", "project-b")
    monkeypatch.setattr("nox.registry.get", lambda: {"x": None})
    logging.getLogger("nox").error("Sessions not found: y")
    assert caplog.messages[-1] == "Sessions not found: y"
