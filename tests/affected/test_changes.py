"""What changed, by real repositories: one for each way in which the base can be found or missing, and a file can differ."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import git
from wsnox.affected.changes import changes_since, tracked_links
from wsnox.errors import RequestError

pytestmark = pytest.mark.real

FOLDER = "deep/workspace"
"""Where the workspace lies in the repository."""

CORE, LONE, TOOL = (f"packages/{name}/src/{name}.py" for name in ("core", "lone", "tool"))
DEEPER = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` of `actions/checkout`, `GIT_DEPTH: 0` of GitLab"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of a repository, committed on ``main``, with the branch ``topic`` checked out."""
    folder = tmp_path / "repository" / FOLDER
    for path in (CORE, LONE, TOOL):
        write(folder / path, "before\n")
    write(folder / ".gitignore", "*.log\n")
    git(tmp_path / "repository", "init", "-q", "-b", "main")
    commit(folder, "start")
    git(folder, "checkout", "-q", "-b", "topic")
    return folder


def write(path: Path, text: str = "changed\n") -> None:
    """Write *text* to *path*, whose folder may be missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commit(folder: Path, words: str) -> None:
    """Commit all that is in *folder*."""
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", words)


def settle(root: Path) -> None:
    """Make what is there the base."""
    commit(root, "settled")
    git(root, "branch", "-f", "main")


def changed(root: Path, revision: str = "main") -> list[str]:
    """Return what changed since any merge base with *revision*."""
    return sorted({path for changes in changes_since(root, revision) for path in changes.paths})


def refusal(root: Path, revision: str = "main") -> str:
    """Return why nobody can tell what changed, with the hint."""
    with pytest.raises(RequestError) as caught:
        changes_since(root, revision)
    return f"{caught.value.sentence} ({caught.value.hint})"


# --- what differs ---


@pytest.mark.parametrize("stage", ["committed", "staged", "unstaged"])
def test_a_changed_file(root: Path, stage: str) -> None:
    """It counts, committed or not."""
    assert changed(root) == []
    write(root / CORE)
    if stage == "committed":
        commit(root, "change")
    if stage == "staged":
        git(root, "add", ".")
    assert changed(root) == [CORE]


def test_an_untracked_file(root: Path) -> None:
    """A file that is not tracked counts, one that is ignored does not; one outside of the workspace does, too."""
    write(root / "packages/lone/new/module.py")
    write(root / "packages/core/some.log")
    write(root / "../shared.json")
    assert changed(root) == ["../shared.json", "packages/lone/new/module.py"]


def test_a_deleted_file(root: Path) -> None:
    """A file that is gone counts, in the index or not."""
    (root / LONE).unlink()
    assert changed(root) == [LONE]


def test_a_renamed_file(root: Path) -> None:
    """It is a path that is gone and one that is new, whatever git is configured to show."""
    git(root, "config", "diff.renames", "copies")
    git(root, "config", "diff.relative", "true")
    git(root, "mv", LONE, "packages/tool/src/moved.py")
    commit(root, "rename")
    assert changed(root) == [LONE, "packages/tool/src/moved.py"]


def test_odd_names(root: Path) -> None:
    """Names with spaces, quotes, line ends and bytes that are no text are names."""
    names = ('a "b"\n.py', "ünï.py", os.fsdecode(b"\xff.py"))
    for name in names:
        write(root / "packages/lone" / name)
    assert changed(root) == sorted(f"packages/lone/{name}" for name in names)


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_is_told_not_to_look_at(root: Path, mark: str) -> None:
    """A file is there and another, whatever the index says of it; and its mark stays."""
    git(root, "update-index", mark, LONE)
    index = (root / "../../.git/index").read_bytes()
    write(root / LONE)
    assert changed(root) == [LONE]
    assert (root / "../../.git/index").read_bytes() == index


def test_a_worktree(root: Path, tmp_path: Path) -> None:
    """A second work tree has its own index, and what is changed in the first is none of its changes."""
    write(root / CORE)
    git(root, "worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    second = tmp_path / "second" / FOLDER
    assert changed(second) == []
    write(second / LONE)
    git(second, "add", ".")
    assert changed(second) == [LONE]
    assert changed(root) == [CORE]


def test_a_sparse_checkout(root: Path) -> None:
    """Files that are not checked out are not deleted."""
    write(root / "tools/a.txt")
    settle(root)
    git(root.parent.parent, "sparse-checkout", "set", "--no-cone", "/*", f"!/{FOLDER}/tools/")
    assert not (root / "tools").exists()
    assert changed(root) == []


def test_without_an_index(root: Path) -> None:
    """Without an index, or with one that is none, nobody knows what changed."""
    index = root.parent.parent / ".git/index"
    index.unlink()
    assert refusal(root) == f"git's index `{index}` cannot be read (No such file or directory) ()"
    index.write_bytes(b"none")
    assert refusal(root).startswith(f"git cannot read `{root.parent.parent}`: ")


# --- nothing is touched ---


def test_the_index_is_not_touched(root: Path) -> None:
    """Not even a refreshed index is written."""
    touched = root / CORE
    os.utime(touched, (touched.stat().st_mtime - 3600,) * 2)
    index = (root / "../../.git/index").read_bytes()
    assert changed(root) == []
    assert (root / "../../.git/index").read_bytes() == index


def test_a_split_index(root: Path) -> None:
    """The part of a split index that stays where it is belongs to the copy too, and nothing is put beside it."""
    git(root, "update-index", "--split-index")
    git(root, "config", "core.splitIndex", "true")
    git(root, "config", "splitIndex.maxPercentChange", "0")
    os.utime(root / CORE, (1, 1))
    repository = root / "../../.git"
    before = {path.name: path.read_bytes() for path in repository.iterdir() if path.is_file()}
    assert any(name.startswith("sharedindex.") for name in before)
    assert changed(root) == []
    write(root / LONE)
    assert changed(root) == [LONE]
    assert {path.name: path.read_bytes() for path in repository.iterdir() if path.is_file()} == before


def test_a_monitor_is_not_started(root: Path) -> None:
    """A file system monitor that misses a change, or takes long to start, has no say."""
    started, hook = root / "../../.git/started", root / "../../.git/hooks/monitor"
    write(hook, f"#!/bin/sh\ntouch '{started}'\nprintf 'token\\0'\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", ".git/hooks/monitor")
    git(root, "update-index", "--fsmonitor")
    git(root, "status")
    started.unlink()
    write(root / LONE)
    assert changed(root) == [LONE]
    assert not started.exists()


# --- the base ---


def test_the_merge_base(root: Path) -> None:
    """What happened on `main` since is not this change."""
    write(root / LONE)
    commit(root, "topic")
    git(root, "checkout", "-q", "main")
    write(root / CORE)
    commit(root, "main")
    git(root, "checkout", "-q", "topic")
    assert changed(root) == [LONE]


def test_a_detached_checkout(root: Path) -> None:
    """A CI checkout has no branch, often no local `main`; the hint says what there is instead."""
    write(root / LONE)
    commit(root, "topic")
    git(root, "checkout", "-q", "--detach")
    assert changed(root) == [LONE]
    assert refusal(root, "gone") == "git knows no revision `gone` (fetch it, with its history, before)"
    git(root, "update-ref", "refs/remotes/origin/main", "main")
    git(root, "branch", "-q", "-D", "main")
    assert refusal(root) == "git knows no revision `main` (there is `origin/main`)"
    assert changed(root, "origin/main") == [LONE]


def test_a_shallow_clone(root: Path, tmp_path: Path) -> None:
    """Without the base, or without the way to it, nobody knows what changed."""
    write(root / LONE)
    commit(root, "topic")
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "topic", (tmp_path / "repository").as_uri(), "shallow")
    clone = tmp_path / "shallow"
    assert refusal(clone / FOLDER) == f"git knows no revision `main` in this shallow clone ({DEEPER})"
    git(root, "checkout", "-q", "main")
    commit(root, "more")
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:main")
    sentence = "git knows no common ancestor of `main` and `HEAD` in this shallow clone"
    assert refusal(clone / FOLDER) == f"{sentence} ({DEEPER})"
    git(clone, "fetch", "-q", "--unshallow", "origin", "main", "topic")
    assert changed(clone / FOLDER) == [LONE]


def test_a_shallow_clone_with_an_older_base(root: Path) -> None:
    """Behind the edge of a shallow clone there can be a better base than the one that git still knows.

    Here it is `fixed`: `topic` took it over and undid it, so that compared with the older base nothing is another.
    """
    git(root, "checkout", "-q", "main")
    write(root / LONE)
    commit(root, "fixed")
    git(root, "checkout", "-q", "topic")
    git(root, "merge", "-q", "--no-ff", "main", "-m", "merged")
    for number in range(3):
        commit(root, f"more {number}")
    write(root / LONE, "before\n")
    commit(root, "undone")
    for name in ("main", "topic"):
        git(root, "checkout", "-q", name)
        commit(root, f"on {name}")
    # As a server's shallow fetch may leave it: the base that git finds is reached around what is cut off.
    old = git(root, "rev-parse", "main~2").strip()
    bypass = git(root, "commit-tree", "topic^{tree}", "-p", "topic", "-p", old, "-m", "joined").strip()
    git(root, "reset", "-q", "--hard", bypass)
    edge = git(root, "rev-parse", "topic^1").strip()
    assert changed(root) == [LONE]
    (root / "../../.git/shallow").write_text(f"{edge}\n", encoding="utf-8")
    assert git(root, "merge-base", "main", "HEAD").strip() == old
    sentence = "the history between `main` and `HEAD` has gaps in this shallow clone, so that its base is not known"
    assert refusal(root) == f"{sentence} ({DEEPER})"


def test_a_shallow_clone_with_its_base(root: Path, tmp_path: Path) -> None:
    """Where all of what lies after the base is there, nothing behind it can be better."""
    write(root / LONE)
    commit(root, "topic")
    git(tmp_path, "clone", "-q", "--depth", "2", "--branch", "topic", (tmp_path / "repository").as_uri(), "shallow")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:main")
    assert changed(tmp_path / "shallow" / FOLDER) == [LONE]


def test_an_unrelated_history(root: Path) -> None:
    """A revision with nothing in common cannot be compared with."""
    git(root, "branch", "other", git(root, "commit-tree", "HEAD^{tree}", "-m", "other").strip())
    assert refusal(root, "other") == "git knows no common ancestor of `other` and `HEAD` ()"


def test_a_replaced_history(root: Path) -> None:
    """What `git replace` shows in the place of a commit is not what was tested."""
    write(root / LONE)
    commit(root, "topic")
    git(root, "replace", "main", "topic")
    assert changed(root) == [LONE]


def test_several_merge_bases(root: Path) -> None:
    """Two branches that took each other over have two bases, and what differs from either counts."""
    write(root / LONE)
    commit(root, "lone on topic")
    git(root, "checkout", "-q", "main")
    write(root / TOOL)
    commit(root, "tool on main")
    git(root, "branch", "old-main")
    git(root, "merge", "-q", "topic", "-m", "topic into main")
    git(root, "checkout", "-q", "topic")
    git(root, "merge", "-q", "old-main", "-m", "main into topic")
    assert len(changes_since(root, "main")) == 2
    assert changed(root) == [LONE, TOOL]


# --- submodules ---


def submodule(root: Path, vendor: Path) -> Path:
    """Make the folder *vendor* a repository and a submodule of `lone`, which becomes the base; return where it lies."""
    git(vendor, "init", "-q", "-b", "main")
    commit(vendor, "one")
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", vendor.as_uri(), "packages/lone/vendor")
    settle(root)
    return root / "packages/lone/vendor"


def test_a_submodule(root: Path, tmp_path: Path) -> None:
    """It is one path: another commit, and what is changed or new in it."""
    write(tmp_path / "vendor/data.txt", "1")
    inside = submodule(root, tmp_path / "vendor")
    git(root, "config", "diff.ignoreSubmodules", "all")
    assert changed(root) == []
    write(inside / "new.txt")
    assert changed(root) == ["packages/lone/vendor"]
    commit(inside, "two")
    assert changed(root) == ["packages/lone/vendor"]
    commit(root, "bump")
    assert changed(root) == ["packages/lone/vendor"]


def test_a_submodule_is_not_touched(root: Path, tmp_path: Path) -> None:
    """Nor is its index, into which git looks."""
    write(tmp_path / "vendor/data.txt", "1")
    inside = submodule(root, tmp_path / "vendor")
    os.utime(inside / "data.txt", (1, 1))
    index = Path(git(inside, "rev-parse", "--absolute-git-dir").strip(), "index")
    before = index.read_bytes()
    assert changed(root) == []
    assert index.read_bytes() == before


# --- links ---


def test_links(root: Path) -> None:
    """A link to a file or a folder changes with it, whether it is tracked or not."""
    (root / "packages/lone/shared.py").symlink_to(f"../../{TOOL}")
    (root / "packages/core/all").symlink_to("../tool/src")
    settle(root)
    links = {"packages/core/all": "../tool/src", "packages/lone/shared.py": f"../../{TOOL}"}
    assert tracked_links(root) == links
    assert changes_since(root, "main")[0].links == links
    write(root / TOOL)
    assert changed(root) == ["packages/core/all", "packages/lone/shared.py", TOOL]
    git(root, "checkout", "-q", ".")
    write(root / "packages/tool/other.py")
    assert changed(root) == ["packages/tool/other.py"]
    (root / "packages/lone/new").symlink_to("../core/src")
    write(root / CORE)
    assert changed(root) == ["packages/core/src/core.py", "packages/lone/new", "packages/tool/other.py"]


def test_links_through_links(root: Path) -> None:
    """The middle of a chain counts, and what a dangling link waits for."""
    (root / "packages/lone/first").symlink_to("../tool/middle")
    (root / "packages/tool/middle").symlink_to("src/tool.py")
    (root / "packages/core/waits").symlink_to("../tool/later")
    settle(root)
    (root / "packages/tool/middle").unlink()
    (root / "packages/tool/middle").symlink_to("other")
    assert changed(root) == ["packages/lone/first", "packages/tool/middle"]
    settle(root)
    write(root / "packages/tool/later")
    assert changed(root) == ["packages/core/waits", "packages/tool/later"]


def test_links_in_a_submodule(root: Path, tmp_path: Path) -> None:
    """A link of a submodule can lead out of it."""
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/out").symlink_to("../../tool/src/tool.py")
    submodule(root, tmp_path / "vendor")
    write(root / TOOL)
    assert changed(root) == ["packages/lone/vendor/out", TOOL]
