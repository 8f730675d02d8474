"""What no session can install is refused before anything is installed, exactly where the real uv refuses it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w

from tests.environment.interpreters import interpreter
from tests.sessions.running import nox
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.cli import main
from wsnox.closure.compatibility import Compatibility
from wsnox.environment.interpreter import probe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

MEMBER = MemberSpec("member", dependencies=["elsewhere"])
NOTHING: dict[str, Any] = {"commands": [["python", "-c", "print('ran')"]]}
OFFERED = "elsewhere-1.0-py3-none-win_amd64.whl"
SENTENCE = (
    "`elsewhere 1.0` has no wheel for this interpreter and no source distribution (needed by member -> elsewhere); "
    f"wheels offered: {OFFERED}"
)
TAGS = (
    *("py3-none-any", "py2-none-any", "py2.py3-none-any", "py38-none-any", "py399-none-any"),
    *("py3-none-win_amd64", "py3-none-macosx_11_0_arm64", "py3-none-linux_x86_64", "py3-none-linux_s390x"),
    *("py3-none-manylinux1_x86_64", "py3-none-manylinux_2_17_x86_64", "py3-none-manylinux_2_99_x86_64"),
    *("py3-none-manylinux2014_aarch64", "py3-none-musllinux_1_2_x86_64", "py3-none-manylinux_2_17_i686"),
    *("cp38-abi3-linux_x86_64", "cp32-abi3-manylinux_2_17_x86_64", "cp399-abi3-linux_x86_64", "py3-abi3-linux_x86_64"),
    *(
        "cp38-cp38-linux_x86_64",
        "cp38-none-any",
        "cp{0}-none-any",
        "cp{0}-cp{0}-linux_x86_64",
        "cp{0}-cp{0}t-linux_x86_64",
    ),
    *(
        "cp{0}-cp{0}d-linux_x86_64",
        "cp{0}-cp{0}-manylinux_2_5_x86_64.manylinux1_x86_64",
        "pp310-pypy310_pp73-linux_x86_64",
    ),
    *("cp38.cp{0}-none-any", "graalpy311-graalpy242_311_native-linux_x86_64", "py3-none-pyodide_2024_0_wasm32"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="the tags are those of Linux")
@pytest.mark.parametrize("minor", [f"3.{sys.version_info.minor}", "3.9", "3.13"])
def test_uv_takes_the_same_wheels(tmp_path: Path, minor: str) -> None:
    """A wheel that uv takes is never refused, and of these none that uv refuses is let through."""
    python = interpreter(minor)
    found = probe(python)
    compatibility = Compatibility(found.target, found.platform)
    files: dict[str, str] = {}
    for number, tag in enumerate(TAGS):
        wheel = Wheel(f"w{number}", "1.0", tag=tag.format(minor.replace(".", "")))
        files[wheel.name] = build_wheel(tmp_path, wheel).name
    options = ["--offline", "--dry-run", "--no-deps", "--target", "t", "--python", str(python)]
    taken = {file: uv(tmp_path, "pip", "install", *options, f"./{file}").returncode == 0 for file in files.values()}
    assert {file: compatibility.may_take(file) for file in taken} == taken
    assert 5 < sum(taken.values()) < len(taken) - 5


def test_a_wheel_for_another_system(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A session is refused with the chain while its environment is still empty, and so is every command on closures."""
    build_wheel(tmp_path, Wheel("elsewhere", "1.0", tag="py3-none-win_amd64"))
    root = workspace(MEMBER, index=tmp_path, wsnox=NOTHING)
    ran = nox(root, "-s", "member")
    assert ran.code == 1
    assert SENTENCE in ran.said
    assert "Command" not in ran.said
    assert "Traceback" not in ran.said
    assert not [*root.glob(".nox/member/lib/python*/site-packages/member*")]


def test_the_commands(workspace: WorkspaceFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``closure`` and ``export`` refuse with the chain, ``check`` names the session; on Windows all is well."""
    build_wheel(tmp_path, Wheel("elsewhere", "1.0", tag="py3-none-win_amd64"))
    root = workspace(MEMBER, index=tmp_path, wsnox=NOTHING)
    for command in ("closure", "export"):
        assert main([command, "--root", str(root), "member"]) == 6
        assert capsys.readouterr().err == f"error: {SENTENCE}\n"
        assert main([command, "--root", str(root), "member", "--platform", "windows"]) == 0
        assert OFFERED in capsys.readouterr().out or command == "closure"
    assert main(["check", "--root", str(root)]) == 1
    assert f"session member: {SENTENCE}" in capsys.readouterr().out
    assert main(["why", "--root", str(root), "member", "elsewhere"]) == 0


@pytest.mark.parametrize("place", ["table", "file"])
def test_no_build(workspace: WorkspaceFactory, tmp_path: Path, place: str) -> None:
    """With ``no-build`` a source distribution is refused with the chain, as ``uv sync`` does; members are built all the same."""
    index = tmp_path / "index"
    index.mkdir()
    build_sdist(index, Wheel("source", "1.0"))
    build_wheel(index, Wheel("num", "1.0"))
    members = (MemberSpec("member", dependencies=["source"]), MemberSpec("other", dependencies=["num"]))
    root = workspace(*members, index=index, wsnox=NOTHING)
    if place == "table":
        manifest = tomli.loads((root / "pyproject.toml").read_text())
        manifest["tool"]["uv"]["no-build"] = True
        (root / "pyproject.toml").write_text(tomli_w.dumps(manifest))
    else:
        settings = {"no-build": True, "index": [{"url": str(index), "format": "flat"}]}
        (root / "uv.toml").write_text(tomli_w.dumps(settings))
    ran = nox(root, "-s", "member")
    assert "(needed by member -> source)" in ran.said
    assert "no source distribution but one that `no-build` forbids to build" in ran.said
    assert uv(root, "sync", "--frozen", "--dry-run", "--package", "member").returncode != 0
    assert uv(root, "sync", "--frozen", "--dry-run", "--package", "other").returncode == 0
    ran = nox(root, "-s", "other")
    assert ran.results == {"other": "success"}, ran.said
