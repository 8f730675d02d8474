"""Sessions at another resolution: they install its file, and nothing of them resolves."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.resolutions.promises import member, write_releases
from tests.sessions.running import distributions, nox, uv_pip, without_uv
from tests.support.processes import find_uv, uv
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

COMMAND = ["python", "-c", "import app, importlib.metadata as m; print('ran with', m.version('parse-kit'))"]


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of wheels; treat it as read-only."""
    return write_releases(tmp_path_factory.mktemp("releases") / "wheels")


def _promising(tmp_path: Path, releases: Path, bound: str, **wsnox: Any) -> Path:
    """Return a workspace whose member promises to work from *bound* on, with its lowest versions in a file."""
    app = member("app", f"parse-kit>={bound}", groups={"dev": ["plug"]})
    table = {"resolutions": ["lowest"], "commands": [COMMAND], **wsnox}
    root = write_workspace(tmp_path / "w", [app], index=releases, wsnox=table)
    lock(root)
    assert main(["lock", "--root", str(root)]) == 0
    return root


def test_a_bound_that_lies(tmp_path: Path, releases: Path) -> None:
    """What every locked session hides shows when modules are imported, before any command, with what differs."""
    root = _promising(tmp_path, releases, "1.4")
    ran = nox(root)
    assert (ran.code, ran.results) == (0, {"app": "success"}), ran.said
    assert "ran with 3.1" in ran.lines
    ran = nox(root, "-t", "lowest", "app")
    assert ran.results == {"app": "success", "app:lowest": "aborted"}, ran.said
    assert (
        "app cannot import its module `app` (packages/app/src/app.py:1): ImportError: cannot import name 'parse'"
        in ran.said
    )
    assert ran.line("app:lowest has ") == "app:lowest has parse-kit 1.4 (locked: 3.1)"
    assert [line for line in ran.lines if "hint:" in line] == [
        "hint: raise the lower bound that is too low, and run `wsnox lock`; with the versions of `uv.lock` the same is `nox -s app`"
    ]
    assert [line for line in ran.lines if line.startswith("ran with")] == ["ran with 3.1"]


@pytest.mark.parametrize(("bound", "tried"), [("1.4", "app cannot import its module `app`"), ("2.0", "")])
def test_tests_without_pytest(tmp_path: Path, releases: Path, bound: str, tried: str) -> None:
    """They cannot run, which is said after the imports: these need no pytest, and show most of what is wrong."""
    app = replace(member("app", f"parse-kit>={bound}"), tests={"test_app.py": "def test_app(): ...\n"})
    root = write_workspace(tmp_path / "w", [app], index=releases, wsnox={"resolutions": ["lowest"]})
    lock(root)
    assert main(["lock", "--root", str(root)]) == 0
    for _ in ("cold", "warm"):
        ran = nox(root, "-s", "app:lowest")
        assert ran.results == {"app:lowest": "aborted"}, ran.said
        assert "app:lowest: 2 distributions, exactly its locked closure" in ran.said
        assert (tried in ran.said, "pytest" in ran.error) == (True, not tried), ran.said
        # Other versions do not help where pytest is missing.
        assert ("raise the lower bound" in ran.said) == bool(tried), ran.said


def test_a_bound_that_holds(tmp_path: Path, releases: Path) -> None:
    """The commands run at the lowest versions, warm as ever; a uv that refuses to resolve is enough for that."""
    root = _promising(tmp_path, releases, "2.0")
    shim = tmp_path / "uv"
    refusing = 'case " $* " in *" compile "*|*" lock "*|*" sync "*"pyproject"*) echo "resolved: $*"; exit 9;; esac'
    shim.write_text(f'#!/bin/sh\n{refusing}\nexec {find_uv()} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    env = {"UV": str(shim), "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    first, ran = (nox(root, "-s", "app:lowest", env=env) for _ in range(2))
    assert "app:lowest: 3 distributions, exactly its locked closure" in first.lines
    assert (first.code, ran.code, "ran with 2.0" in ran.lines) == (0, 0, True), ran.said
    assert "Reusing existing virtual environment" in ran.said
    assert distributions(root, "app:lowest") == {"app-1.0", "parse_kit-2.0", "plug-1.0"}
    assert nox(root, "-R", "-s", "app:lowest", env=env).code == 0
    uv_pip(root, "app:lowest", "install", "--no-deps", "--no-index", "--find-links", str(releases), "parse-kit==2.7")
    ran = nox(root, "-R", "-s", "app:lowest", env=env)
    assert "! parse-kit 2.0: installed as 2.7" in ran.said


@pytest.mark.parametrize("way", ["wheel", "pip"])
def test_other_ways_to_install(tmp_path: Path, releases: Path, way: str) -> None:
    """Members come as wheels where they do in locked sessions, and pip installs the same file."""
    root = _promising(tmp_path, releases, "2.0", editable=way == "pip")
    ran = nox(root, "-s", "app:lowest", env={**(without_uv() if way == "pip" else {}), "PIP_NO_INDEX": ""})
    assert (ran.code, "ran with 2.0" in ran.lines) == (0, True), ran.said


def test_what_stops_a_session(tmp_path: Path, releases: Path) -> None:
    """A manifest that asks for something else does, and a file that is absent; an update of ``uv.lock`` does not."""
    root = _promising(tmp_path, releases, "2.0")
    constrained = root / "pyproject.toml"
    text = constrained.read_text(encoding="utf-8")
    assert uv(root, "lock", "--upgrade-package", "parse-kit==2.7").returncode == 0
    assert nox(root, "-s", "app:lowest").code == 0
    manifest = root / "packages/app/pyproject.toml"
    promise = manifest.read_text(encoding="utf-8")
    manifest.write_text(promise.replace(">=2.0", ">=2.7"), encoding="utf-8")
    ran = nox(root, "-s", "app:lowest")
    assert ran.error.endswith(
        "`resolutions/pylock.app-lowest.toml` does not match the workspace:\n  - `app` now has `parse-kit>=2.7`\n"
        "  - `app` no longer has `parse-kit>=2.0`\n\nhint: run `wsnox lock app:lowest`."
    ), ran.said
    constrained.write_text(text.replace("[tool.wsnox]", '[tool.wsnox]\nlock = "frozen"'), encoding="utf-8")
    assert nox(root, "-s", "app:lowest").code == 0
    (root / "resolutions/pylock.app-lowest.toml").unlink()
    assert "`resolutions/pylock.app-lowest.toml` does not exist" in nox(root, "-s", "app:lowest").said


def test_a_release_that_breaks(tmp_path: Path, releases: Path) -> None:
    """The latest versions show what will come with the next update of the lockfile."""
    app = member("app", "wire<8")
    command = ["python", "-c", "import importlib.metadata as m; assert m.version('wire') == '5.2'"]
    table = {"resolutions": ["latest"], "commands": [command]}
    root = write_workspace(
        tmp_path / "w", [app], index=releases, wsnox=table, uv={"constraint-dependencies": ["wire==5.2"]}
    )
    lock(root)
    manifest = root / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("wire==5.2", "plug"), encoding="utf-8")
    assert uv(root, "lock").returncode == 0
    assert main(["lock", "--root", str(root)]) == 0
    ran = nox(root, "-s", "app", "app:latest")
    assert ran.results == {"app": "success", "app:latest": "failed"}, ran.said
    assert "app:latest has wire 7.0 (locked: 5.2)" in ran.lines
    assert "hint: exclude the release that breaks it" in ran.said


@pytest.mark.parametrize(("bound", "result"), [("1.4", "aborted"), ("2.0", "success"), ("3.2", "success")])
def test_a_member_as_it_is_published(tmp_path: Path, releases: Path, bound: str, result: str) -> None:
    """A bound on another member that is too low shows before a release; one that only the release will meet is no failure."""
    kit = MemberSpec("parse-kit", version="3.2", modules={"parse_kit.py": "def parse(): ...\n"})
    table = {"resolutions": {"published": {"exclude": ["parse-kit"]}}, "commands": [COMMAND]}
    members = [member("app", f"parse-kit>={bound}"), kit]
    root = write_workspace(tmp_path / "w", members, index=releases, wsnox=table)
    lock(root)
    assert main(["lock", "--root", str(root)]) == 0
    ran = nox(root, "-s", "app", "app:published")
    assert ran.results == {"app": "success", "app:published": result}, ran.said
    assert (f"ran with {bound}" in ran.lines) == (result == "success"), ran.said
    assert ("app:published has parse-kit 1.4 (locked: 3.2)" in ran.lines) == (result != "success"), ran.said


def test_a_member_whose_version_only_a_build_tells(
    tmp_path: Path, releases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lockfile has no version of it to compare with, and a hint none to offer as a bound."""
    kit = MemberSpec("parse-kit", version="3.2", modules={"parse_kit.py": "def parse(): ...\n"})
    table = {"resolutions": {"published": {"exclude": ["parse-kit"]}}, "commands": [COMMAND]}
    root = write_workspace(tmp_path / "w", [member("app", "parse-kit>=1.4"), kit], index=releases, wsnox=table)
    of_kit, of_app = (root / "packages" / folder / "pyproject.toml" for folder in ("parse-kit", "app"))
    of_kit.write_text(
        of_kit.read_text(encoding="utf-8").replace('version = "3.2"', 'dynamic = ["version"]'), encoding="utf-8"
    )
    bounded = of_app.read_text(encoding="utf-8")
    of_app.write_text(bounded.replace("parse-kit>=1.4", "parse-kit"), encoding="utf-8")
    lock(root)
    assert main(["lock", "--root", str(root)]) != 0
    assert '`uv add --package app "parse-kit>=VERSION"` with the oldest VERSION that works' in capsys.readouterr().err
    of_app.write_text(bounded, encoding="utf-8")
    lock(root)
    assert main(["lock", "--root", str(root)]) == 0
    ran = nox(root, "-s", "app:published")
    assert "app:published has parse-kit 1.4 (locked: as it is in the workspace)" in ran.lines, ran.said


def test_members_together(tmp_path: Path, releases: Path) -> None:
    """An integration session has the lowest versions that all of its members allow."""
    members = [member("app", "parse-kit>=1.0"), member("lib", "parse-kit>=2.0", "wire>=5.2")]
    table = {"integration": {"both": {"packages": ["app", "lib"], "commands": [COMMAND], "resolutions": ["lowest"]}}}
    root = write_workspace(tmp_path / "w", members, index=releases, wsnox=table)
    lock(root)
    assert main(["lock", "--root", str(root)]) == 0
    ran = nox(root, "-s", "both:lowest")
    assert (ran.code, "ran with 2.0" in ran.lines) == (0, True), ran.said
    assert distributions(root, "both:lowest") == {"app-1.0", "lib-1.0", "parse_kit-2.0", "wire-5.2"}
