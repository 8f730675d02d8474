"""Credentials in URLs: sessions install with them, nothing shows them, and no file keeps them that others may read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w

from tests.cli.conftest import git
from tests.environment.jobs import RealHost, prepare, real_job
from tests.sessions.running import nox
from tests.support.index import index
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.cli import main
from wsnox.environment.stamp import remembered_proof

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SECRET = "s3cret-word"


@pytest.fixture
def root(workspace: WorkspaceFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a locked workspace that needs an archive and a release from an index which asks for a password."""
    files = tmp_path / "files"
    files.mkdir()
    wheel = build_wheel(files, Wheel("thing", "1.0"))
    build_wheel(files, Wheel("num", "1.0"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("tests.environment.jobs.OFFLINE", {"NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never"})
    with index(files, user="user", password=SECRET) as address:
        private = address.replace("//", f"//user:{SECRET}@")
        member = MemberSpec("member", dependencies=["num", f"thing @ {private}/files/{wheel.name}"])
        root = workspace(member, locked=False)
        manifest = tomli.loads((root / "pyproject.toml").read_text())
        manifest["tool"]["uv"]["index"] = [{"url": f"{private}/simple", "default": True}]
        manifest["tool"]["wsnox"] = {"commands": []}
        (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
        done = uv(root, "lock", env={"UV_OFFLINE": "0"})
        assert done.returncode == 0, done.stderr
        assert SECRET in (root / "uv.lock").read_text()
        yield root


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_session(root: Path, installer: str) -> None:
    """It is installed and proven, and stays so; files that hold the password are nobody else's while they are read."""
    seen: list[str] = []

    def watched(*command: str) -> None:
        seen.extend(word for word in command if SECRET in word)
        holding = (file for file in job.venv.folder.glob("*") if SECRET.encode() in file.read_bytes())
        seen.extend(oct(stat.S_IMODE(file.stat().st_mode)) for file in holding)
        RealHost(job).install(*command)

    job = real_job(root, "member", without_uv=installer == "pip")
    assert prepare(job, install=watched).names == ("member", "num", "thing")
    assert remembered_proof(job) is not None
    assert set(seen) == {"0o600"}
    kept = [file for file in (root / ".nox").rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    # What the member declares its own metadata says, which its installer wrote.
    left = [file for file in kept if file.name != "METADATA"]
    assert [file for file in left if stat.S_IMODE(file.stat().st_mode) & 0o077] == []


@pytest.mark.parametrize("command", ["closure", "export", "why", "graph", "list", "check", "diff"])
def test_the_commands(root: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """No command shows the password, in text or JSON."""
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    words = {"why": ["member", "thing"], "diff": ["HEAD:member", "member"], "list": [], "check": [], "graph": []}
    if command == "diff":
        text = (root / "uv.lock").read_text()
        (root / "uv.lock").write_text(text.replace("thing-1.0-py3", "thing-1.0-1-py3"))
    for options in ([], ["--json"]) if command != "graph" else ([], ["--format=dot"]):
        main([command, "--root", str(root), *options, *words.get(command, ["member"])])
        said = capsys.readouterr()
        assert SECRET not in said.out + said.err
        assert said.out + said.err


def test_a_stale_lockfile(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence that names a requirement masks it, in a session and in a check."""
    manifest = root / "packages" / "member" / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("thing-1.0", "thing-2.0"))
    ran = nox(root, "-s", "member")
    assert ran.code == 1
    assert "user:****@" in ran.said
    assert SECRET not in ran.said
    for options in ([], ["--json"]):
        assert main(["check", "--root", str(root), *options]) == 1
        said = capsys.readouterr().out
        assert "user:****@" in said
        assert SECRET not in said
