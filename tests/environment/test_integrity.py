"""Which environments are whole, and which are made anew or refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.jobs import RealHost, prepare, real_job, site_of_job
from tests.support.workspaces import MemberSpec
from wsnox.environment.integrity import is_requested
from wsnox.environment.prepare import _usable_interpreter
from wsnox.environment.stamp import UNFINISHED, write_stamp
from wsnox.errors import InterpreterError, ProofError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job


def _usable(job: Job, *, may_install: bool = True, **methods: Callable[..., Any]) -> Interpreter:
    return _usable_interpreter(job, RealHost(job, **methods), may_install=may_install)


def _settings(job: Job, old: str, new: str) -> None:
    path = job.location / "pyvenv.cfg"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


SYSTEM = "include-system-site-packages"
HURT: dict[str, tuple[Callable[[Job], object], str]] = {
    "unfinished": (lambda job: write_stamp(job.stamp, UNFINISHED), "its last preparation did not finish"),
    "no-python": (lambda job: job.python.unlink(), "No such file or directory"),
    "no-settings": (lambda job: (job.location / "pyvenv.cfg").unlink(), "belongs to "),
    "empty-settings": (lambda job: (job.location / "pyvenv.cfg").write_text(""), "the interpreter"),
    "system-seen": (lambda job: _settings(job, f"{SYSTEM} = false", f"{SYSTEM} = True"), "sees the packages"),
    "nothing-said-of-the-system": (lambda job: _settings(job, f"{SYSTEM} = false", ""), "sees the packages"),
    "another-home": (
        lambda job: _settings(job, "home = ", "home = /nowhere\nhome = "),
        "has a `pyvenv.cfg` that names the `home`",
    ),
    "settings-beside-python": (
        lambda job: (job.python.parent / "pyvenv.cfg").write_text("home = /usr/bin\n"),
        "would go by the `pyvenv.cfg` beside it",
    ),
    "said-twice": (lambda job: _settings(job, f"{SYSTEM} = false", f"{SYSTEM}=false\n {SYSTEM}=true"), "sees"),
}


@pytest.mark.real
@pytest.mark.parametrize("name", list(HURT))
def test_not_whole(workspace: WorkspaceFactory, name: str) -> None:
    """Each is refused with its reason where nothing may be installed, and made anew where it may, saying why."""
    hurt, reason = HURT[name]
    said = list[str]()
    job = real_job(workspace(MemberSpec("member"), locked=False), "member")
    assert _usable(job, may_install=False).prefix == job.location
    hurt(job)
    with pytest.raises(ProofError) as caught:
        _usable(job, may_install=False)
    assert reason in str(caught.value)
    assert _usable(job, log=said.append).prefix == job.location
    (line,) = said
    assert line.startswith("making the environment anew, as ")
    assert reason in line
    job.stamp.unlink(missing_ok=True)
    assert _usable(job, may_install=False).site == (site_of_job(job),)


@pytest.mark.real
def test_what_making_anew_does_not_help(workspace: WorkspaceFactory) -> None:
    """An environment that is not whole when it is new is refused, not made again for ever."""
    job = replace(real_job(workspace(MemberSpec("member"), locked=False), "member"), python_request="3.8")
    made = list[int]()
    with pytest.raises(InterpreterError, match=r"is Python \S+, not 3\.8"):
        _usable(job, recreate=lambda: made.append(1))
    assert made == [1]


@pytest.mark.real
def test_a_pip_in_pieces(workspace: WorkspaceFactory) -> None:
    """Where pip must install, one that lost a file or the rest of one is replaced; where uv does, nobody asks for it."""
    job = real_job(workspace(MemberSpec("member"), locked=False), "member", without_uv=True)
    _usable(job, may_install=False)
    main = site_of_job(job) / "pip" / "__main__.py"
    main.write_text("")
    with pytest.raises(ProofError, match="has a pip that is missing or in pieces"):
        _usable(job, may_install=False)
    _usable(replace(job, uv="uv"), may_install=False)
    _usable(job)
    assert main.stat().st_size > 0


MAKERS = {
    "venv": ["-m", "venv"],
    "venv-copies": ["-m", "venv", "--copies"],
    "virtualenv": ["-m", "virtualenv", "--no-periodic-update"],
    "virtualenv-copies": ["-m", "virtualenv", "--no-periodic-update", "--copies"],
}


def _made(job: Job, maker: str) -> None:
    """Make the environment of *job* anew by *maker*."""
    shutil.rmtree(job.location, ignore_errors=True)
    subprocess.run([sys.executable, *MAKERS[maker], str(job.location)], check=True, capture_output=True)


@pytest.mark.real
@pytest.mark.parametrize("maker", MAKERS)
def test_who_makes_environments(workspace: WorkspaceFactory, maker: str) -> None:
    """Every maker's Python and pip are whole, links or copies."""
    job = real_job(workspace(MemberSpec("member"), locked=False), "member", without_uv=True)
    _made(job, maker)
    assert _usable(job, may_install=False).prefix == job.location


@pytest.mark.real
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="copies there are not always the same bytes")
@pytest.mark.parametrize("maker", ["venv-copies", "virtualenv-copies"])
def test_a_copy_of_no_python(workspace: WorkspaceFactory, maker: str) -> None:
    """A copy is the Python that the settings name, byte for byte."""
    job = real_job(workspace(MemberSpec("member"), locked=False), "member", without_uv=True)
    _made(job, maker)
    with job.python.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ProofError, match="names the `home` of another Python"):
        _usable(job, may_install=False)


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("3.12.1", "3.12", True),
        ("3.12.1", "3.12.1", True),
        ("3.12.1", "3", True),
        ("3.12.1", "3.1", False),
        ("3.1.2", "3.12", False),
        ("3.13.0", "3.13t", True),
        ("3.10.14", "pypy3.10", True),
        ("3.9.1", "python3.10", False),
        ("3.9.1", "/opt/python3.10/bin/python", True),
        ("3.9.1", "C:\\Python310\\python.exe", True),
        ("3.9.1", "pypy", True),
    ],
)
def test_the_wanted_version(version: str, wanted: str, *, expected: bool) -> None:
    """A version is compared as far as it is named, and a path names none."""
    assert is_requested(version, wanted) is expected


@pytest.mark.real
def test_settings_that_changed(workspace: WorkspaceFactory) -> None:
    """An environment is made anew where its settings are not those that were proven, whatever they say now."""
    said = list[str]()
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    with (job.location / "pyvenv.cfg").open("a", encoding="utf-8") as settings:
        settings.write("more = 1\n")
    with pytest.raises(ProofError, match=r"its `pyvenv\.cfg` is not the one that it was proven with"):
        prepare(job, may_install=lambda: False)
    prepare(job, log=said.append)
    assert said == ["making the environment anew, as its `pyvenv.cfg` is not the one that it was proven with"]
    assert "more" not in (job.location / "pyvenv.cfg").read_text(encoding="utf-8")


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
@pytest.mark.parametrize("part", ["site-packages", "lib", "bin"])
def test_a_directory_that_leads_outside(workspace: WorkspaceFactory, tmp_path: Path, part: str) -> None:
    """Nothing is installed or removed through it: the environment is made anew, and what lies outside stays."""
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    place = {"site-packages": site_of_job(job), "lib": job.location / "lib", "bin": job.python.parent}[part]
    outside = tmp_path / "outside"
    place.rename(outside)
    (outside / "precious.py").touch()
    place.symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(ProofError):
        prepare(job, may_install=lambda: False)
    prepare(job)
    assert sorted(path for path in outside.rglob("*") if path.suffix != ".pyc") == before
    assert not place.is_symlink()


@pytest.mark.real
@pytest.mark.parametrize(
    "path", ["evil.py", "pip-evil.pth", "../../../bin/evil.py", "../../../bin/pip.py", "../evil.py"]
)
def test_a_pip_that_owns_more(workspace: WorkspaceFactory, path: str) -> None:
    """pip, which stays where it installs, may own nothing else: its RECORD would keep it for ever."""
    job = real_job(workspace(MemberSpec("member"), locked=False), "member", without_uv=True)
    _usable(job, may_install=False)
    (record,) = site_of_job(job).glob("pip-*.dist-info/RECORD")
    with record.open("a", encoding="utf-8") as rows:
        rows.write(f"\n{path},,\n")
    (site_of_job(job) / path).parent.mkdir(exist_ok=True)
    (site_of_job(job) / path).touch()
    with pytest.raises(ProofError, match="has a pip that is missing or in pieces"):
        _usable(job, may_install=False)
