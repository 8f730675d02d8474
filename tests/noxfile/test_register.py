"""What `nox -l` shows, what selects a session, and that listing reads no lockfile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.noxfile.loading import list_as_json, list_sessions, selected
from tests.noxfile.sample import CONFLICTS, FUNCTIONS, MEMBERS
from tests.sessions.running import NOXFILE, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

A = MemberSpec("project-a")
B = MemberSpec("Project.B", path="libs/b")


def test_names_and_descriptions(workspace: WorkspaceFactory) -> None:
    """One session for each member, by its normalised name, and one for all; each says where its member is."""
    root = workspace(A, B, locked=False)
    ran = list_sessions(root)
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
    listed = list_as_json(root)
    assert {name: session["description"] for name, session in listed.items()} == {
        "project-a": "packages/project-a",
        "the-root": "the workspace root",
        "workspace": "all members together",
    }


def test_a_project_without_a_workspace(workspace: WorkspaceFactory) -> None:
    """A single project is a workspace of one."""
    root = workspace(root_project=MemberSpec("alone", path="."), patterns=[], locked=False)
    assert list(list_as_json(root)) == ["alone", "workspace"]


def test_a_member_called_workspace(workspace: WorkspaceFactory) -> None:
    """A member keeps its name; the session of all gives way, and both are listed."""
    root = workspace(A, MemberSpec("workspace"), locked=False)
    listed = list_as_json(root)
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
    assert list(list_as_json(root)) == ["project-a", "workspace"]


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
    assert selected(root, *arguments) == chosen


def test_the_users_own_sessions_stay(workspace: WorkspaceFactory) -> None:
    """A noxfile's own sessions are listed beside those of the members."""
    own = '\n\nimport nox\n\n\n@nox.session\ndef lint(session):\n    """Lint."""\n'
    root = write_noxfile(workspace(A, locked=False), NOXFILE + own)
    assert set(list_as_json(root)) == {"lint", "project-a", "workspace"}


def test_the_root_may_be_named(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A noxfile that stands elsewhere names the workspace."""
    root = workspace(A, locked=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_noxfile(elsewhere, f"import wsnox\n\nwsnox.sessions({str(root)!r})\n")
    assert list(list_as_json(elsewhere)) == ["project-a", "workspace"]


def test_no_workspace(tmp_path: Path) -> None:
    """A noxfile beside nothing is told so, without a traceback."""
    folder = tmp_path / "nothing"
    folder.mkdir()
    ran = list_sessions(folder)
    assert (ran.code, ran.said) == (
        3,
        "wsnox: no `pyproject.toml` in `[ROOT]` or any directory above it\n\nhint: run wsnox inside a uv workspace\n",
    )


def test_broken_configuration(workspace: WorkspaceFactory) -> None:
    """Unknown keys end nox when the noxfile is loaded, all at once and each with the key that was meant."""
    root = workspace(A, wsnox={"comands": ["x"], "root_groups": ["a"]}, locked=False)
    ran = list_sessions(root)
    assert ran.code == 3
    assert ran.said == (
        "wsnox: `[ROOT]/pyproject.toml`: 2 problems:\n"
        "  - unknown key `tool.wsnox.comands` (did you mean `commands`?)\n"
        "  - unknown key `tool.wsnox.root_groups` (did you mean `root-groups`?)\n"
    )


def test_an_unknown_group_of_a_member(workspace: WorkspaceFactory) -> None:
    """A group that a member's own settings name must exist; the nearest one is suggested."""
    root = workspace(
        MemberSpec("project-a", groups={"test": ["leaf"]}, tool={"wsnox": {"groups": ["tset"]}}), locked=False
    )
    ran = list_sessions(root)
    assert ran.code == 3
    assert ran.said == (
        "wsnox: `[ROOT]/packages/project-a/pyproject.toml`: unknown dependency group `tset` "
        "in `tool.wsnox.groups` (did you mean `test`?)\n"
    )


def test_an_unknown_group_of_the_root(workspace: WorkspaceFactory) -> None:
    """A root group must exist: nobody else could give it."""
    root = workspace(
        MemberSpec("project-a"), root_groups={"test": ["leaf"]}, wsnox={"root-groups": ["lint"]}, locked=False
    )
    ran = list_sessions(root)
    assert ran.code == 3
    assert ran.said == (
        "wsnox: `[ROOT]/pyproject.toml`: unknown dependency group `lint` of the workspace root "
        "in `tool.wsnox.root-groups` (known: `test`)\n"
    )


def test_a_group_that_nobody_has(workspace: WorkspaceFactory) -> None:
    """A group for everyone may be absent from a member, but not from all: that would be a slip of the pen."""
    root = workspace(MemberSpec("project-a", groups={"test": ["leaf"]}), wsnox={"groups": ["tests"]}, locked=False)
    ran = list_sessions(root)
    assert ran.code == 3
    assert ran.said == (
        "wsnox: `[ROOT]/pyproject.toml`: unknown dependency group `tests` "
        "in `tool.wsnox.groups` (did you mean `test`?)\n"
    )


@pytest.fixture
def functions(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose noxfile has functions alone."""
    return write_noxfile(
        workspace(*MEMBERS, uv={"conflicts": CONFLICTS}, root_groups={"contracts": []}, locked=False), FUNCTIONS
    )


def test_without_any_table(functions: Path) -> None:
    """Functions need no `wsnox.sessions()` and no ``[tool.wsnox]``; names, tags and first lines show in ``nox -l``."""
    ran = list_sessions(functions)
    assert [line for line in ran.lines if line.startswith(("* ", "- "))] == [
        "* project-a:types [member,project-a,types,static] -> Check types.",
        "* project-b:types [member,project-b,types,static] -> Check types.",
        "* project-b:first [member,project-b,first] -> first in libs/b",
        "* project-a:gpu(cpu) [member,project-a,gpu,cpu] -> gpu in packages/project-a",
        "* project-a:gpu(cuda) [member,project-a,gpu,cuda] -> gpu in packages/project-a",
        "* everything [integration,everything] -> all members together",
        "* contracts [integration,contracts,project-a,lib-c,project-b] -> Both ways.",
        "* mine -> Mine.",
    ]


def test_listed_as_json(functions: Path) -> None:
    """``--json -l`` tells name, description, tags and the variant, for whoever builds a CI matrix of it."""
    assert [*list_as_json(functions, "-t", "gpu").values()] == [
        {
            "session": f"project-a:gpu({variant})",
            "name": "project-a:gpu",
            "description": "gpu in packages/project-a",
            "python": None,
            "tags": ["member", "project-a", "gpu", variant],
            "call_spec": {"variant": variant},
        }
        for variant in ("cpu", "cuda")
    ]


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-k", "types and not lib"), ["project-b:first", "project-a:types", "project-b:types"]),
        (("-k", "first or mine"), ["project-b:first", "mine"]),
        (("-k", "gpu"), ["project-a:gpu(cpu)", "project-a:gpu(cuda)"]),
        (("-k", "cuda"), ["project-a:gpu(cuda)"]),
        (("-t", "static"), ["project-b:first", "project-a:types", "project-b:types"]),
        (("-t", "lib-c"), ["contracts"]),
        (("-s", "project-a:gpu(cpu)"), ["project-a:gpu(cpu)"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_selecting_functions(functions: Path, arguments: tuple[str, ...], chosen: list[str]) -> None:
    """``-k``, ``-t`` and ``-s`` find our sessions by name, tag and variant."""
    assert sorted(selected(functions, *arguments)) == sorted(chosen)


@pytest.mark.skipif(os.name == "nt", reason="POSIX paths in the noxfile")
def test_two_noxfiles_of_one_workspace(functions: Path) -> None:
    """A noxfile in a member's folder finds its workspace above it; a root that is named is taken."""
    below = functions / "packages" / "project-a"
    assert selected(write_noxfile(below)) == ["lib-c", "project-a", "project-b", "workspace"]
    text = "import wsnox\n\n\n@wsnox.member(root='../..', members=['lib-c'])\ndef t(session, member):\n    pass\n"
    assert selected(write_noxfile(below, text)) == ["lib-c:t"]
