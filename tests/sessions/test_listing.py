"""What `nox -l` shows, what selects a session, and that listing reads no lockfile."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import NOXFILE, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

A = MemberSpec("project-a")
B = MemberSpec("Project.B", path="libs/b")


def _listed(root: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return what ``nox --json -l`` says of each session."""
    ran = nox(root, "--json", "-l", *arguments)
    assert ran.code == 0, ran.said
    return {session["session"]: session for session in json.loads(ran.said)}


def test_names_and_descriptions(workspace: WorkspaceFactory) -> None:
    """One session for each member, by its normalised name, and one for all; each says where its member is."""
    root = workspace(A, B, locked=False)
    ran = nox(root, "-l")
    assert ran.code == 0
    assert [line for line in ran.lines if line.startswith(("*", "-"))] == [
        "* project-a [member,project-a,test] -> packages/project-a",
        "* project-b [member,project-b,test] -> libs/b",
        "* workspace [integration] -> all members together",
        "- project-a:imports [imports] -> imports in packages/project-a",
        "- project-b:imports [imports] -> imports in libs/b",
    ]


def test_a_root_with_a_project(workspace: WorkspaceFactory) -> None:
    """A root that is a member itself has a session, and `workspace` includes it."""
    root = workspace(A, root_project=MemberSpec("the-root", path="."), locked=False)
    listed = _listed(root)
    assert {name: session["description"] for name, session in listed.items()} == {
        "project-a": "packages/project-a",
        "the-root": "the workspace root",
        "workspace": "all members together",
    }


def test_a_project_without_a_workspace(workspace: WorkspaceFactory) -> None:
    """A single project is a workspace of one."""
    root = workspace(root_project=MemberSpec("alone", path="."), patterns=[], locked=False)
    assert list(_listed(root)) == ["alone", "workspace"]


def test_a_member_called_workspace(workspace: WorkspaceFactory) -> None:
    """A member keeps its name; the session of all gives way, and both are listed."""
    root = workspace(A, MemberSpec("workspace"), locked=False)
    listed = _listed(root)
    assert {name: session["description"] for name, session in listed.items()} == {
        "project-a": "packages/project-a",
        "workspace": "packages/workspace",
        "workspace:all": "all members together",
    }


@pytest.mark.parametrize(
    "content", [None, b"garbage \xff", b"version = 99\n"], ids=["absent", "garbage", "of-the-future"]
)
def test_listing_reads_no_lockfile(workspace: WorkspaceFactory, content: bytes | None) -> None:
    """A lockfile that is absent or broken, or of a version to come, does not matter to a list."""
    root = workspace(A, locked=False)
    if content is not None:
        (root / "uv.lock").write_bytes(content)
    assert list(_listed(root)) == ["project-a", "workspace"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the audit hook looks for POSIX paths")
def test_listing_opens_no_lockfile_and_starts_nothing(workspace: WorkspaceFactory) -> None:
    """Listing opens no lockfile, starts no process, and imports nothing of the floors that a session needs."""
    hook = """\
import os
import sys


def watch(event, arguments):
    if event == "open" and str(arguments[0]).endswith("uv.lock"):
        os.abort()
    if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork"):
        os.abort()


sys.addaudithook(watch)
import wsnox

wsnox.sessions()
heavy = [name for name in sys.modules if name.startswith(("wsnox.environment.p", "wsnox.closure.w", "wsnox.lock."))]
if heavy:
    raise SystemExit(f"imported: {heavy}")
"""
    root = write_noxfile(workspace(A), hook)
    assert list(_listed(root)) == ["project-a", "workspace"]


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-t", "member"), ["project-a", "project-b"]),
        (("-t", "project-b"), ["project-b"]),
        (("-t", "integration"), ["workspace"]),
        (("-k", "project and not workspace and not imports"), ["project-a", "project-b"]),
        (("-k", "workspace"), ["workspace"]),
        (("-s", "project-b", "workspace"), ["project-b", "workspace"]),
        ((), ["project-a", "project-b", "workspace"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_selecting(workspace: WorkspaceFactory, arguments: tuple[str, ...], chosen: list[str]) -> None:
    """The options of nox choose among the sessions as nox documents them."""
    root = workspace(A, B, locked=False)
    ran = nox(root, "-l", *arguments)
    assert [line.split()[1] for line in ran.lines if line.startswith("* ")] == chosen


def test_the_users_own_sessions_stay(workspace: WorkspaceFactory) -> None:
    """A noxfile's own sessions are listed beside those of the members."""
    own = '\n\nimport nox\n\n\n@nox.session\ndef lint(session):\n    """Lint."""\n'
    root = write_noxfile(workspace(A, locked=False), NOXFILE + own)
    assert set(_listed(root)) == {"lint", "project-a", "workspace"}


def test_a_taken_name_is_refused(workspace: WorkspaceFactory) -> None:
    """A session of the noxfile that has a member's name is never overridden: nox ends with a sentence."""
    text = "import nox\nimport wsnox\n\n\n@nox.session(name='project-a')\ndef mine(session):\n    pass\n\n\nwsnox.sessions()\n"
    ran = nox(write_noxfile(workspace(A, locked=False), text), "-l")
    assert ran.code == 3
    assert ran.said == (
        "wsnox: session `project-a` of member `project-a` collides with the noxfile's own session `project-a`\n\n"
        "hint: rename one of the two\n"
    )


def test_the_root_may_be_named(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A noxfile that stands elsewhere names the workspace."""
    root = workspace(A, locked=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_noxfile(elsewhere, f"import wsnox\n\nwsnox.sessions({str(root)!r})\n")
    assert list(_listed(elsewhere)) == ["project-a", "workspace"]


def test_no_workspace(tmp_path: Path) -> None:
    """A noxfile beside nothing is told so, without a traceback."""
    folder = tmp_path / "nothing"
    folder.mkdir()
    ran = nox(folder, "-l")
    assert (ran.code, ran.said) == (
        3,
        "wsnox: no `pyproject.toml` in `[ROOT]` or any directory above it\n\nhint: run wsnox inside a uv workspace\n",
    )


def test_broken_configuration(workspace: WorkspaceFactory) -> None:
    """Unknown keys end nox when the noxfile is loaded, all at once and each with the key that was meant."""
    root = workspace(A, wsnox={"comands": ["x"], "root_groups": ["a"]}, locked=False)
    ran = nox(root, "-l")
    assert ran.code == 3
    assert ran.said == (
        "wsnox: `[ROOT]/pyproject.toml`: 2 problems:\n"
        "  - unknown key `tool.wsnox.comands` (did you mean `commands`?)\n"
        "  - unknown key `tool.wsnox.root_groups` (did you mean `root-groups`?)\n"
    )
