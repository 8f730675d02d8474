"""Where the commands of a session run and with which values, for whom sessions are, and sessions without a member."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import configure, distributions, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SAY = "import json, os, sys; print('said', json.dumps([os.getcwd(), *sys.argv[1:], os.environ.get('WHERE', '')]))"
MEMBER = MemberSpec("Some.Member_A", path="libs/a", modules={"some_member_a/__init__.py": ""})


def _said(said: str) -> list[list[str]]:
    return [json.loads(line.removeprefix("said ")) for line in said.splitlines() if line.startswith("said ")]


def test_directory_and_placeholders(workspace: WorkspaceFactory) -> None:
    """Each placeholder has its value in commands, variables and the directory; other braces arrive as they are."""
    words = ["{root}", "{directory}", "{member}", "{name}", "{module}", "{python}", "{{root}} ${root} {} {a: 1}"]
    wsnox: dict[str, Any] = {
        "directory": "{root}/docs",
        "env": {"WHERE": "{directory}/{module}-{python}"},
        "commands": [["python", "-c", SAY, *words]],
        "tasks": {"below": {"directory": "src", "commands": [["python", "-c", SAY]]}},
        "integration": {"both": {"directory": "docs", "commands": [["python", "-c", SAY, "{member}", "{directory}"]]}},
        "pythons": ["3.11"],
    }
    root = workspace(MEMBER, wsnox=wsnox)
    (root / "docs").mkdir()
    ran = nox(root, "-s", "some-member-a", "some-member-a:below", "both")
    assert ran.code == 0, ran.said
    directory = "[ROOT]/libs/a"
    where = f"{directory}/some_member_a-3.11"
    assert _said(ran.said) == [
        [
            *("[ROOT]/docs", "[ROOT]", directory, "some-member-a", "Some.Member_A", "some_member_a", "3.11"),
            *("{root} ${root} {} {a: 1}", where),
        ],
        [f"{directory}/src", where],
        # `{module}` is one member's, so the variable is not there.
        ["[ROOT]/docs", "both", "[ROOT]", ""],
    ]


def test_directories_and_modules_that_are_not_there(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """It is said before anything is installed."""
    root = workspace(MEMBER, MemberSpec("b", modules={"one.py": "", "two.py": ""}))
    (root / "libs/a/out").symlink_to(tmp_path)
    tasks: dict[str, Any] = {
        "missing": {"directory": "docs", "commands": ["python -V"]},
        "out": {"directory": "out", "commands": ["python -V"]},
        "module": {"commands": ["python -m {module}"], "members": ["b"]},
    }
    configure(root, {"tasks": tasks})
    ran = nox(root, "-s", "some-member-a:missing", "some-member-a:out", "b:module")
    hint = "hint: correct `directory`, or leave the member out of the task with `exclude`"
    assert ran.results == dict.fromkeys(("some-member-a:missing", "some-member-a:out", "b:module"), "aborted")
    for problem in (
        f"`[ROOT]/libs/a/docs`, where `some-member-a:missing` would run its commands, is not a directory\n\n{hint}",
        f"`[ROOT]/libs/a/out`, where `some-member-a:out` would run its commands, leads out of the workspace\n\n{hint}",
        "`{module}` has no value for `b`: its wheel ships `one`, `two`\n\nhint: write its name out",
    ):
        assert problem in ran.said
    assert [distributions(root, name) for name in ran.results] == [set()] * 3


@pytest.mark.parametrize("project", [None, MemberSpec("top", path=".", groups={"lint": ["leaf"], "dev": ["num==1.0"]})])
def test_no_member(workspace: WorkspaceFactory, project: MemberSpec | None) -> None:
    """The groups of the root are all that is installed, in its directory, proven like any closure, and warm after that."""
    sets: dict[str, Any] = {
        "lint": {"packages": [], "groups": ["lint"], "commands": [["python", "-c", f"import leaf; {SAY}"]]},
        "dev": {"packages": [], "commands": [["python", "-c", "import num"]]},
        "bare": {"packages": [], "groups": [], "commands": [["python", "-c", SAY]]},
    }
    groups: dict[str, Any] = {"lint": ["leaf"], "dev": ["num==1.0"]}
    options: dict[str, Any] = {"root_project": project} if project else {"root_groups": groups}
    root = workspace(MEMBER, wsnox={"integration": sets}, **options)
    ran = nox(root, "-s", *sets)
    assert ran.code == 0, ran.said
    assert _said(ran.said) == [["[ROOT]", ""]] * 2
    assert [distributions(root, name) for name in sets] == [{"leaf-2.1"}, {"num-1.0"}, set()]
    assert ran.line("lint: ") == "lint: 1 distribution, exactly its locked closure"
    again = nox(root, "-R", "-s", *sets)
    assert again.code == 0, again.said


FUNCTIONS = """
import json, os
import wsnox

wsnox.sessions()


@wsnox.integration(packages=[], groups=["lint"], directory="docs", tags=["static"])
def lint(session, members):
    session.run("python", "-c", "import leaf")
    print("said", json.dumps([os.getcwd(), *members]))


@wsnox.member(exclude=["libs/*"], directory="{root}")
def types(session, member):
    print("said", json.dumps([os.getcwd(), member.name]))
"""


def test_functions(workspace: WorkspaceFactory) -> None:
    """The decorators take the same keys."""
    root = workspace(MEMBER, MemberSpec("b"), root_groups={"lint": ["leaf"]}, wsnox={"exclude": ["b"]})
    (root / "docs").mkdir()
    write_noxfile(root, FUNCTIONS)
    ran = nox(root, "-s", "lint", "b:types")
    assert ran.code == 0, ran.said
    assert _said(ran.said) == [["[ROOT]/docs"], ["[ROOT]", "b"]]
    listed = nox(root, "-l").lines
    assert "* lint [root,lint,static] -> groups of the workspace root: lint" in listed
    assert [line.split()[1] for line in listed if line[:2] in ("* ", "- ")] == [
        *("some-member-a", "workspace", "some-member-a:imports", "lint", "b:types"),
    ]
