"""What a stamp depends on: each fact of an environment and of source trees, as a digest that differs where it does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from tests.environment.makers import job_of
from tests.support.processes import uv
from tests.support.projects import write_modules
from tests.support.workspaces import MemberSpec
from wsnox.environment.inputs import environment_inputs, key_facts, tree_digests, tree_name
from wsnox.workspace import discover
from wsnox.workspace.model import CacheKey, Manifest, Member, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a source tree with files at several depths."""
    tree = tmp_path / "tree"
    write_modules(tree, {name: name for name in ("a.txt", "src/a.py", "src/a.txt", "src/deep/b.txt", "src/.h/c.txt")})
    write_modules(tree, {"pyproject.toml": '[project]\nname = "tree"\nversion = "1"\n'})
    write_modules(tmp_path / "beside", {"d.txt": ""})
    return tree


def _digest(tree: Path, *keys: CacheKey, editable: bool = True, known: bool = True) -> str:
    manifest = Manifest(path=tree / "pyproject.toml", cache_keys=keys or None)
    member = Member(name=canonicalize_name("tree"), directory=tree, path="tree", manifest=manifest)
    workspace = Workspace(root=tree.parent, manifest=manifest, members=(member,) if known else ())
    name = tree_name("tree", editable=editable)
    digests = tree_digests(workspace, [name], {})
    assert list(digests) == [name]
    return digests[name]


MATCHED = {
    "*.txt": {"a.txt", "src/a.txt", "src/deep/b.txt", "src/.h/c.txt"},
    "**/*.txt": {"a.txt", "src/a.txt", "src/deep/b.txt", "src/.h/c.txt"},
    "src/**": {"src/a.py", "src/a.txt", "src/deep/b.txt", "src/.h/c.txt"},
    "src/**/*.{txt,cfg}": {"src/a.txt", "src/deep/b.txt", "src/.h/c.txt"},
    "src/**.txt": {"src/a.txt", "src/deep/b.txt", "src/.h/c.txt"},
    "src/*/b.txt": {"src/deep/b.txt"},
    "src/?.txt": {"src/a.txt"},
    "src/[!b].p[xy]": {"src/a.py"},
    "src/[a-c].txt": {"src/a.txt"},
    "../beside/*.txt": {"../beside/d.txt"},
    "{src,lib}/a.py": {"src/a.py"},
    "src/d*": {"src/deep/b.txt"},
    "nothing/*": set(),
}


@pytest.mark.parametrize("pattern", list(MATCHED))
def test_what_a_pattern_matches(tree: Path, pattern: str) -> None:
    """A pattern matches what uv's own do: at any depth without a slash, hidden files, alternatives, outside the tree."""
    facts = key_facts(tree, [CacheKey("file", pattern)], {})
    matched = {fact.rpartition(" ")[0].rpartition(" ")[0].removeprefix(f"{tree}/") for fact in facts}
    assert matched == MATCHED[pattern]


@pytest.mark.parametrize("pattern", ["[z-a]", "[", "**x**", "", "/", "*/..", "{a", "a}", "{,}", "[]", "[!]", "\0"])
def test_an_odd_pattern(tree: Path, pattern: str) -> None:
    """No pattern, however odd, ends in a traceback, and each gives the same facts twice."""
    key = CacheKey("file", pattern)
    assert [*key_facts(tree, [key], {})] == [*key_facts(tree, [key], {})]


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["*.txt", "src/**", "src/**/*.{txt,cfg}", "src/*/b.txt", "src/**.txt"])
def test_patterns_against_uv(workspace: WorkspaceFactory, pattern: str) -> None:
    """What makes uv build a member again makes its digest another."""
    files = {"member.py": "", "a.txt": "", "deep/b.txt": "", ".h/c.txt": ""}
    root = workspace(MemberSpec("member", modules=files, tool={"uv": {"cache-keys": [{"file": pattern}]}}))
    project = discover(root)
    name = tree_name("packages/member", editable=True)
    assert uv(root, "sync", "--all-packages").returncode == 0
    for path in files:
        before = tree_digests(project, [name], {})
        (project.members[0].directory / "src" / path).write_text("# changed\n")
        again = "~ member==" in uv(root, "sync", "--all-packages").stderr
        assert (path, tree_digests(project, [name], {}) != before or not again) == (path, True)


def test_every_kind_of_key(tree: Path) -> None:
    """A key of each kind gives facts, and another value of it gives others."""
    keys = [CacheKey("file", "a.txt"), CacheKey("dir", "src"), CacheKey("env", "X"), CacheKey("git", "commit")]
    facts = [*key_facts(tree, keys, {"X": "1"})]
    assert len(facts) == 3
    assert facts[2] == "X=1"
    assert [*key_facts(tree, keys[2:], {})] == ["X=None"]
    assert [*key_facts(tree, [CacheKey("file", "missing")], {})] == [f"{tree}/missing absent"]


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=e@mail.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.real
@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")
def test_real_repositories(tree: Path) -> None:
    """Commits, branches and tags of a real repository count, in a linked worktree as well, packed or not."""

    def commit(folder: Path = tree) -> list[str]:
        return [*key_facts(folder, [CacheKey("git", "commit")], {})]

    def tags(folder: Path = tree) -> list[str]:
        return [*key_facts(folder, [CacheKey("git", "tags")], {})]

    assert commit() == tags() == []
    _git(tree, "init")
    _git(tree, "add", ".")
    _git(tree, "commit", "-m", "one")
    seen = [commit()]
    _git(tree, "commit", "--allow-empty", "-m", "two")
    seen.append(commit())
    _git(tree, "pack-refs", "--all")
    _git(tree, "checkout", "--detach")
    seen.append(commit())
    assert all(one != other for one, other in pairwise(seen))
    before = tags()
    _git(tree, "tag", "v1")
    assert tags() != before
    before = tags()
    _git(tree, "tag", "--force", "v1", "HEAD~1")
    assert tags() != before
    linked = tree.parent / "linked"
    _git(tree, "worktree", "add", "-b", "side", str(linked))
    before, before_tags = commit(linked), tags(linked)
    _git(linked, "commit", "--allow-empty", "-m", "three")
    assert commit(linked) != before
    _git(tree, "tag", "v2")
    assert tags(linked) != before_tags


WHEEL_INPUTS: dict[str, Callable[[Path], Any]] = {
    "source": lambda tree: (tree / "src/a.py").write_text("other"),
    "data": lambda tree: (tree / "src/deep/new.json").touch(),
    "data-gone": lambda tree: (tree / "src/a.txt").unlink(),
    "a-package-named-build": lambda tree: write_modules(tree / "src/build", {"x.py": ""}),
    "a-package-named-dist": lambda tree: write_modules(tree / "src/p/dist", {"x.py": ""}),
    "hidden": lambda tree: write_modules(tree / "src/.hidden", {"x": ""}),
    "ignore-rules": lambda tree: (tree / ".gitignore").touch(),
    "setup": lambda tree: (tree / "setup.py").touch(),
    "no-text": lambda tree: os.close(os.open(os.fsencode(tree / "src") + b"/\xff", os.O_CREAT)),
}
LEFT_OVER: dict[str, Callable[[Path], Any]] = {
    "byte-code": lambda tree: write_modules(tree / "src/__pycache__", {"a.pyc": ""}),
    "build": lambda tree: write_modules(tree / "build", {"lib/a.py": ""}),
    "dist": lambda tree: write_modules(tree / "dist", {"a.whl": ""}),
    "egg-info": lambda tree: write_modules(tree / "src/tree.egg-info", {"PKG-INFO": ""}),
    "pytest": lambda tree: write_modules(tree / ".pytest_cache", {"v/cache/nodeids": ""}),
    "coverage": lambda tree: write_modules(tree, {".coverage.host.1": "", ".coverage": ""}),
    "environment": lambda tree: write_modules(tree / ".venv", {"pyvenv.cfg": ""}),
    "git": lambda tree: write_modules(tree / ".git", {"HEAD": ""}),
}


@pytest.mark.parametrize("name", [*WHEEL_INPUTS, *LEFT_OVER])
def test_what_a_wheel_depends_on(tree: Path, name: str) -> None:
    """Every file that may be shipped counts, whatever its folder is called; what a build or a test run leaves does not."""
    if name == "no-text" and sys.platform != "linux":
        pytest.skip("elsewhere names of files are text")
    before = _digest(tree, editable=False)
    {**WHEEL_INPUTS, **LEFT_OVER}[name](tree)
    assert (_digest(tree, editable=False) != before) is (name in WHEEL_INPUTS)


BUILD_SETTINGS = (
    'build-constraint-dependencies = ["num<2"]',
    'config-settings = { flavour = "sweet" }',
    'config-settings-package = { tree = { flavour = "sweet" } }',
    'extra-build-dependencies = { tree = ["num"] }',
    'extra-build-variables = { tree = { FLAVOUR = "sweet" } }',
    "no-build-isolation = true",
    'no-build-isolation-package = ["tree"]',
)


@pytest.mark.parametrize("setting", BUILD_SETTINGS)
def test_how_uv_builds(workspace: WorkspaceFactory, setting: str) -> None:
    """A wheel depends on each setting that decides how uv builds, in the root's manifest and beside it, and on no other.

    What is installed in place uv looks after.
    """
    root = workspace(MemberSpec("tree"))
    manifest = root / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")

    def digests(more: str) -> list[str]:
        manifest.write_text(f"{text}\n[tool.uv]\n{more}\n", encoding="utf-8")
        names = [tree_name("packages/tree", editable=editable) for editable in (True, False)]
        return [*tree_digests(discover(root), names, {}).values()]

    in_place, wheel = digests("")
    assert digests("package = false") == [in_place, wheel]
    assert digests(setting)[0] == in_place
    assert digests(setting)[1] != wheel
    (root / "uv.toml").write_text(setting, encoding="utf-8")
    assert digests("")[0] == in_place
    assert digests("")[1] != wheel


def test_an_editable_tree_is_not_walked(tree: Path) -> None:
    """In place, only what decides the build counts."""
    before = _digest(tree)
    for change in (WHEEL_INPUTS["source"], WHEEL_INPUTS["data"], *LEFT_OVER.values()):
        change(tree)
    assert _digest(tree) == before
    (tree / "setup.cfg").touch()
    assert _digest(tree) != before


def test_a_tree_that_is_no_member(tree: Path) -> None:
    """The cache keys of a path dependency are read from its own manifest, and one without a manifest has none."""
    before = _digest(tree, known=False)
    (tree / "setup.py").touch()
    assert _digest(tree, known=False) != before
    (tree / "pyproject.toml").unlink()
    before = _digest(tree, known=False)
    (tree / "setup.cfg").touch()
    assert _digest(tree, known=False) != before


@pytest.mark.parametrize("program", ["bin/python", "Scripts/python.exe"])
def test_the_interpreter_of_either_layout(tmp_path: Path, program: str) -> None:
    """The program counts by its place, size and time, wherever the platform puts it; inputs have names that people know."""
    job = job_of(tmp_path)
    seen = [environment_inputs(job)["interpreter"]]
    for text in ("1", "22", ""):
        write_modules(job.venv.location, {program: text})
        seen.append(environment_inputs(job)["interpreter"])
    assert len(set(seen)) == len(seen)
    # They are told as reasons.
    names = ["wsnox", "request", "uv.lock", "pyproject.toml", "pyvenv.cfg", "location", "interpreter"]
    assert [*environment_inputs(job)] == names
