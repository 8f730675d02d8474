"""What of the system a session sees: variables, and programs by their name, by a path, through links."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from wsnox.environment.isolation import Programs, command_env, find_uv, install_env, plain_name
from wsnox.environment.model import Venv

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="these programs are files that may be executed")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Return the programs of an environment in a workspace that has another one, and links; on ``PATH`` is one more."""
    for path in (
        *("repo/.nox/alpha/bin/tool", "repo/.nox/alpha/tmp/made", "repo/.nox/beta/bin/tool", "repo/.venv/bin/tool"),
        *("repo/conda/bin/tool", "repo/tools/tool", "repo/alpha/run.sh", "outside/tool", "outside/other"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch(mode=0o755)
    for path in ("repo/.nox/alpha/pyvenv.cfg", "repo/.nox/beta/pyvenv.cfg", "repo/.venv/pyvenv.cfg"):
        (tmp_path / path).touch()
    (tmp_path / "repo/conda/conda-meta").mkdir()
    for link, target in {
        "repo/.nox/alpha/bin/python": "outside/other",
        "repo/tools/out": "outside/tool",
        "repo/tools/into": "repo/.venv/bin/tool",
        "repo/tools/same": "repo/alpha/run.sh",
        "repo/environment": "repo/.nox/alpha",
        "repo/others": "outside",
        "linked": "repo",
    }.items():
        (tmp_path / link).symlink_to(tmp_path / target)
    monkeypatch.setenv("PATH", str(tmp_path / "outside"))
    monkeypatch.chdir(tmp_path / "repo" / "alpha")
    location = tmp_path / "repo/.nox/alpha"
    venv = Venv(location, location / "bin")
    return Programs(venv=venv, root=tmp_path / "repo", external=("docker", "/opt/x/tool 2"))


KINDS = {
    "environment": (
        *("tool", "python", "../.nox/alpha/bin/tool", "../.nox/alpha/tmp/made"),
        *("TMP/repo/.nox/alpha/bin/python", "TMP/linked/.nox/alpha/bin/python", "TMP/repo/environment/bin/tool"),
        "TMP/repo/.nox/beta/../alpha/bin/tool",
    ),
    "repository": ("./run.sh", "../tools/tool", "TMP/linked/tools/tool", "../tools/same", "./not-there"),
    "outside": (
        *("other", "run.sh", "", "not-there", "TMP/outside/tool", "../../outside/tool", "../others/tool"),
        *("../tools/out", "../tools/into", "../.venv/bin/tool", "../.nox/beta/bin/tool", "../conda/bin/tool"),
        *("/opt/y/tool 2", "tool 2", "Docker", "docker.exe", "docker-compose"),
    ),
    "allowed": ("git", "docker", "/anywhere/docker", "../.venv/bin/docker", "/opt/x/tool 2"),
}


@POSIX
@pytest.mark.parametrize(("kind", "program"), [(kind, program) for kind, names in KINDS.items() for program in names])
def test_kind(programs: Programs, tmp_path: Path, program: str, kind: str) -> None:
    """Where a program lies decides, whatever way leads there; a link is not the repository's where it leads out."""
    assert programs.kind(program.replace("TMP", str(tmp_path))) == kind


@POSIX
def test_a_program_that_does_not_run(programs: Programs) -> None:
    """What the environment has under the name, and cannot be executed, is a program of it that is broken."""
    broken, tool = programs.venv.bin / "broken", programs.venv.bin / "tool"
    broken.touch(mode=0o644)
    (programs.venv.bin / "dangling").symlink_to("nowhere")
    assert programs.kind("broken") == "outside"
    assert programs.broken("broken") == broken
    assert programs.broken("dangling") == programs.venv.bin / "dangling"
    assert programs.broken("tool") is programs.broken("other") is None
    tool.chmod(0o644)
    assert programs.broken("tool") == tool


@pytest.mark.parametrize(
    ("program", "posix", "windows"),
    [
        ("docker", "docker", "docker"),
        ("Docker.EXE", "Docker.EXE", "docker"),
        ("tool.cmd", "tool.cmd", "tool"),
        ("py.test", "py.test", "py.test"),
        (r"C:\Tools\x.bat", r"C:\Tools\x.bat", "x"),
        ("C:/Tools/x.exe", "x.exe", "x"),
        ("./a/b", "b", "b"),
    ],
)
def test_plain_name(program: str, posix: str, windows: str) -> None:
    """On Windows a program is called without what makes it one, in any case."""
    assert (plain_name(program, "posix"), plain_name(program, "nt")) == (posix, windows)
    assert plain_name(program) == (windows if os.name == "nt" else posix)


@POSIX
def test_which_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that ``UV`` names, as for nox, and no other if that is absent; else the package ``uv``, then ``PATH``."""
    named, on_path = tmp_path / "uv-of-mine", tmp_path / "uv"
    named.touch(mode=0o755)
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() is None
    on_path.touch(mode=0o755)
    assert find_uv() == str(on_path)
    monkeypatch.setenv("UV", str(named))
    assert find_uv() == str(named)
    monkeypatch.setenv("UV", "/nonexistent/uv")
    assert find_uv() is None


def test_uv_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session asks several times, and where the package ``uv`` is installed, the answer takes a millisecond."""
    asked = list[str]()

    def find_uv_bin() -> str:
        asked.append("uv")
        return "/uv"

    monkeypatch.setitem(sys.modules, "uv", SimpleNamespace(find_uv_bin=find_uv_bin))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("UV", raising=False)
    assert (find_uv(), find_uv(), asked) == ("/uv", "/uv", ["uv"])


HOSTILE = (
    *("PIP_CONSTRAINT", "PIP_NO_DEPS", "PIP_PRE", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER"),
    *("UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_NO_EDITABLE", "UV_NO_VERIFY_HASHES", "UV_OVERRIDE"),
    *("UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_REINSTALL", "UV_RESOLUTION", "UV_SYSTEM_PYTHON", "UV_TARGET"),
)
NEEDED = (
    *("HTTPS_PROXY", "HOME", "NETRC", "PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "TMPDIR", "PIP_CACHE_DIR"),
    *("PIP_CERT", "PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_PROXY", "PIP_TIMEOUT"),
    *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_INDEX", "UV_INDEX_PRIVATE_PASSWORD"),
    *("UV_KEYRING_PROVIDER", "UV_LINK_MODE", "UV_NATIVE_TLS", "UV_OFFLINE", "UV_SYSTEM_CERTS"),
)


def test_variables() -> None:
    """Nothing adds to what commands import, or changes what is installed; how to fetch passes, without which nothing works."""
    env = command_env()
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "UV_PROJECT", "UV_ENV_FILE"):
        assert env[name] is None
    assert {name: value for name, value in env.items() if value is not None} == {"PYTHONNOUSERSITE": "1"}
    installs = install_env([*HOSTILE, *NEEDED])
    assert [name for name in HOSTILE if installs.get(name, "kept") is not None] == []
    assert [name for name in NEEDED if name in installs] == []
    # A build runs the user's code, as a command does.
    assert install_env([]).items() >= env.items()
