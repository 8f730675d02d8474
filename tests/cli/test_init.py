"""``wsnox init``: a noxfile that works as it is, with what the workspace at hand has to set, and never over another."""

from __future__ import annotations

import io
import json
import stat
import sys
from dataclasses import replace
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
    assert (said.code, said.out, said.err) == (0, f"{path}\n", "next: `nox` runs 2 sessions, `nox -l` lists them\n")
    assert path.read_bytes().decode() == noxfile(())
    listed = json.loads(nox(root, "--json", "-l").said)
    assert [session["session"] for session in listed] == ["a", "b"]


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
    assert wsnox("init", root=root).err == "next: `uv lock`; then `nox` runs 1 session, `nox -l` lists them\n"


def test_pytest_in_the_root(workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path) -> None:
    """Where only the root has pytest, the key is told; with --yes it is written, and the tests run."""
    root = workspace(A, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"]})
    manifest, noxfile_ = root / "pyproject.toml", root / "noxfile.py"
    before = manifest.read_text(encoding="utf-8")
    said = wsnox("init", root=root)
    assert said.err.splitlines()[2:] == [
        "Some tests find no pytest in their closure. Set `root-groups` in the pyproject.toml beside this file:",
        "",
        "[tool.wsnox]",
        'root-groups = ["dev"]',
        "",
        "`wsnox init --yes` writes that.",
    ]
    assert noxfile_.read_text(encoding="utf-8") == noxfile(["[tool.wsnox]", 'root-groups = ["dev"]'])
    assert manifest.read_text(encoding="utf-8") == before
    noxfile_.unlink()
    manifest.chmod(0o640)

    said = wsnox("init", "--yes", root=root)

    assert (said.out, said.err) == (f"{noxfile_}\n{manifest}\n", "next: `nox` runs 1 session, `nox -l` lists them\n")
    assert manifest.read_text(encoding="utf-8") == f'{before}\n[tool.wsnox]\nroot-groups = ["dev"]\n'
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640
    assert noxfile_.read_text(encoding="utf-8") == noxfile(())
    assert nox(root, "-s", "a").results == {"a": "success"}
    said = wsnox("init", "--yes", root=root)
    assert said.out == f"nothing to write: `{noxfile_}` calls wsnox\n"


@pytest.mark.parametrize(
    ("answer", "agreed"), [("\n", True), ("y\n", True), ("n\n", False), ("what\n", False), ("", False)]
)
def test_at_a_terminal_it_asks(
    workspace: WorkspaceFactory,
    wsnox: Wsnox,
    wheelhouse_with_pytest: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    *,
    agreed: bool,
) -> None:
    """Nothing is written without an answer; JSON is for programs, which nobody answers."""
    root = workspace(A, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"]})
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "Write it" not in wsnox("init", "--json", root=root).err
    (root / "noxfile.py").unlink()
    assert "Write it into `pyproject.toml`? [Y/n] " in wsnox("init", root=root).err
    assert ("[tool.wsnox]" in (root / "pyproject.toml").read_text(encoding="utf-8")) is agreed
    assert ("root-groups" in (root / "noxfile.py").read_text(encoding="utf-8")) is not agreed


def test_pytest_in_several_places(workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path) -> None:
    """A group that is no default comes beside those that are; what members set themselves is set there; lists are kept."""
    own = MemberSpec("own", tests={"test_own.py": ""}, groups={"dev": ["leaf"], "ci": ["pytest"]})
    own = replace(own, tool={"wsnox": {"groups": ["dev"]}})
    root = workspace(
        *(A, B, own), index=wheelhouse_with_pytest, root_groups={"ci": ["pytest"]}, wsnox={"root-groups": []}
    )
    data = json.loads(wsnox("init", "--json", root=root).out)
    assert data == {
        "version": 1,
        "path": (root / "noxfile.py").as_posix(),
        "written": [(root / "noxfile.py").as_posix()],
        "session_names": ["a", "b", "own"],
        "advice": [
            *("[tool.wsnox]", 'groups = ["dev", "test"]', 'root-groups = ["ci"]'),
            *("# in packages/own/pyproject.toml", "[tool.wsnox]", 'groups = ["dev", "ci"]'),
        ],
        "problems": [],
    }
    # The noxfile calls wsnox, and stays; the settings are written all the same.
    data = json.loads(wsnox("init", "--json", "--yes", root=root).out)
    assert data["written"] == [(root / path).as_posix() for path in ("pyproject.toml", "packages/own/pyproject.toml")]
    assert data["advice"] == []
    assert nox(root, "-t", "member").results == {"a": "success", "b": "failed", "own": "failed"}
    assert wsnox("init", "--yes", root=root).err == "next: `nox` runs 3 sessions, `nox -l` lists them\n"


def test_what_cannot_be_written_is_shown(
    workspace: WorkspaceFactory, wsnox: Wsnox, wheelhouse_with_pytest: Path
) -> None:
    """A list may have comments, which nobody else may move."""
    root = workspace(A, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"], "lint": ["leaf"]})
    manifest = root / "pyproject.toml"
    setting = '\n[tool.wsnox]\nroot-groups = [\n  "lint",  # why\n]\n'
    manifest.write_text(manifest.read_text(encoding="utf-8") + setting, encoding="utf-8")
    said = wsnox("init", "--yes", root=root)
    assert said.err.splitlines()[-3:] == ['root-groups = ["lint", "dev"]', "", "wsnox cannot write that for you."]
    assert manifest.read_text(encoding="utf-8").endswith(setting)


def test_what_else_is_wrong(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """No group has pytest, and the lockfile is stale: the first run would fail, and it is said now."""
    root = workspace(A, MemberSpec("c"))
    manifest = root / "packages/c/pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"1.0"', '"1.1"'), encoding="utf-8")
    said = wsnox("init", root=root)
    assert said.err.splitlines()[2:] == [
        "Until this is done, `nox` fails:",
        "",
        "`uv.lock` does not match the workspace: the version of `c` is `1.1` now, and `1.0` in `uv.lock`",
        "",
        "hint: run `uv lock`",
        "",
        "a: `tests` of `a` holds tests, but its closure has no pytest: `uv add --package a --dev pytest`",
    ]
    assert (root / "noxfile.py").exists()


@pytest.mark.parametrize("advice", [(), ("[tool.wsnox]", 'root-groups = ["dev"]')], ids=["plain", "advice"])
def test_short_lines(advice: tuple[str, ...]) -> None:
    """The file passes the usual line length of a hundred and twenty, and is Python."""
    text = noxfile(advice)
    compile(text, "noxfile.py", "exec")
    assert max(map(len, text.splitlines())) <= 120
    assert text.endswith("import wsnox\n\nwsnox.sessions()\n")
