"""Other runs of nox: they wait for the lock of an environment, and no change that they make goes unseen."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout

from tests.environment.makers import dist_info, job_of, plant
from tests.support.projects import write_modules
from tests.support.wheels import Wheel
from wsnox.environment.inputs import file_digest
from wsnox.environment.model import Proof
from wsnox.environment.other_runs import WAITING, Watch, environment_lock
from wsnox.environment.snapshot import fingerprint, snapshot
from wsnox.environment.stamp import UNFINISHED, Stamp, write_stamp
from wsnox.errors import ChangedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wsnox.environment.model import Job


HOLD_FOR_LONG = """
import sys, time
from pathlib import Path
from wsnox.environment.other_runs import environment_lock
with environment_lock(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("holds", flush=True)
    time.sleep(60)
"""


def other(location: Path) -> FileLock:
    """Return the lock as another run of nox sees it."""
    return FileLock(location.parent / ".wsnox" / "locks" / f"{location.name}.lock")


def is_free(location: Path) -> bool:
    """Tell whether another run would get the lock at once."""
    lock = other(location)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def test_within_itself(tmp_path: Path) -> None:
    """Who holds the lock may have it again, and holds it until the outermost is done."""
    location, said = tmp_path / "member", list[str]()
    with environment_lock(location, lambda: said.append("waits")):
        with environment_lock(location, lambda: said.append("waits")):
            assert not is_free(location)
        assert not is_free(location)
    assert is_free(location)
    assert said == []


def test_each_environment_has_its_own(tmp_path: Path) -> None:
    """Nobody waits for another environment."""
    with environment_lock(tmp_path / "a", lambda: None):
        (tmp_path / ".wsnox" / "locks" / "b.lock").touch()
        assert is_free(tmp_path / "b")


def test_after_an_error(tmp_path: Path) -> None:
    """An error in the work lets go of the lock."""
    with pytest.raises(ZeroDivisionError), environment_lock(tmp_path / "member", lambda: None):
        raise ZeroDivisionError
    assert is_free(tmp_path / "member")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there is killed so")
def test_after_its_holder_was_killed(tmp_path: Path) -> None:
    """Somebody waits, says so, and goes on when the holder is killed."""
    location = tmp_path / "member"
    command = [sys.executable, "-c", HOLD_FOR_LONG, str(location)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds\n"
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "waits\n"
            os.kill(holder.pid, signal.SIGKILL)
            assert waiting.stdout.readline() == "holds\n"
            waiting.kill()


def test_no_place(tmp_path: Path) -> None:
    """Where there can be no lock, that is an error of the system's with the place in it."""
    (tmp_path / ".wsnox").touch()
    with pytest.raises(OSError, match=r"\.wsnox"), environment_lock(tmp_path / "member", lambda: None):
        pytest.fail("there is no lock")


OTHERS = "another run of nox prepared it meanwhile: run the session again"
LEAF = Wheel("leaf", "2.1", modules={"leaf/__init__.py": "", "leaf/data/x": ""})
SPACE = Wheel("space", "1.0", modules={"ns/in/a/__init__.py": "", "ns/b.py": ""})
HOLD = """
import sys
from pathlib import Path
from wsnox.environment.other_runs import environment_lock
with environment_lock(Path(sys.argv[1]), lambda: None):
    print("holds", flush=True)
    input()
"""


def site_of(job: Job) -> Path:
    """Return the site directory of the environment."""
    return job.venv.location / "site-packages"


def stamp_of(job: Job) -> Stamp:
    """Return the stamp of a preparation that ends now."""
    site = str(site_of(job))
    looks = fingerprint([snapshot(site)])
    return Stamp(inputs={}, trees={}, directories=(site,), fingerprint=looks, names=("leaf", "num"), contents={})


def proven(job: Job) -> Proof:
    """Return the proof for what is there now, of which there is a stamp."""
    stamp = stamp_of(job)
    write_stamp(job.venv.stamp, stamp)
    sites = tuple(map(snapshot, stamp.directories))
    return Proof(names=stamp.names, sites=sites, settings=file_digest(job.venv.settings), contents={})


def _watch(job: Job, proof: Proof, log: Callable[[str], object] = print) -> Watch:
    return Watch(job.label, job.venv, proof, log)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return the job of an environment with three distributions, one of them in a namespace."""
    job = job_of(tmp_path)
    for wheel in (LEAF, SPACE, Wheel("num", "1.0")):
        plant(site_of(job), wheel)
    _settings(site_of(job)).write_text("include-system-site-packages = false\n", encoding="utf-8")
    return job


def _appends(path: Path) -> None:
    path.write_text("more", encoding="utf-8")


def _settings(site: Path) -> Path:
    return site.parent / "pyvenv.cfg"


def _links(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.parents[1])


def _removes(site: Path, *folders: str) -> None:
    for folder in folders:
        shutil.rmtree(site / folder)


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "installed": (lambda site: plant(site, Wheel("new", "1.0")), ["+ new.py", "+ new 1.0"]),
    "removed": (lambda site: _removes(site, "leaf", "leaf-2.1.dist-info"), ["- leaf 2.1", "- leaf"]),
    "installed again": (lambda site: os.utime(site / "leaf-2.1.dist-info" / "RECORD", ns=(1, 1)), ["! leaf 2.1"]),
    "a path file": (lambda site: _appends(site / "x.pth"), ["+ x.pth"]),
    "another module": (lambda site: _appends(site / "num.py"), ["! num.py"]),
    "a module of a package": (lambda site: (site / "leaf" / "__init__.py").unlink(), ["- leaf/__init__.py"]),
    "a package": (lambda site: (site / "more").mkdir(), ["+ more"]),
    "a module in a package": (lambda site: _appends(site / "leaf" / "new.py"), ["+ leaf/new.py"]),
    "a package in a package": (lambda site: write_modules(site, {"leaf/new/deep/m.py": ""}), ["+ leaf/new"]),
    "a link in a package": (lambda site: _links(site / "leaf" / "new" / "link"), ["+ leaf/new"]),
    "a module in a namespace": (lambda site: _appends(site / "ns" / "in" / "new.py"), ["+ ns/in/new.py"]),
    "a package in a namespace": (lambda site: write_modules(site, {"ns/new/__init__.py": ""}), ["+ ns/new"]),
    "a namespace that ends": (lambda site: _appends(site / "ns" / "__init__.py"), ["+ ns/__init__.py"]),
    "settings": (lambda site: _settings(site).write_text("include-system-site-packages = true\n"), ["! pyvenv.cfg"]),
    "no settings": (lambda site: _settings(site).unlink(), ["! pyvenv.cfg"]),
    "all": (
        shutil.rmtree,
        ["- num.py", "- leaf 2.1", "- num 1.0", "- space 1.0", "- leaf", "- ns"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_its_own(job: Job, name: str) -> None:
    """Whatever the proof looks at must stay; a command that changed it is told where such things belong."""
    change, lines = CHANGES[name]
    watch = _watch(job, proven(job))
    change(site_of(job))
    with pytest.raises(ChangedEnvironmentError, match="the environment of a-session changed while its") as raised:
        watch.end()
    assert list(raised.value.difference) == lines
    assert raised.value.hint.startswith("a command changed it, or something outside of nox")


def test_what_may_change(job: Job) -> None:
    """Byte code, caches that a package keeps in a folder of its own, and contents that the proof does not read."""
    watch = _watch(job, proven(job))
    site = site_of(job)
    for folder in (site, site / "leaf", site / "leaf" / "data"):
        (folder / "__pycache__").mkdir()
        _appends(folder / "__pycache__" / "x.cpython-311.pyc")
    for name in (".cache", "parsed.json", "not-a-module.py"):
        _appends(site / "leaf" / name)
        _appends(site / "ns" / "in" / name)
    write_modules(site, {"leaf/cache/data.json": "", "leaf/data/m.py": ""})
    _appends(site / "leaf" / "data" / "x")
    watch.end()


def test_another_run_that_changed_nothing(job: Job) -> None:
    """A preparation for another lockfile may find that this environment is right as it is."""
    watch = _watch(job, proven(job))
    write_stamp(job.venv.stamp, replace(stamp_of(job), inputs={"uv.lock": "2"}))
    watch.end()


def test_another_run_that_changed_it(job: Job) -> None:
    """A distribution that came from another run is that run's doing."""
    watch = _watch(job, proven(job))
    dist_info(site_of(job), "new")
    write_stamp(job.venv.stamp, stamp_of(job))
    with pytest.raises(ChangedEnvironmentError) as raised:
        watch.end()
    assert (raised.value.difference, raised.value.hint) == (("+ new 1.0",), OTHERS)


def test_another_run_right_after_the_proof(job: Job) -> None:
    """What changes before the first command is seen at the end, too."""
    proof = proven(job)
    dist_info(site_of(job), "new")
    with pytest.raises(ChangedEnvironmentError):
        _watch(job, proof).end()


@pytest.mark.parametrize("first", [False, True])
def test_another_run_that_failed(job: Job, *, first: bool) -> None:
    """What a preparation left that did not come to its end is nothing to rely on, whatever it looks like."""
    watch = _watch(job, proven(job))
    write_stamp(job.venv.stamp, UNFINISHED)
    if first:
        watch = _watch(job, Proof(names=(), sites=(), settings=file_digest(job.venv.settings), contents={}))
    with pytest.raises(ChangedEnvironmentError) as raised:
        watch.end()
    assert raised.value.hint == OTHERS


@pytest.mark.parametrize("ends", ["as it was", "otherwise"])
def test_another_run_that_is_still_at_it(job: Job, ends: str) -> None:
    """Its end is waited for, and tells: half a preparation looks like a change, and may be none."""
    proof, waits = proven(job), list[str]()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(job.venv.location)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"holds"

        def told(text: str) -> None:
            waits.append(text)
            if ends == "otherwise":
                dist_info(site_of(job), "new")
            write_stamp(job.venv.stamp, stamp_of(job))
            other.communicate(b"\n")

        watch = _watch(job, proof, told)
        write_stamp(job.venv.stamp, UNFINISHED)
        if ends == "as it was":
            watch.end()
        else:
            with pytest.raises(ChangedEnvironmentError):
                watch.end()
    assert waits == [WAITING]


def test_without_a_stamp(job: Job) -> None:
    """Under `nox -R`, an environment may be proven that has no stamp; one that loses it was recreated."""
    proof = proven(job)
    job.venv.stamp.unlink()
    _watch(job, proof).end()


def test_where_there_can_be_no_lock(job: Job) -> None:
    """Where nobody may write beside the environment there is nobody to wait for."""
    watch = _watch(job, proven(job))
    (job.venv.location.parent / ".wsnox").write_text("no folder", encoding="utf-8")
    write_stamp(job.venv.stamp, stamp_of(job))
    watch.end()


def test_a_long_list(job: Job) -> None:
    """An environment that is gone is not told file by file."""
    watch = _watch(job, proven(job))
    for number in range(12):
        _appends(site_of(job) / f"m{number:02}.py")
    with pytest.raises(ChangedEnvironmentError) as raised:
        watch.end()
    assert len(raised.value.difference) == 12
    assert raised.value.sentence.splitlines()[-2:] == ["  + m07.py", "  and 4 more"]
