"""What the rules of today would have selected over the last commits of real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import git
from tests.support.workspaces import MemberSpec, lock, write_member
from wsnox.affected.model import Everything
from wsnox.affected.past_changes import Cause, Commit, PastChange, causes, folders, last_commits, past_changes
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory


def _everything(commit: str, *reasons: Everything) -> PastChange:
    return PastChange(commit=commit, subject="", selected=3, total=3, everything=reasons)


def _file(path: str, why: str = "no rule knows it") -> Everything:
    return Everything(f"`{path}` changed: {why}", path)


def test_causes() -> None:
    """First what would help most, were it not for it; files of one folder that mean the same are one cause."""
    stale = Everything("`uv.lock` does not match the workspace")
    changes = [
        _everything("1", _file("scripts/a.sh"), _file("scripts/b.sh")),
        _everything("2", _file("scripts/b.sh")),
        _everything("3", _file("noxfile.py", "the default rule `noxfile.py`"), _file("x.toml"), stale),
        _everything("4", _file("x.toml"), stale),
        PastChange(commit="5", subject="", selected=1, total=3),
    ]
    found = causes(changes)
    assert [(cause.text, cause.alone, cause.commits) for cause in found] == [
        ("scripts/*: no rule knows it", 2, ("1", "2")),
        ("`uv.lock` does not match the workspace", 0, ("3", "4")),
        ("x.toml: no rule knows it", 0, ("3", "4")),
        ("noxfile.py: the default rule `noxfile.py`", 0, ("3",)),
    ]
    paths = ("scripts/a.sh", "scripts/b.sh")
    assert found[0] == Cause(why="no rule knows it", paths=paths, commits=("1", "2"), alone=2)


def test_folders() -> None:
    """What selected most, where not everything was affected; the files of a folder are one change of it."""

    def change(commit: str, *reasons: Everything, **by_path: int) -> PastChange:
        paths = {path.replace("__", "/"): count for path, count in by_path.items()}
        return PastChange(commit=commit, subject="", total=9, everything=reasons, by_path=paths)

    changes = [
        change("1", packages__a__src__x=3, packages__a__src__deep__y=4, packages__a__pyproject=5, readme=1),
        change("2", packages__a__src__x=3, readme=9),
        change("3", _file("noxfile.py"), packages__a__src__x=9),
    ]
    assert [(folder.path, folder.sessions, folder.commits) for folder in folders(changes)] == [
        ("readme", 10, ("1", "2")),
        ("packages/a/src/**", 7, ("1", "2")),
        ("packages/a/pyproject", 5, ("1",)),
    ]


# --- with real repositories ---


@pytest.fixture
def root(tmp_path: Path, workspace: WorkspaceFactory) -> Path:
    """Return a workspace in a subfolder of a repository, whose members are ``core``, ``svc`` that needs it, and ``lone``."""
    members = (MemberSpec("core"), MemberSpec("svc", dependencies=["core"]), MemberSpec("lone"))
    # The session of all members counts, too.
    together = {"integration": {"workspace": {"default": True}}}
    root = workspace(*members, name="repository/deep/workspace", wsnox=together)
    git(tmp_path / "repository", "init", "-q", "-b", "main")
    _commit(root, "start")
    return root


def _commit(root: Path, subject: str, **files: str) -> str:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", subject)
    return git(root, "rev-parse", "HEAD").strip()


def _replayed(root: Path, count: int = 20) -> dict[str, PastChange]:
    return {change.subject: change for change in past_changes(discover(root), last_commits(root, count))}


def _shares(root: Path) -> dict[str, str]:
    """Return what is selected by commit: a share, what caused everything, or why nothing is known."""
    return {
        subject: change.incomparable or "; ".join(reason.path for reason in change.everything) or
        f"{change.selected}/{change.total}"
        for subject, change in _replayed(root).items()
    }  # fmt: skip


@pytest.mark.real
def test_shares(root: Path) -> None:
    """Each commit is compared with the one before it, as `wsnox affected --since` would have."""
    for subject, file in (("core", "packages/core/src/core.py"), ("lone", "packages/lone/src/lone.py")):
        _commit(root, subject, **{file: subject})
    _commit(root, "nothing")
    _commit(root, "unknown", **{"some.thing": "x"})
    write_member(root / "packages/lone", MemberSpec("lone", dependencies=["leaf"]))
    lock(root)
    _commit(root, "locked")
    assert _shares(root) == {
        "start": "this clone has no commit before it",
        "core": "3/4",
        "lone": "2/4",
        "nothing": "0/4",
        "unknown": "some.thing",
        "locked": "2/4",
    }


@pytest.mark.real
def test_the_rules_of_today(root: Path) -> None:
    """Whoever adds a rule sees what it would have done to commits from before it; so it is with sessions."""
    _commit(root, "unknown", **{"some.thing": "x"})
    assert _shares(root)["unknown"] == "some.thing"
    with (root / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write(
            '\n[tool.wsnox]\ntasks.types.commands = ["x"]\n'
            '[tool.wsnox.affected]\nrules = [{ paths = ["some.*"], sessions = ["lone:types"] }]\n'
        )
    assert _shares(root)["unknown"] == "1/7"
    # It is not committed, and neither would the commit of it be a change of every session.
    _commit(root, "rules")
    assert _shares(root)["rules"] == "0/7"


@pytest.mark.real
def test_sessions_of_what_did_not_exist(root: Path) -> None:
    """Where the sessions of today name a member that a commit had not, its own sessions count, by the rules of today."""
    _commit(root, "unknown", **{"some.thing": "x"})
    write_member(root / "packages/new", MemberSpec("new"))
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    text = text.replace("members = [", 'members = [\n    "packages/new",')
    text += '\n[tool.wsnox]\nintegration.both.packages = ["new", "core"]\naffected.rules = [{ paths = ["some.*"], affects = "nothing" }]\n'
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    lock(root)
    assert _shares(root)["unknown"] == "0/4"


@pytest.mark.real
def test_what_cannot_be_read(root: Path) -> None:
    """A commit without the workspace, without a lockfile or with a broken one, and the one after it, are not counted."""
    lockfile, manifest = root / "uv.lock", root / "pyproject.toml"
    good, text = lockfile.read_bytes(), manifest.read_bytes()
    _commit(root, "broken", **{"uv.lock": "<<<<<<<\n"})
    lockfile.write_bytes(good)
    _commit(root, "repaired")
    lockfile.unlink()
    _commit(root, "unlocked")
    manifest.unlink()
    _commit(root, "gone")
    lockfile.write_bytes(good)
    manifest.write_bytes(text)
    _commit(root, "back", **{"packages/lone/src/lone.py": "x"})
    shares = _shares(root)
    assert shares["broken"].startswith("`uv.lock` has the conflict markers of an unfinished merge")
    assert "uv.lock` has the conflict markers" in shares["repaired"]
    assert shares["unlocked"].startswith("`uv.lock` does not exist")
    assert "pyproject.toml" in shares["gone"]
    assert shares["back"].startswith("there is no `pyproject.toml` in the workspace root at revision ")
    assert not any("/tmp" in share or "wsnox-" in share for share in shares.values())


@pytest.mark.real
def test_merges(root: Path) -> None:
    """A branch that was merged is one change, that of its merge."""
    git(root, "checkout", "-q", "-b", "topic")
    for name in ("core", "lone"):
        _commit(root, name, **{f"packages/{name}/src/{name}.py": "x"})
    git(root, "checkout", "-q", "main")
    _commit(root, "other", **{"packages/svc/src/svc.py": "x"})
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert _shares(root) == {"start": "this clone has no commit before it", "other": "2/4", "merge": "4/4"}


@pytest.mark.real
def test_the_repository_is_not_touched(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither work tree nor index nor anything of git's own folder changes; hooks and filters of the user do not run."""
    (root / ".gitattributes").write_text("*.bin filter=lfs\n", encoding="utf-8")
    _commit(root, "filtered", **{"a.bin": "x"})
    hook = tmp_path / "hooks/post-checkout"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n", encoding="utf-8")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    git(root, "config", "--global", "core.hooksPath", str(hook.parent))
    git(root, "config", "--global", "filter.lfs.smudge", f"touch {tmp_path}/smudged; cat")
    (root / "packages/core/src/core.py").write_text("not committed", encoding="utf-8")

    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted((tmp_path / "repository").rglob("*")) if path.is_file()}

    before = content()
    assert _shares(root)["filtered"] == "a.bin"
    assert content() == before
    assert not (tmp_path / "smudged").exists()
    assert not (tmp_path / "hooked").exists()


@pytest.mark.real
@pytest.mark.parametrize("kind", ["shallow", "worktree", "detached"])
def test_kinds_of_clones(root: Path, tmp_path: Path, kind: str) -> None:
    """The oldest commit of a shallow clone has nothing before it; a linked work tree is as good as the first one."""
    for name in ("core", "lone"):
        _commit(root, name, **{f"packages/{name}/src/{name}.py": "x"})
    other, repository = tmp_path / "other", tmp_path / "repository"
    match kind:
        case "shallow":
            git(tmp_path, "clone", "-q", "--depth", "2", repository.as_uri(), "other")
        case "worktree":
            git(repository, "worktree", "add", "-q", str(other), "HEAD")
        case _:
            git(tmp_path, "clone", "-q", repository.as_uri(), "other")
            git(other, "checkout", "-q", "--detach", "HEAD")
            git(other, "branch", "-q", "-D", "main")
    shares = _shares(other / "deep/workspace")
    assert shares["lone"] == "2/4"
    assert shares["core"] == ("this clone has no commit before it" if kind == "shallow" else "3/4")


@pytest.mark.real
def test_last_commits(root: Path) -> None:
    """No more than are asked for, the oldest first; odd subjects are subjects."""
    start = git(root, "rev-parse", "HEAD").strip()
    first, second = _commit(root, "a  b\tc"), _commit(root, "ü")
    assert last_commits(root, 2) == [Commit(first, start, "a  b\tc"), Commit(second, first, "ü")]
    assert len(last_commits(root, 10)) == 3
