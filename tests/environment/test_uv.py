"""uv: which one is found, and what it is asked to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import closure_of, job_of, package, wheel_of
from wsnox.environment.site_packages import Distribution
from wsnox.environment.uv import UvInstaller, find_uv
from wsnox.environment.verify import Difference, Mismatch

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.environment.model import Job


EMPTY = "--allow-empty-requirements"


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_uv_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``UV`` names the one to use, as it does for nox."""
    named = _program(tmp_path / "uv-of-mine")
    monkeypatch.setenv("UV", str(named))
    assert find_uv() == str(named)


def test_a_named_uv_that_is_missing_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads nowhere is no reason to take another uv: nox has none then either."""
    monkeypatch.setenv("UV", "/nonexistent/uv")
    assert find_uv() is None


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for uv")
def test_path_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the Python package ``uv``, the one on ``PATH`` is used; without that one, none."""
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() is None
    found = _program(tmp_path / "uv")
    assert find_uv() == str(found)


class _Recorded:
    """An install that starts nothing and remembers what would have been started."""

    def __init__(self) -> None:
        self.commands = list[str]()

    def __call__(self, *command: str) -> None:
        self.commands.append(" ".join(command))


def _installer(job: Job, run: _Recorded, requires_python: str) -> UvInstaller:
    return UvInstaller(
        run,
        "uv",
        job.python,
        label=job.label,
        folder=job.folder,
        workspace=job.workspace,
        requires_python=requires_python,
        digests={},
    )


def test_one_command_a_sync(tmp_path: Path) -> None:
    """A sync is one ``uv pip sync`` of the plan, which stands beside the environment for a person to read."""
    run = _Recorded()
    job = job_of(tmp_path, uv="uv")
    installer = _installer(job, run, ">=3.10")
    closure = closure_of(package("a", wheels=[wheel_of("a", url="https://files/a.whl")]))
    installer.sync(closure, Difference(), frozenset())
    plan = job.folder / "pylock.toml"
    assert run.commands == [f"uv pip sync --python python --allow-empty-requirements {plan}"]
    assert 'name = "a"' in plan.read_text(encoding="utf-8")
    installer.sync(closure, Difference(), frozenset({"a"}))
    assert run.commands[1:] == [f"uv pip sync --python python --allow-empty-requirements --reinstall-package a {plan}"]


def test_mending_names_what_it_mends(tmp_path: Path) -> None:
    """Only what differs is removed and installed again, each name once and in order."""
    run = _Recorded()
    job = job_of(tmp_path, uv="uv")
    installer = _installer(job, run, "")
    wheel = Distribution("wheel", "1", tmp_path, {})
    wrong = Mismatch(package("c"), (wheel,), "installed as 1")
    difference = Difference(extraneous=(wheel, wheel), wrong=(wrong,), missing=(package("b"),))
    installer.mend(closure_of(package("b"), package("c")), difference)
    assert run.commands == [
        "uv pip uninstall --python python wheel",
        f"uv pip sync --python python {EMPTY} --reinstall-package b --reinstall-package c {job.folder}/pylock.toml",
    ]
    run.commands.clear()
    installer.mend(closure_of(), Difference(strays=(tmp_path,)))
    assert run.commands == []
