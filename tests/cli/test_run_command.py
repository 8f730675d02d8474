"""``wsnox run``: the environment of a session without nox, or one beside it, and a command that takes wsnox's place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environment.interpreters import interpreter, path_with
from tests.sessions.running import OFFLINE, configure, distributions, nox, without_uv, write_noxfile
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.cli.run_command import code_of_child

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real

POSIX = pytest.mark.skipif(os.name == "nt", reason="no process takes the place of another there")
DUMP = "import json, os; print(json.dumps(dict(os.environ)))"
NAMES = "from importlib.metadata import distributions as d; print(*sorted(x.metadata['Name'] for x in d()))"
PLACE = "import os, sys; print(os.path.basename(sys.prefix))"
LIB = MemberSpec(
    "lib", dependencies=["pyhumps"], extras={"fast": ["num"]}, groups={"dev": ["leaf"], "docs": ["speedups"]}
)
APP = MemberSpec("app", dependencies=["lib"], groups={"dev": ["winonly"]})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return the root of a workspace of two members, with a group of its own; only environments may be added."""
    folder = tmp_path_factory.mktemp("run") / "shop"
    root = write_workspace(folder, (LIB, APP), index=wheelhouse, root_groups={"lint": ["tool-with-script"]})
    lock(root)
    return root


@pytest.fixture
def root(shared: Path, tmp_path: Path) -> Path:
    """Return the root of a copy of that workspace, without environments."""
    return Path(shutil.copytree(shared, tmp_path / "shop", ignore=shutil.ignore_patterns(".nox")))


def start(root: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start ``wsnox run`` and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "wsnox", "run", *words],
        cwd=root,
        env={**os.environ, **OFFLINE, **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def run(root: Path, *words: str, env: Mapping[str, str] | None = None, text: str = "") -> tuple[int, str, str]:
    """Run ``wsnox run`` with *text* as its input; return its exit code and what it and the command printed."""
    with start(root, *words, env=env) as process:
        out, err = process.communicate(text)
    return process.returncode, out.strip(), err.strip()


def test_what_a_session_of_nox_sees(root: Path) -> None:
    """The same packages, variables and programs, in the same environment, which neither prepares again for the other."""
    foreign = {"PYTHONPATH": "elsewhere", "PIP_REQUIRE_VIRTUALENV": "1", "CONDA_PREFIX": "x", "UV_PYTHON": "3.1"}
    configure(root, {"commands": [["python", "-c", DUMP]], "env": {"WHO": "{member} on {python}", "SITE": "{port}"}})
    code, out, err = run(root, "lib", "--", "python", "-c", DUMP, env=foreign)
    assert (code, err) == (0, "lib: 3 distributions, exactly its locked closure")
    stamp = root / ".nox" / "lib" / "wsnox" / "stamp.json"
    before = stamp.stat().st_mtime_ns

    ran = nox(root, "-s", "lib", env=foreign)

    (line,) = [line for line in ran.lines if line.startswith("{")]
    added = {"NOX_CURRENT_SESSION", "SITE", "COVERAGE_FILE"}
    assert {
        name: value for name, value in json.loads(line.replace("[ROOT]", str(root))).items() if name not in added
    } == json.loads(out)
    assert stamp.stat().st_mtime_ns == before
    assert run(root, "lib", "--", "python", "-c", "") == (0, "", "")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("lib", "leaf lib pyhumps"),
        ("lib[fast]", "leaf lib num pyhumps"),
        ("lib --extra fast --group docs", "leaf lib num pyhumps speedups"),
        ("lib --only-group docs", "num speedups"),
        ("lib --no-default-groups --group lint", "lib pyhumps tool-with-script"),
        ("lib --no-editable", "leaf lib pyhumps"),
        ("app lib[fast] --root-group lint", "app leaf lib num pyhumps tool-with-script winonly"),
        ("--session lib", "leaf lib pyhumps"),
        ("", "leaf lib pyhumps"),
    ],
)
def test_what_is_installed(shared: Path, words: str, names: str) -> None:
    """The options mean what they mean to uv, and several members are together; by default it is the member around.

    What is not just what a session installs has a place that no session has.
    """
    where = shared if words else shared / "packages" / "lib" / "src"

    code, out, _ = run(where, *words.split(), "--", "python", "-c", f"{PLACE}; {NAMES}")

    place, installed = out.splitlines()
    assert (code, installed, "." in place) == (0, names, words not in ("lib", "--session lib", ""))


@POSIX
def test_the_command_takes_the_place_of_wsnox(root: Path) -> None:
    """So signals, the terminal and the exit code are its own; it gets the input, which no installer has read."""
    code = "import os, sys; print(os.getpid(), sys.stdin.read()); sys.exit(7)"
    with start(root, "lib", "--", "python", "-c", code) as process:
        out, _ = process.communicate("input")
    assert (process.returncode, out.split()) == (7, [str(process.pid), "input"])


def test_where_nothing_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, wsnox waits for the command, through Ctrl-C as well, which the command gets itself."""
    wait, interrupts = subprocess.Popen.wait, [KeyboardInterrupt]

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if interrupts:
            raise interrupts.pop()
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    code = "import os, sys; sys.exit(int(os.environ['CODE']))"
    assert code_of_child(sys.executable, ["python", "-c", code], {**os.environ, "CODE": "7"}) == 7


@POSIX
def test_a_warm_start_loads_little(root: Path) -> None:
    """Nothing that starts a process or reads a lockfile, and nothing that takes longer than it helps."""
    assert run(root, "lib", "--", "python", "-c", "")[0] == 0
    words = [sys.executable, "-X", "importtime", "-m", "wsnox", "run", "lib", "--", "python", "-c", "pass"]
    done = subprocess.run(
        words, cwd=root, env={**os.environ, **OFFLINE}, check=True, capture_output=True, encoding="utf-8"
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "wsnox.environment.stamp" in loaded
    assert loaded.isdisjoint(
        {"dataclasses", "packaging", "nox", "wsnox.lock", "wsnox.closure", "wsnox.environment.interpreter"}
    )


def test_beside_nox(root: Path) -> None:
    """Who prepares the environment first has it; the others wait, and find it proven."""
    write_noxfile(root)
    code = "import humps"
    processes = [start(root, "lib", "--", "python", "-c", code) for _ in range(2)]
    ran = nox(root, "-s", "lib", "--install-only")
    ends = [process.communicate()[1] for process in processes]
    assert ([process.returncode for process in processes], ran.results) == ([0, 0], {"lib": "success"}), (
        ends,
        ran.said,
    )


def test_without_uv(root: Path) -> None:
    """The work is done by virtualenv and pip."""
    code, out, _ = run(root, "lib", "--", "python", "-c", NAMES, env=without_uv())
    assert (code, out) == (0, "leaf lib pip pyhumps")


def test_another_python(root: Path) -> None:
    """It is looked for as nox does, and has an environment of its own, but for one of the session's."""
    other = next(minor for minor in ("3.12", "3.13", "3.10") if minor != f"3.{sys.version_info[1]}")
    interpreter(other)
    words = ("--", "python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    assert run(root, "lib", "--python", other, *words, env={"PATH": path_with(other)})[:2] == (0, other)
    assert not (root / ".nox" / "lib").exists()


def test_the_noxfile_of_somebody_else(root: Path) -> None:
    """A session of that name has an environment that is not for wsnox to change."""
    write_noxfile(root, "import nox\n\n\n@nox.session\ndef lib(session):\n    session.install('--no-index')\n")
    assert run(root, "lib", "--", "python", "-c", "import humps")[0] == 0
    assert not (root / ".nox" / "lib").exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("lib python", 5, "there is no command to run\n\nhint: write it behind `--`, as in `wsnox run lib -- python`;"),
        ("lib pytest -x", 2, "`wsnox run` has no option `-x`\n\nhint: the command comes behind `--`"),
        ("lib --", 5, "there is no command to run"),
        ("libb -- python", 5, "unknown member `libb`"),
        ("lib[fats] -- python", 5, "unknown extra `fats` of `lib`"),
        ("lib --extra fats -- python", 5, "unknown extra `fats` of `lib`"),
        ("lib --group dos -- python", 5, "unknown dependency group `dos` of `lib`"),
        ("lib --root-group dev -- python", 5, "unknown dependency group `dev` of `the workspace root`"),
        ("-- python", 5, "no member is around the working directory"),
        ("lib --python 3.9 -- python", 6, "Python `3.9` is outside `>=3.10`, which the workspace requires"),
        ("lib --python 3.77 -- python", 8, "the interpreter `3.77` is not on this machine, and uv has none either"),
        ("lib[ -- python", 2, "`MEMBER[EXTRA]` `lib[` is not a member such as `lib` or `lib[extra]`"),
    ],
)
def test_refused_before_anything_is_made(shared: Path, words: str, code: int, sentence: str) -> None:
    """One sentence, and no environment that would have to be cleaned up."""
    before = {*shared.glob(".nox/[!.]*")}
    ended, out, err = run(shared, *words.split())
    assert (ended, out, sentence in err.replace("error: ", "")) == (code, "", True), err
    assert {*shared.glob(".nox/[!.]*")} - before <= {shared / ".nox" / "CACHEDIR.TAG"}


def test_a_stale_lockfile(root: Path) -> None:
    """Its closure is that of another workspace."""
    manifest = root / "packages" / "lib" / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"pyhumps"', '"pyhumps>=3.8"'), encoding="utf-8")
    code, _, err = run(root, "lib", "--", "python")
    assert (code, "hint: run `uv lock`" in err) == (4, True)
    assert not (root / ".nox" / "lib").exists()


def test_a_program_of_somewhere_else(root: Path, tmp_path: Path) -> None:
    """It is run, as the user asked for it, but never in silence: the environment's own tools are what is proven."""
    tool = tmp_path / ("sometool.bat" if os.name == "nt" else "sometool")
    tool.write_text("@echo hello\n" if os.name == "nt" else "#!/bin/sh\necho hello\n", encoding="utf-8")
    tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    assert run(root, "lib", "--", "python", "-c", "")[0] == 0

    code, out, err = run(root, "lib", "--", "sometool", env=env)

    assert (code, out, err.startswith("wsnox: `sometool` is not in the environment of lib: this is")) == (
        0,
        "hello",
        True,
    ), err
    code, _, err = run(root, "lib", "--", "nothere.py")
    assert (code, err.splitlines()[0]) == (8, "error: `nothere.py` is neither in the environment of lib nor on `PATH`")
    assert distributions(root, "lib") == {"leaf-2.1", "lib-1.0", "pyhumps-3.8.0"}
