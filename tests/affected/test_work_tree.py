"""The texts of a work tree that tell who reads a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import git
from tests.support.workspaces import MemberSpec
from wsnox.affected.readers import Line
from wsnox.affected.rules import Rules, local_packages
from wsnox.affected.work_tree import Wheels, read_work_tree
from wsnox.workspace import discover

if TYPE_CHECKING:
    from tests.affected.states import Workspaces
    from wsnox.affected.readers import WorkTree

pytestmark = pytest.mark.real


def _read(workspaces: Workspaces, files: dict[str, str], *changed: str) -> WorkTree:
    """Write *files* into the workspace of one member, and return its texts about ``docs/a.md`` and what *changed*."""
    workspaces.write(MemberSpec("lone", build_system=False))
    assert workspaces.after is not None
    workspace, lock = workspaces.after.workspace, workspaces.after.lock
    git(workspace.root, "init", "-q")
    git(workspace.root, "commit", "-q", "--allow-empty", "-m", "start")
    for name, text in files.items():
        path = workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
    rules = Rules(workspace, local_packages(workspace, lock), Wheels(workspace).ships)
    return read_work_tree(workspace, rules, {path: rules.meaning(path) for path in ("docs/a.md", *changed)}, {}, "HEAD")


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


def test_lines_of_the_root_s_tests(workspaces: Workspaces) -> None:
    """They can read documents, too."""
    work_tree = _read(workspaces, {"tests/test_a.py": "open('docs/a.md')\n", "scripts/a.py": "open('docs/a.md')\n"})
    assert work_tree.lines == (Line("tests/test_a.py", "open('docs/a.md')"),)


# --- pipelines ---


@pytest.mark.parametrize(
    ("files", "running"),
    [
        ({"tests.yml": "run: nox -s core\n", "docs.yml": "run: mkdocs build\n"}, {"tests.yml"}),
        ({"tests.yml": "run: wsnox check\n"}, {"tests.yml"}),
        ({"tests.yml": "run: pytest\n", "equinox.yml": "run: equinox\n"}, set()),
        ({"ci.yml": "uses: ./.github/workflows/tests.yml\n", "tests.yml": "run: nox\n"}, {"ci.yml", "tests.yml"}),
        (
            {"ci.yml": "run: nox\nuses: ./.github/workflows/setup.yml\n", "setup.yml": "run: x\n"},
            {"ci.yml", "setup.yml"},
        ),
    ],
    ids=["nox", "wsnox", "neither", "caller", "called"],
)
def test_pipelines(workspaces: Workspaces, files: dict[str, str], running: set[str]) -> None:
    """One that says nox counts, and what it uses."""
    folder = ".github/workflows/"
    written = {f"{folder}{name}": text for name, text in files.items()}
    assert _read(workspaces, written, *written).pipelines == {f"{folder}{name}" for name in running}


def test_a_pipeline_that_calls_a_runner(workspaces: Workspaces) -> None:
    """A program whose file at the root runs nox runs it for the pipeline."""
    path = ".github/workflows/tests.yml"
    assert _read(workspaces, {path: "run: make test\n"}, path).pipelines == set()
    assert _read(workspaces, {"Makefile": "test:\n\tnox -s core\n"}, path).pipelines == {path}


def test_a_script_that_a_pipeline_calls(workspaces: Workspaces) -> None:
    """It runs nox for the pipeline, wherever it is; one that no pipeline calls is none, whatever it says."""
    path, script, other = ".github/workflows/tests.yml", "scripts/ci.sh", "tests/test_nox.py"
    assert _read(workspaces, {path: "run: ./scripts/ci.sh\n", script: "pytest\n"}, path, script).pipelines == set()
    assert _read(workspaces, {script: "nox -s core\n", other: "nox"}, path, script, other).pipelines == {path, script}


@pytest.mark.parametrize(
    ("command", "file"), [("make test", "GNUmakefile"), ("mise run test", "mise.toml"), ("inv test", "tasks.py")]
)
def test_runners_by_their_files(workspaces: Workspaces, command: str, file: str) -> None:
    """Each has its files, under each of their names."""
    path = ".github/workflows/tests.yml"
    assert _read(workspaces, {path: f"run: {command}\n"}, path).pipelines == set()
    assert _read(workspaces, {file: "nox"}, path).pipelines == {path}


def test_a_pipeline_as_it_was(workspaces: Workspaces) -> None:
    """One that ran nox before counts; and an action is used by its folder, also if it is gone."""
    workflow, action = ".github/workflows/tests.yml", ".github/actions/setup/action.yml"
    _read(workspaces, {workflow: "run: nox\nuses: ./.github/actions/setup\n", action: "run: x\n"})
    assert workspaces.after is not None
    root = workspaces.after.workspace.root
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "pipelines")
    (root / action).unlink()
    (root / workflow).write_text("run: pytest\n", encoding="utf-8")
    assert _read(workspaces, {}, workflow, action).pipelines == {workflow, action}


# --- what git is told ---


def test_code_that_git_is_told_to_call_binary(workspaces: Workspaces) -> None:
    """An attribute that spares people a difference, and settings of submodules, hide no reader."""
    files = {".gitattributes": "*.py -diff\n", "packages/lone/tests/test_a.py": 'open("../../docs/a.md")\n'}
    workspaces.write(MemberSpec("lone", build_system=False))
    git(workspaces.folder / "workspace", "init", "-q")
    git(workspaces.folder / "workspace", "config", "submodule.recurse", "true")
    lines = _read(workspaces, files).lines
    assert Line("packages/lone/tests/test_a.py", 'open("../../docs/a.md")') in lines


def test_a_member_that_is_a_submodule(workspaces: Workspaces) -> None:
    """Its files are searched as those of the repository are, and named from the workspace root."""
    workspaces.write(MemberSpec("lone", build_system=False))
    root = workspaces.folder / "workspace"
    member = root / "packages/lone"
    (member / "tests").mkdir()
    (member / "tests/test_a.py").write_text('open("../../../docs/a.md")\n', encoding="utf-8")
    git(member, "init", "-q")
    git(member, "add", ".")
    git(member, "commit", "-q", "-m", "start")
    git(root, "init", "-q")
    (root / ".gitmodules").write_text('[submodule "lone"]\npath = packages/lone\nurl = ./lone\n', encoding="utf-8")
    git(root, "add", "packages/lone", ".gitmodules")
    lines = _read(workspaces, {}).lines
    assert Line("packages/lone/tests/test_a.py", 'open("../../../docs/a.md")') in lines


# --- wheels ---


HATCH = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lone"
version = "1"
{project}
{tool}
"""


@pytest.mark.parametrize(
    ("project", "tool", "path", "ships"),
    [
        ("", "", "src/lone/a.py", True),
        ("", "", "tests/test_a.py", False),
        ("", "", "README.md", False),
        ("", "", "pyproject.toml", True),
        ("", "", "LICENSE", True),
        ('readme = "README.md"', "", "README.md", True),
        ('readme = { file = "docs/README.md", content-type = "text/markdown" }', "", "docs/README.md", True),
        ("", '[tool.hatch.build.targets.wheel]\npackages = ["tests"]', "tests/test_a.py", True),
        ("", '[tool.hatch.build.targets.wheel]\ninclude = ["lone"]', "tests/test_a.py", False),
        ("", '[tool.hatch.build.targets.wheel]\ninclude = ["lone"]', "lone/data/a.md", True),
        ("", '[tool.hatch.build.targets.wheel]\npackages = ["docs"]\nexclude = ["*.md"]', "docs/a.md", False),
        ("", '[tool.hatch.build.targets.wheel.force-include]\n"docs/a" = "lone/a"', "docs/a/b.md", True),
        ("", '[tool.hatch.build.hooks.custom]\npath = "scripts/build.py"', "scripts/build.py", True),
        ("", '[tool.ruff]\nextend = "scripts/ruff.toml"', "scripts/ruff.toml", False),
        ("", '[tool.hatch.build.targets.wheel.shared-data]\n"docs" = "share"', "docs/deep/a.md", True),
        ("", '[tool.hatch.build.targets.wheel.shared-data]\n"docs" = "share"', "tests/test_a.py", False),
        ("", '[tool.setuptools.data-files]\n"share" = ["docs/*.md"]', "docs/a.md", True),
        ("", '[tool.uv.build-backend.data]\nscripts = "scripts"', "scripts/run", True),
        ('optional-dependencies = { docs = [] }\nkeywords = ["tests"]', "", "docs/a.md", False),
        ("", '[tool.hatch.build.targets.sdist]\ninclude = ["tests"]', "tests/test_a.py", False),
        ("", '[tool.hatch.build.targets.wheel]\nexclude = ["docs"]', "docs/a.md", False),
        ("", '[tool.hatch.envs.docs]\nextra-dependencies = ["docs"]', "docs/a.md", False),
    ],
)
def test_what_a_wheel_has(workspaces: Workspaces, project: str, tool: str, path: str, *, ships: bool) -> None:
    """Its packages, what it is built from, and what the manifest names for it."""
    workspaces.write(MemberSpec("lone", modules={"lone/__init__.py": ""}))
    root = workspaces.folder / "workspace"
    (root / "packages/lone/pyproject.toml").write_text(HATCH.format(project=project, tool=tool), encoding="utf-8")
    assert Wheels(discover(root)).ships("lone", path) is ships


@pytest.mark.parametrize(
    ("script", "tool", "text"),
    [
        ("hatch_build.py", "[tool.hatch.build.hooks.custom]", "run([sys.executable, 'scripts/generate.py'])"),
        ("make/build.py", '[tool.hatch.build.hooks.custom]\npath = "make/build.py"', 'Path(self.root, "scripts")'),
        ("setup.py", "", "setup(scripts=['scripts/generate.py'])"),
    ],
)
def test_what_a_build_runs(workspaces: Workspaces, script: str, tool: str, text: str) -> None:
    """What the code of a build names reaches whoever installs the wheel."""
    workspaces.write(MemberSpec("lone", modules={"lone/__init__.py": ""}))
    root = workspaces.folder / "workspace"
    folder = root / "packages/lone"
    (folder / "pyproject.toml").write_text(HATCH.format(project="", tool=tool), encoding="utf-8")
    (folder / script).parent.mkdir(exist_ok=True)
    (folder / script).write_text("import sys\n", encoding="utf-8")
    assert not Wheels(discover(root)).ships("lone", "scripts/generate.py")
    (folder / script).write_text(text, encoding="utf-8")
    assert Wheels(discover(root)).ships("lone", "scripts/generate.py")
    assert not Wheels(discover(root)).ships("lone", "tests/test_a.py")


def test_a_wheel_that_nobody_can_tell(workspaces: Workspaces) -> None:
    """A ``setup.py`` that lists packages could ship anything, and so could a package that is not a member."""
    root = workspaces.write(MemberSpec("lone")).folder / "workspace"
    folder = root / "packages/lone"
    manifest = HATCH.format(project="", tool="").replace("hatchling.build", "setuptools.build_meta")
    (folder / "pyproject.toml").write_text(manifest, encoding="utf-8")
    assert not Wheels(discover(root)).ships("lone", "tests/test_a.py")
    (folder / "setup.py").write_text("setup(packages=['tests'])", encoding="utf-8")
    assert Wheels(discover(root)).ships("lone", "tests/test_a.py")
    assert Wheels(discover(root)).ships("far", "tests/test_a.py")
    assert not Wheels(discover(root)).ships("lone", "tests/test_a.py", certain=True)
    assert Wheels(discover(root)).ships("lone", "setup.py", certain=True)
