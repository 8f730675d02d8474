"""Leaks: what passes in an environment that everybody shares is caught in the member's own, and explained.

First where leaks were told first: a dependency of a sibling (astral-sh/uv#7838), and namespace packages
(astral-sh/uv#4555). Then nine kinds, each seen to pass in one environment of everything.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.makers import plant
from tests.sessions.running import Ran, distributions, nox, site_of, uv_pip, without_uv
from tests.support.processes import uv
from tests.support.projects import write_modules
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

HELLO = 'import humps\n\n\ndef hello():\n    return humps.camelize("hello_world")\n'
TESTS = {"test_hello.py": 'from {0}.hello import hello\n\n\ndef test_hello():\n    assert hello() == "helloWorld"\n'}


def _tested(name: str, **more: Any) -> MemberSpec:
    """Return a member that imports humps and has a test for it, whether or not it declares pyhumps."""
    package = name.replace("-", "_")
    modules = {f"{package}/__init__.py": "", f"{package}/hello.py": HELLO}
    tests = {path: text.format(package) for path, text in TESTS.items()}
    return MemberSpec(name, modules=modules, tests=tests, groups={"dev": ["pytest"]}, **more)


A = _tested("project-a", dependencies=["pyhumps"])
B = _tested("project-b")
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


@pytest.mark.parametrize("leak", ["by-hand", "a-path-file", "the-sibling"])
def test_what_was_planted_does_not_help(root: Path, wheelhouse: Path, leak: str) -> None:
    """A dependency put into project-b's environment is gone before its tests run, and the output names it."""
    assert nox(root, "-s", "project-b").code == 1
    site = site_of(root, "project-b")
    match leak:
        case "by-hand":
            uv_pip(root, "project-b", "install", "--no-index", "--find-links", str(wheelhouse), "pyhumps")
            named = "pyhumps 3.8.0"
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
    ran = nox(root, "-s", "project-b", env=without_uv())
    assert (ran.code, MISSING in ran.said) == (1, True), ran.said
    environment = root / ".nox/project-b"
    assert "uv = " not in (environment / "pyvenv.cfg").read_text()
    assert {file.read_text().strip() for file in environment.rglob("*.dist-info/INSTALLER")} == {"pip"}
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


# --- nine kinds

IMPORTS_HUMPS = 'import humps\n\nHELLO = humps.camelize("hello_world")\n'


def _member(name: str, source: str = "HELLO = 1\n", **more: Any) -> MemberSpec:
    """Return a member of one package whose test imports it."""
    package = name.replace("-", "_")
    more.setdefault("tests", {"test_it.py": f"import {package}\n\n\ndef test_it():\n    assert {package}.HELLO\n"})
    return MemberSpec(name, modules={f"{package}/__init__.py": source}, **{"groups": {"dev": ["pytest"]}, **more})


def _passes_shared(root: Path, folder: str, *words: str, cwd: str = "", env: dict[str, str] | None = None) -> None:
    """Install everything into one environment, as ``uv sync`` does, and see the tests of *folder* pass there."""
    done = uv(root, "sync", "--all-packages", "--all-groups", "--frozen")
    assert done.returncode == 0, done.stderr
    python = root / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [str(python), *(words or ("-m", "pytest", "-q", str(root / folder / "tests")))]
    ran = subprocess.run(
        command, cwd=root / cwd, env={**os.environ, **(env or {})}, check=False, capture_output=True, encoding="utf-8"
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _explained(ran: Ran) -> list[str]:
    """Return the lines of the explanation at the end of the one session, which must have failed."""
    assert ran.code == 1, ran.said
    explanations = re.findall(r"^nox > (.* (?:imports|leaves out) `.*`.*(?:\n  .*)*)", ran.said, re.MULTILINE)
    assert len(explanations) == 1, ran.said
    return str(explanations[0]).splitlines()


def _mended(root: Path, hint: str, session: str) -> None:
    """Do what the *hint* says, and see the session pass."""
    command = shlex.split(hint.strip().removeprefix("hint: "))
    assert command[:2] == ["uv", "add"], hint
    done = uv(root, *command[1:], "--no-sync")
    assert done.returncode == 0, done.stderr
    ran = nox(root, "-s", session)
    assert ran.code == 0, ran.said


def test_the_dependency_of_another_member(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """project-b imports what only project-a declares (astral-sh/uv#7838)."""
    a, b = _member("project-a", dependencies=["pyhumps"]), _member("project-b", IMPORTS_HUMPS)
    root = workspace(a, b, index=wheelhouse_with_pytest)
    _passes_shared(root, "packages/project-b")
    lines = _explained(nox(root, "-s", "project-b"))
    assert lines == [
        (
            "project-b imports `humps` (packages/project-b/src/project_b/__init__.py:1), "
            "which nothing in its locked closure provides"
        ),
        "  provided by pyhumps 3.8.0, declared by project-a",
        "  hint: uv add --package project-b pyhumps",
    ]
    _mended(root, lines[-1], "project-b")


def test_another_member(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """project-b imports project-a without declaring it; uv makes the declaration a workspace source."""
    root = workspace(
        _member("project-a"), _member("project-b", "from project_a import HELLO\n"), index=wheelhouse_with_pytest
    )
    _passes_shared(root, "packages/project-b")
    lines = _explained(nox(root, "-s", "project-b"))
    assert lines[1:] == [
        "  provided by project-a 1.0, a member of the workspace",
        "  hint: uv add --package project-b project-a",
    ]
    _mended(root, lines[-1], "project-b")
    manifests = [root / "pyproject.toml", root / "packages" / "project-b" / "pyproject.toml"]
    assert any("project-a = { workspace = true }" in manifest.read_text(encoding="utf-8") for manifest in manifests)


def test_what_only_a_group_gives(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """Runtime code imports a dev dependency: the tests pass in the exact environment too, and ``:imports`` tells."""
    a = _member("project-a", IMPORTS_HUMPS, groups={"dev": ["pytest", "pyhumps"]})
    root = workspace(a, index=wheelhouse_with_pytest)
    _passes_shared(root, "packages/project-a")
    assert nox(root, "-s", "project-a").code == 0
    lines = _explained(nox(root, "-s", "project-a:imports"))
    assert lines == [
        (
            "project-a imports `humps` (packages/project-a/src/project_a/__init__.py:1), "
            "which only its dependency group `dev` gives it"
        ),
        "  provided by pyhumps 3.8.0, declared by project-a",
        "  hint: uv add --package project-a pyhumps",
    ]
    _mended(root, lines[-1], "project-a:imports")


def test_the_dependency_of_a_dependency(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """project-a imports what only a dependency of its dependency brings; the chain is named."""
    a = _member("project-a", "import leaf\n\nHELLO = leaf.__version__\n", dependencies=["flavoured"])
    root = workspace(a, index=wheelhouse_with_pytest)
    _passes_shared(root, "packages/project-a")
    assert nox(root, "-s", "project-a").code == 0
    lines = _explained(nox(root, "-s", "project-a:imports"))
    assert lines == [
        "project-a imports `leaf` (packages/project-a/src/project_a/__init__.py:1), which it does not declare",
        "  provided by leaf 2.1, through project-a -> flavoured -> leaf",
        "  hint: uv add --package project-a leaf",
    ]
    _mended(root, lines[-1], "project-a:imports")


def test_a_sibling_in_the_working_directory(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """A test imports a folder of the workspace root, which only works where the root is the working directory."""
    test = {"test_it.py": "def test_it():\n    from alpha.settings import NAME\n\n    assert NAME\n"}
    root = workspace(_member("beta", path="beta", tests=test), index=wheelhouse_with_pytest)
    (root / "alpha").mkdir()
    (root / "alpha" / "settings.py").write_text("NAME = 1\n", encoding="utf-8")
    _passes_shared(root, "beta")
    assert _explained(nox(root, "-s", "beta")) == [
        "beta imports `alpha` (beta/tests/test_it.py:2), which nothing in its locked closure provides",
        "  it stands in `alpha`, which nothing installs",
    ]


def test_pythonpath(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path, tmp_path: Path) -> None:
    """A module that only ``PYTHONPATH`` leads to."""
    a, b = _member("project-a", dependencies=["pyhumps"]), _member("project-b", IMPORTS_HUMPS)
    root = workspace(a, b, index=wheelhouse_with_pytest)
    (tmp_path / "lies").mkdir()
    (tmp_path / "lies" / "humps.py").write_text("camelize = str\n", encoding="utf-8")
    env = {"PYTHONPATH": str(tmp_path / "lies")}
    _passes_shared(root, "packages/project-b", env=env)
    assert _explained(nox(root, "-s", "project-b", env=env))[-1] == "  hint: uv add --package project-b pyhumps"


def test_a_group_of_the_root(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """A test imports what the root's dev group has, without asking for that group."""
    test = {"test_it.py": "import humps\n\n\ndef test_it():\n    assert humps\n"}
    root = workspace(_member("project-a", tests=test), root_groups={"dev": ["pyhumps"]}, index=wheelhouse_with_pytest)
    _passes_shared(root, "packages/project-a")
    lines = _explained(nox(root, "-s", "project-a"))
    assert lines[1:] == [
        "  provided by pyhumps 3.8.0, declared by the workspace root",
        "  hint: uv add --package project-a --dev pyhumps",
    ]
    _mended(root, lines[-1], "project-a")


@pytest.mark.parametrize(
    ("left_out", "source"),
    [
        ("extra.py", "from project_a.extra import HELLO\n"),
        (
            "data.txt",
            "from importlib.resources import files\n\nHELLO = files(__name__).joinpath('data.txt').read_text()\n",
        ),
    ],
)
def test_a_file_that_the_wheel_leaves_out(
    workspace: WorkspaceFactory, wheelhouse_with_pytest: Path, left_out: str, source: str
) -> None:
    """A module or data file that is there in the sources, and not in what a user installs."""
    root = workspace(_member("project-a", source), index=wheelhouse_with_pytest)
    folder = root / "packages" / "project-a"
    (folder / "src" / "project_a" / left_out).write_text("HELLO = 1\n", encoding="utf-8")
    backend = folder / "wsnox_test_backend.py"
    text = backend.read_text(encoding="utf-8")
    assert '_SKIPPED = ("__pycache__", ".pyc")' in text
    backend.write_text(text.replace('".pyc")', f'".pyc", "{left_out}")'), encoding="utf-8")
    _passes_shared(root, "packages/project-a")
    assert nox(root, "-s", "project-a").code == 0
    with (root / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[tool.wsnox]\neditable = false\n")
    assert _explained(nox(root, "-s", "project-a")) == [
        (
            f"the wheel of project-a leaves out `project_a/{left_out}` "
            f"(packages/project-a/src/project_a/{left_out}), which the command needs"
        )
    ]


def test_a_stray_module(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> None:
    """A module that somebody put into the environment: the proof removes it and names it, and its absence is explained."""
    a, b = _member("project-a", dependencies=["pyhumps"]), _member("project-b", IMPORTS_HUMPS)
    root = workspace(a, b, index=wheelhouse_with_pytest)
    assert nox(root, "-s", "project-b").code == 1
    stray = site_of(root, "project-b") / "humps.py"
    stray.write_text("camelize = str\n", encoding="utf-8")
    python = site_of(root, "project-b").parents[2] / "bin" / "python"
    assert subprocess.run([python, "-m", "pytest", "-q"], cwd=root / "packages/project-b", check=False).returncode == 0
    ran = nox(root, "-s", "project-b")
    assert ran.line("project-b: ").endswith("exactly its locked closure (removed humps.py)")
    assert not stray.exists()
    assert _explained(ran)[-1] == "  hint: uv add --package project-b pyhumps"
