"""What a change affects: one test for each cause, with what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.affected.states import CORE, EVERYTHING, LONE, MEMBERS, SVC, TOOL, names, reasons
from tests.support.workspaces import MemberSpec
from wsnox.affected.determinator import all_affected, joined

if TYPE_CHECKING:
    from tests.affected.states import Workspaces

RULES = """
[tool.wsnox.affected]
rules = [
    { paths = ["packages/*/notes/**"], affects = "nothing" },
    { paths = ["proto/**"], members = ["co*"] },
    { paths = ["e2e/**"], sessions = ["workspace"] },
    { paths = ["../shared/*"], affects = "nothing" },
    { paths = ["gone/member"], members = ["gone"] },
    { paths = ["gone/session"], sessions = ["x"] },
    { paths = ["packages/core/contract/**", "packages/tests.json"], affects = "own" },
    { paths = ["noxfile.py", "packages/core/src/generated.py"], affects = "nothing" },
    { tables = ["tool.mine", "tool.uv.ind*"], affects = "nothing" },
    { tables = ["tool.uv.link-mode"], sessions = ["core"] },
]
"""


# --- files of local packages ---


def test_a_file_of_a_member(workspaces: Workspaces) -> None:
    """It concerns the member and those that have it in their closure."""
    answer = workspaces.write().changed("packages/core/src/core.py")
    assert names(answer) == ["core", "svc", "workspace"]
    assert reasons(answer, "svc") == ["core changed (packages/core/src/core.py)"]
    assert answer.total == len(EVERYTHING) + len(MEMBERS)


def test_a_group_concerns_only_its_users(workspaces: Workspaces) -> None:
    """`tool` is in the dev group of `svc`: what needs `svc` does not see it."""
    workspaces.write(*MEMBERS, MemberSpec("user", dependencies=["svc"]))
    assert names(workspaces.changed("packages/tool/src/tool.py")) == ["svc", "tool", "workspace"]


@pytest.mark.parametrize("python", ["graalpy3.11", "3"])
def test_a_python_that_cannot_be_described(workspaces: Workspaces, python: str) -> None:
    """Where no closure can be computed, whatever could be in it counts."""
    workspaces.write(pythons=[python])
    assert names(workspaces.changed("packages/core/src/core.py")) == ["core", "svc", "workspace"]


def test_a_member_in_a_member(workspaces: Workspaces) -> None:
    """Tools look into the folders above for their settings, and pytest for `conftest.py`."""
    workspaces.write(*MEMBERS, MemberSpec("inner", path="packages/lone/inner"))
    answer = workspaces.changed("packages/lone/conftest.py")
    assert names(answer) == ["inner", "lone", "workspace"]
    assert reasons(answer, "inner") == ["packages/lone/conftest.py changed, in a folder above it"]
    assert names(workspaces.changed("packages/lone/src/lone.py")) == ["lone", "workspace"]


def test_a_member_that_is_a_submodule_or_a_link(workspaces: Workspaces) -> None:
    """It changes as one path, which counts for all that install it, as its files do."""
    assert "core changed (packages/core)" in reasons(workspaces.write().changed("packages/core"), "svc")


def test_the_root_project(workspaces: Workspaces) -> None:
    """It has its sources and tests; sessions in the root see them, and other files of the root are everybody's."""
    project = MemberSpec("whole", path=".", dependencies=["core"], modules={"whole.py": ""})
    workspaces.write(CORE, LONE, root_project=project)
    assert names(workspaces.changed("src/whole.py")) == ["whole", "workspace"]
    assert names(workspaces.changed("Makefile")) == ["core", "lone", "whole", "workspace"]
    renumbered = MemberSpec("whole", path=".", version="2.0", dependencies=["core"], modules={"whole.py": ""})
    answer = workspaces.rewrite(CORE, LONE, root_project=renumbered).changed()
    assert names(answer) == ["whole", "workspace"]
    assert "whole changed (pyproject.toml [project])" in reasons(answer, "whole")


# --- rules ---


@pytest.mark.parametrize(
    ("path", "affected"),
    [
        ("README.md", []),
        ("docs/guide/index.txt", []),
        ("../../LICENSE", []),
        ("packages/core/__pycache__/core.pyc", []),
        (".pre-commit-config.yaml", []),
        (".gitignore", []),
        ("mkdocs.yml", []),
        ("renovate.json", []),
        ("codecov.yml", []),
        ("justfile", []),
        ("CITATION.cff", []),
        (".idea/x.iml", []),
        (".github/labeler.yml", []),
        ("../../.github/workflows/docs.yml", []),
        ("../shared.json", []),
        ("../dotnet/src/a.cs", []),
        ("operator/main.go", []),
        ("charts/app/values.yaml", []),
        ("web/package.json", []),
        ("packages/core/package.json", ["core", "svc", "workspace"]),
        ("docker-compose.yml", EVERYTHING),
        ("noxfile.py", EVERYTHING),
        (".python-version", EVERYTHING),
        ("conftest.py", EVERYTHING),
        ("tox.ini", EVERYTHING),
        ("data.json", EVERYTHING),
    ],
)
def test_default_rules(workspaces: Workspaces, path: str, affected: list[str]) -> None:
    """What people, editors and services read, and what lies outside, means nothing; what no rule knows means everything."""
    assert names(workspaces.write().changed(path)) == affected


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("just test", "justfile"),
        ("pre-commit run", ".pre-commit-config.yaml"),
        ("mkdocs build", "mkdocs.yml"),
        ("yamllint .", ".yamllint.yml"),
        ("basedpyright", "pyrightconfig.json"),
        ("pytest", "../pytest.ini"),
        ("pytest", "../conftest.py"),
        ("pytest", "../../pyproject.toml"),
        ("ruff check", "../ruff.toml"),
    ],
)
def test_whoever_runs_a_tool_has_its_settings(workspaces: Workspaces, command: str, path: str) -> None:
    """They count for who runs the tool, wherever that is, also those of the folders above the workspace."""
    more = f"[tool.wsnox.tasks.run]\nmembers = ['lone']\ncommands = ['{command}']\n"
    affected = names(workspaces.write(more=more).changed(path))
    assert "lone:run" in affected
    assert "core" not in affected


@pytest.mark.parametrize("folder", ["tests", "src", "scripts", "samples", "examples"])
def test_files_of_the_root(workspaces: Workspaces, folder: str) -> None:
    """They belong to the sessions in the root, of which a virtual root has those of several members."""
    assert names(workspaces.write().changed(f"{folder}/a.py")) == ["workspace"]
    assert reasons(workspaces.changed(f"{folder}/a.py"), "workspace") == [f"{folder}/a.py changed"]


def test_files_of_the_root_that_a_member_reads(workspaces: Workspaces) -> None:
    """They count for it as well: named by a command, by a file, or by the ``conftest.py`` of everybody."""
    more = "[tool.wsnox.tasks.types]\nmembers = ['lone']\ncommands = ['mypy {root}/scripts']\n"
    workspaces.write(more=more).naming("packages/core/tests/test_core.py", "open('../../../samples/a.py')")
    assert names(workspaces.changed("scripts/a.py")) == ["lone:types", "workspace"]
    assert names(workspaces.changed("samples/a.py")) == ["core", "workspace"]
    workspaces.naming("packages/core/pyproject.toml", '"../../samples" = "core/samples"')
    assert names(workspaces.changed("samples/a.py")) == ["core", "svc", "workspace"]
    answer = workspaces.changed("tests/helpers.py", conftest="from tests.helpers import x")
    assert reasons(answer) == ["`tests/helpers.py` changed: the `conftest.py` of everybody names it"]


def test_a_file_outside_of_the_workspace_that_a_member_reads(workspaces: Workspaces) -> None:
    """It counts for the member, and for those that install it."""
    workspaces.write().naming("packages/core/pyproject.toml", '"../../../schemas" = "core/schemas"')
    assert names(workspaces.changed("../schemas/a.json")) == ["core", "svc", "workspace"]
    assert names(workspaces.changed("../other/a.json")) == []
    # To go through folders is no way out of the workspace.
    workspaces.naming("packages/lone/tests/test_all.py", "for file in Path(__file__).parents[3].rglob('*.md'):")
    assert names(workspaces.changed("../README.md")) == []
    assert names(workspaces.changed("README.md")) == ["lone", "workspace"]


def test_a_pipeline_that_runs_wsnox(workspaces: Workspaces) -> None:
    """It runs every session; another one runs none, unless a test reads it."""
    pipeline = ".github/workflows/tests.yml"
    answer = workspaces.write().changed(pipeline, pipelines=[pipeline])
    rule = "a pipeline, by the default rule `**/.github/workflows/**`, that runs wsnox"
    assert reasons(answer) == [f"`{pipeline}` changed: {rule}"]
    workspaces.naming("packages/lone/tests/test_ci.py", "open('../../../.github/workflows/tests.yml')")
    assert names(workspaces.changed(pipeline)) == ["lone", "workspace"]


def test_settings_of_a_tool(workspaces: Workspaces) -> None:
    """A file that only one tool reads counts for the sessions that have it, in a command or in their closure."""
    more = "[tool.wsnox.tasks.lint]\nmembers = ['core']\ncommands = ['uvx ruff check']\n"
    linted = MemberSpec("linted", groups={"dev": ["ruff"]})
    answer = workspaces.write(*MEMBERS, linted, more=more).changed("ruff.toml")
    assert names(answer) == ["linted", "core:lint", "workspace"]
    assert reasons(answer, "linted") == ["ruff.toml changed, and it has ruff"]
    assert reasons(answer, "core:lint") == ["ruff.toml changed, and it has ruff"]


# --- files of a member alone ---


def test_tests_of_a_member(workspaces: Workspaces) -> None:
    """They run where the member is under test, alone or together with others, and not for those that install it."""
    pair = "[tool.wsnox.integration.pair]\npackages = ['svc', 'lone']\n"
    workspaces.write(more=pair + "[tool.wsnox.integration.both]\npackages = ['core', 'lone']\n")
    answer = workspaces.changed("packages/core/tests/test_core.py")
    assert names(answer) == ["core", "both"]
    assert reasons(answer, "core") == ["core changed (packages/core/tests/test_core.py)"]
    assert names(workspaces.changed("packages/core/src/core.py")) == ["core", "svc", "pair", "both"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("packages/svc/tests/test_svc.py", "open('../../core/tests/data.json')"),
        ("packages/svc/tests/test_svc.py", "DATA = PACKAGES / 'core' / 'tests' / 'data.json'"),
        ("packages/svc/pyproject.toml", 'pythonpath = ["../core/tests"]'),
    ],
)
def test_tests_that_another_member_reads(workspaces: Workspaces, file: str, text: str) -> None:
    """They are not the member's alone."""
    workspaces.write().naming(file, text)
    assert names(workspaces.changed("packages/core/tests/data.json")) == ["core", "svc", "workspace"]


def test_tests_that_a_member_ships(workspaces: Workspaces) -> None:
    """What its wheel has is for everybody who installs it."""
    workspaces.write()
    for path in ("src/core/tests/helpers.py", "tests/shipped/helpers.py"):
        assert names(workspaces.changed(f"packages/core/{path}")) == ["core", "svc", "workspace"]


def test_tests_of_the_root_project(workspaces: Workspaces) -> None:
    """The same of the root's own project: members that depend on it do not run for its tests."""
    project = MemberSpec("whole", path=".", modules={"whole.py": ""})
    workspaces.write(CORE, MemberSpec("plugin", dependencies=["whole"]), root_project=project)
    assert names(workspaces.changed("tests/test_whole.py")) == ["whole", "workspace"]
    assert names(workspaces.changed("src/whole.py")) == ["plugin", "whole", "workspace"]
    # A document that its wheel has; another may be read by what runs in the root.
    assert names(workspaces.changed("LICENSE")) == ["plugin", "whole", "workspace"]
    assert names(workspaces.changed("README.md")) == ["whole"]


# --- the workspace's own rules ---


@pytest.mark.parametrize(
    ("path", "affected"),
    [
        ("packages/lone/notes/a.txt", []),
        ("../shared/a.txt", []),
        ("e2e/test_all.py", ["workspace"]),
        ("proto/a.proto", ["core", "svc", "workspace"]),
        ("packages/lone/a.txt", ["lone", "workspace"]),
        ("packages/core/contract/a.json", ["core", "workspace"]),
        ("packages/tests.json", ["workspace"]),
        ("noxfile.py", []),
        ("packages/core/src/generated.py", []),
    ],
)
def test_rules_of_the_workspace(workspaces: Workspaces, path: str, affected: list[str]) -> None:
    """They come first; of several the first that matches counts."""
    assert names(workspaces.write(more=RULES).changed(path)) == affected


def test_rules_for_tables(workspaces: Workspaces) -> None:
    """A rule can be about a table of the root's manifest: what it affects, or which sessions."""
    mine = "[tool.mine]\nx = 1\n"
    assert names(workspaces.write(more=RULES).rewrite(more=RULES + mine).changed()) == []
    assert names(workspaces.write().rewrite(more=mine).changed()) == EVERYTHING
    before, after = ({"link-mode": mode} for mode in ("copy", "hardlink"))
    assert names(workspaces.write(more=RULES, uv=before).rewrite(more=RULES, uv=after).changed()) == ["core"]
    answer = workspaces.write(uv=before).rewrite(uv=after).changed()
    assert reasons(answer) == ["`pyproject.toml [tool.uv.link-mode]` changed: every session may read it"]


def test_reasons_by_rule(workspaces: Workspaces) -> None:
    """A rule that names sessions is about the file, one that names members about them."""
    answer = workspaces.write(more=RULES).changed("e2e/test_all.py", "proto/a.proto")
    assert reasons(answer, "workspace") == ["core changed (proto/a.proto)", "e2e/test_all.py changed"]
    assert reasons(answer, "core") == ["core changed (proto/a.proto)"]


@pytest.mark.parametrize(("kind", "name"), [("member", "gone"), ("session", "x")])
def test_rules_that_name_nothing(workspaces: Workspaces, kind: str, name: str) -> None:
    """A rule whose member or session is gone must not let a change pass."""
    answer = workspaces.write(more=RULES).changed(f"gone/{kind}")
    rule = f"the rule `gone/{kind}` of `tool.wsnox.affected`"
    assert reasons(answer) == [f"`gone/{kind}` changed: {rule}, whose `{name}` is not a {kind}"]


def test_without_default_rules(workspaces: Workspaces) -> None:
    """Then documents are everybody's."""
    more = "[tool.wsnox.affected]\ndefault-rules = false\n"
    workspaces.write(more=more)
    for path in ("README.md", "tests/a.py", ".gitignore", "../x", ".github/workflows/docs.yml", "ruff.toml"):
        assert names(workspaces.changed(path)) == EVERYTHING
    assert names(workspaces.changed("packages/core/tests/a.py")) == ["core", "svc", "workspace"]
    assert names(workspaces.rewrite(more=f"{more}[tool.ruff]\nline-length = 1\n").changed()) == EVERYTHING


# --- who reads a file ---


def test_a_document_that_a_test_reads(workspaces: Workspaces) -> None:
    """A document counts for the sessions whose files name it, or its folder; for others it does not."""
    workspaces.write().naming("packages/lone/tests/test_docs.py", "PAGES = (HERE.parents[3] / 'docs').rglob('*.md')")
    answer = workspaces.changed("docs/a.md")
    assert names(answer) == ["lone", "workspace"]
    assert reasons(answer, "lone") == ["docs/a.md changed, which packages/lone/tests/test_docs.py names"]
    assert "lone:imports" not in [affected_run.run.title for affected_run in answer.runs]
    answer = workspaces.changed("README.md", conftest="README = 'README.md'")
    assert reasons(answer) == ["`README.md` changed: the `conftest.py` of everybody names it"]


def test_a_document_of_the_root_project(workspaces: Workspaces) -> None:
    """It is read by members' tests as others are."""
    project = MemberSpec("whole", path=".", modules={"whole.py": ""})
    workspaces.write(CORE, LONE, root_project=project)
    workspaces.naming(
        "packages/lone/tests/test_readme.py", "TEXT = (Path(__file__).parents[3] / 'README.md').read_text()"
    )
    assert names(workspaces.changed("README.md")) == ["lone", "whole", "workspace"]


def test_a_file_that_a_manifest_names(workspaces: Workspaces) -> None:
    """It counts as a file of the member, for all that have it in their closure."""
    workspaces.write().naming("packages/core/pyproject.toml", '"../tool/data" = "core/data"')
    workspaces.naming("packages/core/pyproject.toml", 'readme = "../../README.md"')
    assert names(workspaces.changed("README.md")) == ["core", "svc", "workspace"]
    assert names(workspaces.changed("packages/tool/data/x.json")) == ["core", "svc", "tool", "workspace"]


def test_a_file_that_a_command_names(workspaces: Workspaces) -> None:
    """It counts for the session, wherever it is; what a rule of the workspace says of it goes before."""
    more = """
[tool.wsnox.tasks.there]
members = ['lone']
commands = ['pytest {root}/packages/tool/tests']

[tool.wsnox.integration.pages]
packages = ['lone']
commands = ['sphinx-build docs out']

[tool.wsnox.affected]
rules = [{ paths = ['docs/drafts/**'], affects = 'nothing' }]
"""
    workspaces.write(more=more)
    answer = workspaces.changed("packages/tool/tests/test_tool.py")
    assert names(answer) == ["tool", "lone:there"]
    assert reasons(answer, "lone:there") == ["packages/tool/tests/test_tool.py changed, which a command of it names"]
    assert names(workspaces.changed("docs/drafts/a.md")) == []
    assert names(workspaces.changed("docs/a.md")) == ["pages"]


# --- manifests and the lockfile ---


def test_a_bump(workspaces: Workspaces) -> None:
    """A bump of a package concerns those that have it in their closure, with both versions as the reason."""
    workspaces.write().rewrite(MemberSpec("core", dependencies=["pyhumps==3.8.0"]), SVC, TOOL, LONE)
    answer = workspaces.changed("packages/core/pyproject.toml")
    assert names(answer) == ["core", "svc", "workspace"]
    changed, bumped = reasons(answer, "svc")
    assert changed == "core changed (packages/core/pyproject.toml)"
    assert bumped == "pyhumps 3.7.3 -> 3.8.0 (Python 3.12.4)"


def test_a_session_without_a_member(workspaces: Workspaces) -> None:
    """It is affected by the closure of its groups, by what its commands name, and by nothing else of the members."""
    sets = {"lint": {"packages": [], "groups": ["lint"], "commands": ["tool check packages/core docs/{member}"]}}

    def top(version: str) -> MemberSpec:
        return MemberSpec("top", path=".", groups={"lint": [f"ruff=={version}"]})

    workspaces.write(root_project=top("1.0"), integration=sets)
    assert names(workspaces.changed()) == []
    assert "lint" not in names(workspaces.changed("packages/lone/src/lone.py"))
    assert "lint" in names(workspaces.changed("packages/core/src/core.py"))
    assert names(workspaces.changed("docs/lint/x.txt")) == ["top", "lint"]
    workspaces.rewrite(root_project=top("2.0"), integration=sets)
    bumped = workspaces.changed("uv.lock")
    assert names(bumped) == ["lint"]
    assert reasons(bumped, "lint") == ["ruff 1.0 -> 2.0 (Python 3.12.4)"]


def test_what_runs_around_it(workspaces: Workspaces) -> None:
    """A step before or after, and a server beside it, are of the session as its commands are: what they name, and they."""

    def task(**settings: object) -> dict[str, object]:
        return {"t": {"commands": ["x"], "members": ["lone"], **settings}}

    server = {"command": "serve {root}/data {port}", "ready": {"command": "ask ../core/state {port:x}"}}
    workspaces.write(tasks=task(before=["load {root}/dump"], after=["save ../tool/out"], background=[server]))
    for path in ("dump/a", "packages/tool/out/a", "data/a", "packages/core/state/a"):
        assert "lone:t" in names(workspaces.changed(path)), path
    workspaces.rewrite(tasks=task(before=["load {root}/dump"], after=["save ../tool/out"]))
    assert names(workspaces.changed("pyproject.toml")) == ["lone:t"]


def test_where_it_runs(workspaces: Workspaces) -> None:
    """A member's session in the root sees the files there; a directory that changed is a change of the session."""
    workspaces.write(tasks={"t": {"commands": ["x"], "members": ["lone"], "directory": "{root}"}})
    assert "lone:t" in names(workspaces.changed("docs/x.md"))
    assert "lone" not in names(workspaces.changed("docs/x.md"))
    workspaces.rewrite(tasks={"t": {"commands": ["x"], "members": ["lone"], "directory": "tests"}})
    assert names(workspaces.changed("pyproject.toml")) == ["lone:t"]


def test_a_comment_in_the_root_manifest(workspaces: Workspaces) -> None:
    """The root's manifest is read, so that a comment means nothing."""
    assert names(workspaces.write().rewrite(more="# a comment").changed("pyproject.toml")) == []


def test_a_new_session(workspaces: Workspaces) -> None:
    """It is affected, and one that other settings leave out from now on is, too."""
    pair = "[tool.wsnox.integration.pair]\npackages = ['core', 'lone']\n"
    answer = workspaces.write().rewrite(more=pair).changed("pyproject.toml")
    assert [affected_run.run.title for affected_run in answer.runs] == ["pair", "workspace"]
    assert reasons(answer, "pair") == ["new session"]
    assert reasons(answer, "workspace") == ["other `default` in `tool.wsnox`"]


@pytest.mark.parametrize(
    ("table", "affected"),
    [
        ("pytest.ini_options", ["core", "lone:types", "workspace"]),
        ("ruff", ["linted", "workspace"]),
        ("mypy", ["lone:types"]),
        ("black", []),
        ("inline-snapshot", ["linted", "workspace"]),
        ("hatch.envs.default", []),
        ("uv.pip", []),
        ("of-nobody", ["core", "linted", "lone", "lone:types", "workspace"]),
    ],
)
def test_a_table_of_a_tool(workspaces: Workspaces, table: str, affected: list[str]) -> None:
    """It counts for sessions that have the tool; of a table that nobody knows, for all."""
    linted = MemberSpec("linted", groups={"dev": ["ruff", "inline-snapshot"]})
    types = "[tool.wsnox.tasks.types]\nmembers = ['lone']\ncommands = ['python -m mypy', 'pytest']\n"
    members = (MemberSpec("core", dependencies=["pytest"]), linted, LONE)
    workspaces.write(*members, more=types).rewrite(*members, more=f"{types}[tool.{table}]\nx = 1\n")
    assert names(workspaces.changed("pyproject.toml")) == affected


def test_the_default_command_is_pytest(workspaces: Workspaces) -> None:
    """A session without commands runs it, whether its closure has it or not; the check of imports runs none."""
    workspaces.write(commands=None).rewrite(commands=None, more="[tool.pytest.ini_options]\naddopts = '-q'\n")
    answer = workspaces.changed("pyproject.toml")
    assert [affected_run.run.title for affected_run in answer.runs] == EVERYTHING
    assert reasons(answer, "lone") == ["pyproject.toml [tool.pytest] changed, and it has pytest"]


@pytest.mark.parametrize("key", ["exclude-newer", "required-version", "exclude-newer-package", "resolution"])
def test_what_acts_through_the_lockfile(workspaces: Workspaces, key: str) -> None:
    """A setting by which uv resolves is seen in the closures, and nowhere else."""
    values: dict[str, object] = {"exclude-newer-package": {"leaf": "2026-01-01"}}
    answer = workspaces.write().rewrite(uv={key: values.get(key, "2026-01-01")}).changed("pyproject.toml")
    assert names(answer) == []


def test_tables_of_the_root_s_build(workspaces: Workspaces) -> None:
    """They concern the root's own project, and those that install it."""
    project = MemberSpec("whole", path=".", modules={"whole.py": ""})
    members = (CORE, MemberSpec("plugin", dependencies=["whole"]))
    workspaces.write(*members, root_project=project)
    workspaces.rewrite(*members, root_project=project, more="[tool.hatch.version]\npath = 'x'\n")
    assert names(workspaces.changed("pyproject.toml")) == ["plugin", "whole", "workspace"]


def test_settings(workspaces: Workspaces) -> None:
    """A setting of all members concerns all members."""
    answer = workspaces.write().rewrite(commands=["python -VV"]).changed("pyproject.toml")
    assert names(answer) == ["core", "lone", "svc", "tool"]
    assert reasons(answer, "core") == ["other `commands` in `tool.wsnox`"]


def test_allowed_imports(workspaces: Workspaces) -> None:
    """What the root allows of imports concerns the checks of imports, and nothing else."""
    allow = "[tool.wsnox.imports]\nallow = [{ modules = ['x'], reason = 'y' }]\n"
    answer = workspaces.write().rewrite(more=allow).changed("pyproject.toml")
    titles = [affected_run.run.title for affected_run in answer.runs]
    assert titles == [f"{name}:imports" for name in ("core", "lone", "svc", "tool")]
    assert reasons(answer, "core:imports") == ["other `imports` in `tool.wsnox`"]


def test_required_sessions(workspaces: Workspaces) -> None:
    """A session that requires an affected one comes with it, and so does what requires that."""
    table = "[tool.wsnox.tasks.{0}]\nmembers = ['lone']\nrequires = ['{1}']\ncommands = ['python -V']\n"
    workspaces.write(more=table.format("late", "lone:mid") + table.format("mid", "core"))
    answer = workspaces.changed("packages/core/src/core.py")
    assert names(answer) == ["core", "svc", "lone:late", "lone:mid", "workspace"]
    assert reasons(answer, "lone:late") == ["requires lone:mid"]
    assert reasons(answer, "lone:mid") == ["requires core"]


def test_a_new_member(workspaces: Workspaces) -> None:
    """A new member is affected, and those that see all members; the others are not."""
    answer = workspaces.write().rewrite(*MEMBERS, MemberSpec("fresh")).changed("packages/fresh/pyproject.toml")
    assert names(answer) == ["fresh", "workspace"]
    assert reasons(answer, "fresh")[0] == "new session"


def test_a_removed_member(workspaces: Workspaces) -> None:
    """A removed member concerns those that had it, also by its files."""
    workspaces.write().rewrite(CORE, MemberSpec("svc", dependencies=["core"]), LONE)
    answer = workspaces.changed("packages/tool/pyproject.toml")
    assert names(answer) == ["svc", "workspace"]
    assert reasons(answer, "svc") == [
        "tool changed (packages/tool/pyproject.toml)",
        "leaf 1.0 is gone, tool 1.0 is gone (Python 3.12.4)",
    ]


def test_a_moved_member(workspaces: Workspaces) -> None:
    """A member whose directory is another is affected, and those that need it."""
    moved = MemberSpec("core", path="libs-core", dependencies=["pyhumps==3.7.3"])
    answer = workspaces.write().rewrite(moved, SVC, TOOL, LONE).changed()
    assert names(answer) == ["core", "svc", "workspace"]
    assert reasons(answer, "svc") == ["core has another source (Python 3.12.4)"]


def test_a_renamed_member(workspaces: Workspaces) -> None:
    """A member with another name is a new one."""
    workspaces.write().rewrite(CORE, SVC, TOOL, MemberSpec("sole", dependencies=["num==1.0"]))
    assert names(workspaces.changed()) == ["sole", "workspace"]


# --- answers ---


def test_the_answers_of_several_bases(workspaces: Workspaces) -> None:
    """Whatever one of them finds counts, each reason once and in the order of the sessions."""
    workspaces.write()
    answers = [workspaces.changed(f"packages/{name}/src/{name}.py") for name in ("tool", "lone", "lone")]
    everyone = workspaces.changed("Makefile")
    answer = joined(answers, [affected_run.run for affected_run in everyone.runs])
    assert names(answer) == ["lone", "svc", "tool", "workspace"]
    assert reasons(answer, "workspace") == [
        "tool changed (packages/tool/src/tool.py)",
        "lone changed (packages/lone/src/lone.py)",
    ]
    assert reasons(joined([*answers, everyone], [])) == ["`Makefile` changed: no rule knows it"]


def test_no_answer(workspaces: Workspaces) -> None:
    """Where nothing can be compared, all are affected."""
    runs = [affected_run.run for affected_run in workspaces.write().changed("Makefile").runs]
    answer = all_affected(runs, "there is no `git`")
    assert names(answer) == EVERYTHING
    assert reasons(answer) == ["there is no `git`"]


def test_a_document_that_a_build_bundles(workspaces: Workspaces) -> None:
    """It is a file of the wheel: it counts for the check of its imports too, whether anything else needs the member or not."""
    text = "for page in Path(self.root).parent.rglob('*.md'):"
    workspaces.write().naming("packages/lone/hatch_build.py", text)
    titles = [affected_run.run.title for affected_run in workspaces.changed("docs/a.md").runs]
    assert titles == ["lone", "workspace", "lone:imports"]
