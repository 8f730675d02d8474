"""``wsnox affected``: real repositories, one for each way in which the state before can differ or be missing."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Wsnox, git
from tests.sessions.running import nox, write_noxfile
from tests.support.workspaces import MemberSpec, lock, write_member

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

CORE = MemberSpec("core", dependencies=["pyhumps==3.7.3"])
SVC = MemberSpec("svc", dependencies=["core"], groups={"dev": ["tool"]})
TOOL = MemberSpec("tool", dependencies=["leaf"])
LONE = MemberSpec("lone", dependencies=["num==1.0"])
MEMBERS = (CORE, SVC, TOOL, LONE)
EVERYTHING = ["core", "lone", "svc", "tool", "workspace"]
FOLDER = "deep/workspace"


@pytest.fixture
def root(tmp_path: Path, workspace: WorkspaceFactory) -> Path:
    """Return a workspace in a subfolder of a repository, committed on ``main``, with the branch ``topic`` checked out."""
    folder = workspace(*MEMBERS, name=f"repository/{FOLDER}", wsnox={"commands": ["python -V"]})
    write_noxfile(folder)
    (folder / ".gitignore").write_text("*.log\n.nox\n", encoding="utf-8")
    git(tmp_path / "repository", "init", "-q", "-b", "main")
    commit(folder, "start")
    git(folder, "checkout", "-q", "-b", "topic")
    return folder


def commit(folder: Path, words: str) -> None:
    """Commit all that is in *folder*."""
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", words)


def write(path: Path, text: str = "changed\n") -> None:
    """Write *text* to *path*, whose folder may be missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _starred(lines: list[str]) -> list[str]:
    """Return which sessions `nox -l` has selected."""
    return [line.split()[1] for line in lines if line.startswith("* ")]


class Asked:
    """What the command answered: the *names*, and what it *said* of why."""

    def __init__(self, wsnox: Wsnox, root: Path, *words: str) -> None:
        answer = wsnox("affected", *(words or ("--since", "main")), root=root)
        assert answer.code == 0, answer.err
        self.names, self.said = answer.out.split(), answer.err.splitlines()

    def why(self, name: str) -> list[str]:
        """Return the reasons for *name*, or for everything."""
        return [line.removeprefix(f"{name}: ") for line in self.said if line.startswith(f"{name}: ")]


def test_nothing_changed(wsnox: Wsnox, root: Path) -> None:
    """Without a change nothing is affected, and stdout is empty."""
    asked = Asked(wsnox, root)
    total = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)["total"]
    assert asked.names == []
    assert asked.said == [f"0 sessions affected since `main`, of {total}"]
    assert total >= len(EVERYTHING)


@pytest.mark.parametrize("stage", ["committed", "staged", "unstaged"])
def test_a_changed_file(wsnox: Wsnox, root: Path, stage: str) -> None:
    """A file of a member concerns it and those that have it in their closure, committed or not."""
    write(root / "packages/core/src/core.py")
    if stage == "committed":
        commit(root, "change")
    if stage == "staged":
        git(root, "add", ".")
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "svc", "workspace"]
    assert asked.why("svc") == ["core changed (packages/core/src/core.py)"]
    assert asked.why("lone") == []


def test_an_untracked_file(wsnox: Wsnox, root: Path) -> None:
    """A file that is not tracked counts, one that is ignored does not."""
    write(root / "packages/lone/new/module.py")
    write(root / "packages/core/some.log")
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_a_deleted_file(wsnox: Wsnox, root: Path) -> None:
    """A file that is gone counts, in the index or not."""
    (root / "packages/lone/src/lone.py").unlink()
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_a_renamed_file(wsnox: Wsnox, root: Path) -> None:
    """A file that moved from one member to another concerns both, whatever git is configured to show."""
    git(root, "config", "diff.renames", "copies")
    git(root, "config", "diff.relative", "true")
    git(root, "mv", "packages/lone/src/lone.py", "packages/tool/src/moved.py")
    commit(root, "rename")
    assert Asked(wsnox, root).names == ["lone", "svc", "tool", "workspace"]


def test_dev_groups_concern_only_their_users(wsnox: Wsnox, root: Path) -> None:
    """`tool` is in the dev group of `svc`: what needs `svc` does not see it."""
    user = MemberSpec("user", dependencies=["svc"])
    write_member(root / user.folder, user)
    manifest = (root / "pyproject.toml").read_text(encoding="utf-8")
    manifest = manifest.replace('"packages/svc"', '"packages/svc", "packages/user"')
    manifest += "[tool.uv.sources.svc]\nworkspace = true\n"
    write(root / "pyproject.toml", manifest)
    lock(root)
    commit(root, "user")
    git(root, "branch", "-f", "main")
    write(root / "packages/tool/src/tool.py")
    assert Asked(wsnox, root).names == ["svc", "tool", "workspace"]


def test_a_bump(wsnox: Wsnox, root: Path) -> None:
    """A bump of a package concerns those that have it in their closure, with both versions as the reason."""
    write_member(root / CORE.folder, MemberSpec("core", dependencies=["pyhumps==3.8.0"]))
    lock(root)
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "svc", "workspace"]
    changed, bumped = asked.why("svc")
    assert changed == "core changed (packages/core/backend.json, packages/core/pyproject.toml)"
    assert bumped.startswith("pyhumps 3.7.3 -> 3.8.0 (Python 3.")


def test_merge_base(wsnox: Wsnox, root: Path) -> None:
    """What happened on `main` since is not this change."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "topic")
    git(root, "checkout", "-q", "main")
    write(root / "packages/core/src/core.py")
    commit(root, "main")
    git(root, "checkout", "-q", "topic")
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_detached_checkout(wsnox: Wsnox, root: Path) -> None:
    """A CI checkout has no branch, often no local `main`; the reason says what there is instead."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "topic")
    git(root, "checkout", "-q", "--detach")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    git(root, "update-ref", "refs/remotes/origin/main", "main")
    git(root, "branch", "-q", "-D", "main")
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == ["git knows no revision `main` (there is `origin/main`)"]
    assert Asked(wsnox, root, "--since", "origin/main").names == ["lone", "workspace"]


DEEPER = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` of `actions/checkout`, `GIT_DEPTH: 0` of GitLab"


def test_shallow_clone(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """Without the base, or without the way to it, everything is affected."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "topic")
    source = (tmp_path / "repository").as_uri()
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "topic", source, "shallow")
    asked = Asked(wsnox, tmp_path / "shallow" / FOLDER)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == [f"git knows no revision `main` in this shallow clone ({DEEPER})"]
    git(root, "checkout", "-q", "main")
    commit(root, "more")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:main")
    asked = Asked(wsnox, tmp_path / "shallow" / FOLDER)
    assert asked.names == EVERYTHING
    told = f"git knows no common ancestor of `main` and `HEAD` in this shallow clone ({DEEPER})"
    assert asked.why("everything") == [told]
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow", "origin", "main", "topic")
    assert Asked(wsnox, tmp_path / "shallow" / FOLDER).names == ["lone", "workspace"]


def test_shallow_clone_with_an_older_base(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """Behind the edge of a shallow clone there can be a better base than the one that git still knows.

    Here it is `fixed`: `topic` took it over and undid it, so that compared with the older base nothing is another.
    """
    repository, file = tmp_path / "repository", "packages/lone/src/lone.py"
    before = (root / file).read_text(encoding="utf-8")
    git(root, "checkout", "-q", "main")
    write(root / file)
    commit(root, "fixed")
    git(root, "checkout", "-q", "topic")
    git(root, "merge", "-q", "--no-ff", "main", "-m", "merged")
    for number in range(3):
        commit(root, f"more {number}")
    write(root / file, before)
    commit(root, "undone")
    for name in ("main", "topic"):
        git(root, "checkout", "-q", name)
        commit(root, f"on {name}")
    # As a server's shallow fetch may leave it: the base that git finds is reached around what is cut off.
    old = git(root, "rev-parse", "main~2").strip()
    bypass = git(root, "commit-tree", "topic^{tree}", "-p", "topic", "-p", old, "-m", "joined").strip()
    git(root, "reset", "-q", "--hard", bypass)
    edge = git(root, "rev-parse", "topic^1").strip()
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    (repository / ".git/shallow").write_text(f"{edge}\n", encoding="utf-8")
    assert git(root, "merge-base", "main", "HEAD").strip() == old
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    told = "the history between `main` and `HEAD` has gaps in this shallow clone, so that its base is not known"
    assert asked.why("everything") == [f"{told} ({DEEPER})"]


def test_shallow_clone_with_its_base(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """Where all of what lies after the base is there, nothing behind it can be better."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "topic")
    git(tmp_path, "clone", "-q", "--depth", "2", "--branch", "topic", (tmp_path / "repository").as_uri(), "shallow")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:main")
    assert Asked(wsnox, tmp_path / "shallow" / FOLDER).names == ["lone", "workspace"]


def test_unrelated_history(wsnox: Wsnox, root: Path) -> None:
    """A revision with nothing in common cannot be compared with."""
    git(root, "branch", "other", git(root, "commit-tree", "HEAD^{tree}", "-m", "other").strip())
    asked = Asked(wsnox, root, "--since", "other")
    assert asked.names == EVERYTHING
    assert asked.why("everything") == ["git knows no common ancestor of `other` and `HEAD`"]


def test_a_replaced_history(wsnox: Wsnox, root: Path) -> None:
    """What `git replace` shows in the place of a commit is not what was tested."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "topic")
    git(root, "replace", "main", "topic")
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_several_merge_bases(wsnox: Wsnox, root: Path) -> None:
    """Two branches that took each other over have two bases, and what differs from either counts."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "lone on topic")
    git(root, "checkout", "-q", "main")
    write(root / "packages/tool/src/tool.py")
    commit(root, "tool on main")
    git(root, "branch", "old-main")
    git(root, "merge", "-q", "topic", "-m", "topic into main")
    git(root, "checkout", "-q", "topic")
    git(root, "merge", "-q", "old-main", "-m", "main into topic")
    assert len(git(root, "merge-base", "--all", "main", "topic").split()) == 2
    assert Asked(wsnox, root).names == ["lone", "svc", "tool", "workspace"]


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_is_told_not_to_look_at(wsnox: Wsnox, root: Path, mark: str) -> None:
    """A file is there and another, whatever the index says of it; and its mark stays."""
    git(root, "update-index", mark, "packages/lone/src/lone.py")
    index = (root / "../../.git/index").read_bytes()
    write(root / "packages/lone/src/lone.py")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    assert (root / "../../.git/index").read_bytes() == index


def test_no_repository(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """Outside a repository everything is affected."""
    asked = Asked(wsnox, workspace(*MEMBERS))
    assert asked.names == EVERYTHING
    assert "not a git repository" in asked.why("everything")[0]


def test_no_git(wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git, likewise."""
    monkeypatch.setenv("PATH", "")
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == ["there is no `git` to read the revision with (install git)"]


SETTINGS = b'[tool.uv.workspace]\nmembers = ["packages/*"]\n\n[tool.wsnox]\ngroups = ["x"]\n'
OLDER = "upgrade wsnox, or delete `uv.lock` and run `uv lock` with a uv that writes version 1"
MERGED = "take one side, as with `git checkout --ours uv.lock`, then run `uv lock`"
ANEW = "restore `uv.lock` as it was committed, or delete it, then run `uv lock`"


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("uv.lock", None, "there is no `uv.lock` in the workspace root at revision `main`"),
        (
            "uv.lock",
            b"version = 2\n",
            f"`main:uv.lock` has lockfile version `2`, and this wsnox reads version `1` ({OLDER})",
        ),
        ("uv.lock", b"<<<<<<<\n", f"`main:uv.lock` has the conflict markers of an unfinished merge ({MERGED})"),
        ("uv.lock", b"\xff", f"`main:uv.lock`: not UTF-8 (byte 0) ({ANEW})"),
        ("uv.lock", b"version = 1\n", f"`main:uv.lock`: missing in `requires-python` ({ANEW})"),
        ("pyproject.toml", None, "there is no `pyproject.toml` in the workspace root at revision `main`"),
        (
            "packages/core/pyproject.toml",
            b"[project]\n",
            "`main:packages/core/pyproject.toml`: missing `name` in `project`",
        ),
        (
            "pyproject.toml",
            SETTINGS,
            "`main:pyproject.toml`: unknown dependency group `x` in `tool.wsnox.groups` (known: `dev`)",
        ),
    ],
    ids=[
        "no lockfile",
        "later lockfile",
        "conflicted lockfile",
        "binary lockfile",
        "truncated lockfile",
        "no manifest",
        "broken manifest",
        "broken settings",
    ],
)
def test_unusable_base(wsnox: Wsnox, root: Path, path: str, text: bytes | None, reason: str) -> None:
    """A base that cannot be read means everything, and its file is named as git names it."""
    good = (root / path).read_bytes()
    if text is None:
        (root / path).unlink()
    else:
        (root / path).write_bytes(text)
    commit(root, "unusable")
    git(root, "branch", "-f", "main")
    (root / path).write_bytes(good)
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == [reason]
    listed = nox(root, "-l", env={"WSNOX_SINCE": "main"})
    assert listed.code == 0, listed.said
    assert f"wsnox: everything is affected since `main`: {reason}" in listed.said
    assert _starred(listed.lines) == EVERYTHING


def _aged(text: str) -> str:
    """Return the lockfile *text* as uv of 2024 wrote it: without a revision, and packages by their earlier name."""
    return (
        re.sub("revision = .*\n", "", text)
        .replace("[package.", "[distribution.")
        .replace("[package]", "[distribution]")
    )


def test_older_lock_revision(wsnox: Wsnox, root: Path) -> None:
    """A base locked by an older uv is compared: what only a later revision writes is no difference, a version is."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    aged = _aged(text)
    assert "[package" not in aged
    assert "revision" not in aged
    write(root / "uv.lock", aged)
    commit(root, "older")
    git(root, "branch", "-f", "main")
    write(root / "uv.lock", text)
    assert Asked(wsnox, root).names == []
    write_member(root / CORE.folder, MemberSpec("core", dependencies=["pyhumps==3.8.0"]))
    lock(root)
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "svc", "workspace"]
    assert asked.why("svc")[1].startswith("pyhumps 3.7.3 -> 3.8.0 (Python 3.")


STALE = (
    "before, `uv.lock` did not match the workspace: `lone` now depends on `leaf`, which `uv.lock` does not know for it"
)


def _stale_base(root: Path) -> None:
    """Make ``main`` a commit whose lockfile does not match its manifests, and lock it in the work tree."""
    write_member(root / LONE.folder, MemberSpec("lone", dependencies=["leaf"]))
    commit(root, "stale")
    git(root, "branch", "-f", "main")


def test_stale_base(wsnox: Wsnox, root: Path) -> None:
    """With a stale lockfile nothing has run before, so that with a fresh one everything is to run."""
    _stale_base(root)
    # Stale before and now, with nothing changed at all: still no session can run, so none may pass.
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == [STALE.replace("before, `uv.lock` did", "`uv.lock` does")]
    write(root / "packages/core/src/core.py")
    assert Asked(wsnox, root).names == EVERYTHING
    lock(root)
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == [STALE]
    listed = nox(root, "-l", env={"WSNOX_SINCE": "main"})
    assert f"wsnox: everything is affected since `main`: {STALE}" in listed.said
    assert _starred(listed.lines) == EVERYTHING


def test_stale_base_that_is_frozen(wsnox: Wsnox, root: Path) -> None:
    """Where the lockfile is taken as it is, so it was before, and its closures are compared."""
    _configure(root, "")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", "[tool.wsnox]\nlock = 'frozen'"))
    _stale_base(root)
    lock(root)
    asked = Asked(wsnox, root)
    assert asked.names == ["lone", "workspace"]
    assert asked.why("lone")[0].startswith("leaf 2.1 is new, num 1.0 is gone (Python 3.")


@pytest.mark.parametrize(("word", "names"), [("check", EVERYTHING), ("frozen", [])])
def test_the_variable_for_the_lockfile(
    wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch, word: str, names: list[str]
) -> None:
    """What sessions are told of the lockfile for one run, affected is told, too."""
    other = "frozen" if word == "check" else "check"
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", f"[tool.wsnox]\nlock = '{other}'"))
    _stale_base(root)
    monkeypatch.setenv("WSNOX_LOCK", word)
    assert Asked(wsnox, root).names == names


def test_unknown_files(wsnox: Wsnox, root: Path) -> None:
    """What no rule knows means everything, in the workspace or beside it; documents mean nothing."""
    write(root / "README.md")
    write(root / "docs/guide/index.txt")
    write(root / "../../LICENSE")
    assert Asked(wsnox, root).names == []
    write(root / "../shared.json")
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == ["`../shared.json` changed: no rule knows it"]


@pytest.mark.parametrize("path", ["noxfile.py", ".python-version", "../../.github/workflows/ci.yml", "conftest.py"])
def test_files_of_everybody(wsnox: Wsnox, root: Path, path: str) -> None:
    """The noxfile, the pin, the CI system and what nobody knows mean everything."""
    write(root / path, "")
    assert Asked(wsnox, root).names == EVERYTHING


def test_root_manifest(wsnox: Wsnox, root: Path) -> None:
    """The root's manifest is read: a comment means nothing, a setting its sessions, a foreign table everything."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", f"# a comment\n{text}")
    assert Asked(wsnox, root).names == []
    write(root / "pyproject.toml", f"{text}\n[tool.wsnox.integration.pair]\npackages = ['core', 'lone']\n")
    asked = Asked(wsnox, root, "--since", "main", "--all")
    assert asked.names == ["pair", "workspace"]
    assert asked.why("pair") == ["new session"]
    assert asked.why("workspace") == ["other `default` in `tool.wsnox`"]
    write(root / "pyproject.toml", f"{text}\n[tool.pytest.ini_options]\naddopts = '-q'\n")
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == ["`pyproject.toml` changed in `tool.pytest`"]


def test_settings(wsnox: Wsnox, root: Path) -> None:
    """A setting of all members concerns all members."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("python -V", "python -VV"))
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "lone", "svc", "tool"]
    assert asked.why("core") == ["other `commands` in `tool.wsnox`"]


def test_allowed_imports(wsnox: Wsnox, root: Path) -> None:
    """What the root allows of imports concerns the checks of imports, and nothing else."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", f"{text}\n[tool.wsnox.imports]\nallow = [{{ modules = ['x'], reason = 'y' }}]\n")
    asked = Asked(wsnox, root, "--since", "main", "--all")
    assert asked.names == [f"{name}:imports" for name in ("core", "lone", "svc", "tool")]
    assert asked.why("core:imports") == ["other `imports` in `tool.wsnox`"]


def test_required_sessions(wsnox: Wsnox, root: Path) -> None:
    """A session that requires an affected one comes with it, and so does what requires that."""
    tables = "[tool.wsnox.tasks.{0}]\nmembers = ['lone']\nrequires = ['{1}']\ncommands = ['python -V']\n"
    _configure(root, tables.format("late", "lone:mid") + tables.format("mid", "core"))
    write(root / "packages/core/src/core.py")
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "svc", "lone:late", "lone:mid", "workspace"]
    assert asked.why("lone:late") == ["requires lone:mid"]
    assert asked.why("lone:mid") == ["requires core"]


@pytest.mark.parametrize("python", ["graalpy3.11", "3"])
def test_pythons_that_cannot_be_described(wsnox: Wsnox, root: Path, python: str) -> None:
    """Where no closure can be computed, whatever could be in it counts."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", f"[tool.wsnox]\npythons = ['{python}']"))
    commit(root, "python")
    git(root, "branch", "-f", "main")
    write(root / "packages/core/src/core.py")
    assert Asked(wsnox, root).names == ["core", "svc", "workspace"]


def test_stale_lockfile(wsnox: Wsnox, root: Path) -> None:
    """A lockfile that does not match stops every session, so every one is affected."""
    write_member(root / "packages/lone", MemberSpec("lone", dependencies=["leaf"]))
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything")[0].startswith("`uv.lock` does not match the workspace: ")


def _members(root: Path, *members: MemberSpec) -> None:
    """Make *members* the members of the workspace, and lock it."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    start = text.index("members = [")
    folders = ", ".join(f'"{member.folder}"' for member in members)
    write(root / "pyproject.toml", f"{text[:start]}members = [{folders}]{text[text.index(']', start) + 1 :]}")
    for member in members:
        write_member(root / member.folder, member)
    lock(root)


def test_new_member(wsnox: Wsnox, root: Path) -> None:
    """A new member is affected, and those that see all members; the others are not."""
    _members(root, *MEMBERS, MemberSpec("fresh"))
    asked = Asked(wsnox, root)
    assert asked.names == ["fresh", "workspace"]
    assert asked.why("fresh")[0] == "new session"


def test_removed_member(wsnox: Wsnox, root: Path) -> None:
    """A removed member concerns those that had it."""
    shutil.rmtree(root / "packages/tool")
    _members(root, CORE, MemberSpec("svc", dependencies=["core"]), LONE)
    asked = Asked(wsnox, root)
    assert asked.names == ["svc", "workspace"]
    assert any("tool" in line for line in asked.why("svc"))


def test_moved_member(wsnox: Wsnox, root: Path) -> None:
    """A member whose directory is another is affected, and those that need it."""
    git(root, "mv", "packages/core", "libs-core")
    (root / "uv.lock").unlink()
    _members(root, MemberSpec("core", path="libs-core", dependencies=["pyhumps==3.7.3"]), SVC, TOOL, LONE)
    commit(root, "move")
    assert Asked(wsnox, root).names == ["core", "svc", "workspace"]


def test_renamed_member(wsnox: Wsnox, root: Path) -> None:
    """A member with another name is a new one."""
    git(root, "mv", "packages/lone", "packages/sole")
    _members(root, CORE, SVC, TOOL, MemberSpec("sole", dependencies=["num==1.0"]))
    commit(root, "rename")
    assert Asked(wsnox, root).names == ["sole", "workspace"]


def test_submodule(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """A submodule in a member counts for that member: another commit, and what is changed or new in it."""
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    git(vendor, "init", "-q", "-b", "main")
    write(vendor / "data.txt", "1")
    commit(vendor, "one")
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", vendor.as_uri(), "packages/lone/vendor")
    commit(root, "submodule")
    git(root, "branch", "-f", "main")
    inside = root / "packages/lone/vendor"
    git(root, "config", "diff.ignoreSubmodules", "all")
    assert Asked(wsnox, root).names == []
    write(inside / "new.txt")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    commit(inside, "two")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    commit(root, "bump")
    asked = Asked(wsnox, root)
    assert asked.names == ["lone", "workspace"]
    assert asked.why("lone") == ["lone changed (packages/lone/vendor)"]


def test_member_in_a_submodule(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """A member that git does not see into is affected whatever happens: its manifest before cannot be read."""
    inner = tmp_path / "inner"
    write_member(inner, MemberSpec("inner"))
    git(inner, "init", "-q", "-b", "main")
    commit(inner, "inner")
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", inner.as_uri(), "packages/inner")
    _members(root, *MEMBERS, MemberSpec("inner"))
    commit(root, "submodule")
    git(root, "branch", "-f", "main")
    assert "inner" in Asked(wsnox, root).names


def test_links(wsnox: Wsnox, root: Path) -> None:
    """A link in one member to a file or a folder of another changes with it."""
    (root / "packages/lone/shared.py").symlink_to("../tool/src/tool.py")
    (root / "packages/core/all").symlink_to("../tool/src")
    commit(root, "links")
    git(root, "branch", "-f", "main")
    write(root / "packages/tool/src/tool.py")
    assert Asked(wsnox, root).names == EVERYTHING
    git(root, "checkout", "-q", ".")
    write(root / "packages/tool/other.py")
    assert Asked(wsnox, root).names == ["svc", "tool", "workspace"]


def test_odd_names(wsnox: Wsnox, root: Path) -> None:
    """Names with spaces, quotes, line ends and bytes that are no text are names."""
    for name in ('a "b"\n.py', "ünï.py", os.fsdecode(b"\xff.py")):
        write(root / "packages/lone/src" / name)
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_git_is_not_touched(wsnox: Wsnox, root: Path) -> None:
    """Asking writes nothing, not even a refreshed index."""
    touched = root / "packages/core/src/core.py"
    os.utime(touched, (touched.stat().st_mtime - 3600,) * 2)
    index = (root / "../../.git/index").read_bytes()
    assert Asked(wsnox, root).names == []
    assert (root / "../../.git/index").read_bytes() == index


def test_a_submodule_is_not_touched(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """Nor is the index of a submodule, into which git looks."""
    vendor = tmp_path / "vendor"
    write(vendor / "data.txt", "1")
    git(vendor, "init", "-q", "-b", "main")
    commit(vendor, "one")
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", vendor.as_uri(), "packages/lone/vendor")
    commit(root, "submodule")
    git(root, "branch", "-f", "main")
    inside = root / "packages/lone/vendor"
    os.utime(inside / "data.txt", (1, 1))
    index = Path(git(inside, "rev-parse", "--absolute-git-dir").strip(), "index")
    before = index.read_bytes()
    assert Asked(wsnox, root).names == []
    assert index.read_bytes() == before


def test_worktree(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """A second work tree has its own index, and what is changed in the first is none of its changes."""
    write(root / "packages/core/src/core.py")
    git(root, "worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    second = tmp_path / "second" / FOLDER
    assert Asked(wsnox, second).names == []
    write(second / "packages/lone/src/lone.py")
    git(second, "add", ".")
    assert Asked(wsnox, second).names == ["lone", "workspace"]
    assert Asked(wsnox, root).names == ["core", "svc", "workspace"]


def test_split_index(wsnox: Wsnox, root: Path) -> None:
    """The part of a split index that stays where it is belongs to the copy too, and nothing is put beside it."""
    git(root, "update-index", "--split-index")
    git(root, "config", "core.splitIndex", "true")
    git(root, "config", "splitIndex.maxPercentChange", "0")
    os.utime(root / "packages/core/src/core.py", (1, 1))
    repository = root / "../../.git"
    before = {path.name: path.read_bytes() for path in repository.iterdir() if path.is_file()}
    assert any(name.startswith("sharedindex.") for name in before)
    assert Asked(wsnox, root).names == []
    write(root / "packages/lone/src/lone.py")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    assert {path.name: path.read_bytes() for path in repository.iterdir() if path.is_file()} == before


def test_sparse_checkout(wsnox: Wsnox, root: Path) -> None:
    """Files that are not checked out are not deleted; a member that is not there cannot be compared."""
    write(root / "tools/a.txt")
    write(root / "packages/lone/data/a.txt")
    commit(root, "folders")
    git(root, "branch", "-f", "main")
    rules = ("/*", f"!/{FOLDER}/tools/", f"!/{FOLDER}/packages/lone/data/")
    git(root.parent.parent, "sparse-checkout", "set", "--no-cone", *rules)
    assert not (root / "tools").exists()
    assert Asked(wsnox, root).names == []
    git(root.parent.parent, "sparse-checkout", "set", "--no-cone", *rules, f"!/{FOLDER}/packages/lone/")
    assert not (root / "packages/lone").exists()
    # The members are listed one by one here; of a pattern, `lone` would be no member now.
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    folders = ", ".join(f'"{member.folder}"' for member in MEMBERS)
    write(root / "pyproject.toml", text.replace(f"[{folders}]", '["packages/*"]'))
    asked = Asked(wsnox, root)
    assert asked.names == [name for name in EVERYTHING if name != "lone"]
    told = "`uv.lock` does not match the workspace: `lone` is a member in `uv.lock`, but not in the workspace"
    assert told in asked.why("everything")


def test_a_monitor_is_not_asked(wsnox: Wsnox, root: Path) -> None:
    """A file system monitor that misses a change, or takes long to start, has no say."""
    asked = root / "../../.git/asked"
    hook = root / "../../.git/hooks/monitor"
    write(hook, f"#!/bin/sh\ntouch '{asked}'\nprintf 'token\\0'\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", ".git/hooks/monitor")
    git(root, "update-index", "--fsmonitor")
    git(root, "status")
    asked.unlink()
    write(root / "packages/lone/src/lone.py")
    assert Asked(wsnox, root).names == ["lone", "workspace"]
    assert not asked.exists()


def test_without_an_index(wsnox: Wsnox, root: Path) -> None:
    """Without an index, or with one that is none, nobody knows what changed."""
    index = root.parent.parent / ".git/index"
    index.unlink()
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything") == [f"git's index `{index}` cannot be read (No such file or directory)"]
    index.write_bytes(b"none")
    asked = Asked(wsnox, root)
    assert asked.names == EVERYTHING
    assert asked.why("everything")[0].startswith(f"git cannot read `{root.parent.parent}`: ")


def _configure(root: Path, table: str) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", f"{text}\n{table}")
    commit(root, "rules")
    git(root, "branch", "-f", "main")


def test_rules(wsnox: Wsnox, root: Path) -> None:
    """The workspace's rules come first; the first that matches counts."""
    _configure(
        root,
        """
[tool.wsnox.affected]
rules = [
    { paths = ["packages/*/notes/**"], affects = "nothing" },
    { paths = ["proto/**"], members = ["co*"] },
    { paths = ["e2e/**"], sessions = ["workspace"] },
    { paths = ["../shared/*"], affects = "nothing" },
]
""",
    )
    write(root / "packages/lone/notes/a.txt")
    write(root / "../shared/a.txt")
    assert Asked(wsnox, root).names == []
    write(root / "e2e/test_all.py")
    asked = Asked(wsnox, root)
    assert asked.names == ["workspace"]
    assert asked.why("workspace") == ["e2e/test_all.py changed"]
    write(root / "proto/a.proto")
    asked = Asked(wsnox, root)
    assert asked.names == ["core", "svc", "workspace"]
    assert asked.why("core") == ["core changed (proto/a.proto)"]


def test_rules_that_name_nothing(wsnox: Wsnox, root: Path) -> None:
    """A rule whose member or session is gone must not let a change pass."""
    rules = (
        '[tool.wsnox.affected]\nrules = [{ paths = ["a"], members = ["gone"] }, { paths = ["b"], sessions = ["x"] }]\n'
    )
    _configure(root, rules)
    rule = "of `tool.wsnox.affected`, whose"
    write(root / "a")
    assert Asked(wsnox, root).why("everything") == [f"`a` changed: the rule `a` {rule} `gone` is no member"]
    (root / "a").unlink()
    write(root / "b")
    assert Asked(wsnox, root).why("everything") == [f"`b` changed: the rule `b` {rule} `x` is no session"]


def test_without_default_rules(wsnox: Wsnox, root: Path) -> None:
    """The default rules can be left out."""
    _configure(root, "[tool.wsnox.affected]\ndefault-rules = false\n")
    write(root / "README.md")
    assert Asked(wsnox, root).names == EVERYTHING


def test_root_project(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """The root's own project has its sources and tests; sessions in the root see them, and other files are everybody's."""
    project = MemberSpec("whole", path=".", dependencies=["core"], modules={"whole.py": ""})
    root = workspace(CORE, LONE, root_project=project, wsnox={"commands": ["python -V"]})
    git(root, "init", "-q", "-b", "main")
    commit(root, "start")
    write(root / "src/whole.py")
    assert Asked(wsnox, root).names == ["whole", "workspace"]
    git(root, "checkout", "-q", ".")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace('name = "whole"', 'name = "whole"\ndescription = "x"'))
    asked = Asked(wsnox, root)
    assert asked.names == ["whole", "workspace"]
    write(root / "Makefile")
    assert Asked(wsnox, root).names == ["core", "lone", "whole", "workspace"]


def test_documents_of_the_root_project(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """They are read by members' tests as others are."""
    project = MemberSpec("whole", path=".", modules={"whole.py": ""})
    root = workspace(CORE, LONE, root_project=project, wsnox={"commands": ["python -V"]})
    write(root / "packages/lone/tests/test_readme.py", "TEXT = (Path(__file__).parents[3] / 'README.md').read_text()\n")
    git(root, "init", "-q", "-b", "main")
    commit(root, "start")
    write(root / "README.md")
    assert Asked(wsnox, root).names == ["lone", "whole", "workspace"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("packages/core/src/x.py", "a file of `core`: sessions run that have `core` in their closure"),
        ("uv.lock", "it is read, and compared session by session: sessions run whose closure or settings it changes"),
        ("docs/x", "the default rule `**/docs/**`: no session runs because of it"),
        ("noxfile.py", "the default rule `noxfile.py`: every session runs"),
        ("conftest.py", "no rule knows it: every session runs"),
    ],
)
def test_explain(wsnox: Wsnox, root: Path, path: str, line: str) -> None:
    """What a path would do is told without git, from wherever one stands."""
    assert Asked(wsnox, root, "--explain", path).names == f"{path}: {line}".split()
    inside = root / "packages"
    relative = os.path.relpath(root / path, inside)
    assert Asked(wsnox, inside, "--explain", relative).names == f"{path}: {line}".split()


def test_explain_as_data(wsnox: Wsnox, root: Path) -> None:
    """The same as JSON."""
    said = wsnox("affected", "--explain", "packages/core/x", "--json", root=root)
    assert json.loads(said.out) == {
        "path": "packages/core/x",
        "because": "a file of `core`",
        "everything": False,
        "members": ["core"],
        "sessions": [],
        "in_root": False,
    }


def test_data(wsnox: Wsnox, root: Path) -> None:
    """JSON has every reason with its fields."""
    write(root / "packages/core/src/core.py")
    data: dict[str, Any] = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)
    assert (data["since"], data["everything"]) == ("main", [])
    assert data["total"] >= len(EVERYTHING)
    svc = next(each for each in data["sessions"] if each["session"] == "svc")
    assert svc == {
        "session": "svc",
        "name": "svc",
        "python": None,
        "members": ["svc"],
        "reasons": [
            {
                "kind": "member",
                "text": "core changed (packages/core/src/core.py)",
                "member": "core",
                "paths": ["packages/core/src/core.py"],
                "own": False,
            }
        ],
    }


def test_nox_takes_the_names(wsnox: Wsnox, root: Path) -> None:
    """`nox -s $(wsnox affected --since main)` runs just these, and nothing where there are none."""
    write_member(root / LONE.folder, MemberSpec("lone", dependencies=["num==1.0"], extras={"a": ["leaf"]}))
    lock(root)
    _configure(root, "[tool.wsnox.tasks.types]\nextras = [['a'], []]\nmembers = ['lone']\ncommands = ['python -V']\n")
    write(root / "packages/lone/src/lone.py")
    names = Asked(wsnox, root).names
    assert names == ["lone", "lone:types(a)", "lone:types(none)", "workspace"]
    listed = nox(root, "--json", "-l", "-s", *names)
    assert [each["session"] for each in json.loads(listed.said)] == names
    git(root, "checkout", "-q", ".")
    assert Asked(wsnox, root).names == []
    ran = nox(root, "-s")
    assert ran.code == 0
    assert "No sessions selected" in ran.said


def test_selected_by_default(root: Path) -> None:
    """`WSNOX_SINCE` leaves the affected sessions selected, those of the noxfile's functions too; others can be named."""
    write_noxfile(
        root,
        "import nox\nimport wsnox\n\nwsnox.sessions()\n\n\n@wsnox.member\ndef types(session, member):\n    print(member.name)\n"
        "\n\n@wsnox.integration('core', 'tool')\ndef pair(session, members):\n    pass\n"
        "\n\n@nox.session\ndef mine(session):\n    pass\n",
    )
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    write(root / "packages/lone/src/lone.py")
    listed = nox(root, "-l", env={"WSNOX_SINCE": "main"})
    assert _starred(listed.lines) == ["lone", "workspace", "lone:types", "mine"]
    ran = nox(root, "-s", "core", env={"WSNOX_SINCE": "main"})
    assert ran.code == 0, ran.said
    everything = nox(root, "-l", env={"WSNOX_SINCE": "gone"})
    assert "wsnox: everything is affected since `gone`: git knows no revision `gone`" in everything.said
    assert _starred(everything.lines) == _starred(nox(root, "-l").lines)


def test_a_function_whose_member_is_new(root: Path) -> None:
    """Before there was no such session: it is selected, and one that could not be told before, without the others."""
    function = "@wsnox.integration('core', {0!r})\ndef with_{0}(session, members):\n    pass\n\n\n"
    write_noxfile(root, "import wsnox\n\n\n" + function.format("fresh") + function.format("lone"))
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    _members(root, *MEMBERS, MemberSpec("fresh"))
    assert _starred(nox(root, "-l", env={"WSNOX_SINCE": "main"}).lines) == ["with_fresh"]


FUNCTIONS = """
import nox
import wsnox

wsnox.sessions()


@wsnox.member
def types(session, member):
    pass


@nox.session(python=["3.11", "3.12"])
@nox.parametrize("word", ["a b", "c"])
def odd(session, word):
    pass


@nox.session(default=False)
def never(session):
    pass
"""


def test_sessions_of_the_noxfile(wsnox: Wsnox, root: Path) -> None:
    """Functions of the noxfile are asked of nox: those of wsnox where they are affected, all others that plain nox runs."""
    write_noxfile(root, FUNCTIONS)
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    odd = ["odd", "odd-3.11(word='c')", "odd-3.12(word='c')"]
    assert Asked(wsnox, root).names == odd
    write(root / "packages/lone/src/lone.py")
    asked = Asked(wsnox, root)
    assert asked.names == ["lone", "workspace", "lone:types", *odd]
    assert asked.why("odd") == ["defined by the noxfile, which selects it"]
    listed = nox(root, "--json", "-l", "-s", *asked.names)
    assert {each["name"] for each in json.loads(listed.said)} == {"lone", "workspace", "lone:types", "odd"}
    data = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)
    assert data["sessions"][3] == {
        "session": "odd",
        "name": "odd",
        "python": None,
        "members": [],
        "reasons": [{"kind": "noxfile", "text": "defined by the noxfile, which selects it"}],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import wsnox\n\nwsnox.sessions(\n", "SyntaxError"),
        ("import wsnox_of_nobody\n", "wsnox_of_nobody"),
        ("import wsnox\n\nwsnox.sessions()\nraise SystemExit(0)\n", "nox cannot list the sessions"),
    ],
    ids=["syntax", "import", "exit"],
)
def test_a_noxfile_that_cannot_be_loaded(wsnox: Wsnox, root: Path, text: str, said: str) -> None:
    """What it defines cannot be told, so the command fails, and so does nox where it is given what the command printed."""
    write(root / "noxfile.py", text)
    answer = wsnox("affected", "--since", "main", root=root)
    assert (answer.code, answer.out) == (5, "WSNOX_AFFECTED_FAILED\n")
    assert said in answer.err
    matrix = wsnox("matrix", "--format", "github", root=root)
    assert (matrix.code, matrix.out) == (5, "")


@pytest.mark.parametrize(
    "words", [("--since", "main"), ("--sicne", "main"), (), ("--since", "main", "--root", "nowhere")], ids=" ".join
)
def test_a_failure_is_a_name_that_nox_refuses(
    wsnox: Wsnox, root: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """`nox -s $(wsnox affected ...)` must not succeed because the inner command failed."""
    good = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", "[tool\n")
    try:
        code, out = (answer := wsnox("affected", *words, root=root)).code, answer.out
    except SystemExit as ended:
        code, out = int(str(ended.code)), capsys.readouterr().out
    assert code
    write(root / "pyproject.toml", good)
    ran = nox(root, "-s", *out.split())
    assert ran.code == 3
    assert "Sessions not found: WSNOX_AFFECTED_FAILED" in ran.said


@pytest.mark.parametrize("words", [("--since", "main", "--json"), ("--explain", "x")], ids=["json", "explain"])
def test_a_failure_is_no_name_elsewhere(wsnox: Wsnox, root: Path, words: tuple[str, ...]) -> None:
    """JSON that is none is refused by whoever reads it."""
    write(root / "pyproject.toml", "[tool\n")
    answer = wsnox("affected", *words, root=root)
    assert (answer.code != 0, answer.out) == (True, "")


@pytest.mark.parametrize("command", [("affected", "--since", "main"), ("matrix", "--format", "github")])
def test_no_session_at_all(wsnox: Wsnox, root: Path, command: tuple[str, ...]) -> None:
    """Where no Python fits any member, that nothing is affected is no answer."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", "[tool.wsnox]\npythons = ['3.9']"))
    answer = wsnox(*command, root=root)
    assert answer.code == 5
    assert "there is no session, on these Pythons" in answer.err


# --- who else reads it ----------------------------------------------------------------------------------------------


def _settle(root: Path) -> None:
    commit(root, "settled")
    git(root, "branch", "-f", "main")


def test_links_through_links(wsnox: Wsnox, root: Path) -> None:
    """The middle of a chain, what a dangling link waits for, and a link that is not tracked."""
    (root / "packages/lone/first").symlink_to("../tool/middle")
    (root / "packages/tool/middle").symlink_to("src/tool.py")
    (root / "packages/core/waits").symlink_to("../tool/later")
    _settle(root)
    (root / "packages/tool/middle").unlink()
    (root / "packages/tool/middle").symlink_to("backend.json")
    assert Asked(wsnox, root).names == ["lone", "svc", "tool", "workspace"]
    _settle(root)
    write(root / "packages/tool/later")
    assert Asked(wsnox, root).names == ["core", "svc", "tool", "workspace"]
    _settle(root)
    (root / "packages/lone/new").symlink_to("../core/src")
    _settle(root)
    write(root / "packages/core/src/core.py")
    assert Asked(wsnox, root).names == ["core", "lone", "svc", "workspace"]


def test_links_in_a_submodule(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """A link of a submodule can lead out of it."""
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "out").symlink_to("../../tool/src/tool.py")
    git(vendor, "init", "-q", "-b", "main")
    commit(vendor, "link")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", vendor.as_uri(), "packages/lone/vendor")
    _settle(root)
    write(root / "packages/tool/src/tool.py")
    assert Asked(wsnox, root).names == ["lone", "svc", "tool", "workspace"]


def test_documents_that_a_test_reads(wsnox: Wsnox, root: Path) -> None:
    """A document counts for the sessions whose files name it, or its folder; for others it does not."""
    write(root / "packages/lone/tests/test_docs.py", "PAGES = (ROOT / 'docs').rglob('*.md')\n")
    _settle(root)
    write(root / "docs/a.md")
    asked = Asked(wsnox, root)
    assert asked.names == ["lone", "workspace"]
    assert asked.why("lone") == ["lone changed (docs/a.md)"]
    told = wsnox("affected", "--explain", "docs/a.md", root=root).out
    assert told.startswith("docs/a.md: the default rule `**/*.md`; named by `packages/lone/tests/test_docs.py`: ")
    write(root / "docs/a.md")
    write(root / "conftest.py", "README = 'README.md'\n")
    _settle(root)
    write(root / "README.md")
    assert Asked(wsnox, root).names == EVERYTHING


def test_files_that_a_manifest_names(wsnox: Wsnox, root: Path) -> None:
    """They count as files of the member, for all that have it in their closure."""
    manifest = root / "packages/core/pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    forced = '[tool.hatch.build.targets.wheel.force-include]\n"../tool/data" = "core/data"\n'
    write(manifest, text.replace("version =", 'readme = "../../README.md"\nversion =') + forced)
    _settle(root)
    write(root / "README.md")
    assert Asked(wsnox, root).names == ["core", "svc", "workspace"]
    git(root, "clean", "-q", "-f", "README.md")
    write(root / "packages/tool/data/x.json")
    assert Asked(wsnox, root).names == ["core", "svc", "tool", "workspace"]


def test_files_that_a_command_names(wsnox: Wsnox, root: Path) -> None:
    """They count for the session, wherever they are; what a rule of the workspace says of them goes before."""
    tasks = (
        "[tool.wsnox.tasks.there]\nmembers = ['lone']\ncommands = ['pytest {root}/packages/tool/tests']\n"
        "[tool.wsnox.integration.pages]\npackages = ['lone']\ncommands = ['sphinx-build docs out']\n"
        "[tool.wsnox.affected]\nrules = [{ paths = ['docs/drafts/**'], affects = 'nothing' }]\n"
    )
    _configure(root, tasks)
    write(root / "packages/tool/tests/test_tool.py")
    asked = Asked(wsnox, root)
    assert asked.names == ["svc", "tool", "lone:there"]
    assert asked.why("lone:there") == ["packages/tool/tests/test_tool.py changed, which a command of it names"]
    git(root, "clean", "-q", "-f", "packages/tool/tests")
    write(root / "docs/drafts/a.md")
    assert Asked(wsnox, root).names == []
    write(root / "docs/a.md")
    assert Asked(wsnox, root).names == ["lone:there", "pages"]
    told = wsnox("affected", "--explain", "docs/a.md", root=root).out
    assert told.endswith(": sessions run that `lone:there` and `pages` names\n")


def test_a_member_in_a_member(wsnox: Wsnox, root: Path) -> None:
    """Tools look into the folders above for their settings, and pytest for `conftest.py`."""
    _members(root, CORE, SVC, TOOL, LONE, MemberSpec("inner", path="packages/lone/inner"))
    _settle(root)
    write(root / "packages/lone/conftest.py")
    asked = Asked(wsnox, root)
    assert asked.names == ["inner", "lone", "workspace"]
    assert asked.why("inner") == ["packages/lone/conftest.py changed, in a folder above it"]
    git(root, "clean", "-q", "-f", "packages/lone/conftest.py")
    write(root / "packages/lone/src/lone.py")
    assert Asked(wsnox, root).names == ["lone", "workspace"]


def test_nothing_is_opened_without_the_variable(root: Path) -> None:
    """Without `WSNOX_SINCE` no git runs, and no lockfile is read."""
    (root / "uv.lock").unlink()
    assert nox(root, "-l", env={"PATH": "/nonexistent"}).code == 0


def test_files_that_the_noxfile_names(root: Path) -> None:
    """A function of the noxfile can read whatever the noxfile names, from its member or from the root."""
    text = (
        "import wsnox\n\n\n@wsnox.member(members=['lone'])\ndef {0}(session, member):\n    session.run('tool', '{1}')\n"
    )
    write_noxfile(root, text.format("pages", "../../docs/a.md"))
    _settle(root)
    write(root / "docs/a.md")
    assert _starred(nox(root, "-l", env={"WSNOX_SINCE": "main"}).lines) == ["lone:pages"]
    git(root, "clean", "-q", "-f", "docs")
    write_noxfile(root, text.format("data", "packages/tool/data"))
    _settle(root)
    write(root / "packages/tool/data/x.json")
    assert _starred(nox(root, "-l", env={"WSNOX_SINCE": "main"}).lines) == ["lone:data"]
    git(root, "clean", "-q", "-f", "packages")
    write(root / "packages/core/data/x.json")
    assert _starred(nox(root, "-l", env={"WSNOX_SINCE": "main"}).lines) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "\n[tool.pytest.ini_options]\npythonpath = [\n    'src',\n    'docs',\n]\n"),
        ("pytest.ini", "[pytest]\npythonpath =\n    src docs/lib\ntestpaths = tests\n"),
        ("conftest.py", "from docs.lib import helpers\n"),
    ],
)
def test_what_every_test_can_import(wsnox: Wsnox, root: Path, file: str, text: str) -> None:
    """What the settings of pytest in the root bring to every test, every test can read."""
    with (root / file).open("a", encoding="utf-8") as stream:
        stream.write(text)
    _settle(root)
    write(root / "docs/lib/helpers.py")
    assert Asked(wsnox, root).names == EVERYTHING
