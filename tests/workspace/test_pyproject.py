"""Reading one ``pyproject.toml``: what is kept, what stops even a read of the lockfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from tests.support.texts import project, text_of
from wsnox.errors import ManifestError
from wsnox.workspace.model import GroupInclude, Manifest, WorkspaceTable
from wsnox.workspace.pyproject import read_manifest
from wsnox.workspace.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def _read(tmp_path: Path, text: str) -> Manifest:
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def test_an_empty_file_is_a_manifest(tmp_path: Path) -> None:
    """A root may hold nothing: no name, managed, no workspace table."""
    assert _read(tmp_path, "") == Manifest(path=tmp_path / "pyproject.toml")


def test_everything_is_read(tmp_path: Path) -> None:
    """Each part of the manifest arrives normalised in its field."""
    text = """
        [project]
        name = "My.Project_A"
        dynamic = ["version"]
        requires-python = ">=3.10"
        classifiers = ["Programming Language :: Python :: 3.12"]
        [project.optional-dependencies]
        Fast_Path = ["speedups"]
        [dependency-groups]
        Test = ["pytest>=8", {include-group = "Lint_All"}]
        lint-all = []
        [tool.uv]
        default-groups = ["Test"]
        dev-dependencies = ["ipython"]
        [tool.uv.workspace]
        members = ["packages/*"]
        exclude = ["packages/x"]
        [tool.wsnox]
        groups = ["test"]
        [tool.other]
        anything = 1
    """
    manifest = _read(tmp_path, text)
    assert manifest.name == "my-project-a"
    assert manifest.requires_python == ">=3.10"
    assert manifest.classifiers == ("Programming Language :: Python :: 3.12",)
    assert manifest.extras == {"fast-path"}
    assert manifest.groups == {
        "test": ("pytest>=8", GroupInclude(group=canonicalize_name("Lint_All"))),
        "lint-all": (),
        "dev": ("ipython",),
    }
    assert manifest.default_groups == ("test",)
    assert manifest.workspace == WorkspaceTable(members=("packages/*",), exclude=("packages/x",))
    assert manifest.config.settings == Settings(groups=manifest.default_groups)
    assert manifest.managed


def test_legacy_dev_dependencies_join_the_dev_group(tmp_path: Path) -> None:
    """Uv adds ``dev-dependencies`` to the ``dev`` group, after what stands there."""
    text = '[dependency-groups]\ndev = ["a"]\n[tool.uv]\ndev-dependencies = ["b"]\n'
    assert _read(tmp_path, text).groups == {"dev": ("a", "b")}


def test_default_groups_may_be_all(tmp_path: Path) -> None:
    """``default-groups = "all"`` is a word of uv's, kept as such."""
    assert _read(tmp_path, '[tool.uv]\ndefault-groups = "all"\n').default_groups == "all"


@pytest.mark.parametrize("text", ["members = []", "", 'exclude = ["x"]'], ids=["no-members", "empty", "exclude-only"])
def test_a_workspace_table_may_be_bare(tmp_path: Path, text: str) -> None:
    """``members`` is optional, and an empty table is a table all the same."""
    table = _read(tmp_path, f"[tool.uv.workspace]\n{text}\n").workspace
    assert table is not None
    assert table.members == ()


def test_an_unmanaged_manifest_is_not_judged(tmp_path: Path) -> None:
    """Uv passes over an unmanaged member whatever else its manifest says."""
    manifest = _read(tmp_path, "[project]\n[tool.uv]\nmanaged = false\nworkspace = {nonsense = 1}\n")
    assert not manifest.managed
    assert manifest.name is None


_GROUPS = '[dependency-groups]\na = [{include-group = "b"}]\n'


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[project]\nversion = '1'\n", ["missing `name` in `project`"]),
        ("[project]\nname = 'x'\n", ['missing `version`, and `dynamic` does not list "version" in `project` (add `version = "0"`)']),
        ("[project]\nname = 'x'\ndynamic = ['readme']\n", ['missing `version`, and `dynamic` does not list "version" in `project` (add `version = "0"`)']),
        ("[project]\nname = 'x y'\nversion = '1'\n", ["`x y` is not a valid name in `project.name`"]),
        ("project = 1\n", ["expected a table, got an integer in `project`", "missing `name` in `project`"]),
        (project("x", "[project.optional-dependencies]\nA-b = []\na_B = []\n"),
         ["`A-b` and `a_B` are one name after normalisation in `project.optional-dependencies`"]),
        ("[dependency-groups]\nA-b = []\na_B = []\n", ["`A-b` and `a_B` are one name after normalisation in `dependency-groups`"]),
        (_GROUPS, ["includes the group `b`, which does not exist, in `dependency-groups.a`"]),
        # uv refuses this as well, though it merges the legacy field into `dev`.
        ('[dependency-groups]\nall = [{include-group = "dev"}]\n[tool.uv]\ndev-dependencies = []\n',
         ["includes the group `dev`, which does not exist, in `dependency-groups.all`"]),
        (f'{_GROUPS}b = [{{include-group = "a"}}]\n', ["the groups a -> b -> a include each other in `dependency-groups`"]),
        ('[dependency-groups]\na = [{include-group = "a"}]\n', ["the groups a -> a include each other in `dependency-groups`"]),
        ("[dependency-groups]\na = [1, {other = 'x'}, {include-group = 'a', x = 1}]\n", [
            'expected a requirement or `{include-group = "…"}` in `dependency-groups.a[0]`',
            'expected a requirement or `{include-group = "…"}` in `dependency-groups.a[1]`',
            'expected a requirement or `{include-group = "…"}` in `dependency-groups.a[2]`',
        ]),
        ("[tool.uv]\nmanaged = 'no'\n", ["expected a boolean, got a string in `tool.uv.managed`"]),
        ("[tool.uv]\ndefault-groups = 'dev'\n", ['expected "all" or an array of strings, got "dev" in `tool.uv.default-groups` (write `["dev"]`)']),
        ("[tool.uv.workspace]\nmember = ['x']\n", ["unknown key `tool.uv.workspace.member` (did you mean `members`?)"]),
        ("[tool.uv]\nworkspace = true\n", ["expected a table, got a boolean in `tool.uv.workspace`"]),
        ("[tool.uv.workspace]\nmembers = 'packages/*'\n", ['expected an array, got a string in `tool.uv.workspace.members` (write `["packages/*"]`)']),
        ("[wsnox]\ngroups = []\n", ["no tool reads this table in `wsnox` (write `[tool.wsnox]`)"]),
        ("[tool.dependency-groups]\n", ["no tool reads this table in `tool.dependency-groups` (write `[dependency-groups]`)"]),
        ("[tool.uv.wsnox]\n", ["no tool reads this table in `tool.uv.wsnox` (write `[tool.wsnox]`)"]),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, text: str, problems: list[str]) -> None:
    """What stops uv even when it only reads the lockfile is refused with file and dotted path."""
    with pytest.raises(ManifestError) as caught:
        _read(tmp_path, text)
    many = f"{len(problems)} problems:\n  - " if len(problems) > 1 else ""
    assert text_of(caught.value, tmp_path) == "`[ROOT]/pyproject.toml`: " + many + "\n  - ".join(problems)


@pytest.mark.parametrize(
    "requirement", ["not a requirement !", "foo-", "_foo", "föö", "", "./x", "https://x/y.whl", "foo[", "foo=1", "foo,"]
)
def test_an_unparsable_requirement_is_refused(tmp_path: Path, requirement: str) -> None:
    """A group entry that is no requirement stops uv even with a frozen lockfile (PEP 735), a legacy one too."""
    for table, key in (("dependency-groups", "a"), ("tool.uv", "dev-dependencies")):
        with pytest.raises(ManifestError) as caught:
            _read(tmp_path, f'[{table}]\n{key} = ["pytest", "{requirement}"]\n')
        assert caught.value.problems == (f"`{requirement}` is not a requirement in `{table}.{key}[1]`",)


def test_requirements_in_every_form(tmp_path: Path) -> None:
    """What PEP 508 lets follow a name is no reason to refuse a requirement."""
    forms = (
        "x",
        " x ",
        "x.Y_z",
        "x>=1",
        "x (>=1)",
        "x[a, b] ~=1.0",
        "x!=1",
        "x===1",
        "x @ https://x/y",
        "x;os_name=='a'",
    )
    assert _read(tmp_path, f"[dependency-groups]\na = {list(forms)}\n").groups["a"] == forms  # type: ignore[index] # a normalised name is text to Python


@pytest.mark.parametrize("value", ["3", "{}", "[]", "[3]", '{registry = "x"}', '[{index = "x"}, {}]'])
def test_malformed_sources_are_refused(tmp_path: Path, value: str) -> None:
    """A source that names no place stops uv wherever it reads the manifest."""
    with pytest.raises(ManifestError) as caught:
        _read(tmp_path, f"[tool.uv.sources]\nx = {value}\n")
    assert caught.value.problems == ("expected a source or an array of sources in `tool.uv.sources.x`",)


@pytest.mark.parametrize("value", ["{workspace = true}", "[{git = 'x', marker = 'y'}, {path = 'z'}]", "{index = 'x'}"])
def test_sources_are_accepted(tmp_path: Path, value: str) -> None:
    """One source or an array of them is fine, whatever its kind."""
    assert _read(tmp_path, f"[tool.uv.sources]\nx = {value}\n").managed
