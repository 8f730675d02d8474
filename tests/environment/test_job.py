"""Preparing: one at a time, from inputs that were read first, begun again where somebody made the environment anew."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.environment.jobs import RealHost, prepare, real_job, site_of_job
from tests.support.installed import broken_records
from tests.support.workspaces import MemberSpec
from wsnox.environment.prepare import ATTEMPTS
from wsnox.environment.stamp import UNFINISHED, read_stamp, remembered_proof
from wsnox.errors import InstallError, ProofError, StaleLockError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

MEMBER = MemberSpec("member", dependencies=["leaf", "pyhumps"])


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of one member."""
    return workspace(MEMBER)


def test_one_at_a_time(root: Path) -> None:
    """A second preparation says that it waits, and takes what the first one proved without installing."""
    said, waits = list[str](), Event()

    def log(text: str) -> None:
        said.append(text)
        waits.set()

    def never(*command: str) -> None:
        raise AssertionError(command)

    prepare(real_job(root, "member"))
    job = real_job(root, "member")
    with ThreadPoolExecutor() as pool:
        with FileLock(job.shared / "locks" / "member.lock"):
            waiting = pool.submit(prepare, job, log=log, install=never)
            assert waits.wait(timeout=60)
            assert not waiting.done()
        assert len(waiting.result(timeout=60).names) == 3
    assert said == ["waiting for another run that prepares this environment"]


def test_many_at_once(root: Path) -> None:
    """Whoever prepares one environment at one time, each gets the proof, and it is installed once."""
    installs = list[tuple[str, ...]]()
    job = real_job(root, "member")

    def install(*command: str) -> None:
        installs.append(command)
        RealHost(job).install(*command)

    with ThreadPoolExecutor() as pool:
        proofs = [*pool.map(lambda _: prepare(job, install=install), range(6))]
    assert len(installs) == 1
    assert {proof.names for proof in proofs} == {("leaf", "member", "pyhumps")}
    assert broken_records(site_of_job(job)) == []


def test_the_stamp_is_taken_back_first(root: Path) -> None:
    """While anything may change the environment has no proof, and it has none after an install that fails."""
    job = real_job(root, "member")
    prepare(job)
    (site_of_job(job) / "leaf" / "py.typed").unlink()

    def fail(*command: str) -> None:
        assert read_stamp(job.stamp) == UNFINISHED
        raise InstallError("member", command[0])

    with pytest.raises(InstallError):
        prepare(job, install=fail)
    assert remembered_proof(job) is None
    assert prepare(job).names == ("leaf", "member", "pyhumps")
    assert broken_records(site_of_job(job)) == []


def test_what_is_written_meanwhile_counts(root: Path) -> None:
    """A lockfile that is written while the environment is prepared makes the new stamp untrue."""
    job = real_job(root, "member")
    lockfile = root / "uv.lock"

    def install(*command: str) -> None:
        RealHost(job).install(*command)
        lockfile.write_bytes(lockfile.read_bytes() + b"\n")

    prepare(job, install=install)
    assert remembered_proof(job) is None


def test_an_environment_made_anew_meanwhile(root: Path) -> None:
    """Where another run makes the environment anew under an install, it is prepared again from the start."""
    job = real_job(root, "member")
    left = [1]

    def install(*command: str) -> None:
        if left:
            left.pop()
            RealHost(job).recreate()
            raise InstallError("member", "uv")
        RealHost(job).install(*command)

    assert len(prepare(job, install=install).names) == 3
    assert remembered_proof(job) is not None


def test_an_environment_made_anew_again_and_again(root: Path) -> None:
    """Somebody who never stops is told, and the session fails."""
    job = real_job(root, "member")
    installs = list[str]()

    def install(*command: str) -> None:
        installs.append(command[0])
        RealHost(job).install(*command)
        shutil.copytree(job.location, job.location.with_name("copy"), symlinks=True)
        shutil.rmtree(job.location)
        job.location.with_name("copy").rename(job.location)

    with pytest.raises(InstallError, match="could not install") as caught:
        prepare(job, install=install)
    assert "another run of nox keeps making this environment anew" in str(caught.value)
    assert len(installs) == ATTEMPTS


def test_what_stops_before_the_install(root: Path) -> None:
    """A stale lockfile, a refusal by the caller, and ``-R`` leave the environment and its stamp alone."""
    job = real_job(root, "member")
    prepare(job)
    (site_of_job(job) / "stray.py").touch()
    before = job.stamp.read_bytes()

    def refuse(names: object) -> None:
        raise ProofError("member", [str(names)])

    with pytest.raises(ProofError, match=r"leaf.*member.*pyhumps"):
        prepare(job, on_closure=refuse)
    with pytest.raises(ProofError, match=r"stray\.py"):
        prepare(job, may_install=lambda: False)
    manifest = root / "packages" / "member" / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"pyhumps"', '"num"'), encoding="utf-8")
    with pytest.raises(StaleLockError):
        prepare(real_job(root, "member"))
    assert job.stamp.read_bytes() == before
    assert (site_of_job(job) / "stray.py").exists()


def test_a_place_that_is_a_file(root: Path) -> None:
    """What the system refuses is a sentence that names the place."""
    job = real_job(root, "member")
    job.shared.touch()
    with pytest.raises(InstallError, match="member") as caught:
        prepare(job)
    assert str(job.shared) in caught.value.hint
