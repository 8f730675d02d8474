"""Beside each other: many sessions at once, and the same session in two runs of nox."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from tests.sessions.running import NOXFILE, distributions, nox, site_of, start, without_uv, write_noxfile
from tests.support.installed import broken_records
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

BACKEND = """
import os
from wsnox_test_backend import *
import wsnox_test_backend as base

def alone(hook):
    def build(directory, config_settings=None, metadata_directory=None):
        # As setuptools does, this writes into the tree that it builds: two at once would spoil each other.
        os.makedirs("build", exist_ok=True)
        os.close(os.open("build/alone", os.O_CREAT | os.O_EXCL))
        try:
            with open("build/builds.txt", "a") as file:
                print(hook, file=file)
            return getattr(base, hook)(directory)
        finally:
            os.remove("build/alone")
    return build

build_wheel, build_editable = alone("build_wheel"), alone("build_editable")
"""


def builds_alone(member: Path) -> None:
    """Have *member* built by a backend that fails where two build at once, and notes each build outside what is shipped."""
    (member / "alone.py").write_text(BACKEND, encoding="utf-8")
    manifest = member / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"wsnox_test_backend"', '"alone"'), encoding="utf-8")


def test_a_child_registers_what_it_runs(workspace: WorkspaceFactory) -> None:
    """The children of ``nox -j`` are found by what nox calls them with: each has its session and those that it requires."""
    members = [MemberSpec(f"m{number}", tool={"wsnox": {"requires": ["m0"]}} if number else {}) for number in range(3)]
    root = workspace(*members, wsnox={"commands": ["python -c pass"]})
    count = "\nimport nox\nprint('registered', *sorted(nox.registry.get()))\n"
    write_noxfile(root, NOXFILE + count)
    ran = nox(root, "-j", "2", "-s", "m0", "m1", "m2")
    assert ran.code == 0, ran.said
    assert sorted(line for line in ran.lines if line.startswith("registered")) == [
        "registered m0",
        "registered m0 m0:imports m1 m1:imports m2 m2:imports workspace",
        "registered m0 m1",
        "registered m0 m2",
    ]


@pytest.mark.parametrize(("installer", "editable"), [("uv", True), ("uv", False), ("pip", True), ("pip", False)])
def test_many_sessions(workspace: WorkspaceFactory, installer: str, *, editable: bool) -> None:
    """Sessions that all need the same members, four at a time: each is proven, and no tree is built by two at once."""
    many = 6 if installer == "uv" else 1
    shared = [MemberSpec("core", dependencies=["leaf"]), MemberSpec("base", dependencies=["core", "pyhumps"])]
    members = [MemberSpec(f"m{number}", dependencies=["base"]) for number in range(many)]
    check = "import importlib.metadata as m; m.version('core'), m.version('base')"
    settings: dict[str, Any] = {"commands": [["python", "-c", check]], "editable": editable}
    root = workspace(*shared, *members, wsnox=settings)
    for member in ("core", "base"):
        builds_alone(root / "packages" / member)
    env = without_uv() if installer == "pip" else {}
    ran = nox(root, "-j", "4", "-s", *(f"m{number}" for number in range(many)), "base", "workspace", env=env)
    names = [*(f"m{number}" for number in range(many)), "base", "workspace"]
    assert ran.code == 0, ran.said
    for name in names:
        assert broken_records(site_of(root, name)) == []
        assert {"core-1.0", "base-1.0", "leaf-2.1"} <= distributions(root, name)
    if not editable:
        for member in ("core", "base"):
            built = (root / "packages" / member / "build" / "builds.txt").read_text(encoding="utf-8").splitlines()
            assert built == ["build_wheel"]


@pytest.mark.parametrize(("installer", "state"), [("uv", "cold"), ("pip", "cold"), ("uv", "stale")])
def test_the_same_session_twice(workspace: WorkspaceFactory, installer: str, state: str) -> None:
    """Two runs of nox at once on one session: both end proven, as one waits for what the other makes."""
    root = write_noxfile(
        workspace(
            MemberSpec("library"),
            MemberSpec("member", dependencies=["library", "leaf", "pyhumps"]),
            wsnox={"commands": [["python", "-c", "import leaf, humps, library, member"]]},
        )
    )
    env = without_uv() if installer == "pip" else {}
    if state == "stale":
        assert nox(root, "-s", "member", env=env).code == 0
        for path in site_of(root, "member").glob("leaf*"):
            path.rename(path.with_name(f"stray-{path.name}"))
    both = [start(root, "-s", "member", env=env) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    for process, text in zip(both, said, strict=True):
        exact = "member: 4 distributions, exactly its locked closure" in text
        assert (process.returncode, exact) == (0, True), "\n======\n".join(said)
    assert sum("Creating virtual environment" in text for text in said) == (state == "cold"), "\n======\n".join(said)
    assert nox(root, "-s", "member", env=env).code == 0
    assert broken_records(site_of(root, "member")) == []


def test_always_recreated_twice(workspace: WorkspaceFactory) -> None:
    """Two runs of nox at once that each want an environment of their own making: each proves what it then finds."""
    root = write_noxfile(workspace(MemberSpec("member", dependencies=["leaf"]), wsnox={"commands": []}))
    both = [start(root, "-s", "member", "--reuse-venv=never") for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    for process, text in zip(both, said, strict=True):
        exact = "member: 2 distributions, exactly its locked closure" in text
        assert (process.returncode, exact) == (0, True), "\n======\n".join(said)
    assert broken_records(site_of(root, "member")) == []


WRITES = """
import wsnox
from wsnox.environment.template import Templates

write = Templates.write

def told(self, location):
    written = write(self, location)
    print(f"[written: {written}]")
    return written

Templates.write = told
wsnox.sessions()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uv makes each")
def test_uv_makes_two_environments_of_a_kind(workspace: WorkspaceFactory) -> None:
    """Further ones are written as it made these: nox says the same of each, and all are proven."""
    names = [f"m{number}" for number in range(4)]
    members = [MemberSpec(name, dependencies=["leaf"]) for name in names]
    root = write_noxfile(workspace(*members, wsnox={"commands": [["python", "-c", "import leaf"]]}), WRITES)
    for arguments in ((), ("--reuse-venv=never",)):
        ran = nox(root, *arguments, "-s", *names)
        assert ran.code == 0, ran.said
        # What is there already is for uv to replace.
        assert ran.said.count("[written: True]") == (0 if arguments else 2), ran.said
        creating = "Creating virtual environment (uv) using"
        assert [line.partition(creating)[1] for line in ran.lines].count(creating) == 4, ran.said
        assert ran.said.count("2 distributions, exactly its locked closure") == 4, ran.said
    verbose = nox(root, "-v", "--envdir", "others", "-s", *names)
    assert verbose.said.count("Creating virtual environment at") == 4, verbose.said


LOCKS = """
import wsnox

@wsnox.member
def locks(session, member):
    print("went on")
"""


def test_waiting(workspace: WorkspaceFactory) -> None:
    """A run that finds the lock taken says so, makes nothing meanwhile, and goes on when it is free; a warm one needs none."""
    root = write_noxfile(workspace(MemberSpec("member", dependencies=["leaf"])), LOCKS)
    locks = root / ".nox" / ".wsnox" / "locks"
    locks.mkdir(parents=True)
    with FileLock(locks / "member-locks.lock"):
        waiting = start(root, "-s", "member:locks")
        assert waiting.stdout is not None
        said = [waiting.stdout.readline() for _ in range(2)]
        assert said[1] == "nox > member-locks: waiting for another run that makes this environment\n", said
        assert not (root / ".nox" / "member-locks").exists()
    rest = waiting.communicate()[0]
    assert (waiting.returncode, "went on" in rest) == (0, True), rest
    with FileLock(locks / "member-locks.lock"):
        assert nox(root, "-s", "member:locks").code == 0


def test_no_place_for_a_lock(workspace: WorkspaceFactory) -> None:
    """One sentence names the place."""
    root = write_noxfile(workspace(MemberSpec("member")), LOCKS)
    (root / ".nox").mkdir()
    (root / ".nox" / ".wsnox").touch()
    ran = nox(root, "-s", "member:locks")
    assert (ran.code, "Traceback" in ran.said) == (1, False), ran.said
    assert "hint: `[ROOT]/.nox/.wsnox" in ran.said
