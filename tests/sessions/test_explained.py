"""What a failed session says of imports, and when it says nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import OFFLINE, nox, write_noxfile
from tests.support.workspaces import MemberSpec, lock

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

A = MemberSpec("project-a", dependencies=["pyhumps"])
HINT = "hint: uv add --package project-b pyhumps"

HARMLESS = """\
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import humps
try:
    import humps
except ImportError:
    humps = None
if sys.version_info < (3,):
    import humps


def convert():
    import humps

    return humps


print("No such luck")
sys.exit(3)
"""


def _b(source: str, **more: Any) -> MemberSpec:
    return MemberSpec("project-b", modules={"project_b.py": source}, **more)


def test_nothing_is_said_of_another_failure(workspace: WorkspaceFactory) -> None:
    """A command that failed for another reason gets no hint, even where an import would fail as well."""
    programs = {
        "message": "raise SystemExit('humps is not what failed')",
        "silent": "import os; os._exit(1)",
        "other": "import json.no_such_module",
    }
    tasks = {name: {"commands": [["python", "-c", text]], "members": ["project-b"]} for name, text in programs.items()}
    harmless = MemberSpec("project-c", modules={"project_c.py": HARMLESS})
    wsnox = {"commands": [["python", "-c", "import project_c"]], "tasks": tasks}
    root = workspace(A, _b("import humps\n"), harmless, wsnox=wsnox)
    sessions = ["project-c", *(f"project-b:{name}" for name in tasks)]
    ran = nox(root, "-s", *sessions)
    assert (ran.code, ran.results) == (1, dict.fromkeys(sessions, "failed")), ran.said
    assert "hint" not in ran.said


def test_every_import_at_once(workspace: WorkspaceFactory) -> None:
    """Python stops at the first missing module; the explanation names all, with every place, and where each belongs."""
    source = "import humps\nfrom leaf import nothing\n\n\ndef later():\n    import humps\n"
    tests = {"helper.py": "", "test_b.py": "import helper\nimport num\n"}
    more = MemberSpec("more", extras={"x": ["leaf"]}, groups={"dev": ["num"]})
    root = workspace(A, more, _b(source, tests=tests), wsnox={"commands": [["python", "-c", "import project_b"]]})
    assert [line.strip() for line in nox(root, "-s", "project-b").lines if "project-b" in line and "humps" in line][
        -3:
    ] == [
        (
            "project-b imports `humps` (packages/project-b/src/project_b.py:1, packages/project-b/src/project_b.py:6), "
            "which nothing in its locked closure provides"
        ),
        HINT,
        "together: uv add --package project-b leaf pyhumps",
    ]
    said = nox(root, "-s", "project-b").said
    assert "hint: uv add --package project-b leaf" in said
    assert "hint: uv add --package project-b --dev num" in said
    assert "`helper`" not in said


def test_where_a_dependency_belongs(workspace: WorkspaceFactory) -> None:
    """A module that needs an extra gets its dependency there, a test's goes to the group that has pytest."""
    modules = {"project_b/__init__.py": "", "project_b/cli.py": "import leaf\nimport humps\n"}
    tests = {"test_b.py": "import project_b.cli\nimport num\n"}
    b = MemberSpec(
        "project-b", modules=modules, tests=tests, extras={"cli": ["leaf"]}, groups={"check": ["pytest"], "dev": []}
    )
    more = MemberSpec("more", dependencies=["num"])
    command = ["python", "-c", "import project_b.cli"]
    root = workspace(A, more, b, wsnox={"commands": [command], "extras": ["cli"]}, locked=False)
    (root / "packages/project-b/pyproject.toml").write_text(
        (root / "packages/project-b/pyproject.toml").read_text(encoding="utf-8").replace('"pytest"', '"marked"'),
        encoding="utf-8",
    )
    lock(root)
    said = nox(root, "-s", "project-b").said
    assert "hint: uv add --package project-b --optional cli pyhumps" in said
    assert "hint: uv add --package project-b --dev num" in said


def test_a_member_below(workspace: WorkspaceFactory) -> None:
    """The import may stand in another member of the closure: that is the one to correct."""
    b = _b("import humps\n")
    c = MemberSpec("project-c", dependencies=["project-b"], modules={"project_c.py": "import project_b\n"})
    root = workspace(A, b, c, wsnox={"commands": [["python", "-c", "import project_c"]]})
    ran = nox(root, "-s", "project-c")
    assert HINT in ran.said
    assert ran.said.count("hint: ") == 1


def test_the_command_itself(workspace: WorkspaceFactory) -> None:
    """An import on the command's own line is found as well."""
    root = workspace(A, _b(""), wsnox={"commands": [["python", "-c", "import humps"]]})
    said = nox(root, "-s", "project-b").said
    assert "project-b imports `humps` (<command>:1), which nothing in its locked closure provides" in said
    assert "hint: uv add --package project-b --dev pyhumps" in said


@pytest.mark.skipif(sys.platform == "win32", reason="names that are no text")
def test_a_file_whose_name_is_no_text(workspace: WorkspaceFactory) -> None:
    """It is named as well as it can be, and a command failed all the same."""
    root = workspace(A, _b(""), wsnox={"commands": [["python", "-c", "import humps"]]})
    tests = root / "packages/project-b/tests"
    tests.mkdir()
    (tests / os.fsdecode(b"\xff.py")).write_text("import humps\n", encoding="utf-8")
    ran = nox(root, "-s", "project-b", env={"GITHUB_ACTIONS": "true", "PYTHONIOENCODING": "utf-8:strict"})
    assert "raised exception" not in ran.said
    assert "::error file=packages/project-b/tests/\\udcff.py" in ran.said


def test_several_members_together(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """The tests of an integration session are the root's: what they miss belongs to its dev group."""
    integration = {"both": {"packages": ["project-b"], "groups": ["dev"]}}
    root = workspace(
        A,
        _b(""),
        index=wheelhouse_with_pytest,
        wsnox={"integration": integration},
        root_groups={"dev": ["pytest"]},
    )
    (root / "tests").mkdir()
    (root / "tests" / "test_both.py").write_text("import humps\n\n\ndef test():\n    pass\n", encoding="utf-8")
    said = nox(root, "-s", "both").said
    assert "the workspace root imports `humps` (tests/test_both.py:1), which nothing in its locked closure" in said
    assert "hint: uv add --dev pyhumps" in said


def test_a_function_of_the_noxfile(workspace: WorkspaceFactory) -> None:
    """What a function of the noxfile runs is explained as well."""
    root = workspace(A, _b("import humps\n"))
    write_noxfile(
        root,
        "import wsnox\n\n\n@wsnox.member(members=['project-b'])\ndef run(session, member):\n"
        "    session.run('python', '-c', 'import project_b')\n",
    )
    assert HINT in nox(root, "-s", "project-b:run").said


def test_allowed_imports(workspace: WorkspaceFactory) -> None:
    """An import that the workspace allows is not explained again and again."""
    allow = [{"modules": ["humps"], "reason": "the host has it"}]
    root = workspace(
        A, _b("import humps\n"), wsnox={"commands": [["python", "-c", "import project_b"]], "imports": {"allow": allow}}
    )
    assert "hint" not in nox(root, "-s", "project-b").said


def test_annotations(workspace: WorkspaceFactory) -> None:
    """In GitHub Actions the explanation stands at the line, and each other failure of a session is listed too."""
    b = _b("import humps\n")
    c = MemberSpec("project-c")
    root = workspace(
        A,
        b,
        c,
        name="checkout/deep",
        wsnox={"commands": [["python", "-c", "import {member}"]], "tasks": {"other": {"commands": ["python -c 1/0"]}}},
    )
    text = (root / "pyproject.toml").read_text(encoding="utf-8").replace("import {member}", "import project_b")
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(root.parent)}
    ran = nox(root, "-s", "project-b", "project-c:other", env=env)
    assert ran.line("::error file=") == (
        "::error file=deep/packages/project-b/src/project_b.py,line=1,title=wsnox%3A project-b::project-b imports "
        "`humps` (packages/project-b/src/project_b.py:1), which nothing in its locked closure provides; "
        f"provided by pyhumps 3.8.0 (by its name), declared by project-a; {HINT}"
    )
    assert ran.line("::error title=") == "::error title=wsnox%3A project-c%3Aother::a command failed: python -c 1/0"
    (root / "uv.lock").unlink()
    assert "::error title=wsnox%3A project-b::" in nox(root, "-s", "project-b", env=env).said
    assert "::error" not in nox(root, "-s", "project-b").said


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize(("source", "hinted"), [("import humps\n", True), ("raise SystemExit(1)\n", False)])
def test_a_terminal(workspace: WorkspaceFactory, source: str, *, hinted: bool) -> None:
    """On a terminal the command keeps it, and its failure is explained all the same."""
    import pty

    command = ["python", "-c", "import sys; print('a terminal:', sys.stdout.isatty()); import project_b"]
    root = write_noxfile(workspace(A, _b(source), wsnox={"commands": [command]}))
    said = bytearray()

    def read(source: int) -> bytes:
        chunk = os.read(source, 65536)
        said.extend(chunk)
        return chunk

    before = {**os.environ}
    os.environ.update(OFFLINE)
    here = Path.cwd()
    os.chdir(root)
    try:
        pty.spawn([sys.executable, "-m", "nox", "-s", "project-b"], read, lambda _: b"")
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
    text = said.decode(errors="replace")
    assert "a terminal: True" in text
    assert (HINT in text) is hinted
