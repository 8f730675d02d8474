"""What can go wrong around an install: one clear sentence each, no traceback, nothing lost, and repaired by the next run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import Ran, distributions, nox, site_of, without_uv, write_noxfile
from tests.support.index import index
from tests.support.installed import broken_records
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.environment.installers import OLDEST, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

MEMBER = MemberSpec("member", dependencies=["leaf", "pyhumps"])
NOTHING: dict[str, Any] = {"commands": []}
INSTALLERS = pytest.mark.parametrize("installer", ["uv", "pip"])
# Read before the tests are shielded from such variables.
OLD_UV = os.environ.get("WSNOX_TEST_OLD_UV")
EXACT = "member: 3 distributions, exactly its locked closure"


def _env(installer: str, files: Path | None = None) -> dict[str, str]:
    # One attempt each: what does not answer would else be asked for a while.
    quick = {"PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0", "UV_OFFLINE": "0", "NO_PROXY": "127.0.0.1"}
    empty = {} if files is None else {"UV_CACHE_DIR": str(files.parent / "cache"), "PIP_NO_CACHE_DIR": "1"}
    return {**quick, **empty, **(without_uv() if installer == "pip" else {})}


def _refused(ran: Ran) -> str:
    assert ran.code == 1, ran.said
    assert "Traceback" not in ran.said
    (line,) = (line for line in ran.lines if line.startswith("Session member aborted: "))
    return line.removeprefix("Session member aborted: ")


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of one member."""
    return write_noxfile(workspace(MEMBER, wsnox=NOTHING))


@pytest.fixture
def files(tmp_path: Path, wheelhouse: Path) -> Path:
    """Return a folder of what an index has for the member."""
    files = tmp_path / "served"
    files.mkdir()
    for name in ("leaf", "pyhumps"):
        for wheel in wheelhouse.glob(f"{name}-*.whl"):
            shutil.copy(wheel, files)
    return files


def _locked_online(workspace: WorkspaceFactory, url: str, env: Mapping[str, str] | None = None) -> Path:
    """Return a workspace of the member that is locked against the index at *url*, which gives hashes."""
    index = {"name": "local", "url": f"{url}/simple", "default": True}
    root = workspace(MEMBER, uv={"index": [index]}, wsnox=NOTHING, locked=False)
    done = uv(root, "lock", env={"UV_OFFLINE": "0", "NO_PROXY": "127.0.0.1", **(env or {})})
    assert done.returncode == 0, done.stderr
    assert "hash = " in (root / "uv.lock").read_text(encoding="utf-8")
    return root


@INSTALLERS
def test_a_tampered_index(workspace: WorkspaceFactory, files: Path, installer: str) -> None:
    """A file that is not the locked one is refused by its hash, even where the index vouches for it; the honest one installs."""
    with index(files) as url:
        root = _locked_online(workspace, url)
        honest = (files / "leaf-2.1-py3-none-any.whl").read_bytes()
        build_wheel(files, Wheel("leaf", "2.1", modules={"leaf/__init__.py": "evil = True\n"}))
        ran = nox(root, "-s", "member", env=_env(installer, files))
        assert _refused(ran).endswith("could not install the locked closure of member")
        assert "sha256:" in ran.said.replace("sha256 ", "sha256:") or "HASHES" in ran.said
        assert "leaf-2.1" not in distributions(root, "member")
        (files / "leaf-2.1-py3-none-any.whl").write_bytes(honest)
        assert EXACT in nox(root, "-s", "member", env=_env(installer, files)).said


@pytest.mark.parametrize(("installer", "way"), [("uv", "variables"), ("uv", "netrc"), ("pip", "netrc")])
def test_a_private_index(workspace: WorkspaceFactory, tmp_path: Path, files: Path, installer: str, way: str) -> None:
    """Credentials from outside reach the install; without them it ends in a sentence."""
    known = {"UV_INDEX_LOCAL_USERNAME": "user", "UV_INDEX_LOCAL_PASSWORD": "secret"}
    with index(files, user="user", password="secret") as url:
        root = _locked_online(workspace, url, known)
        if way == "netrc":
            (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
            (tmp_path / "netrc").chmod(0o600)
            known = {"NETRC": str(tmp_path / "netrc")}
        env = _env(installer, files)
        assert _refused(nox(root, "-s", "member", env=env)).endswith("could not install the locked closure of member")
        assert EXACT in nox(root, "-s", "member", env={**env, **known}).said


def test_an_index_that_does_not_answer(workspace: WorkspaceFactory, files: Path) -> None:
    """Where nothing listens the installer says so, the session fails with a sentence, and the next run repairs it."""
    with index(files) as url:
        root = _locked_online(workspace, url)
        texts = {root / name: (root / name).read_text(encoding="utf-8") for name in ("uv.lock", "pyproject.toml")}
        for file, text in texts.items():
            file.write_text(text.replace(url, "http://127.0.0.1:9"), encoding="utf-8")
        ran = nox(root, "-s", "member", env=_env("uv", files))
        assert _refused(ran).endswith("could not install the locked closure of member")
        assert "127.0.0.1:9" in ran.said
        for file, text in texts.items():
            file.write_text(text, encoding="utf-8")
        assert EXACT in nox(root, "-s", "member", env=_env("uv", files)).said


@pytest.mark.parametrize("stamp", [b"{", bytes(range(256))], ids=["cut", "binary"])
def test_a_corrupt_stamp(root: Path, stamp: bytes) -> None:
    """A stamp that cannot be read recreates the environment, and is never taken for a proof."""
    assert nox(root, "-s", "member").code == 0
    (root / ".nox" / "member" / "wsnox" / "stamp.json").write_bytes(stamp)
    (site_of(root, "member") / "leaf" / "__init__.py").unlink()
    ran = nox(root, "-s", "member")
    assert "recreating the environment: its last preparation did not finish" in ran.said
    assert EXACT in ran.said
    assert broken_records(site_of(root, "member")) == []


def test_a_lockfile_cut_short(root: Path) -> None:
    """A lockfile cut short is refused by its name, and the environment stays as it was proven."""
    assert nox(root, "-s", "member").code == 0
    before = distributions(root, "member")
    text = (root / "uv.lock").read_bytes()
    for part in (0.3, 0.6, 0.95):
        (root / "uv.lock").write_bytes(text[: int(len(text) * part)])
        assert "`[ROOT]/uv.lock`" in _refused(nox(root, "-s", "member"))
        assert distributions(root, "member") == before
    (root / "uv.lock").write_bytes(text)
    assert EXACT in nox(root, "-s", "member").said


@pytest.mark.parametrize("place", ["member/wsnox", ".wsnox"])
def test_a_place_that_cannot_be_written(root: Path, place: str) -> None:
    """A file where wsnox needs a folder ends in a sentence that names it."""
    blocked = root / ".nox" / place
    assert nox(root, "-s", "member").code == 0
    shutil.rmtree(blocked)
    blocked.touch()
    ran = nox(root, "-s", "member")
    assert (ran.code == 1 and f"[ROOT]/{blocked.relative_to(root).as_posix()}" in ran.said) or EXACT in ran.said, (
        ran.said
    )
    assert "Traceback" not in ran.said
    if blocked.is_file():
        blocked.unlink()
    assert EXACT in nox(root, "-s", "member").said


@pytest.fixture
def read_only(root: Path) -> Iterator[Path]:
    """Return a proven environment into which nothing can be written, by whoever runs the tests."""
    assert nox(root, "-s", "member").code == 0
    site = site_of(root, "member")
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        site.chmod(0o555)
        yield site
        site.chmod(0o755)
        return
    chattr = shutil.which("chattr")
    if chattr is None or subprocess.run([chattr, "+i", site], check=False, capture_output=True).returncode:
        pytest.skip("root may write everywhere here")
    yield site
    subprocess.run([chattr, "-i", site], check=True)


def test_a_read_only_environment(root: Path, read_only: Path) -> None:
    """An environment that is proven runs though nothing may be written; one that must change ends in a sentence."""
    assert EXACT in nox(root, "-s", "member").said
    with (root / "uv.lock").open("a", encoding="utf-8") as file:
        file.write("\n")
    (read_only / "leaf" / "py.typed").unlink()
    text = _refused(nox(root, "-s", "member"))
    assert "could not install the locked closure of member" in text
    assert read_only.is_dir()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own that is soon full, where this machine lets us have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if sys.platform != "linux" or mount is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(workspace: WorkspaceFactory, tmp_path: Path, wheelhouse: Path, small: Path) -> None:
    """An install that fills the disk fails with a sentence, and once there is room the next run is exact."""
    own = Path(shutil.copytree(wheelhouse, tmp_path / "own"))
    build_wheel(own, Wheel("large", "1.0", modules={"large/data.txt": os.urandom(300_000).hex()}))
    root = workspace(MemberSpec("member", dependencies=["large", "leaf"]), index=own, wsnox=NOTHING)
    env = {"UV_LINK_MODE": "copy"}
    ran = nox(root, "--envdir", str(small), "-s", "member", env=env)
    assert _refused(ran).endswith("could not install the locked closure of member")
    subprocess.run(["mount", "-o", "remount,size=20m", str(small)], check=True)
    ran = nox(root, "--envdir", str(small), "-s", "member", env=env)
    assert EXACT in ran.said, ran.said
    (site,) = small.glob("member/lib/python*/site-packages")
    assert broken_records(site) == []


def test_an_old_uv(root: Path) -> None:
    """A uv that does not know PEP 751 files yet is refused with its version and the one that is needed."""
    if OLD_UV is None:
        pytest.skip("`WSNOX_TEST_OLD_UV` names no old uv")
    version = version_of(OLD_UV)
    assert version is not None
    assert version < OLDEST
    ran = nox(root, "-s", "member", env={"UV": OLD_UV})
    assert _refused(ran) == "uv could not install the locked closure of member"
    assert f"hint: `{OLD_UV}` is uv {version}, and wsnox needs {OLDEST} or later" in ran.said
