"""Who does what a hint says is helped: each situation is made, the hint is followed word by word, and it is cured."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import git
from tests.sessions.running import follow, nox, write_noxfile
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.cli import main
from wsnox.errors import RESTORE_LOCKFILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

BROKEN: dict[str, Callable[[str], str]] = {
    "no TOML": lambda text: text[: len(text) // 2],
    "a wrong type": lambda text: text.replace('name = "leaf"', "name = 3"),
    "another version": lambda text: text.replace("version = 1\n", "version = 2\n", 1),
    "no range of Pythons": lambda text: re.sub(r"requires-python.*\n", "", text),
    "an unknown source": lambda text: text.replace("source = { editable =", "source = { nonsense ="),
    "no marker": lambda text: text.replace('{ name = "leaf" }', '{ name = "leaf", marker = "nonsense" }'),
    "empty": lambda _: "",
}


def _closure(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return the exit code of ``wsnox closure``, and its hint."""
    code = main(["closure", "project-a", "--root", str(root)])
    return code, capsys.readouterr().err.partition("\n\nhint: ")[2].strip()


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_lockfile(workspace: WorkspaceFactory, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """``uv lock`` alone reads the broken lockfile, and refuses, too; restored or deleted, it is locked again."""
    root = workspace(MemberSpec("project-a", dependencies=["leaf"]))
    lockfile = root / "uv.lock"
    good = lockfile.read_text(encoding="utf-8")
    broken = BROKEN[kind](good)
    assert broken != good
    lockfile.write_text(broken, encoding="utf-8")
    code, hint = _closure(root, capsys)
    assert code == 4
    assert hint == RESTORE_LOCKFILE or (kind == "another version" and "delete `uv.lock` and run `uv lock`" in hint)
    assert uv(root, "lock").returncode != 0
    for repair in (lockfile.unlink, lambda: lockfile.write_text(good, encoding="utf-8")):
        lockfile.write_text(broken, encoding="utf-8")
        repair()
        assert uv(root, "lock").returncode == 0
        assert _closure(root, capsys) == (0, "")


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_an_unfinished_merge(workspace: WorkspaceFactory, capsys: pytest.CaptureFixture[str], style: str) -> None:
    """Both sides of a merge in ``uv.lock`` are told as what they are, and one of them is enough for ``uv lock``."""
    root = workspace(MemberSpec("project-a", dependencies=["pyhumps"]))
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "merge.conflictStyle", style)
    git(root, "add", ".")
    git(root, "commit", "-qm", "start")
    text = (root / "uv.lock").read_text(encoding="utf-8")
    for branch, version in (("theirs", "3.7.2"), ("main", "3.7.3")):
        git(root, "checkout", "-q", "-B", branch, *(["main"] if branch == "theirs" else []))
        (root / "uv.lock").write_text(text.replace("3.8.0", version), encoding="utf-8")
        git(root, "commit", "-qam", version)
        git(root, "checkout", "-q", "main")
    merge = ["git", "-c", "user.name=x", "-c", "user.email=x", "merge", "-q", "theirs"]
    merged = subprocess.run(merge, cwd=root, check=False, capture_output=True)
    assert merged.returncode != 0
    code = main(["closure", "project-a", "--root", str(root)])
    said = capsys.readouterr().err
    assert (code, said.partition("\n\n")[0]) == (
        4,
        f"error: `{root}/uv.lock` has the conflict markers of an unfinished merge",
    )
    assert uv(root, "lock").returncode != 0
    commands = re.findall(r"`([^`]+)`", said.partition("hint: ")[2])
    assert [command.split()[0] for command in commands] == ["git", "uv"]
    git(root, *shlex.split(commands[0])[1:])
    assert uv(root, *shlex.split(commands[1])[1:]).returncode == 0
    assert _closure(root, capsys) == (0, "")


PYTEST: dict[str, dict[str, Any]] = {
    "nowhere": {},
    "nowhere, with other groups": {"groups": {"test": ["leaf"]}, "wsnox": {"groups": ["test"]}},
    "a group of its own": {"groups": {"test": ["pytest"]}},
    "a group beside the default one": {"groups": {"dev": ["leaf"], "test": ["pytest"]}},
    "a group of the root": {"root_groups": {"qa": ["pytest"]}},
    "a group of the root beside others": {"root_groups": {"a": ["leaf"], "qa": ["pytest"]}, "wsnox": {"root-groups": ["a"]}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("session", "where"),
    [
        *(("project-a", where) for where in PYTEST),
        ("workspace", "nowhere"),
        ("workspace", "a group of the root beside others"),
    ],
)
def test_no_pytest(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path, session: str, where: str) -> None:
    """The group that has pytest is added to those that the session takes; else it is added to one of them."""
    options = dict(PYTEST[where])
    member = MemberSpec(
        "project-a",
        dependencies=["num"],
        tests={"test_a.py": "import num\n\n\ndef test_it(): ...\n"},
        groups=options.pop("groups", {}),
    )
    root = workspace(member, index=wheelhouse_with_pytest, **options)
    (root / "tests").mkdir()
    (root / "tests/test_x.py").write_text("def test_it(): ...\n", encoding="utf-8")
    ran = nox(root, "-s", session)
    # Refused before anything is installed.
    assert not [*(root / ".nox").rglob("num-*.dist-info")]
    for _ in range(2):
        if ran.code == 0:
            break
        follow(root, ran.error.partition("hint: ")[2])
        assert uv(root, "lock").returncode == 0
        ran = nox(root, "-s", session)
    assert ran.results == {session: "success"}, ran.said
    # Nothing that was installed before is lost by it.
    if "leaf" in str(PYTEST[where]):
        assert "leaf" in {each.name.partition("-")[0] for each in (root / ".nox" / session).rglob("leaf-*.dist-info")}


def test_an_environment_that_sees_the_system(workspace: WorkspaceFactory) -> None:
    """Where nox makes each environment so, what asks for that is named; without it the session runs."""
    root = workspace(MemberSpec("project-a"), wsnox={"commands": []})
    backend = ("--force-venv-backend", "virtualenv", "-s", "project-a")
    ran = nox(root, *backend, env={"VIRTUALENV_SYSTEM_SITE_PACKAGES": "1"})
    assert ran.code == 1, ran.said
    assert "` sees the packages of the system\n\nhint: `VIRTUALENV_SYSTEM_SITE_PACKAGES`" in ran.said
    assert "does not answer" not in ran.said
    assert nox(root, *backend).results == {"project-a": "success"}


# --- examples of the documents --------------------------------------------------------------------------------------

CHECKER = """\
import pathlib
import sys


def main():
    missing = [word for word in sys.argv[1:] if not pathlib.Path(word).exists()]
    sys.exit(f"no such path: {missing} in {pathlib.Path.cwd()}" if missing else None)
"""


@pytest.mark.parametrize("page", ["docs/how-to/from-noxfile.md"])
def test_the_functions_that_pages_show(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path, page: str) -> None:
    """The functions of a page run as written: they stand in the member's directory, and in the workspace's root."""
    from tests.documents.pages import blocks_of
    from tests.documents.test_pages import ROOT

    text = (ROOT / page).read_text(encoding="utf-8")
    (shown,) = [block.text for block in blocks_of(text) if block.language == "python" and "@wsnox." in block.text]
    # It stands for the real one, which is not at hand: it takes paths, and fails where one is not there.
    build_wheel(
        wheelhouse_with_pytest, Wheel("mypy", "1.0", scripts={"mypy": "mypy:main"}, modules={"mypy.py": CHECKER})
    )
    groups = {"typing": ["mypy"], "contracts": ["pytest"]}
    root = workspace(
        MemberSpec("project-a", groups=groups),
        MemberSpec("project-b", extras={"cli": ["leaf"]}, groups=groups),
        MemberSpec("lib-core", groups=groups),
        index=wheelhouse_with_pytest,
    )
    (root / "tests/contracts").mkdir(parents=True)
    (root / "tests/contracts/test_x.py").write_text("def test_it(): ...\n", encoding="utf-8")
    ran = nox(write_noxfile(root, f"import wsnox\n\n\n{shown}"))
    assert ran.code == 0, ran.said
    assert ran.results["lib-core:types"] == "success"
