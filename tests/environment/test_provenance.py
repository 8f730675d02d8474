"""The same version from other files is another distribution: what is installed is from the files that are locked.

uv and pip keep what has the right version. Each test prepares an environment, lets the files change behind it, and
prepares it again; under ``nox -R`` nothing may be installed, and the difference is told.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w

from tests.cli.conftest import git
from tests.environment.jobs import prepare, real_job, refused, site_of_job
from tests.support.index import index
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_member
from wsnox.environment.stamp import remembered_proof

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job

pytestmark = pytest.mark.real

INSTALLERS = pytest.mark.parametrize("installer", ["uv", "pip"])
OTHER = "! thing 1.0: installed from other files than are locked"


def _thing(content: str, **more: Any) -> Wheel:
    return Wheel("thing", "1.0", modules={"thing.py": f"content = '{content}'\n"}, **more)


class Environment:
    """The environment of the member of the workspace at *root*, by an installer, and what is in it."""

    def __init__(self, root: Path, installer: str) -> None:
        self._root, self._without_uv = root, installer == "pip"

    @property
    def job(self) -> Job:
        """What a run of nox would ask for now."""
        return real_job(self._root, "member", without_uv=self._without_uv)

    def prepared(self) -> tuple[str, ...]:
        """Prepare it, and return what was removed that did not come with it; it is proven then, and was not before."""
        assert remembered_proof(self.job) is None
        removed = prepare(self.job).removed
        assert remembered_proof(self.job) is not None
        return tuple(name for name in removed if not name.startswith(("setuptools ", "wheel ")))

    def refused(self) -> list[str]:
        """Return what is told where nothing may be installed."""
        return refused(self.job)

    @property
    def content(self) -> str:
        """What the module of the distribution says."""
        text = (site_of_job(self.job) / "thing.py").read_text()
        return text.removeprefix("content = '").removesuffix("'\n")


@contextmanager
def _online(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let installs ask the index on this machine, with a cache of their own."""
    with monkeypatch.context() as patch:
        patch.setattr("tests.environment.jobs.OFFLINE", {"NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never"})
        yield


def _locked_again(root: Path, old: Path, new: bytes) -> None:
    """Write *new* in the place of the file *old*, and the lockfile with its hash, as after a release that was built again."""
    text = (root / "uv.lock").read_text()
    before, after = (sha256(content).hexdigest() for content in (old.read_bytes(), new))
    assert before in text
    old.write_bytes(new)
    (root / "uv.lock").write_text(re.sub(r", size = \d+", "", text.replace(before, after)))


@INSTALLERS
@pytest.mark.parametrize("kind", ["registry", "url"])
def test_the_hash_of_a_release_changed(
    workspace: WorkspaceFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str, kind: str
) -> None:
    """A file of an index and an archive by URL, locked with another hash, are installed again from the locked file."""
    files, other = tmp_path / "files", tmp_path / "other"
    files.mkdir()
    other.mkdir()
    wheel = build_wheel(files, _thing("first"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with index(files) as address, _online(monkeypatch):
        wanted = "thing" if kind == "registry" else f"thing @ {address}/files/{wheel.name}"
        root = workspace(MemberSpec("member", dependencies=[wanted]), locked=False)
        manifest = tomli.loads((root / "pyproject.toml").read_text())
        manifest["tool"]["uv"]["index"] = [{"url": f"{address}/simple", "default": True}]
        (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
        assert uv(root, "lock", env={"UV_OFFLINE": "0"}).returncode == 0
        environment = Environment(root, installer)
        assert (environment.prepared(), environment.content) == ((), "first")
        _locked_again(root, wheel, build_wheel(other, _thing("second")).read_bytes())
        (told,) = environment.refused()
        # pip writes down the hash of an archive.
        assert told in (OTHER, "! thing 1.0: installed from a file of another hash")
        assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


@INSTALLERS
def test_a_local_wheel_was_replaced(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A wheel at a path whose locked hash changed."""
    wheel = build_wheel(tmp_path, _thing("first"))
    sources = {"thing": {"path": f"../{wheel.name}"}}
    root = workspace(MemberSpec("member", dependencies=["thing"]), uv={"sources": sources})
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "first")
    build_wheel(tmp_path, _thing("second"))
    (root / "uv.lock").unlink()
    lock(root)
    assert len(environment.refused()) == 1
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


@INSTALLERS
def test_a_file_without_a_locked_hash_was_replaced(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A wheel in a local folder has no hash in the lockfile: a warm session sees that the file is another."""
    wheel = build_wheel(tmp_path, _thing("first"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    assert "hash" not in (root / "uv.lock").read_text()
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "first")
    os.utime(wheel, ns=(0, 0))
    # The same content at another time is nothing to install.
    assert (environment.prepared(), environment.content) == ((), "first")
    build_wheel(tmp_path, _thing("second"))
    assert environment.refused() == [OTHER]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "second")


def test_from_a_source_distribution_to_a_wheel(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Where a release gets a wheel or loses it, what the lockfile offers first is installed."""
    build_sdist(tmp_path, _thing("source"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    source = (root / "uv.lock").read_text()
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "source")
    build_wheel(tmp_path, _thing("wheel"))
    (root / "uv.lock").unlink()
    lock(root)
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "wheel")
    (root / "uv.lock").write_text(source)
    assert environment.refused() == [OTHER]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "source")


def test_of_several_wheels(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A wheel that fits better is installed once it is locked; one for another system changes nothing."""
    minor = "".join(map(str, sys.version_info[:2]))
    build_wheel(tmp_path, _thing("pure"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert (environment.prepared(), environment.content) == ((), "pure")
    build_wheel(tmp_path, _thing("windows", tag="py3-none-win_amd64" if os.name != "nt" else "py3-none-linux_x86_64"))
    (root / "uv.lock").unlink()
    lock(root)
    assert (environment.prepared(), environment.content) == ((), "pure")
    build_wheel(tmp_path, _thing("better", tag=f"cp{minor}-none-any"))
    (root / "uv.lock").unlink()
    lock(root)
    assert environment.refused() == [OTHER]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "better")


@INSTALLERS
def test_another_folder_of_the_same_commit(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A repository may hold a distribution twice."""
    repository = tmp_path / "repository"
    for name in ("first", "second"):
        (repository / name).mkdir(parents=True)
        modules = {"thing.py": f"content = '{name}'\n"}
        write_member(repository / name, MemberSpec("thing", requires_python="", modules=modules))
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")
    member = MemberSpec("member", dependencies=["thing"])
    for name in ("first", "second"):
        source = {"git": repository.as_uri(), "subdirectory": name}
        root = workspace(member, uv={"sources": {"thing": source}})
        environment = Environment(root, installer)
        if name == "second":
            assert "! thing 1.0: installed from the folder `first`" in environment.refused()
        assert environment.prepared() == (("thing 1.0",) if name == "second" else ())
        assert environment.content == name


def test_how_it_is_built(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What is built from a source distribution is built again where uv's settings for builds changed, wheels are not."""
    build_sdist(tmp_path, _thing("source"))
    build_wheel(tmp_path, Wheel("num", "1.0"))
    root = workspace(MemberSpec("member", dependencies=["num", "thing"]), index=tmp_path)
    environment = Environment(root, "uv")
    assert environment.prepared() == ()
    manifest = tomli.loads((root / "pyproject.toml").read_text())
    manifest["tool"]["uv"]["config-settings"] = {"key": "value"}
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
    assert environment.refused() == [OTHER]
    assert environment.prepared() == ("thing 1.0",)
    manifest["tool"]["uv"]["no-binary-package"] = ["num"]
    build_sdist(tmp_path, Wheel("num", "1.0"))
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
    (root / "uv.lock").unlink()
    lock(root)
    assert environment.prepared() == ("num 1.0",)


@INSTALLERS
def test_what_somebody_installed_by_hand(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """The locked version from another place, put there by hand, is replaced."""
    locked, other = tmp_path / "locked", tmp_path / "other"
    locked.mkdir()
    other.mkdir()
    build_wheel(locked, _thing("locked"))
    build_wheel(other, _thing("by hand"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=locked)
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "locked")
    command = ["pip", "install", "--offline", "--reinstall", "--no-deps", "--python", str(environment.job.python)]
    assert uv(root, *command, "--find-links", str(other), "--no-index", "thing").returncode == 0
    assert environment.content == "by hand"
    assert environment.refused() == [OTHER]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "locked")


@INSTALLERS
def test_what_somebody_edited(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A module at the top that is not the one that was proven is told, and its distribution is installed again."""
    build_wheel(tmp_path, _thing("locked"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, installer)
    assert (environment.prepared(), environment.content) == ((), "locked")
    module = site_of_job(environment.job) / "thing.py"
    # uv may share the file with its cache.
    module.unlink()
    module.write_text("content = 'edited'\n")
    assert environment.refused() == ["! thing 1.0: it changed since it was proven"]
    assert (environment.prepared(), environment.content) == (("thing 1.0",), "locked")


@INSTALLERS
def test_without_a_memory(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """An environment without a stamp may hold anything: all of it is installed again, or nothing is proven."""
    build_wheel(tmp_path, _thing("locked"))
    root = workspace(MemberSpec("member", dependencies=["thing"]), index=tmp_path)
    environment = Environment(root, installer)
    assert environment.prepared() == ()
    environment.job.stamp.unlink()
    assert environment.refused() == ["! nothing is remembered of what its distributions were installed from"]
    assert environment.prepared() == ("member 1.0", "thing 1.0")
    assert environment.content == "locked"


def test_what_an_environment_came_with(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A pip that is locked is the locked one, also where one of its version came with the environment and installs."""
    site = site_of_job(Environment(workspace(MemberSpec("member"), name="other", index=tmp_path), "pip").job)
    (info,) = site.glob("pip-*.dist-info")
    version = info.name.removeprefix("pip-").removesuffix(".dist-info")
    files = [file for file in (site / "pip").rglob("*") if file.suffix in (".py", ".pem", ".txt")]
    modules = {file.relative_to(site).as_posix(): file.read_text(encoding="utf-8") for file in files}
    build_wheel(tmp_path, Wheel("pip", version, modules={**modules, "pip/locked.py": ""}))
    root = workspace(MemberSpec("member", dependencies=["pip"]), index=tmp_path)
    environment = Environment(root, "pip")
    assert environment.prepared() == (f"pip {version}",)
    assert (site_of_job(environment.job) / "pip" / "locked.py").exists()
