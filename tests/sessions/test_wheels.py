"""``editable = false``: members are installed as the wheels they would ship, built once for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.sessions.running import nox, site_of, start
from tests.sessions.test_parallel import builds_alone
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SHOW = "import library, importlib.resources as r; print('shown', library.VALUE, (r.files('library') / 'data.txt').is_file())"
LIBRARY = MemberSpec("library", modules={"library/__init__.py": "VALUE = 1\n", "library/data.txt": ""})
A, B = (MemberSpec(name, dependencies=["library"]) for name in ("project-a", "project-b"))
SETTINGS: dict[str, Any] = {"editable": False, "commands": [["python", "-c", SHOW]]}


def _builds(root: Path, member: str = "library") -> int:
    log = root / "packages" / member / "build" / "builds.txt"
    return log.read_text(encoding="utf-8").count("\n") if log.exists() else 0


def test_one_build_a_change(workspace: WorkspaceFactory) -> None:
    """A source, a data file added or taken away are each built once for all sessions; what is unchanged never again."""
    root = workspace(LIBRARY, A, B, wsnox=SETTINGS)
    builds_alone(root / "packages" / "library")
    source = root / "packages" / "library" / "src" / "library"
    for session in ("project-a", "project-b", "project-a"):
        ran = nox(root, "-s", session)
        assert (ran.code, ran.line("shown"), _builds(root)) == (0, "shown 1 True", 1), ran.said
        assert (site_of(root, session) / "library" / "data.txt").is_file()
        assert not [*site_of(root, session).glob("__editable__*")]
    (source / "__init__.py").write_text("VALUE = 22\n", encoding="utf-8")
    ran = nox(root, "-s", "project-a", "project-b")
    assert (ran.code, ran.said.count("shown 22 True"), _builds(root)) == (0, 2, 2), ran.said
    (source / "data.txt").unlink()
    ran = nox(root, "-s", "project-a")
    assert (ran.code, ran.line("shown"), _builds(root)) == (0, "shown 22 False", 3), ran.said
    (source / "more.txt").touch()
    # A test run leaves caches beside the manifest.
    (source.parent.parent / ".pytest_cache").mkdir()
    (source.parent.parent / ".pytest_cache" / "README.md").touch()
    for _ in range(2):
        assert nox(root, "-s", "project-a").code == 0
        assert (site_of(root, "project-a") / "library" / "more.txt").is_file()
        assert _builds(root) == 4


def test_a_file_left_out_of_the_wheel(workspace: WorkspaceFactory) -> None:
    """A test that reads a data file passes in place, and fails where the wheel is installed without it."""
    root = workspace(
        LIBRARY,
        A,
        wsnox={"commands": [["python", "-c", f"{SHOW}; assert (r.files('library') / 'data.txt').is_file()"]]},
    )
    backend = root / "packages" / "library" / "wsnox_test_backend.py"
    text = backend.read_text(encoding="utf-8")
    assert '_SKIPPED = ("__pycache__", ".pyc")' in text
    backend.write_text(
        text.replace('_SKIPPED = ("__pycache__", ".pyc")', '_SKIPPED = (".pyc", ".txt")'), encoding="utf-8"
    )
    assert nox(root, "-s", "project-a").results == {"project-a": "success"}
    manifest = root / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("[tool.wsnox]", "[tool.wsnox]\neditable = false"))
    ran = nox(root, "-s", "project-a")
    assert ran.results == {"project-a": "failed"}, ran.said
    assert "shown 1 False" in ran.said
    assert "exactly its locked closure (removed library 1.0, project-a 1.0)" in ran.said


def test_old_wheels_go(workspace: WorkspaceFactory) -> None:
    """A few wheels of each tree are kept, and a wheel is there for each Python that needs one."""
    root = workspace(LIBRARY, A, wsnox=SETTINGS)
    source = root / "packages" / "library" / "src" / "library" / "__init__.py"
    for number in range(5):
        source.write_text(f"VALUE = {'1' * (number + 1)}\n", encoding="utf-8")
        assert nox(root, "-s", "project-a").code == 0
    assert len([*root.glob(".nox/.wsnox/wheels/library/*/*/*.whl")]) == 4


def test_a_wheel_for_each_python(workspace: WorkspaceFactory) -> None:
    """Wheels are built by and for the session's own interpreter."""
    root = workspace(LIBRARY, A, wsnox={**SETTINGS, "pythons": ["3.10", "3.12"]})
    builds_alone(root / "packages" / "library")
    env = {"PATH": path_with("3.10", "3.12")}
    for _ in range(2):
        ran = nox(root, "-s", "project-a", env=env)
        assert (ran.code, _builds(root)) == (0, 2), ran.said
    kept = {path.parent.parent.name.split("-")[1] for path in root.glob(".nox/.wsnox/wheels/library/*/*/*.whl")}
    assert kept == {"310", "312"}


def test_two_runs_build_one_tree(workspace: WorkspaceFactory) -> None:
    """Two runs of nox that need one tree build it once: the second waits, and takes the wheel of the first.

    What has changed since is built once more.
    """
    root = workspace(LIBRARY, A, B, wsnox=SETTINGS)
    builds_alone(root / "packages" / "library")
    assert nox(root, "-l").code == 0
    both = [start(root, "-s", session, env={}) for session in ("project-a", "project-b")]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n======\n".join(said)
    assert _builds(root) == 1
    (root / "packages/library/src/library/__init__.py").write_text("VALUE = 22\n", encoding="utf-8")
    ran = nox(root, "-s", "project-a", "project-b")
    assert (ran.code, ran.said.count("shown 22 True"), _builds(root)) == (0, 2, 2), ran.said
