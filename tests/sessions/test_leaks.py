"""The seed scenario of astral-sh/uv#7838: a test must not pass because a sibling's dependency leaked in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.makers import plant
from tests.sessions.running import distributions, nox, site_of, uv_pip, without_uv
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

HELLO = 'import humps\n\n\ndef hello():\n    return humps.camelize("hello_world")\n'
TESTS = {"test_hello.py": 'from {0}.hello import hello\n\n\ndef test_hello():\n    assert hello() == "helloWorld"\n'}


def _member(name: str, **more: Any) -> MemberSpec:
    """Return a member that imports humps and has a test for it, whether or not it declares pyhumps."""
    package = name.replace("-", "_")
    modules = {f"{package}/__init__.py": "", f"{package}/hello.py": HELLO}
    tests = {path: text.format(package) for path, text in TESTS.items()}
    return MemberSpec(name, modules=modules, tests=tests, groups={"dev": ["pytest"]}, **more)


A = _member("project-a", dependencies=["pyhumps"])
B = _member("project-b")
MISSING = "ModuleNotFoundError: No module named 'humps'"


@pytest.fixture
def root(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> Path:
    """Return the workspace of the issue, locked."""
    return workspace(A, B, index=wheelhouse_with_pytest)


EXPECTED = {"project-a": "success", "project-b": "failed", "workspace": "success"}


def test_the_order_does_not_matter(root: Path) -> None:
    """project-a passes and project-b fails, whatever ran before it, in this run of nox or an earlier one."""
    for order in ("project-a project-b", "project-b project-a", "workspace project-b", "project-b workspace"):
        sessions = order.split()
        ran = nox(root, "-s", *sessions)
        assert [*ran.results.items()] == [(session, EXPECTED[session]) for session in sessions], ran.said
        assert (ran.code, MISSING in ran.said) == (1, True)
        assert not {name for name in distributions(root, "project-b") if name.startswith("pyhumps")}


@pytest.mark.parametrize("leak", ["by-hand", "unpacked", "a-path-file", "the-sibling"])
def test_what_was_planted_does_not_help(root: Path, wheelhouse: Path, leak: str) -> None:
    """A dependency put into project-b's environment is gone before its tests run, and the output names it."""
    assert nox(root, "-s", "project-b").code == 1
    site = site_of(root, "project-b")
    match leak:
        case "by-hand":
            uv_pip(root, "project-b", "install", "--no-index", "--find-links", str(wheelhouse), "pyhumps")
            named = "pyhumps 3.8.0"
        case "unpacked":
            plant(site, Wheel("pyhumps", "3.7.3", modules={"humps.py": "camelize = print"}))
            named = "pyhumps 3.7.3"
        case "a-path-file":
            (root.parent / "elsewhere").mkdir()
            (root.parent / "elsewhere" / "humps.py").write_text("camelize = print\n")
            (site / "leak.pth").write_text(f"{root.parent / 'elsewhere'}\n")
            named = "leak.pth"
        case _:
            uv_pip(
                root, "project-b", "install", "--no-index", "--find-links", str(wheelhouse), "-e", "packages/project-a"
            )
            named = "project-a 1.0, pyhumps 3.8.0"
    ran = nox(root, "-s", "project-b")
    assert ran.line("project-b: ") == f"project-b: 6 distributions, exactly its locked closure (removed {named})"
    assert (ran.code, MISSING in ran.said) == (1, True)


def test_taking_it_away_again_fails_again(root: Path, wheelhouse_with_pytest: Path) -> None:
    """A dependency that is no longer declared is removed from the environment that had it."""
    undeclared = _member("project-a")
    assert nox(root, "-s", "project-a").code == 0
    write_workspace(root, [undeclared, B], index=wheelhouse_with_pytest)
    lock(root)
    ran = nox(root, "-s", "project-a")
    removed = "project-a: 6 distributions, exactly its locked closure (removed pyhumps 3.8.0)"
    assert ran.line("project-a: ") == removed
    assert (ran.code, MISSING in ran.said) == (1, True)


def test_a_dev_dependency_of_one_member(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """A dev dependency leaks no more than another: only the member that declares it can import it in its tests."""
    test = {"test_it.py": "def test_it():\n    import humps\n"}
    a = MemberSpec("project-a", tests=test, groups={"dev": ["pytest", "pyhumps"]})
    b = MemberSpec("project-b", tests=test, groups={"dev": ["pytest"]}, dependencies=["project-a"])
    root = workspace(a, b, index=wheelhouse_with_pytest)
    for order in (("project-a", "project-b"), ("project-b", "project-a")):
        ran = nox(root, "-s", *order)
        assert ran.results == {"project-a": "success", "project-b": "failed"}, ran.said


def test_without_uv(root: Path) -> None:
    """The same holds where there is no uv: pip installs, and no uv takes part in it."""
    ran = nox(root, "-s", "project-a", "project-b", env=without_uv())
    assert ran.results == {"project-a": "success", "project-b": "failed"}, ran.said
    assert MISSING in ran.said
    for session in ("project-a", "project-b"):
        environment = root / ".nox" / session
        assert "uv = " not in (environment / "pyvenv.cfg").read_text()
        installers = {file.read_text().strip() for file in site_of(root, session).glob("*.dist-info/INSTALLER")}
        assert installers == {"pip"}
        assert not [*environment.glob("**/pylock.toml")]
    plant(site_of(root, "project-b"), Wheel("pyhumps", "3.8.0", modules={"humps.py": "camelize = print"}))
    ran = nox(root, "-s", "project-b", env=without_uv())
    assert ran.line("project-b: ").endswith("exactly its locked closure (removed pyhumps 3.8.0)")
    assert (ran.code, MISSING in ran.said) == (1, True)
