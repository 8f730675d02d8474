"""``wsnox diff``: two members, and one member at two git revisions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import LINUX, Wsnox, git
from tests.support.workspaces import MemberSpec, lock, write_member
from wsnox.cli.diff import _row
from wsnox.closure.model import Change
from wsnox.lock import Archive, Git, Package, Registry, Source
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.fixture
def history(tmp_path: Path, workspace: WorkspaceFactory) -> Path:
    """Return a workspace in a subfolder of a repository: a tag ``old``, a newer commit, and changes in the work tree."""
    groups = {"test": ["leaf"]}
    app = MemberSpec("app", dependencies=["pyhumps==3.7.3", "marked", "core"], groups=groups)
    root = workspace(app, MemberSpec("core"), name="repository/deep/workspace")
    git(tmp_path / "repository", "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "old")
    git(root, "tag", "old")
    app = MemberSpec("app", dependencies=["pyhumps==3.8.0", "Dotted.Name_Here", "core"], groups=groups)
    workspace(app, MemberSpec("core", version="2.0"), name="repository/deep/workspace")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "new")
    return root


def test_members(wsnox: Wsnox) -> None:
    """What is on one side only, by name."""
    said = wsnox("diff", "project-a", "Project_B", *LINUX)
    assert said.out == "+  project-b         1.0 editable packages/project-b\n-  tool-with-script  1.0\n"
    assert (said.code, said.err) == (
        1,
        "session `project-a` and session `project-b`: 2 differences for Python 3.12.0 on Linux x86_64\n",
    )


def test_selection(wsnox: Wsnox) -> None:
    """The selection applies to both sides."""
    said = wsnox("diff", "project-a", "project-b", "--no-default-groups", *LINUX)
    assert said.out == "+  project-b  1.0 editable packages/project-b\n"
    assert said.err.startswith("session `project-a` with `--no-default-groups` and session `project-b` with ")


def test_equal(wsnox: Wsnox) -> None:
    """Equal closures print nothing and exit with 0."""
    said = wsnox("diff", "script", "script", *LINUX)
    assert (said.code, said.out, said.err) == (
        0,
        "",
        "session `script`: equal, 1 distribution for Python 3.12.0 on Linux x86_64\n",
    )


def test_revisions(wsnox: Wsnox, history: Path) -> None:
    """Added, removed and changed, from a tag to a commit; the default is the work tree."""
    expected = """\
~  core              1.0 -> 2.0
+  dotted-name-here  1.0
-  marked            1.0
~  pyhumps           3.7.3 -> 3.8.0
"""
    for after in ("app", "HEAD:app", "main:app", "HEAD^{/new}:app"):
        said = wsnox("diff", "old:app", after, *LINUX, root=history)
        at = f" at `{after.removesuffix(':app')}`" if ":" in after else ""
        sides = f"session `app` at `old` and session `app`{at}"
        assert (said.code, said.out) == (1, expected)
        assert said.err == f"{sides}: 4 differences for Python 3.12.0 on Linux x86_64\n"


def test_sessions(wsnox: Wsnox, history: Path) -> None:
    """A session by its name, in one revision or two; what stands before a colon may be a member or a revision."""
    for sides in (["old", "--session", "app:imports"], ["old:app:imports", "app:imports"], ["old:app", "app:imports"]):
        said = wsnox("diff", *sides, *LINUX, root=history)
        assert (said.code, "~  pyhumps           3.7.3 -> 3.8.0" in said.out) == (1, True)
        assert "session `app:imports`: 4 differences" in said.err
    said = wsnox("diff", "old", "main", "--session", "app:imports", "--group", "test", *LINUX, root=history)
    assert said.err.startswith("session `app:imports` with `--group test` at `old` and session `app:imports` with ")
    said = wsnox("diff", "app:gone", "app", *LINUX, root=history)
    assert (said.code, said.err.splitlines()[0]) == (5, "error: unknown member or session `app:gone`")


def test_revisions_json(wsnox: Wsnox, history: Path, wheelhouse: Path) -> None:
    """JSON has each distribution as it was and as it is."""
    said = wsnox("diff", "old:app", "main:app", "--json", *LINUX, root=history)
    data = json.loads(said.out)
    place = {"kind": "registry", "location": data["changes"][1]["after"]["source"]["location"]}
    assert place["location"].endswith(wheelhouse.name)
    core = {"kind": "editable", "path": "packages/core"}
    assert (said.code, said.err) == (1, "")
    assert data == {
        "version": 1,
        "compared": [
            {"revision": revision, "session": "app", "members": [{"name": "app", "path": "packages/app"}]}
            for revision in ("old", "main")
        ],
        "size": 4,
        "target": dict(describe("3.12", "linux").values),
        "changes": [
            {
                "name": "core",
                "before": {"name": "core", "version": "1.0", "source": core},
                "after": {"name": "core", "version": "2.0", "source": core},
            },
            {
                "name": "dotted-name-here",
                "before": None,
                "after": {"name": "dotted-name-here", "version": "1.0", "source": place},
            },
            {"name": "marked", "before": {"name": "marked", "version": "1.0", "source": place}, "after": None},
            {
                "name": "pyhumps",
                "before": {"name": "pyhumps", "version": "3.7.3", "source": place},
                "after": {"name": "pyhumps", "version": "3.8.0", "source": place},
            },
        ],
    }


def test_changed_sources(wsnox: Wsnox, history: Path) -> None:
    """A source that changed is named where the version did not."""
    tables = (history / "pyproject.toml").read_text(encoding="utf-8")
    tables = tables.replace(
        "[tool.uv.sources.core]\nworkspace = true", "[tool.uv.sources.core]\nworkspace = true\neditable = false"
    )
    (history / "pyproject.toml").write_text(tables, encoding="utf-8")
    lock(history)
    said = wsnox("diff", "HEAD:app", "app", *LINUX, root=history)
    assert said.out == "~  core  editable packages/core -> directory packages/core\n"


COMMIT = "0123456789" * 4


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (Registry("one"), Registry("two"), "registry one -> registry two"),
        (Registry("one"), Git("u", COMMIT), "registry -> git u@0123456"),
        (Archive("a.whl"), Registry("one"), "archive a.whl -> registry"),
    ],
    ids=str,
)
def test_rows_of_changed_sources(before: Source, after: Source, text: str) -> None:
    """What tells the two apart is shown, with the version where that differs too."""
    old, new, newer = Package("x", "1.0", before), Package("x", "1.0", after), Package("x", "2.0", after)
    assert _row(Change(name="x", before=old, after=new)) == ("~", "x", text)
    longer = f"1.0 {text.replace(' -> ', ' -> 2.0 ')}"
    assert _row(Change(name="x", before=old, after=newer)) == ("~", "x", longer)


def test_the_work_tree_and_the_index_are_not_touched(wsnox: Wsnox, history: Path) -> None:
    """Reading a revision leaves no trace, nor do half-done changes matter."""
    (history / "uv.lock").write_text("broken", encoding="utf-8")
    before = git(history, "status", "--porcelain=v2", "--branch")
    index = (history / "../../.git/index").read_bytes()
    assert wsnox("diff", "old:app", "old:app", *LINUX, root=history).code == 0
    assert git(history, "status", "--porcelain=v2", "--branch") == before
    assert (history / "../../.git/index").read_bytes() == index


def test_run_by_a_git_hook(wsnox: Wsnox, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git sets for its hooks does not lead to another place."""
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert wsnox("diff", "old:app", "old:app", *LINUX, root=history).code == 0


@pytest.mark.parametrize(
    ("sides", "code", "error"),
    [
        (["gone:app", "app"], 5, "unknown git revision `gone`\n\nhint: in a shallow clone, fetch it first\n"),
        (["--", "--help:app", "app"], 5, "unknown git revision `--help`\n\nhint: in a shallow clone, fetch it first\n"),
        (["old:nap", "app"], 5, "unknown member or session `nap`\n\nhint: did you mean `app`?\n"),
        (["old:", "app"], 5, "`old:` names no member or session\n\nhint: write it as `NAME` or `REV:NAME`\n"),
        ([":app", "app"], 5, "`:app` names no member or session\n\nhint: write it as `NAME` or `REV:NAME`\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refused(wsnox: Wsnox, history: Path, sides: list[str], code: int, error: str) -> None:
    """Each is one sentence."""
    said = wsnox("diff", *LINUX, *sides, root=history)
    assert (said.code, said.out, said.err) == (code, "", f"error: {error}")


def test_revision_without_lockfile_or_workspace(wsnox: Wsnox, history: Path) -> None:
    """A revision older than the lockfile, or than the workspace."""
    git(history, "rm", "-q", "--cached", "uv.lock")
    git(history, "commit", "-q", "-m", "unlocked")
    said = wsnox("diff", "HEAD:app", "app", *LINUX, root=history)
    assert said.err == "error: there is no `uv.lock` in the workspace root at revision `HEAD`\n"
    git(history, "rm", "-q", "-r", "--cached", ".")
    git(history, "commit", "-q", "-m", "empty")
    said = wsnox("diff", "HEAD:app", "app", *LINUX, root=history)
    assert (said.code, said.err) == (
        5,
        "error: there is no `pyproject.toml` in the workspace root at revision `HEAD`\n",
    )


def test_broken_files_of_a_revision_are_named_by_it(wsnox: Wsnox, history: Path) -> None:
    """No error names the temporary directory."""
    write_member(history / "packages/core", MemberSpec("core"), {"project": {"name": "core"}})
    git(history, "commit", "-q", "-a", "-m", "broken manifest")
    said = wsnox("diff", "HEAD:app", "old:app", *LINUX, root=history)
    assert said.code == 3
    assert said.err.startswith("error: `HEAD:packages/core/pyproject.toml`: missing `version`")
    git(history, "checkout", "-q", "old", "--", ".")
    (history / "uv.lock").write_text("version = 2\n", encoding="utf-8")
    git(history, "commit", "-q", "-a", "-m", "broken lockfile")
    said = wsnox("diff", "HEAD:app", "old:app", *LINUX, root=history)
    assert said.code == 4
    assert said.err.startswith("error: `HEAD:uv.lock` has lockfile version `2`, and this wsnox reads version `1`\n")


def test_no_repository(wsnox: Wsnox, shop: Path) -> None:
    """Outside a repository, git says so."""
    said = wsnox("diff", "HEAD:project-a", "project-a", *LINUX)
    assert said.code == 5
    assert said.err.startswith(f"error: git cannot read `{shop}`: not a git repository")


def test_no_git(wsnox: Wsnox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, the sentence says what is missing."""
    monkeypatch.setenv("PATH", "")
    said = wsnox("diff", "HEAD:project-a", "project-a", *LINUX)
    assert said.err == "error: there is no `git` to read the revision with\n\nhint: install git\n"
