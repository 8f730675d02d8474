"""The tests' own support: wheels are real, workspaces lock and install with no network."""

from __future__ import annotations

import os
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import tomli

from tests.sessions.forked_nox import run_nox
from tests.support.wheels import Wheel, build_sdist, build_wheel, repack_installed
from tests.support.workspaces import MemberSpec, UvError, lock, uv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory


def test_wheel_deterministic(tmp_path: Path) -> None:
    """Lockfile hashes of one test stay those of the next run: equal wheels have equal bytes."""
    wheel = Wheel("Some.Thing", "1.0", requires=["leaf"], extras={"x": ["num ; python_version > '3'"]})
    first = build_wheel(tmp_path, wheel)
    content = first.read_bytes()
    assert first.name == "some_thing-1.0-py3-none-any.whl"
    assert build_wheel(tmp_path, wheel).read_bytes() == content
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == [
            "some_thing-1.0.dist-info/METADATA",
            "some_thing-1.0.dist-info/WHEEL",
            "some_thing.py",
            "some_thing-1.0.dist-info/RECORD",
        ]
        assert archive.read("some_thing-1.0.dist-info/METADATA").decode() == (
            "Metadata-Version: 2.2\nName: Some.Thing\nVersion: 1.0\nRequires-Dist: leaf\nProvides-Extra: x\n"
            "Requires-Dist: num ; (python_version > '3') and extra == 'x'\n"
        )


@pytest.mark.real
def test_sdist_deterministic(tmp_path: Path) -> None:
    """A source distribution has equal bytes at every build, too."""
    first = build_sdist(tmp_path, Wheel("a-b", "1.0"))
    content = first.read_bytes()
    assert first.name == "a_b-1.0.tar.gz"
    assert build_sdist(tmp_path, Wheel("a-b", "1.0")).read_bytes() == content


@pytest.mark.real
def test_locks_from_the_folder_alone(workspace: WorkspaceFactory, wheelhouse: Path) -> None:
    """Every package of the lockfile comes from the wheelhouse or the workspace: no network is involved."""
    root = workspace(
        MemberSpec("project-a", dependencies=["pyhumps", "project-b", "sdist-only"]),
        MemberSpec("project-b", dependencies=["marked", "flavoured[fast]"], groups={"dev": ["Dotted.Name-Here"]}),
    )
    packages = tomli.loads((root / "uv.lock").read_text(encoding="utf-8"))["package"]
    sources = {package["name"]: package["source"] for package in packages}
    assert sources.pop("project-a") == {"editable": "packages/project-a"}
    assert sources.pop("project-b") == {"editable": "packages/project-b"}
    assert {(root / source["registry"]).resolve() for source in sources.values()} == {wheelhouse}
    assert sorted(sources) == [
        "backported", "dotted-name-here", "flavoured", "leaf", "marked", "num", "pyhumps", "sdist-only", "speedups",
        "winonly",
    ]  # fmt: skip


@pytest.mark.real
def test_unknown_requirement_is_an_error(workspace: WorkspaceFactory) -> None:
    """What is not in the wheelhouse cannot be locked: a test that would need the network fails and says so."""
    with pytest.raises(UvError, match="not-here was not found"):
        workspace(MemberSpec("project-a", dependencies=["not-here"]))


@pytest.mark.real
def test_a_rewritten_workspace_locks_again(workspace: WorkspaceFactory) -> None:
    """Writing a workspace again is how a test changes one."""
    root = workspace(MemberSpec("project-a"))
    before = (root / "uv.lock").read_bytes()
    assert workspace(MemberSpec("project-a", version="2.0"), locked=False) == root
    assert uv(root, "lock", "--check").returncode == 1
    assert lock(root).read_bytes() != before


def test_repacking_keeps_what_was_installed(tmp_path: Path) -> None:
    """A repacked wheel has the modules and entry points of the installed one, and no traces of its installation."""
    with zipfile.ZipFile(repack_installed("pytest", tmp_path)) as archive:
        names = archive.namelist()
    assert "pytest/__init__.py" in names
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    assert not [name for name in names if name.endswith(("INSTALLER", "REQUESTED"))]
    assert sum(name.endswith(".pyc") for name in names) == sum(name.endswith(".py") for name in names)
    assert sum(name.endswith("RECORD") for name in names) == 1


NOXFILE = """
import os, sys
import nox

@nox.session(venv_backend="none")
def it(session):
    print(sys.argv, sys.path, os.getcwd(), sys.stdin.read(), [stream.isatty() for stream in (sys.stdin, sys.stdout)])
    print(sorted({*os.environ} - {"PYTHON_OWN"}), sys.stdout.encoding, sys.modules["__main__"].__name__)
    print("told", file=sys.stderr)
    session.error(str(session.posargs))
"""


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_nox_in_a_fork(tmp_path: Path) -> None:
    """It is what nox is in a process of its own, which it is where a variable is for Python itself."""
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    arguments = ("-s", "it", "--", "a", "b c")
    env = {"PATH": os.environ["PATH"], "LANG": os.environ.get("LANG", ""), "ADDED": "1"}
    env |= {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "LC_"))}
    forked, started = run_nox(tmp_path, arguments, env), run_nox(tmp_path, arguments, {**env, "PYTHON_OWN": "1"})
    assert forked == started
    assert (forked[0], b"ADDED" in forked[1], b"told" in forked[1], b"['a', 'b c']" in forked[1]) == (1, *[True] * 3)
