"""Wheels of local trees: one build for each digest and interpreter, whole or not there, a few of them kept."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import closure_of, interpreter_of, job_of, package
from wsnox.closure.compatibility import Platform
from wsnox.environment.inputs import tree_name
from wsnox.environment.installers import PipInstaller, UvInstaller
from wsnox.environment.lockfile import as_wheels
from wsnox.environment.sync import Environment
from wsnox.environment.wheels import KEPT, WheelStore, outdated, without_trees
from wsnox.errors import InstallError
from wsnox.lock import Archive, Directory

if TYPE_CHECKING:
    from wsnox.environment.installers import Installer
    from wsnox.environment.model import Job

TREE = package("a", "1.0", Directory("packages/a", editable=False))
NAME = tree_name("packages/a", editable=False)


class _Builder:
    """A build that writes a file that is called a wheel, and remembers what it was asked for."""

    def __init__(self, *files: str) -> None:
        self.files, self.commands = files, list[tuple[str, ...]]()

    def __call__(self, *command: str) -> None:
        self.commands.append(command)
        (option,) = (word for word in command if word in ("--out-dir", "--wheel-dir"))
        folder = Path(command[command.index(option) + 1])
        folder.mkdir(parents=True)
        # As `uv build` does.
        for name in (".gitignore", *self.files):
            (folder / name).write_text(str(len(self.commands)))


@pytest.fixture
def builder() -> _Builder:
    """Return a build that gives one wheel."""
    return _Builder("a-1.0-py3-none-any.whl")


def _wheel(job: Job, run: _Builder, digest: str, *, build: bool = True, abi: str = "abi") -> Path | None:
    installer: Installer = PipInstaller(run, job.venv, job.workspace, {})
    if job.uv is not None:
        installer = UvInstaller(run, job.venv, job.workspace, {}, uv=job.uv, requires_python="")
    interpreter = replace(interpreter_of(job.venv.location), platform=Platform(abi))
    environment = Environment(
        label=job.label, venv=job.venv, root="/w", interpreter=interpreter, installer=installer, offered=lambda _: {}
    )
    store = WheelStore(environment, {NAME: digest})
    (built,) = store.fill(closure_of(TREE), build=build).packages
    if not isinstance(built.source, Archive):
        return None
    assert built.wheels[0].hash.startswith("sha256:")
    return Path(built.source.path)


@pytest.mark.parametrize("uv", ["uv", None])
def test_one_build_a_digest_and_interpreter(tmp_path: Path, builder: _Builder, uv: str | None) -> None:
    """The same digest gives the same file; another digest or interpreter gives another."""
    job = job_of(tmp_path, uv=uv)
    first = _wheel(job, builder, "1" * 64)
    assert first is not None
    assert first == _wheel(job, builder, "1" * 64)
    assert len(builder.commands) == 1
    assert builder.commands[0][-1] == "/w/packages/a"
    others = {_wheel(job, builder, "2" * 64), _wheel(job, builder, "1" * 64, abi="other")}
    assert first not in others
    assert len(others) == 2
    assert len(builder.commands) == 3


def test_nothing_is_built_where_that_is_not_allowed(tmp_path: Path, builder: _Builder) -> None:
    """Without leave to build, a tree stays a tree until somebody else built its wheel."""
    job = job_of(tmp_path, uv="uv")
    assert _wheel(job, builder, "1", build=False) is None
    assert builder.commands == []
    built = _wheel(job, builder, "1")
    assert _wheel(job, builder, "1", build=False) == built


def test_who_comes_together_builds_once(tmp_path: Path, builder: _Builder) -> None:
    """Builds of one tree wait for each other, and those that waited take the file."""
    job = job_of(tmp_path, uv="uv")
    with ThreadPoolExecutor() as pool:
        wheels = {*pool.map(lambda _: _wheel(job, builder, "1"), range(8))}
    assert len(wheels) == len(builder.commands) == 1


def test_old_wheels_are_pruned(tmp_path: Path, builder: _Builder) -> None:
    """Of one interpreter the newest are kept; those of another are not its to prune."""
    job = job_of(tmp_path, uv="uv")
    other = _wheel(job, builder, "x", abi="other")
    wheels = []
    for number in range(KEPT + 3):
        wheel = _wheel(job, builder, f"{number}")
        assert wheel is not None
        os.utime(wheel.parent, ns=(number, number))
        wheels.append(wheel)
    assert [wheel.exists() for wheel in wheels] == [False] * 3 + [True] * KEPT
    assert other is not None
    assert other.exists()


@pytest.mark.parametrize("left", ["draft", "folder", "folder-without-wheel"])
def test_what_a_killed_build_left(tmp_path: Path, builder: _Builder, left: str) -> None:
    """Half of a build, and half of a pruning, are cleared away and built again."""
    job = job_of(tmp_path, uv="uv")
    built = _wheel(job, builder, "1")
    assert built is not None
    shutil.rmtree(built.parent)
    leftover = built.parent.with_name("1.draft") if left == "draft" else built.parent
    leftover.mkdir()
    if left != "folder":
        (leftover / ".gitignore").touch()
    assert _wheel(job, builder, "1") == built
    assert built.exists()
    assert len(builder.commands) == 2


@pytest.mark.parametrize("files", [(), ("a.whl", "b.whl"), ("a.tar.gz",)])
def test_a_build_without_a_wheel(tmp_path: Path, files: tuple[str, ...]) -> None:
    """A build that succeeds and leaves no wheel, or several, is an error that names the tree."""
    with pytest.raises(InstallError) as caught:
        _wheel(job_of(tmp_path, uv="uv"), _Builder(*files), "1")
    assert caught.value.hint == "the build of `/w/packages/a` gave no wheel"


def test_members_become_wheels() -> None:
    """Only members that are editable become wheels; a path dependency stays as it is locked."""
    member = package("a", "1.0", Directory("packages/a", editable=True))
    other = package("b", "1.0", Directory("../b", editable=True))
    wheels = as_wheels(closure_of(member, other), ["a"])
    assert [package.source for package in wheels.packages] == [Directory("packages/a", editable=False), other.source]
    assert [package.name for package in without_trees(wheels).packages] == ["b"]


def test_what_is_outdated() -> None:
    """A tree whose digest changed is outdated; one that was not there before is not."""
    trees = [package(name, "1.0", Directory(name, editable=True)) for name in ("a", "b", "c")]
    names = [tree_name(name, editable=True) for name in ("a", "b", "c")]
    before = {names[0]: "1", names[1]: "1"}
    assert outdated(closure_of(*trees, package("d")), before, dict.fromkeys(names, "1") | {names[1]: "2"}) == {"b"}
