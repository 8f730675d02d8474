"""Sessions below the Pythons of the workspace, from a resolution of the member alone."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.environment.interpreters import path_with
from tests.sessions.running import distributions, nox
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

COMMAND = ["python", "-c", "import app, sys; print('ran on', *sys.version_info[:2])"]
RELEASES = (
    Wheel("wire", "6.0"),
    Wheel("wire", "7.0", requires_python=">=3.10"),
    Wheel("plug", "1.0"),
    Wheel("checker", "1.0"),
    Wheel("old", "1.0"),
)


def _promising(tmp_path: Path, module: str) -> Path:
    """Return a workspace for Python 3.10 whose member, with this *module*, is for 3.9 as well."""
    root = write_workspace(
        tmp_path / "w",
        [
            MemberSpec(
                "app",
                dependencies=["wire", "lib", "old ; python_version < '3.10'"],
                modules={"app.py": module},
                requires_python=">=3.9",
                groups={"dev": ["checker"], "docs": ["web"]},
                tool={"uv": {"default-groups": "all"}},
            ),
            MemberSpec("lib", dependencies=["plug"], requires_python=">=3.9", tool={"wsnox": {"resolutions": []}}),
            MemberSpec("web"),
        ],
        index=tmp_path,
        wsnox={"resolutions": ["below"], "commands": [COMMAND]},
    )
    for wheel in RELEASES:
        build_wheel(tmp_path, wheel)
    lock(root)
    return root


def test_what_differs_below(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lockfile has nothing for such a Python: the hint compares on one for which both have something."""
    root = _promising(tmp_path, "import wire\n")
    assert main(["lock", "--root", str(root)]) == 0
    for words in (["app", "app:below"], ["app:below", "app", "--python", "3.9"]):
        capsys.readouterr()
        assert main(["diff", *words, "--root", str(root)]) == 6
        said = capsys.readouterr().err
        assert said.startswith("error: Python `3.9.0` is outside `>=3.10`, which the lockfile requires\n\nhint: ")
        commands = [shlex.split(text)[1:] for text in said.split("`")[5::2]]
        assert commands[0] == ["diff", *words[:2], "--python", "3.10"]
        assert [main([*command, "--root", str(root)]) for command in commands] == [1, 0]
        assert "web" in capsys.readouterr().out


def test_a_promise_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The member has releases that are for its Python, everything else as locked, and no group that is not."""
    root = _promising(tmp_path, "import wire, lib, old\n")
    assert main(["lock", "--root", str(root)]) == 0
    said = "app:below  without app:docs (web is for Python >=3.10)  7 distributions, 5 as in uv.lock"
    assert capsys.readouterr().out.splitlines() == [said]
    ran = nox(root, "-s", "app:below", env={"PATH": path_with("3.9")})
    assert (ran.code, "ran on 3 9" in ran.lines) == (0, True), ran.said
    assert distributions(root, "app:below") == {"app-1.0", "checker-1.0", "lib-1.0", "old-1.0", "plug-1.0", "wire-6.0"}
    assert main(["lock", "--check", "--root", str(root)]) == main(["check", "--root", str(root)]) == 0
    capsys.readouterr()
    assert main(["why", "wire", "--session", "app:below", "--root", str(root)]) == 0
    assert "app -> wire 6.0" in capsys.readouterr().out
    manifest = root / "packages/web/pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(">=3.10", ">=3.11"), encoding="utf-8")
    assert main(["lock", "--check", "--root", str(root)]) == 4
    assert "`session` now has `without app:docs (web is for Python >=3.11)`" in capsys.readouterr().err


def test_a_promise_that_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Syntax of a newer Python shows when the member is imported; a dependency for newer ones before anything is installed."""
    root = _promising(tmp_path, "match 1:\n    case _:\n        pass\n")
    assert main(["lock", "--root", str(root)]) == 0
    ran = nox(root, "-s", "app:below", env={"PATH": path_with("3.9")})
    assert "app cannot import its module `app` (packages/app/src/app.py:1): SyntaxError" in ran.said
    assert ran.line("hint: ") == "hint: correct what fails on this Python, or raise `requires-python`"
    manifest = root / "packages/lib/pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(">=3.9", ">=3.10"), encoding="utf-8")
    broken = "`app` promises Python `>=3.9`, but its dependency `lib` is for `>=3.10`"
    lock(root)
    (root / "resolutions/pylock.app-below.toml").unlink()
    capsys.readouterr()
    for words in (["lock"], ["lock", "--check"], ["check"]):
        assert main([*words, "--root", str(root)]) != 0
        said = capsys.readouterr()
        assert broken in said.out + said.err
    app = root / "packages/app/pyproject.toml"
    app.write_text(app.read_text(encoding="utf-8").replace(">=3.9", ">=3.10"), encoding="utf-8")
    assert main(["lock", "--root", str(root)]) == 5
    assert "no member is for a Python below those of the workspace" in capsys.readouterr().err
