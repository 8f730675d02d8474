"""The remembered lockfile: the same as read from the file, for exactly this content, fresh for exactly these manifests."""

from __future__ import annotations

import hashlib
import os
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import packaging
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.environment.makers import job_of
from tests.support.projects import write_modules
from tests.support.workspaces import MemberSpec
from wsnox import record
from wsnox.environment import reading
from wsnox.environment.inputs import environment_inputs
from wsnox.environment.reading import checked_lock, lock_of
from wsnox.errors import LockFormatError, LockNotFoundError, StaleLockError
from wsnox.lock import Lock, read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.records import Job

MEMBERS = [
    MemberSpec("app", dependencies=["lib", "leaf"], extras={"more": ["pyhumps"]}, groups={"dev": ["leaf"]}),
    MemberSpec("lib", dependencies=["pyhumps"]),
]


@pytest.fixture
def job(workspace: WorkspaceFactory, tmp_path: Path) -> Job:
    """Return a job of a locked workspace, of which nothing is remembered."""
    return _at(workspace(*MEMBERS), tmp_path)


def _at(root: Path, folder: Path) -> Job:
    def never(*command: str) -> None:
        raise AssertionError(command)

    return replace(job_of(folder, never), workspace=discover(root), check=True)


def _everything(lock: Lock) -> list[Any]:
    """Return all that *lock* holds, what does not count in a comparison included."""
    return [lock, lock.declared, [package.declared for package in lock.packages]]


def _only_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Lock:
        raise AssertionError("the lockfile was parsed")

    monkeypatch.setattr(reading, "parse_lock", refuse)


def test_the_same_as_read(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is all that the lockfile says, and the lockfile is not parsed again."""
    expected = _everything(read_lock(job.workspace.root))
    assert _everything(checked_lock(job, "manifests")) == expected
    _only_remembered(monkeypatch)
    assert _everything(checked_lock(job, "manifests")) == expected
    assert _everything(lock_of(job)) == expected


def test_another_lockfile(job: Job) -> None:
    """Another content is read anew, and so is the first one when it is back; a broken and an absent one are refused."""
    lockfile = job.workspace.root / "uv.lock"
    first = lockfile.read_bytes()
    before = checked_lock(job, "manifests")
    lockfile.write_bytes(first.replace(b"revision = ", b"revision = 1"))
    assert checked_lock(job, "manifests").revision != before.revision
    lockfile.write_bytes(first)
    assert checked_lock(job, "manifests") == before
    lockfile.write_bytes(first[:-40])
    with pytest.raises(LockFormatError):
        checked_lock(job, "manifests")
    lockfile.unlink()
    with pytest.raises(LockNotFoundError):
        lock_of(job)


def test_other_manifests(job: Job) -> None:
    """That the lockfile is fresh is remembered for these manifests alone, and asked again for others."""
    checked_lock(job, "before")
    manifest = job.workspace.root / "packages" / "lib" / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"pyhumps"', '"leaf"'), encoding="utf-8")
    now = replace(job, workspace=discover(job.workspace.root))
    for _ in range(2):
        with pytest.raises(StaleLockError, match="lib"):
            checked_lock(now, "now")
    frozen = replace(now, check=False)
    assert checked_lock(frozen, "now") == read_lock(job.workspace.root)
    # What was not asked is not remembered as an answer.
    with pytest.raises(StaleLockError, match="lib"):
        checked_lock(now, "now")


def test_another_wsnox(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of wsnox or packaging, and a checkout of wsnox whose records changed, read the lockfile themselves."""
    checked_lock(job, "manifests")
    _only_remembered(monkeypatch)
    with pytest.raises(AssertionError, match="parsed"):
        lock_of(replace(job, version="another"))
    monkeypatch.setattr(packaging, "__version__", "another")
    with pytest.raises(AssertionError, match="parsed"):
        lock_of(job)


@pytest.mark.parametrize("place", ["record.py", "workspace/manifest.py", "lock/records.py", "lock/freshness/whole.py"])
def test_a_checkout_of_wsnox(job: Job, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Where the code changed that reads the lockfile or checks it, nothing is remembered of the code before."""
    package = job.location.parent / "wsnox"
    write_modules(package, {place: "", "cli/entry.py": ""})
    monkeypatch.setattr(record, "__file__", str(package / "record.py"))
    checked_lock(job, "manifests")
    _only_remembered(monkeypatch)
    os.utime(package / "cli" / "entry.py", (1 << 32, 1 << 32))
    lock_of(job)
    os.utime(package / place, (1 << 32, 1 << 32))
    with pytest.raises(AssertionError, match="parsed"):
        lock_of(job)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_memory(job: Job, data: st.DataObject) -> None:
    """Wherever what is remembered is cut or changed, the lockfile is read, and what was cut is made whole."""
    expected = checked_lock(job, "manifests")
    place = job.shared / "lockfile"
    whole = place.read_bytes()
    at = data.draw(st.one_of(st.integers(0, 220), st.integers(0, len(whole) - 1)))
    change = data.draw(st.sampled_from([b"", b"\xff", b" ", b"\n"]))
    place.write_bytes(whole[:at] + change + (whole[at + 1 :] if change else b""))
    assert _everything(checked_lock(job, "manifests")) == _everything(expected)
    assert checked_lock(job, "manifests") == expected


def test_records_of_another_form(job: Job) -> None:
    """A memory that is whole, and that this wsnox cannot make records of, is as good as none."""
    expected = checked_lock(job, "manifests")
    place = job.shared / "lockfile"
    key = place.read_bytes().split(b" ")[0].decode()
    for data in (
        b"",
        pickle.dumps(expected)[:-9],
        b"cwsnox.lock.records\nDependency\n(I1\nI2\nI3\nI4\nI5\ntR.",
        b"cno\nsuch\n.",
    ):
        place.write_text(f"{key} {hashlib.sha256(data).hexdigest()} manifests\n", encoding="utf-8")
        with place.open("ab") as file:
            file.write(data)
        assert checked_lock(job, "manifests") == expected


def test_what_is_left_of_killed_writes(job: Job) -> None:
    """A draft that a killed run left goes with the next one, and a write that fails leaves none."""
    job.shared.mkdir(parents=True)
    (job.shared / "lockfile.123").touch()
    checked_lock(job, "manifests")
    assert [each.name for each in job.shared.iterdir()] == ["lockfile"]
    (job.shared / "lockfile").unlink()
    (job.shared / "lockfile").mkdir()
    checked_lock(job, "manifests")
    assert [each.name for each in job.shared.iterdir()] == ["lockfile"]


def test_nothing_to_remember(job: Job) -> None:
    """Where nothing may be changed nothing is written."""
    assert checked_lock(job, "manifests", remember=False) == read_lock(job.workspace.root)
    assert not job.shared.exists()


def test_nowhere_to_remember(job: Job) -> None:
    """Where nothing can be written the lockfile is read all the same."""
    job.shared.parent.mkdir(parents=True, exist_ok=True)
    job.shared.touch()
    assert checked_lock(job, "manifests") == read_lock(job.workspace.root)


def test_a_manifest_between(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A manifest between the root and a member makes the member another project to uv: that it is fresh is asked anew."""
    inner, lib = MemberSpec("inner", path="outer/inner", dependencies=["lib"]), MemberSpec("lib")
    job = _at(workspace(inner, lib), tmp_path)
    checked_lock(job, environment_inputs(job)["pyproject.toml"])
    (job.workspace.root / "outer" / "pyproject.toml").write_text("", encoding="utf-8")
    now = _at(job.workspace.root, tmp_path)
    with pytest.raises(StaleLockError, match="inner"):
        checked_lock(now, environment_inputs(now)["pyproject.toml"])


def test_settings_that_go(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What was found fresh beside a `uv.toml`, in place of settings of the manifest, is not without it."""
    root = workspace(*MEMBERS)
    manifest = root / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text(encoding="utf-8")}\n[tool.uv]\nresolution = "lowest"\n', encoding="utf-8")
    (root / "uv.toml").touch()
    before = _at(root, tmp_path)
    checked_lock(before, environment_inputs(before)["pyproject.toml"])
    (root / "uv.toml").unlink()
    for job in (before, _at(root, tmp_path)):
        with pytest.raises(StaleLockError, match="resolution"):
            checked_lock(job, environment_inputs(job)["pyproject.toml"])


def test_variables_that_uv_resolves_by(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A lockfile is fresh for the settings that count here: variables and the user's file are among them."""
    root = workspace(*MEMBERS)
    config = tmp_path / "config" / "uv" / "uv.toml"
    config.parent.mkdir(parents=True)
    outer = {"XDG_CONFIG_HOME": os.fspath(tmp_path / "config")}

    def at(**variables: str) -> Job:
        job = _at(root, tmp_path)
        environ = {**outer, **variables}
        return replace(job, outer=environ, workspace=replace(job.workspace, environ=environ))

    def check(job: Job) -> None:
        checked_lock(job, environment_inputs(job)["pyproject.toml"])

    check(at())
    with pytest.raises(StaleLockError, match="`UV_RESOLUTION` is `lowest`"):
        check(at(UV_RESOLUTION="lowest"))
    check(at())
    config.write_text('prerelease = "allow"\n', encoding="utf-8")
    with pytest.raises(StaleLockError, match="`prerelease` in `"):
        check(at())
    check(replace(at(), check=False))
