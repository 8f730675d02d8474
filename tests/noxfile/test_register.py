"""What `nox -l` shows, what selects a session, and that listing reads no lockfile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

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
        "- workspace [integration] -> all members together",
        "- project-a:imports [imports] -> imports in packages/project-a",
        "- project-b:imports [imports] -> imports in libs/b",
    ]


def test_a_root_with_a_project(workspace: WorkspaceFactory) -> None:
    """A root that is a member itself has a session."""
    root = workspace(A, root_project=MemberSpec("the-root", path="."), locked=False)
    listed = list_as_json(root)
    assert {name: session["description"] for name, session in listed.items()} == {
        "project-a": "packages/project-a",
        "the-root": "the workspace root",
    }


def test_a_project_without_a_workspace(workspace: WorkspaceFactory) -> None:
    """A single project is a workspace of one."""
    root = workspace(root_project=MemberSpec("alone", path="."), patterns=[], locked=False)
    assert list(list_as_json(root)) == ["alone"]


def test_a_member_called_workspace(workspace: WorkspaceFactory) -> None:
    """A member keeps its name; the session of all gives way, and both are listed."""
    root = workspace(A, MemberSpec("workspace"), locked=False)
    (root / "tests").mkdir()
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
    assert list(list_as_json(root)) == ["project-a"]


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-t", "member"), ["project-a", "project-b"]),
        (("-t", "project-b"), ["project-b"]),
        (("-t", "integration"), ["workspace"]),
        (("-k", "project and not workspace and not imports"), ["project-a", "project-b"]),
        (("-k", "workspace"), ["workspace"]),
        (("-s", "project-b", "workspace"), ["project-b", "workspace"]),
        ((), ["project-a", "project-b"]),
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
    assert set(list_as_json(root)) == {"lint", "project-a"}


def test_the_root_may_be_named(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A noxfile that stands elsewhere names the workspace."""
    root = workspace(A, locked=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_noxfile(elsewhere, f"import wsnox\n\nwsnox.sessions({str(root)!r})\n")
    assert list(list_as_json(elsewhere)) == ["project-a"]


def test_no_workspace(tmp_path: Path) -> None:
    """A noxfile beside nothing is told so, without a traceback."""
    (tmp_path / "nothing").mkdir()
    ran = list_sessions(tmp_path / "nothing")
    sentence = "no `pyproject.toml` in or above `[ROOT]`"
    assert (ran.code, ran.said) == (3, f"wsnox: {sentence}\n\nhint: run wsnox inside a uv workspace\n")


@pytest.mark.parametrize(
    ("root", "member", "problem"),
    [
        (
            {"comands": ["x"], "root_groups": ["a"]},
            {},
            """pyproject.toml`: 2 problems:
  - unknown key `tool.wsnox.comands` (did you mean `commands`?)
  - unknown key `tool.wsnox.root_groups` (did you mean `root-groups`?)""",
        ),
        (
            {},
            {"groups": ["tset"]},
            "packages/project-a/pyproject.toml`: unknown dependency group `tset` in `tool.wsnox.groups` (did you mean `test`?)",
        ),
        (
            {"root-groups": ["lint"]},
            {},
            "pyproject.toml`: unknown dependency group `lint` of the workspace root in `tool.wsnox.root-groups` (known: `ci`)",
        ),
        (
            {"groups": ["tests"]},
            {},
            "pyproject.toml`: unknown dependency group `tests` in `tool.wsnox.groups` (did you mean `test`?)",
        ),
    ],
    ids=["unknown keys", "group of a member", "group of the root", "group that nobody has"],
)
def test_broken_configuration(
    workspace: WorkspaceFactory, root: dict[str, Any], member: dict[str, Any], problem: str
) -> None:
    """What the manifests get wrong ends nox when the noxfile is loaded, all at once and each with what was meant."""
    project = MemberSpec("project-a", groups={"test": ["leaf"]}, tool={"wsnox": member})
    ran = list_sessions(workspace(project, root_groups={"ci": ["leaf"]}, wsnox=root, locked=False))
    assert (ran.code, ran.said) == (3, f"wsnox: `[ROOT]/{problem}\n")


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
    assert selected(write_noxfile(below)) == ["lib-c", "project-a", "project-b"]
    text = "import wsnox\n\n\n@wsnox.member(root='../..', members=['lib-c'])\ndef t(session, member):\n    pass\n"
    assert selected(write_noxfile(below, text)) == ["lib-c:t"]


# --- Pythons ---

OLD = MemberSpec("old", requires_python=">=3.10")
NEW = MemberSpec("new", requires_python=">=3.11", tool={"wsnox": {"pythons": ["3.12"]}})


@pytest.fixture
def pythons(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose members differ in their Pythons."""
    tasks = {"types": {"commands": [], "pythons": ["3.11"]}}
    together: dict[str, Any] = {"workspace": {"commands": []}}
    return workspace(
        OLD,
        NEW,
        wsnox={"commands": [], "pythons": ["3.10", "3.11", "3.12"], "tasks": tasks, "integration": together},
        locked=False,
    )


def test_the_matrix(pythons: Path) -> None:
    """The floor that one member raises holds for all, as in the lockfile; one Python alone is no part of a name."""
    assert selected(pythons) == [
        "new",
        "old-3.11",
        "old-3.12",
        "new:types",
        "old:types",
        "workspace-3.11",
        "workspace-3.12",
    ]


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-p", "3.12"), ["new", "old-3.12", "workspace-3.12"]),
        (("-p", "3.11", "3.13"), ["old-3.11", "new:types", "old:types", "workspace-3.11"]),
        (("-s", "old", "new-3.12"), ["new", "old-3.11", "old-3.12"]),
        (("-s", "old", "-p", "3.11"), ["old-3.11"]),
        (("-s", "new", "--extra-python", "3.13"), ["new-3.12", "new-3.13"]),
        (("-s", "old", "--extra-python", "3.12", "3.13"), ["old-3.11", "old-3.12", "old-3.13"]),
        (("-s", "old", "new", "--force-python", "3.13"), ["new-3.13", "old-3.13"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_nox_chooses_pythons(pythons: Path, arguments: tuple[str, ...], chosen: list[str]) -> None:
    """``-p``, ``--extra-python`` and ``--force-python`` do what nox documents of them."""
    assert selected(pythons, *arguments) == chosen


@pytest.mark.parametrize("pythons", [None, ["3.11"], ["3.11", "3.12"]], ids=["unset", "one", "two"])
def test_requires_the_same_python(workspace: WorkspaceFactory, pythons: list[str] | None) -> None:
    """``{python}`` in `requires` is this session's, also where neither has any Python in its name."""
    wsnox: dict[str, Any] = {"tasks": {"t": {"commands": [], "requires": ["m-{python}"]}}}
    root = workspace(
        MemberSpec("m", requires_python=">=3.11"),
        wsnox={**wsnox, **({} if pythons is None else {"pythons": pythons})},
        locked=False,
    )
    chosen = "m:t-3.11" if pythons else "m:t"
    expected = {None: ["m", "m:t"], 1: ["m", "m:t"], 2: ["m-3.11", "m:t-3.11"]}[len(pythons) if pythons else None]
    assert selected(root, "-s", chosen) == expected


def test_functions_with_a_matrix(pythons: Path) -> None:
    """A function's own Pythons are cut to the lockfile's range as a table's are."""
    text = "import wsnox\n\n\n@wsnox.member(pythons=['3.9', '3.13'])\ndef t(session, member):\n    pass\n"
    assert selected(write_noxfile(pythons, text)) == ["new:t", "old:t"]


def test_no_python_fits(workspace: WorkspaceFactory) -> None:
    """A matrix that leaves nothing of any member says which version is out: nox alone would only find no session."""
    root = workspace(OLD, locked=False, wsnox={"pythons": ["3.9"]})
    problem = "no session runs on `3.9` in `tool.wsnox.pythons`: the workspace is for `>=3.10`"
    assert f"wsnox: `[ROOT]/pyproject.toml`: {problem}" in list_sessions(root).lines


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (
            "[tool.uv.workspaces]\nmembers = []\n",
            " has neither `[project]` nor `[tool.uv.workspace]`: there is no member",
        ),
        (
            '[tool.uv.workspace]\nmembers = ["package/*"]\n',
            ": no directory of a member matches `tool.uv.workspace.members`: `package/*`",
        ),
        ("[tool.uv.workspace]\n", ": no directory of a member matches `tool.uv.workspace.members`: it is empty"),
    ],
)
def test_no_members(tmp_path: Path, manifest: str, reason: str) -> None:
    """A workspace without members says what it looked for."""
    (tmp_path / "pyproject.toml").write_text(manifest, encoding="utf-8")
    assert f"wsnox: `[ROOT]/pyproject.toml`{reason}" in list_sessions(tmp_path).lines


def test_a_members_own_pythons_win(workspace: WorkspaceFactory) -> None:
    """A member's own list replaces that of the workspace; classifiers are a list too."""
    classifiers = ["Programming Language :: Python :: 3.13", "Programming Language :: Python :: 3 :: Only"]
    root = workspace(
        *(MemberSpec("a", tool={"wsnox": {"pythons": ["3.12", "3.13"]}}), MemberSpec("b")),
        MemberSpec("c", classifiers=classifiers, tool={"wsnox": {"pythons": "classifiers"}}),
        wsnox={"pythons": ["3.11", "3.13"]},
        locked=False,
    )
    assert selected(root) == ["a-3.12", "a-3.13", "b-3.11", "b-3.13", "c"]
