"""Preparing: one at a time, from inputs that were read first, begun again where somebody recreated the environment.

With ``lock = "frozen"`` the lockfile is taken as it is, and source trees as they are, as ``uv sync --frozen`` does.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w
from filelock import FileLock

from tests.environment.jobs import RealHost, prepare, real_job, site_of_job
from tests.support.installed import broken_records
from tests.support.workspaces import MemberSpec, lock, uv, write_member, write_workspace
from wsnox.environment.prepare import ATTEMPTS
from wsnox.environment.stamp import UNFINISHED, read_stamp, remembered_proof
from wsnox.errors import InstallError, LockMemberError, ProofError, StaleLockError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job


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
        with FileLock(job.venv.shared / "locks" / "member.lock"):
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
        assert read_stamp(job.venv.stamp) == UNFINISHED
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


def test_an_environment_recreated_meanwhile(root: Path) -> None:
    """Where another run recreates the environment under an install, it is prepared again from the start."""
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


def test_an_environment_recreated_again_and_again(root: Path) -> None:
    """Somebody who never stops is told, and the session fails."""
    job = real_job(root, "member")
    installs = list[str]()

    def install(*command: str) -> None:
        installs.append(command[0])
        RealHost(job).install(*command)
        shutil.copytree(job.venv.location, job.venv.location.with_name("copy"), symlinks=True)
        shutil.rmtree(job.venv.location)
        job.venv.location.with_name("copy").rename(job.venv.location)

    with pytest.raises(InstallError, match="could not install") as caught:
        prepare(job, install=install)
    assert "another run of nox keeps recreating this environment" in str(caught.value)
    assert len(installs) == ATTEMPTS


def test_what_stops_before_the_install(root: Path) -> None:
    """A stale lockfile, a refusal by the caller, and ``-R`` leave the environment and its stamp alone."""
    job = real_job(root, "member")
    prepare(job)
    (site_of_job(job) / "stray.py").touch()
    before = job.venv.stamp.read_bytes()

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
    assert job.venv.stamp.read_bytes() == before
    assert (site_of_job(job) / "stray.py").exists()


def test_a_place_that_is_a_file(root: Path) -> None:
    """What the system refuses is a sentence that names the place."""
    job = real_job(root, "member")
    job.venv.shared.touch()
    with pytest.raises(InstallError, match="member") as caught:
        prepare(job)
    assert str(job.venv.shared) in caught.value.hint


WAYS = [(without_uv, editable) for without_uv in (False, True) for editable in (True, False)]
IDS = [f"{'pip' if pip else 'uv'}-{'in-place' if editable else 'wheels'}" for pip, editable in WAYS]


@pytest.fixture
def pair(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace in which one member needs another."""
    return workspace(MemberSpec("alpha", dependencies=["leaf"]), MemberSpec("beta", dependencies=["alpha"]))


def _job(root: Path, *, without_uv: bool = False, editable: bool = True) -> Job:
    return replace(real_job(root, "beta", without_uv=without_uv), require_fresh_lock=False, editable=editable)


def _versions(job: Job) -> dict[str, str]:
    pairs = (place.name.removesuffix(".dist-info").split("-") for place in site_of_job(job).glob("*.dist-info"))
    return {name: version for name, version in pairs if name in ("alpha", "beta", "leaf", "outside")}


def _bump(root: Path, version: str) -> None:
    write_member(root / "packages/alpha", MemberSpec("alpha", version=version, dependencies=["leaf"]))


@pytest.mark.parametrize(("without_uv", "editable"), WAYS, ids=IDS)
def test_a_member_is_proven_in_the_version_that_it_has(pair: Path, without_uv: bool, editable: bool) -> None:  # noqa: FBT001 - parameters of the test
    """Whoever bumps a version and does not lock again gets the new one, first and again, and a proof of it."""
    checked = replace(_job(pair, without_uv=without_uv, editable=editable), require_fresh_lock=True)
    prepare(checked)
    # pip takes its time for each.
    for version in ("2.0.dev1+local",) if without_uv else ("2.0.dev1+local", "0.9"):
        _bump(pair, version)
        with pytest.raises(StaleLockError):
            prepare(replace(checked, workspace=_job(pair).workspace))
        job = _job(pair, without_uv=without_uv, editable=editable)
        with pytest.raises(ProofError):
            prepare(job, may_install=lambda: False)
        assert prepare(job).names == ("alpha", "beta", "leaf")
        assert _versions(job) == {"alpha": version, "beta": "1.0", "leaf": "2.1"}
        assert remembered_proof(job)
        # Another wsnox takes no warm look for it, and compares.
        again = replace(job, version="2")
        assert remembered_proof(again) is None
        assert prepare(again, may_install=lambda: False).names == ("alpha", "beta", "leaf")


def test_a_project_beside_the_workspace_is_compared_for_every_session(
    workspace: WorkspaceFactory, tmp_path: Path
) -> None:
    """Where its manifest no longer says what is locked, no session is warm, also one that does not install it."""
    folder = tmp_path / "beside"
    write_member(folder, MemberSpec("beside", dependencies=["leaf"]))
    manifest, sources = folder / "pyproject.toml", {"beside": {"path": folder.as_posix()}}
    root = workspace(
        MemberSpec("alpha", dependencies=["beside"], tool={"uv": {"sources": sources}}),
        MemberSpec("beta", dependencies=["leaf"]),
    )
    job = real_job(root, "beta")
    prepare(job)
    assert remembered_proof(job)
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"leaf"', '"leaf", "pyhumps"'), encoding="utf-8")
    assert remembered_proof(job) is None
    with pytest.raises(StaleLockError, match="`beside` now depends on `pyhumps`"):
        prepare(job)
    manifest.write_text(text, encoding="utf-8")
    assert prepare(job).names == ("beta", "leaf")
    assert remembered_proof(job)


def test_a_version_that_the_tree_does_not_have_is_a_difference(pair: Path) -> None:
    """A frozen lockfile does not make every version right: what is installed has to be what the tree is now."""
    job = _job(pair)
    prepare(job)
    (place,) = site_of_job(job).glob("alpha-1.0.dist-info")
    place.rename(place.with_name("alpha-1.2.dist-info"))
    for name, old, new in (("METADATA", "Version: 1.0", "Version: 1.2"), ("RECORD", "alpha-1.0.", "alpha-1.2.")):
        file = place.with_name("alpha-1.2.dist-info") / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    job.venv.stamp.unlink()
    with pytest.raises(ProofError, match=r"alpha 1\.0: installed as 1\.2"):
        prepare(job, may_install=lambda: False)
    prepare(job)
    assert _versions(job)["alpha"] == "1.0"


def test_a_version_may_become_dynamic(pair: Path) -> None:
    """Then only a build tells the version, and any is right."""
    prepare(_job(pair))
    _bump(pair, "3.0")
    manifest = pair / "packages/alpha/pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    del tables["project"]["version"]
    tables["project"]["dynamic"] = ["version"]
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    job = _job(pair)
    prepare(job)
    assert _versions(job)["alpha"] == "3.0"
    assert remembered_proof(job)


@pytest.mark.parametrize("without_uv", [False, True], ids=["uv", "pip"])
def test_a_tree_that_is_no_member_has_its_own_version_too(wheelhouse: Path, tmp_path: Path, without_uv: bool) -> None:  # noqa: FBT001 - parameters of the test
    """A dependency by path is a source tree like any other."""
    root = tmp_path / "workspace"
    write_member(root / "outside", MemberSpec("outside"))
    sources = {"sources": {"outside": {"path": "outside"}}}
    write_workspace(root, [MemberSpec("beta", dependencies=["outside"])], index=wheelhouse, uv=sources)
    lock(root)
    prepare(_job(root, without_uv=without_uv))
    write_member(root / "outside", MemberSpec("outside", version="1.1"))
    job = _job(root, without_uv=without_uv)
    prepare(job)
    assert _versions(job) == {"beta": "1.0", "outside": "1.1"}
    assert remembered_proof(job)


def test_dependencies_are_those_of_the_lockfile(pair: Path) -> None:
    """One that was never locked is not installed, and one that is gone is: as with ``uv sync --frozen``."""
    write_member(pair / "packages/alpha", MemberSpec("alpha", dependencies=["pyhumps"], extras={"more": ["num"]}))
    job = _job(pair)
    assert prepare(job).names == ("alpha", "beta", "leaf")
    assert uv(pair, "sync", "--frozen", "--package", "beta").returncode == 0
    assert {place.name for place in (pair / ".venv").glob("lib/*/site-packages/*.dist-info")} == {
        place.name for place in site_of_job(job).glob("*.dist-info")
    }


def test_a_member_that_is_not_locked_is_refused(pair: Path) -> None:
    """With every member's environment, and by uv as well: nobody can tell what it would have."""
    write_member(pair / "packages/gamma", MemberSpec("gamma"))
    manifest = pair / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    tables["tool"]["uv"]["workspace"]["members"].append("packages/gamma")
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    assert uv(pair, "sync", "--frozen", "--package", "beta").returncode != 0
    with pytest.raises(LockMemberError, match="`gamma`"):
        prepare(_job(pair))


def test_a_member_that_is_gone_is_missed_where_it_is_needed(pair: Path) -> None:
    """Whoever does not need it goes on."""
    shutil.rmtree(pair / "packages/beta")
    job = replace(real_job(pair, "alpha"), require_fresh_lock=False)
    assert prepare(job).names == ("alpha", "leaf")
    assert uv(pair, "sync", "--frozen", "--package", "alpha").returncode == 0
