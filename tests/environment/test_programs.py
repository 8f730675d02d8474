"""What a program is to a session, on any system: by its name, by a path, through links."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from wsnox.environment.programs import Programs, plain_name, python_name

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these programs are files that may be executed")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Return the programs of an environment in a workspace that has another one, and links; on ``PATH`` is one more."""
    for path in (
        "repo/.nox/alpha/bin/tool",
        "repo/.nox/alpha/tmp/made",
        "repo/.nox/beta/bin/tool",
        "repo/.venv/bin/tool",
        "repo/conda/bin/tool",
        "repo/tools/tool",
        "repo/alpha/run.sh",
        "outside/tool",
        "outside/other",
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
    return Programs(
        location=location, folder=location / "bin", root=tmp_path / "repo", external=("docker", "/opt/x/tool 2")
    )


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("tool", "environment"),
        ("python", "environment"),
        ("../.nox/alpha/bin/tool", "environment"),
        ("TMP/repo/.nox/alpha/bin/python", "environment"),
        ("TMP/linked/.nox/alpha/bin/python", "environment"),
        ("TMP/repo/environment/bin/tool", "environment"),
        ("TMP/repo/.nox/beta/../alpha/bin/tool", "environment"),
        ("../.nox/alpha/tmp/made", "environment"),
        ("./run.sh", "repository"),
        ("../tools/tool", "repository"),
        ("TMP/linked/tools/tool", "repository"),
        ("../tools/same", "repository"),
        ("./not-there", "repository"),
        ("other", "outside"),
        ("run.sh", "outside"),
        ("", "outside"),
        ("not-there", "outside"),
        ("TMP/outside/tool", "outside"),
        ("../../outside/tool", "outside"),
        ("../others/tool", "outside"),
        ("../tools/out", "outside"),
        ("../tools/into", "outside"),
        ("../.venv/bin/tool", "outside"),
        ("../.nox/beta/bin/tool", "outside"),
        ("../conda/bin/tool", "outside"),
        ("git", "allowed"),
        ("docker", "allowed"),
        ("/anywhere/docker", "allowed"),
        ("../.venv/bin/docker", "allowed"),
        ("/opt/x/tool 2", "allowed"),
        ("/opt/y/tool 2", "outside"),
        ("tool 2", "outside"),
        ("Docker", "outside"),
        ("docker.exe", "outside"),
        ("docker-compose", "outside"),
    ],
)
def test_kind(programs: Programs, tmp_path: Path, program: str, kind: str) -> None:
    """Where a program lies decides, whatever way leads there; a link is not the repository's where it leads out."""
    assert programs.kind(program.replace("TMP", str(tmp_path))) == kind


def test_a_shell_is_not_allowed(programs: Programs) -> None:
    """What looks on ``PATH`` for others, or brings others, has to be allowed by name."""
    assert {programs.kind(each) for each in ("sh", "bash", "cmd", "env", "time", "xargs", "make", "uv", "pip")} == {
        "outside"
    }


@pytest.mark.parametrize("harm", ["unlink", "chmod", "dangle"])
def test_broken(programs: Programs, harm: str) -> None:
    """A file of the name that does not run is found, and nothing from ``PATH`` in its place."""
    script = programs.folder / "tool"
    assert programs.broken("tool") is None
    if harm == "chmod":
        script.chmod(0o644)
    else:
        script.unlink()
    if harm == "dangle":
        script.symlink_to("nowhere")
    assert programs.kind("tool") == "outside"
    assert programs.broken("tool") == (None if harm == "unlink" else script)


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


@pytest.mark.parametrize(("system", "expected"), [("nt", "python.exe"), ("posix", "python"), ("java", "python")])
def test_what_python_is_called(system: str, expected: str) -> None:
    """Only Windows has a suffix for programs."""
    assert python_name(system) == expected
