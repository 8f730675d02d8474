"""Where leaks were told first: a dependency of a sibling (astral-sh/uv#7838), and namespace packages (astral-sh/uv#4555)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.makers import plant
from tests.sessions.running import distributions, nox, site_of, uv_pip, without_uv
from tests.support.projects import write_modules
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
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


# --- portions of one namespace


TOGETHER = """\
import acme
from acme.core import core
from acme.io import io
from acme.report import report


def test_portions_of_one_namespace():
    assert len(list(acme.__path__)) == 3
    assert (core(), io(), report()) == ("core", "io on core", "report")
"""


def _portion(part: str, body: str, dependencies: Sequence[str] = ()) -> MemberSpec:
    test = f"from acme.{part} import {part}\n\n\ndef test_{part}():\n    assert {part}().startswith({part!r})\n"
    return MemberSpec(
        f"acme.{part}",
        path=f"packages/{part}",
        dependencies=dependencies,
        modules={f"acme/{part}/__init__.py": body},
        tests={f"test_{part}.py": test},
        groups={"dev": ["pytest"]},
    )


@pytest.fixture
def namespaces(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> Path:
    """Return a locked virtual workspace of three namespace packages, with a suite of its own at the root."""
    members = (
        _portion("core", 'def core():\n    return "core"\n'),
        _portion(
            "io",
            "from acme.core import core\n\n\ndef io():\n    return f'io on {core()}'\n",
            ["acme-core"],
        ),
        _portion("report", 'def report():\n    return "report"\n'),
    )
    root = workspace(*members, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"]})
    write_modules(root / "tests", {"test_together.py": TOGETHER})
    return root


def test_alone_and_together(namespaces: Path) -> None:
    """Each member passes with what it declares, and the suite across them passes where all are installed."""
    ran = nox(namespaces)
    names = ["acme-core", "acme-io", "acme-report", "workspace"]
    assert (ran.code, ran.results) == (0, dict.fromkeys(names, "success")), ran.said
    members = {
        session: {name for name in distributions(namespaces, session) if name.startswith("acme")}
        for session in ran.results
    }
    assert members == {
        "acme-core": {"acme_core-1.0"},
        "acme-io": {"acme_core-1.0", "acme_io-1.0"},
        "acme-report": {"acme_report-1.0"},
        "workspace": {"acme_core-1.0", "acme_io-1.0", "acme_report-1.0"},
    }


def test_the_suite_across_members_needs_them_all(namespaces: Path) -> None:
    """In the environment of one member the suite across them cannot import the others, whatever ran before."""
    assert nox(namespaces, "-s", "workspace").code == 0
    for session, missing in (("acme-core", "acme.io"), ("acme-io", "acme.report"), ("acme-report", "acme.core")):
        manifest = namespaces / "packages" / session.removeprefix("acme-") / "pyproject.toml"
        command = '\n[tool.wsnox]\ncommands = ["pytest {root}/tests"]\n'
        manifest.write_text(manifest.read_text(encoding="utf-8") + command, encoding="utf-8")
        ran = nox(namespaces, "-s", session)
        assert (ran.code, f"No module named '{missing}'" in ran.said) == (1, True), ran.said


def test_a_member_alone_does_not_see_its_siblings(namespaces: Path) -> None:
    """A member that imports its sibling without declaring it fails alone, and passes in the session of all."""
    sly = "from acme.core import core\n\n\ndef report():\n    return 'report'\n"
    (namespaces / "packages" / "report" / "src" / "acme" / "report" / "__init__.py").write_text(sly)
    ran = nox(namespaces, "-s", "workspace", "acme-report")
    assert ran.results == {"workspace": "success", "acme-report": "failed"}, ran.said
    assert "No module named 'acme.core'" in ran.said
