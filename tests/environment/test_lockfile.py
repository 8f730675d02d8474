"""The lockfile is parsed once a run, and that it is fresh is remembered for exactly its content and these manifests."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import packaging
import pytest

from tests.environment.makers import job_of
from tests.support.workspaces import MemberSpec
from wsnox import freshness
from wsnox.environment import lockfile
from wsnox.environment.inputs import environment_inputs
from wsnox.environment.lockfile import fresh_lock, parsed_lock
from wsnox.errors import LockFormatError, LockNotFoundError, StaleLockError
from wsnox.lock import read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job
    from wsnox.lock import Lock

MEMBERS = [
    MemberSpec("app", dependencies=["lib", "leaf"], extras={"more": ["pyhumps"]}, groups={"dev": ["leaf"]}),
    MemberSpec("lib", dependencies=["pyhumps"]),
]


@pytest.fixture
def job(workspace: WorkspaceFactory, tmp_path: Path) -> Job:
    """Return a job of a locked workspace, of which nothing is remembered."""
    return _at(workspace(*MEMBERS), tmp_path)


def _at(root: Path, folder: Path) -> Job:
    return replace(job_of(folder), workspace=discover(root), require_fresh_lock=True)


def _manifests(job: Job) -> str:
    return environment_inputs(job)["pyproject.toml"]


def _fresh(job: Job, manifests: str = "manifests", *, remember: bool = True) -> Lock:
    memo = job.venv.shared / "fresh"
    return fresh_lock(job.workspace, memo, manifests=manifests, version=job.version, remember=remember)


@pytest.fixture(autouse=True)
def _nothing_is_parsed_yet() -> None:
    """Let every test begin as a run of its own."""
    lockfile._last.clear()


def _count(monkeypatch: pytest.MonkeyPatch, name: str, module: object) -> list[object]:
    """Return what is called *name* in *module* from now on, call by call."""
    calls, call = list[object](), getattr(module, name)

    def counted(*args: object, **options: object) -> object:
        calls.append(args)
        return call(*args, **options)

    monkeypatch.setattr(module, name, counted)
    return calls


def test_read_once_and_checked_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run parses the lockfile once for all its sessions, and the next run does not check it again."""
    parsed, checked = _count(monkeypatch, "parse_lock", lockfile), _count(monkeypatch, "stale_clauses", freshness)
    expected = read_lock(job.workspace.root)
    for runs in (1, 2):
        assert _fresh(job) == _fresh(job) == expected
        assert (len(parsed), len(checked)) == (runs, 1)
        # What was read and found fresh is read again without what only that check needs.
        assert any(package.requires_dist for package in _fresh(job).packages) is (runs == 1)
        lockfile._last.clear()


def test_threads_that_begin_at_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them reads and checks the lockfile for all: under ``nox -j``, as many prepare as sessions run."""
    parsed, checked = _count(monkeypatch, "parse_lock", lockfile), _count(monkeypatch, "stale_clauses", freshness)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            locks = [*threads.map(lambda _: _fresh(job), range(8))]
    finally:
        sys.setswitchinterval(before)

    assert all(lock is locks[0] for lock in locks)
    assert len(parsed) == len(checked) == 1


def test_another_lockfile(job: Job) -> None:
    """Another content is read, and so is the first one when it is back; a broken and an absent one are refused."""
    lockfile = job.workspace.root / "uv.lock"
    first = lockfile.read_bytes()
    before = _fresh(job)
    lockfile.write_bytes(first.replace(b"revision = ", b"revision = 1"))
    assert _fresh(job).revision != before.revision
    lockfile.write_bytes(first)
    assert _fresh(job) == before
    lockfile.write_bytes(first[:-40])
    with pytest.raises(LockFormatError):
        _fresh(job)
    lockfile.unlink()
    with pytest.raises(LockNotFoundError):
        parsed_lock(job.workspace.root)


def test_the_manifest_of_a_project_beside_the_workspace(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """It is compared again, whatever is remembered, where it changed, and only there."""
    manifest = tmp_path / "beside" / "pyproject.toml"
    manifest.parent.mkdir()
    text = '[project]\nname = "beside"\nversion = "1.0"\ndependencies = ["leaf"]\n'
    manifest.write_text(text, encoding="utf-8")
    sources = {"beside": {"path": manifest.parent.as_posix()}}
    root = workspace(MemberSpec("app", dependencies=["beside"], tool={"uv": {"sources": sources}}))
    job = _at(root, tmp_path)
    _fresh(job)
    manifest.write_text(text.replace('["leaf"]', "[]"), encoding="utf-8")
    with pytest.raises(StaleLockError, match="no longer depends on `leaf`"):
        _fresh(job)
    manifest.write_text(text, encoding="utf-8")
    _fresh(job)


def test_other_manifests(job: Job) -> None:
    """That the lockfile is fresh is remembered for these manifests alone, and asked again for others."""
    _fresh(job, "before")
    manifest = job.workspace.root / "packages" / "lib" / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"pyhumps"', '"leaf"'), encoding="utf-8")
    now = replace(job, workspace=discover(job.workspace.root))
    for _ in range(2):
        lockfile._last.clear()
        with pytest.raises(StaleLockError, match="lib"):
            _fresh(now, "now")
    assert parsed_lock(job.workspace.root) == read_lock(job.workspace.root)
    # What was not asked is not remembered as an answer.
    with pytest.raises(StaleLockError, match="lib"):
        _fresh(now, "now")


def test_another_wsnox(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of wsnox or packaging checks the lockfile itself."""
    checked = _count(monkeypatch, "stale_clauses", freshness)
    _fresh(job)
    _fresh(replace(job, version="another"))
    monkeypatch.setattr(packaging, "__version__", "another")
    _fresh(job)
    assert len(checked) == 3


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"{}", b"\xff", b"cos\nsystem\n(S'false'\ntR."])
def test_another_memory(job: Job, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Whatever stands where it is remembered is read as text, and as none but its own; then it is checked again."""
    _fresh(job)
    whole = (job.venv.shared / "fresh").read_bytes()
    checked = _count(monkeypatch, "stale_clauses", freshness)
    for damaged in (content, whole[:-1], whole + b"-"):
        (job.venv.shared / "fresh").write_bytes(damaged)
        _fresh(job)
        assert (job.venv.shared / "fresh").read_bytes() == whole
    assert len(checked) == 3


def test_nothing_to_remember(job: Job) -> None:
    """Where nothing may be changed nothing is written."""
    assert _fresh(job, remember=False) == read_lock(job.workspace.root)
    assert not job.venv.shared.exists()


def test_nowhere_to_remember(job: Job) -> None:
    """Where nothing can be written the lockfile is read all the same."""
    job.venv.shared.parent.mkdir(parents=True, exist_ok=True)
    job.venv.shared.touch()
    assert _fresh(job) == read_lock(job.workspace.root)


def test_a_manifest_between(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A manifest between the root and a member makes the member another project to uv: its freshness is checked again."""
    inner, lib = MemberSpec("inner", path="outer/inner", dependencies=["lib"]), MemberSpec("lib")
    job = _at(workspace(inner, lib), tmp_path)
    _fresh(job, _manifests(job))
    (job.workspace.root / "outer" / "pyproject.toml").write_text("", encoding="utf-8")
    now = _at(job.workspace.root, tmp_path)
    with pytest.raises(StaleLockError, match="inner"):
        _fresh(now, _manifests(now))


def test_settings_that_go(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What was found fresh beside a `uv.toml`, in place of settings of the manifest, is not without it."""
    root = workspace(*MEMBERS)
    manifest = root / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text(encoding="utf-8")}\n[tool.uv]\nresolution = "lowest"\n', encoding="utf-8")
    (root / "uv.toml").touch()
    before = _at(root, tmp_path)
    _fresh(before, _manifests(before))
    (root / "uv.toml").unlink()
    for job in (before, _at(root, tmp_path)):
        with pytest.raises(StaleLockError, match="resolution"):
            _fresh(job, _manifests(job))


def test_variables_that_uv_resolves_by(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A lockfile is fresh for the settings that count here: variables and the user's file are among them."""
    root = workspace(*MEMBERS)
    config = tmp_path / "config" / "uv" / "uv.toml"
    config.parent.mkdir(parents=True)
    outer = {"XDG_CONFIG_HOME": os.fspath(tmp_path / "config")}

    def at(**variables: str) -> Job:
        job = _at(root, tmp_path)
        environ = {**outer, **variables}
        return replace(job, environ=environ, workspace=replace(job.workspace, environ=environ))

    def check(job: Job) -> None:
        _fresh(job, _manifests(job))

    check(at())
    with pytest.raises(StaleLockError, match="`UV_RESOLUTION` is `lowest`"):
        check(at(UV_RESOLUTION="lowest"))
    check(at())
    config.write_text('prerelease = "allow"\n', encoding="utf-8")
    with pytest.raises(StaleLockError, match="`prerelease` in `"):
        check(at())
