"""While commands run: the environment stays what was proven, or the run does not pass; nobody waits, nobody hangs.

A command that is to run while something else happens says so, and goes on when it gets a line on its standard input.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import OFFLINE, distributions, nox, site_of, uv_pip, write_noxfile
from tests.support.workspaces import MemberSpec, lock, write_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

WAIT = "import os; os.environ.get('QUICK') or (print('runs', flush=True), input())"
QUICK = {"QUICK": "1"}
EXACT = "alpha: 2 distributions, exactly its locked closure"
CHANGED = "the environment of alpha changed while its commands ran, and is no longer the one that was verified"
AGAIN = "hint: another run of nox prepared it meanwhile: run the session again"
OWN = "hint: a command changed it, or something outside of nox; what a session needs belongs in a dependency group"


class Started:
    """A run of nox whose command runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process, self._said = process, list[str]()
        assert process.stdout is not None
        for line in process.stdout:
            self._said.append(line)
            if line.strip() == "runs":
                return
        pytest.fail("".join(self._said))

    def end(self) -> tuple[int, str]:
        """Let the command go on, and return how the run ended and what it said."""
        rest, _ = self._process.communicate("\n")
        return self._process.returncode, "".join(self._said) + rest


@contextmanager
def started(root: Path, *arguments: str) -> Iterator[Started]:
    """Start nox on the session `alpha`, and wait until its command runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "nox", "-s", "alpha", *arguments],
        cwd=root,
        env={**os.environ, **OFFLINE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            yield Started(process)
        finally:
            process.kill()


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace with a session `alpha` that was run before, and whose command waits."""
    alpha = MemberSpec("alpha", dependencies=["leaf"])
    root = workspace(alpha, MemberSpec("beta"), wsnox={"commands": [["python", "-c", WAIT]]})
    assert nox(root, "-s", "alpha", env=QUICK).code == 0
    return root


def declare(root: Path, member: str, *dependencies: str) -> None:
    """Change what *member* depends on, and lock again."""
    write_member(root / "packages" / member, MemberSpec(member, dependencies=dependencies))
    lock(root)


@pytest.mark.parametrize("options", [(), ("-R",)], ids=["", "R"])
def test_a_second_run_of_another_lockfile(root: Path, options: tuple[str, ...]) -> None:
    """It gets its closure at once and passes; the first, whose environment that was, ends without success."""
    with started(root, *options) as first:
        declare(root, "alpha", "pyhumps")
        second = nox(root, "-s", "alpha", env=QUICK)
        assert (second.code, "waiting" in second.said) == (0, False), second.said
        code, said = first.end()
    assert (code, EXACT in said, CHANGED in said, AGAIN in said) == (1, True, True, True), said
    assert "  - leaf 2.1\n" in said
    assert "  + pyhumps 3.8.0\n" in said


def test_a_second_run_that_recreates_it(root: Path) -> None:
    """An environment of the same content is another one all the same: for a time there was none."""
    with started(root) as first:
        assert nox(root, "--reuse-venv=never", "-s", "alpha", env=QUICK).code == 0
        code, said = first.end()
    assert (code, CHANGED in said, AGAIN in said) == (1, True, True), said


def test_a_second_run_that_fails(root: Path) -> None:
    """A lockfile that is stale stops the second run before it changes anything, and the first does not mind."""
    with started(root) as first:
        write_member(root / "packages" / "alpha", MemberSpec("alpha", dependencies=["pyhumps"]))
        assert nox(root, "-s", "alpha", env=QUICK).code == 1
        code, said = first.end()
    assert code == 0, said


def test_a_second_run_that_changes_nothing(root: Path) -> None:
    """What changed in the lockfile is no matter of this session: both runs are proven."""
    with started(root) as first:
        declare(root, "beta", "num")
        second = nox(root, "-s", "alpha", env=QUICK)
        code, said = first.end()
    assert (second.code, code) == (0, 0), f"{second.said}\n{said}"


def test_two_warm_runs(root: Path) -> None:
    """The commands of both run at the same time."""
    with started(root) as first, started(root) as second:
        ended = [first.end(), second.end()]
    assert [code for code, _ in ended] == [0, 0], ended
    assert not any("waiting" in said for _, said in ended)


NESTED = f"""\
import os, subprocess, sys, pathlib
if not os.environ.get("QUICK"):
    root = pathlib.Path.cwd().parents[1]
    for name in ("pyproject.toml", "uv.lock"):
        new = root / "new" / name
        if new.exists():
            new.replace((root / "packages" / "alpha" if name != "uv.lock" else root) / name)
    inner = [{sys.executable!r}, "-m", "nox", "-s", "alpha"]
    sys.exit(subprocess.run(inner, cwd=root, env={{**os.environ, "QUICK": "1"}}, stdin=subprocess.DEVNULL).returncode)
"""


@pytest.mark.parametrize("changed", [False, True])
def test_a_session_that_runs_itself(root: Path, *, changed: bool) -> None:
    """Nothing hangs; the inner run is one more run of the same session, and may change what the outer one stands on."""
    (root / "packages/alpha/nested.py").write_text(NESTED, encoding="utf-8")
    manifest = root / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8").replace(WAIT, "import runpy; runpy.run_path('nested.py')")
    manifest.write_text(text, encoding="utf-8")
    assert nox(root, "-s", "alpha", env=QUICK).code == 0
    if changed:
        kept = {path: path.read_bytes() for path in (root / "packages/alpha/pyproject.toml", root / "uv.lock")}
        declare(root, "alpha", "pyhumps")
        (root / "new").mkdir()
        for path, before in kept.items():
            (root / "new" / path.name).write_bytes(path.read_bytes())
            path.write_bytes(before)
    ran = nox(root, "-s", "alpha")
    assert (ran.code, ran.said.count("exactly its locked closure"), CHANGED in ran.said) == (changed, 2, changed), (
        ran.said
    )


# --- commands that change their environment -------------------------------------------------------------------------

FUNCTION = """\
import wsnox


@wsnox.member(members=["alpha"], external=["uv"])
def t(session, member):
    {}
"""


@pytest.mark.parametrize(
    "body",
    [
        "session.install('num')",
        "session.run('uv', 'pip', 'install', '--python', session.virtualenv.location, 'num')",
        "session.run('python', '-c', \"import leaf; open(leaf.__path__[0] + '/../num.pth', 'w')\")",
    ],
)
def test_a_command_that_changes_it(root: Path, wheelhouse: Path, body: str) -> None:
    """What a session installs on its own is in no lockfile: it does not pass, and the next run repairs its environment."""
    write_noxfile(root, FUNCTION.format(body))
    env = {"UV_FIND_LINKS": str(wheelhouse)}
    ran = nox(root, "-s", "alpha:t", env=env)
    assert (ran.code, OWN in ran.said, "\n  + num" in ran.said) == (1, True, True), ran.said
    write_noxfile(root, FUNCTION.format("session.run('python', '-m', 'compileall', '-q', session.virtualenv.location)"))
    ran = nox(root, "-s", "alpha:t", env=env)
    assert (ran.code, "exactly its locked closure (removed num" in ran.said) == (0, True), ran.said
    assert distributions(root, "alpha:t") == {"alpha-1.0", "leaf-2.1"}


def test_a_failure_after_a_change(root: Path) -> None:
    """The command's own failure counts, and that its environment changed is said, as it may be the reason."""
    with started(root) as first:
        uv_pip(root, "alpha", "uninstall", "leaf")
        code, said = first.end()
    assert (code, CHANGED in said, "  - leaf 2.1\n" in said) == (1, True, True), said
    manifest = root / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("input())", "input(), 1 / 0)"), encoding="utf-8")
    with started(root) as first:
        uv_pip(root, "alpha", "uninstall", "leaf")
        code, said = first.end()
    assert (code, "ZeroDivisionError" in said, CHANGED in said, OWN in said) == (1, True, True, True), said


def test_an_import_that_changes_it(workspace: WorkspaceFactory) -> None:
    """The check of imports runs code, too."""
    plants = "import pathlib, leaf\n(pathlib.Path(leaf.__file__).parents[1] / 'x.pth').touch()\n"
    root = workspace(MemberSpec("alpha", dependencies=["leaf"], modules={"alpha.py": plants}))
    ran = nox(root, "-s", "alpha:imports")
    assert (ran.code, "  + x.pth" in ran.said, OWN in ran.said) == (1, True, True), ran.said
    assert (site_of(root, "alpha:imports") / "x.pth").exists()
