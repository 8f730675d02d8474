"""``wsnox init``: a noxfile that works as it is, with what the workspace at hand has to set, and never over another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import nox
from tests.support.workspaces import MemberSpec
from wsnox.cli.init import noxfile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

A = MemberSpec("a", tests={"test_a.py": "def test_a():\n    import a\n"})
B = MemberSpec("b", tests={"test_b.py": ""}, groups={"dev": ["leaf"], "test": ["pytest"]})


def test_plain(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """The path on stdout, the next step on stderr, and nox takes the file."""
    root = workspace(MemberSpec("a"), MemberSpec("b"))
    said = wsnox("init", "--root", "packages/a", root=root)
    path = root / "noxfile.py"
    assert (said.code, said.out, said.err) == (0, f"{path}\n", "next: `nox` runs 3 sessions, `nox -l` lists them\n")
    assert path.read_bytes().decode() == noxfile(())
    listed = json.loads(nox(root, "--json", "-l").said)
    assert [session["session"] for session in listed] == ["a", "b", "workspace"]


@pytest.mark.parametrize("link", [False, True], ids=["file", "broken link"])
def test_never_overwrites(workspace: WorkspaceFactory, wsnox: Wsnox, *, link: bool) -> None:
    """What stands there stays there."""
    root = workspace(MemberSpec("a"))
    path = root / "noxfile.py"
    if link:
        path.symlink_to("nowhere.py")
    else:
        path.write_text("mine", encoding="utf-8")
    said = wsnox("init", root=root)
    error = f"error: `{path}` exists already\n\nhint: call `wsnox.sessions()` in it\n"
    assert (said.code, said.out, said.err) == (3, "", error)
    assert path.is_symlink() is link
    assert not (root / "nowhere.py").exists()
    assert link or path.read_text(encoding="utf-8") == "mine"


def test_broken_configuration(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Where nox could not load the file, the reason is told and nothing is written."""
    root = workspace(MemberSpec("a"), wsnox={"group": ["dev"]})
    said = wsnox("init", root=root)
    assert (said.code, said.out) == (3, "")
    assert "tool.wsnox" in said.err
    assert not (root / "noxfile.py").exists()


def test_without_a_lockfile(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A workspace that is not locked yet gets its noxfile, without advice."""
    root = workspace(A, locked=False, root_groups={"dev": ["pytest"]})
    assert wsnox("init", root=root).err == "next: `uv lock`; then `nox` runs 2 sessions, `nox -l` lists them\n"


def test_pytest_in_the_root(workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path) -> None:
    """Where only the root has pytest, the noxfile and stderr tell the key; with it set, the tests run."""
    root = workspace(A, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"]})
    said = wsnox("init", root=root)
    assert said.err.splitlines()[2:] == [
        "Some tests find no pytest in their closure. Set `root-groups` in the pyproject.toml beside this file:",
        "",
        "[tool.wsnox]",
        'root-groups = ["dev"]',
    ]
    text = (root / "noxfile.py").read_text(encoding="utf-8")
    assert text == noxfile(["[tool.wsnox]", 'root-groups = ["dev"]'])
    manifest = root / "pyproject.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8") + '\n[tool.wsnox]\nroot-groups = ["dev"]\n', encoding="utf-8"
    )
    assert nox(root, "-s", "a").results == {"a": "success"}
    (root / "noxfile.py").unlink()
    assert wsnox("init", root=root).err == "next: `nox` runs 2 sessions, `nox -l` lists them\n"


def test_pytest_in_a_group_of_a_member(workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path) -> None:
    """A group that is no default comes beside those that are; JSON has the advice, too."""
    root = workspace(A, B, index=wheelhouse_with_pytest, root_groups={"ci": ["pytest"]})
    data = json.loads(wsnox("init", "--json", root=root).out)
    assert data == {
        "path": (root / "noxfile.py").as_posix(),
        "sessions": 3,
        "advice": ["[tool.wsnox]", 'groups = ["dev", "test"]', 'root-groups = ["ci"]'],
    }
    assert "# Some tests find no pytest in their closure. Set `groups` and `root-groups` in" in (
        root / "noxfile.py"
    ).read_text(encoding="utf-8")
    assert nox(root, "-l").code == 0


def test_no_pytest_anywhere(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Where no group has pytest, there is no key that would help."""
    root = workspace(A)
    assert wsnox("init", root=root).err == "next: `nox` runs 2 sessions, `nox -l` lists them\n"


@pytest.mark.parametrize("advice", [(), ("[tool.wsnox]", 'root-groups = ["dev"]')], ids=["plain", "advice"])
def test_short_lines(advice: tuple[str, ...]) -> None:
    """The file passes the usual line length of a hundred and twenty, and is Python."""
    text = noxfile(advice)
    compile(text, "noxfile.py", "exec")
    assert max(map(len, text.splitlines())) <= 120
    assert text.endswith("import wsnox\n\nwsnox.sessions()\n")
