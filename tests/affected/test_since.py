"""The texts of a work tree that tell who reads a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import git
from tests.support.workspaces import MemberSpec
from wsnox.affected.readers import Line
from wsnox.affected.rules import Rules, local_packages
from wsnox.affected.since import read_work_tree

if TYPE_CHECKING:
    from tests.affected.states import Workspaces
    from wsnox.affected.readers import WorkTree

pytestmark = pytest.mark.real


def _read(workspaces: Workspaces, files: dict[str, str]) -> WorkTree:
    """Write *files* into the workspace of one member, and return its texts about ``docs/a.md``."""
    workspaces.write(MemberSpec("lone", build_system=False))
    assert workspaces.after is not None
    workspace, lock = workspaces.after.workspace, workspaces.after.lock
    git(workspace.root, "init", "-q")
    for name, text in files.items():
        path = workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    return read_work_tree(workspace, Rules(workspace, local_packages(workspace, lock)), ["docs/a.md"], {})


@pytest.mark.parametrize(
    ("file", "text", "folders"),
    [
        (
            "pyproject.toml",
            "\n[tool.pytest.ini_options]\npythonpath = [\n    'src',\n    'docs',\n]\n",
            ["src", "docs"],
        ),
        ("pytest.ini", "[pytest]\npythonpath =\n    src docs/lib\ntestpaths = tests\n", ["src", "docs/lib"]),
    ],
)
def test_folders_from_which_every_test_imports(
    workspaces: Workspaces, file: str, text: str, folders: list[str]
) -> None:
    """What the settings of pytest in the root bring to every test stands there as what a ``conftest.py`` names."""
    conftest = _read(workspaces, {file: text}).conftest
    assert [line for line in conftest.splitlines() if line] == [f'"{folder}"' for folder in folders]


def test_the_conftest_above_the_members(workspaces: Workspaces) -> None:
    """Those of the root and of the folders between count, those of members do not."""
    files = {
        "conftest.py": "ROOT = 1\n",
        "packages/conftest.py": "BETWEEN = 1\n",
        "packages/lone/conftest.py": "X\n",
    }
    conftest = _read(workspaces, files).conftest
    assert [line for line in conftest.splitlines() if line] == ["ROOT = 1", "BETWEEN = 1"]


def test_lines_of_members(workspaces: Workspaces) -> None:
    """Lines that can name the document, tracked or not; those of other files, and of binary ones, are not read."""
    files = {
        "packages/lone/a.py": "X = 1\nREADME = '../../docs'\n",
        "packages/lone/b.bin": "\0docs\n",
        "tools/a.py": "'docs'\n",
    }
    work_tree = _read(workspaces, files)
    assert work_tree.lines == (Line("packages/lone/a.py", "README = '../../docs'"),)


@pytest.mark.parametrize(
    ("file", "tests"),
    [("tests/x.txt", True), ("test_a.py", True), ("a_test.py", True), ("tests.py", False), ("src/x.py", False)],
)
def test_tests_of_the_root(workspaces: Workspaces, file: str, *, tests: bool) -> None:
    """A session without commands runs them."""
    assert _read(workspaces, {file: ""}).root_tests is tests
