"""What can go wrong around an install: one clear sentence each, no traceback, nothing lost, and mended by the next run."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import Ran, distributions, nox, site_of, without_uv, write_noxfile
from tests.support.installed import broken_records
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.environment.uv import OLDEST, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

MEMBER = MemberSpec("member", dependencies=["leaf", "pyhumps"])
NOTHING: dict[str, Any] = {"commands": []}
INSTALLERS = pytest.mark.parametrize("installer", ["uv", "pip"])
# Read before the tests are shielded from such variables.
OLD_UV = os.environ.get("WSNOX_TEST_OLD_UV")
PASSWORD = f"Basic {base64.b64encode(b'user:secret').decode()}"
EXACT = "member: 3 distributions, exactly its locked closure"


def _env(installer: str) -> dict[str, str]:
    # One attempt each: what does not answer would else be asked for a while.
    quick = {"PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0", "UV_OFFLINE": "0", "NO_PROXY": "127.0.0.1"}
    return {**quick, **(without_uv() if installer == "pip" else {})}


def _refused(ran: Ran) -> str:
    assert ran.code == 1, ran.said
    assert "Traceback" not in ran.said
    (line,) = (line for line in ran.lines if line.startswith("Session member aborted: "))
    return line.removeprefix("Session member aborted: ")


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of one member."""
    return write_noxfile(workspace(MEMBER, wsnox=NOTHING))


class _Index(SimpleHTTPRequestHandler):
    """Serves a folder, and what lies in a folder ``private`` only to who knows the password."""

    def do_GET(self) -> None:
        """Answer a request."""
        if "/private/" in self.path and self.headers.get("Authorization") != PASSWORD:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path, wheelhouse: Path) -> Iterator[tuple[str, Path]]:
    """Return the URL of an index on this machine whose files have hashes, and the folder that it serves."""
    folder = tmp_path / "served"
    for name in ("leaf", "pyhumps"):
        (folder / "simple" / name).mkdir(parents=True)
        for wheel in wheelhouse.glob(f"{name}-*.whl"):
            shutil.copy(wheel, folder / "simple" / name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Index, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple", folder / "simple"
    server.shutdown()
    server.server_close()
    thread.join()


def _pages(folder: Path) -> None:
    for package in folder.iterdir():
        links = (
            f'<a href="{wheel.name}#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}">{wheel.name}</a>'
            for wheel in package.glob("*.whl")
        )
        (package / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")


@INSTALLERS
def test_a_tampered_index(workspace: WorkspaceFactory, index: tuple[str, Path], installer: str) -> None:
    """A file that is not the locked one is refused by its hash, even where the index vouches for it; the honest one installs."""
    url, folder = index
    _pages(folder)
    settings = {"index": [{"name": "local", "url": url, "default": True}]}
    root = workspace(MEMBER, uv=settings, wsnox=NOTHING, locked=False)
    _lock_online(root)
    assert "hash = " in (root / "uv.lock").read_text(encoding="utf-8")
    honest = (folder / "leaf" / "leaf-2.1-py3-none-any.whl").read_bytes()
    build_wheel(folder / "leaf", Wheel("leaf", "2.1", modules={"leaf/__init__.py": "evil = True\n"}))
    _pages(folder)
    env = {**_env(installer), "UV_CACHE_DIR": str(folder.parent / "cache"), "PIP_NO_CACHE_DIR": "1"}
    ran = nox(root, "-s", "member", env=env)
    assert _refused(ran).endswith("could not install the locked closure of member")
    assert "sha256:" in ran.said.replace("sha256 ", "sha256:") or "HASHES" in ran.said
    assert "leaf-2.1" not in distributions(root, "member")
    (folder / "leaf" / "leaf-2.1-py3-none-any.whl").write_bytes(honest)
    _pages(folder)
    assert EXACT in nox(root, "-s", "member", env=env).said


def _lock_online(root: Path, more: Mapping[str, str] | None = None) -> None:
    done = uv(root, "lock", env={"UV_OFFLINE": "0", "NO_PROXY": "127.0.0.1", **(more or {})})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("installer", "way"), [("uv", "variables"), ("uv", "netrc"), ("pip", "netrc")])
def test_a_private_index(
    workspace: WorkspaceFactory, tmp_path: Path, index: tuple[str, Path], installer: str, way: str
) -> None:
    """Credentials from outside reach the install; without them it ends in a sentence."""
    url, folder = index
    _pages(folder)
    (folder.parent / "private").mkdir()
    folder.rename(folder.parent / "private" / "simple")
    url = url.replace("/simple", "/private/simple")
    settings = {"index": [{"name": "local", "url": url, "default": True}]}
    root = workspace(MEMBER, uv=settings, wsnox=NOTHING, locked=False)
    known = {"UV_INDEX_LOCAL_USERNAME": "user", "UV_INDEX_LOCAL_PASSWORD": "secret"}
    _lock_online(root, known)
    if way == "netrc":
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
        (tmp_path / "netrc").chmod(0o600)
        known = {"NETRC": str(tmp_path / "netrc")}
    env = {**_env(installer), "UV_CACHE_DIR": str(tmp_path / "cache"), "PIP_NO_CACHE_DIR": "1"}
    assert _refused(nox(root, "-s", "member", env=env)).endswith("could not install the locked closure of member")
    assert EXACT in nox(root, "-s", "member", env={**env, **known}).said


@INSTALLERS
def test_an_index_that_does_not_answer(workspace: WorkspaceFactory, index: tuple[str, Path], installer: str) -> None:
    """Where nothing listens the installer says so, the session fails with a sentence, and the next run mends it."""
    url, folder = index
    _pages(folder)
    root = workspace(
        MEMBER, uv={"index": [{"name": "local", "url": url, "default": True}]}, wsnox=NOTHING, locked=False
    )
    _lock_online(root)
    lockfile, manifest = root / "uv.lock", root / "pyproject.toml"
    texts = [file.read_text(encoding="utf-8") for file in (lockfile, manifest)]
    for file, text in zip((lockfile, manifest), texts, strict=True):
        file.write_text(text.replace(url.removesuffix("/simple"), "http://127.0.0.1:9"), encoding="utf-8")
    env = {**_env(installer), "UV_CACHE_DIR": str(folder.parent / "cache"), "PIP_NO_CACHE_DIR": "1"}
    ran = nox(root, "-s", "member", env=env)
    assert _refused(ran).endswith("could not install the locked closure of member")
    assert "127.0.0.1:9" in ran.said or "No matching distribution" in ran.said
    for file, text in zip((lockfile, manifest), texts, strict=True):
        file.write_text(text, encoding="utf-8")
    assert EXACT in nox(root, "-s", "member", env=env).said


@pytest.mark.parametrize("stamp", [b"{", bytes(range(256))], ids=["cut", "binary"])
def test_a_corrupt_stamp(root: Path, stamp: bytes) -> None:
    """A stamp that cannot be read makes the environment anew, and is never taken for a proof."""
    assert nox(root, "-s", "member").code == 0
    (root / ".nox" / "member" / "wsnox" / "stamp.json").write_bytes(stamp)
    (site_of(root, "member") / "leaf" / "__init__.py").unlink()
    ran = nox(root, "-s", "member")
    assert "making the environment anew, as its last preparation did not finish" in ran.said
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


@INSTALLERS
@pytest.mark.parametrize("kind", ["a-file-for-wsnox", "a-file-for-locks"])
def test_a_place_that_cannot_be_written(root: Path, kind: str, installer: str) -> None:
    """A file where wsnox needs a folder ends in a sentence that names it."""
    env = _env(installer)
    place = root / ".nox" / ("member/wsnox" if kind == "a-file-for-wsnox" else ".wsnox")
    assert nox(root, "-s", "member", env=env).code == 0
    shutil.rmtree(place)
    place.touch()
    ran = nox(root, "-s", "member", env=env)
    assert (ran.code == 1 and f"[ROOT]/{place.relative_to(root).as_posix()}" in ran.said) or EXACT in ran.said, ran.said
    assert "Traceback" not in ran.said
    if place.is_file():
        place.unlink()
    assert EXACT in nox(root, "-s", "member", env=env).said


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
    found = version_of(OLD_UV)
    assert found is not None
    assert found < OLDEST
    ran = nox(root, "-s", "member", env={"UV": OLD_UV})
    assert _refused(ran) == "uv could not install the locked closure of member"
    assert f"hint: `{OLD_UV}` is uv {found}, and wsnox needs {OLDEST} or later" in ran.said
