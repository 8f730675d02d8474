"""With ``lock = "frozen"`` the lockfile is taken as it is, and source trees as they are, as ``uv sync --frozen`` does."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w

from tests.environment.jobs import prepare, real_job, site_of_job
from tests.support.workspaces import MemberSpec, lock, uv, write_member, write_workspace
from wsnox.environment.stamp import remembered_proof
from wsnox.errors import LockMemberError, ProofError, StaleLockError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job

pytestmark = pytest.mark.real

WAYS = [(without_uv, editable) for without_uv in (False, True) for editable in (True, False)]
IDS = [f"{'pip' if pip else 'uv'}-{'in-place' if editable else 'wheels'}" for pip, editable in WAYS]


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
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
def test_a_member_is_proven_in_the_version_that_it_has(root: Path, without_uv: bool, editable: bool) -> None:  # noqa: FBT001
    """Whoever bumps a version and does not lock again gets the new one, first and again, and a proof of it."""
    checked = replace(_job(root, without_uv=without_uv, editable=editable), require_fresh_lock=True)
    prepare(checked)
    for version in ("2.0.dev1+local", "0.9"):
        _bump(root, version)
        with pytest.raises(StaleLockError):
            prepare(replace(checked, workspace=_job(root).workspace))
        job = _job(root, without_uv=without_uv, editable=editable)
        with pytest.raises(ProofError):
            prepare(job, may_install=lambda: False)
        assert prepare(job).names == ("alpha", "beta", "leaf")
        assert _versions(job) == {"alpha": version, "beta": "1.0", "leaf": "2.1"}
        assert remembered_proof(job)
        # Another wsnox takes no warm look for it, and compares.
        again = replace(job, version="2")
        assert remembered_proof(again) is None
        assert prepare(again, may_install=lambda: False).names == ("alpha", "beta", "leaf")


def test_a_version_that_the_tree_does_not_have_is_a_difference(root: Path) -> None:
    """A frozen lockfile does not make every version right: what is installed has to be what the tree is now."""
    job = _job(root)
    prepare(job)
    (place,) = site_of_job(job).glob("alpha-1.0.dist-info")
    place.rename(place.with_name("alpha-1.2.dist-info"))
    for name, old, new in (("METADATA", "Version: 1.0", "Version: 1.2"), ("RECORD", "alpha-1.0.", "alpha-1.2.")):
        file = place.with_name("alpha-1.2.dist-info") / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    job.stamp.unlink()
    with pytest.raises(ProofError, match=r"alpha 1\.0: installed as 1\.2"):
        prepare(job, may_install=lambda: False)
    prepare(job)
    assert _versions(job)["alpha"] == "1.0"


@pytest.mark.parametrize("without_uv", [False, True], ids=["uv", "pip"])
def test_a_version_may_become_dynamic(root: Path, without_uv: bool) -> None:  # noqa: FBT001
    """Then only a build tells the version, and any is right."""
    prepare(_job(root, without_uv=without_uv))
    _bump(root, "3.0")
    manifest = root / "packages/alpha/pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    del tables["project"]["version"]
    tables["project"]["dynamic"] = ["version"]
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    job = _job(root, without_uv=without_uv)
    prepare(job)
    assert _versions(job)["alpha"] == "3.0"
    assert remembered_proof(job)


@pytest.mark.parametrize("without_uv", [False, True], ids=["uv", "pip"])
def test_a_tree_that_is_no_member_has_its_own_version_too(wheelhouse: Path, tmp_path: Path, without_uv: bool) -> None:  # noqa: FBT001
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


def test_dependencies_are_those_of_the_lockfile(root: Path) -> None:
    """One that was never locked is not installed, and one that is gone is: as with ``uv sync --frozen``."""
    write_member(root / "packages/alpha", MemberSpec("alpha", dependencies=["pyhumps"], extras={"more": ["num"]}))
    job = _job(root)
    assert prepare(job).names == ("alpha", "beta", "leaf")
    assert uv(root, "sync", "--frozen", "--package", "beta").returncode == 0
    assert {place.name for place in (root / ".venv").glob("lib/*/site-packages/*.dist-info")} == {
        place.name for place in site_of_job(job).glob("*.dist-info")
    }


def test_a_member_that_is_not_locked_is_refused(root: Path) -> None:
    """With every member's environment, and by uv as well: nobody can tell what it would have."""
    write_member(root / "packages/gamma", MemberSpec("gamma"))
    manifest = root / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    tables["tool"]["uv"]["workspace"]["members"].append("packages/gamma")
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    assert uv(root, "sync", "--frozen", "--package", "beta").returncode != 0
    with pytest.raises(LockMemberError, match="`gamma`"):
        prepare(_job(root))


def test_a_member_that_is_gone_is_missed_where_it_is_needed(root: Path) -> None:
    """Whoever does not need it goes on."""
    shutil.rmtree(root / "packages/beta")
    job = replace(real_job(root, "alpha"), require_fresh_lock=False)
    assert prepare(job).names == ("alpha", "leaf")
    assert uv(root, "sync", "--frozen", "--package", "alpha").returncode == 0
