"""Steps around the commands of a session and servers beside them, in real runs of nox that end in every way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.noxfile.test_background import is_gone
from tests.sessions.running import OFFLINE, configure, nox, write_noxfile
from tests.support.projects import write_modules
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals of POSIX"),
]

SERVE = """\
import os, socket, sys, threading, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("serves", os.environ["WHO"], os.getpid(), flush=True)
while True:
    connection, _ = server.accept()
    connection.sendall(b"hello"), connection.close()
"""
ASK = """\
import os, socket, sys, time
with socket.create_connection(("127.0.0.1", int(os.environ["SERVER"]))) as connection:
    print("asked", connection.recv(9).decode(), *sys.argv[1:], flush=True)
if "wait" in sys.argv:
    time.sleep(60)
sys.exit("fail" in sys.argv)
"""
SERVER: dict[str, Any] = {"command": "python {root}/serve.py {port}", "name": "server", "ready": {"port": "{port}"}}
SETTINGS: dict[str, Any] = {
    "before": [["python", "-c", "print('before')"]],
    "background": [SERVER],
    "commands": ["python {root}/ask.py {posargs}"],
    "after": [["python", "-c", "print('after')"]],
    "env": {"SERVER": "{port}", "WHO": "{member}"},
}


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace of two members whose sessions need a server each."""
    root = write_noxfile(workspace(MemberSpec("alpha"), MemberSpec("beta"), wsnox=SETTINGS))
    write_modules(root, {"serve.py": SERVE, "ask.py": ASK})
    return root


def _log(root: Path, session: str = "alpha") -> Path:
    return root / ".nox" / session / "wsnox" / "background" / "server.log"


def _order(output: str) -> list[str]:
    """Return the first words of what the steps printed, in their order."""
    return [line.split()[0] for line in output.splitlines() if line.startswith(("before", "asked", "after"))]


@pytest.mark.parametrize("posargs", [[], ["fail"]], ids=["succeeds", "fails"])
def test_one_session(root: Path, posargs: list[str]) -> None:
    """The server answers while the commands run, and is gone then; what comes after them runs however they ended."""
    ran = nox(root, "-s", "alpha", "--", *posargs)
    assert (ran.code, _order(ran.said)) == (int(bool(posargs)), ["before", "asked", "after"]), ran.said
    assert ran.results == {"alpha": "failed" if posargs else "success"}
    assert f"`server` runs in the background; its output is in [ROOT]/{_log(root).relative_to(root)}" in ran.said
    log = _log(root).read_text()
    assert log.startswith("serves alpha ")
    assert is_gone(int(log.split()[2]))


def test_sessions_beside_each_other(root: Path) -> None:
    """Each has a port of its own."""
    ran = nox(root, "-j", "2", "-s", "alpha", "beta")
    assert ran.code == 0, ran.said
    assert {_log(root, name).read_text().split()[1] for name in ("alpha", "beta")} == {"alpha", "beta"}


def _start(root: Path) -> subprocess.Popen[str]:
    """Start a session that does not end by itself, and return it once its command runs."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "nox", "-s", "alpha", "--", "wait"],
        cwd=root,
        env={**os.environ, **OFFLINE},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("asked"):
            return process
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("how", ["interrupted", "terminated", "killed"])
def test_a_run_that_is_ended(root: Path, how: str) -> None:
    """On Ctrl-C, SIGTERM and SIGKILL the server ends; on the first two, what comes after the commands runs."""
    process = _start(root)
    match how:
        case "interrupted":
            # As a terminal does it: everything in its foreground.
            os.killpg(process.pid, signal.SIGINT)
        case "terminated":
            process.terminate()
        case _:
            os.killpg(process.pid, signal.SIGKILL)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert _order(rest) == ([] if how == "killed" else ["after"]), rest
    assert is_gone(int(_log(root).read_text().split()[2]))


def _configured(root: Path, **settings: Any) -> None:
    configure(root, {**SETTINGS, **settings})


def test_a_server_that_does_not_start(root: Path) -> None:
    """The session fails with its last words, runs no command, and cleans up."""
    broken = {**SERVER, "command": ["python", "-c", "raise SystemExit('no database')"]}
    _configured(root, background=[broken])
    ran = nox(root, "-s", "alpha")
    assert (ran.code, _order(ran.said)) == (1, ["before", "after"]), ran.said
    assert "aborted: `server` in the background ended before it was ready, with exit code 1:\n  no database" in ran.said


def test_a_server_that_dies(root: Path) -> None:
    """No further command runs, and the session fails though the command succeeded; a failed command is the failure."""
    dying = {"command": ["python", "-c", "import sys; sys.stdin.read(); print('dies')"], "name": "server"}
    wait = [["python", "-c", "import time; time.sleep(1)"], ["python", "-c", "print('asked too much')"]]
    _configured(root, background=[dying], commands=wait)
    ran = nox(root, "-s", "alpha")
    assert (ran.code, _order(ran.said)) == (1, ["before", "after"]), ran.said
    assert "aborted: `server` in the background ended while the session ran, with exit code 0:\n  dies" in ran.said
    _configured(root, background=[dying], commands=[["python", "-c", "import time; time.sleep(1); 1/0"]])
    ran = nox(root, "-s", "alpha")
    assert ran.results == {"alpha": "failed"}, ran.said
    assert "nox > `server` in the background ended while the session ran" in ran.said


def test_steps_that_fail(root: Path) -> None:
    """A failed step before ends the session, and every step after runs; if these alone fail, that is said apart."""
    fails, works = ["python", "-c", "import sys; sys.exit(5)"], ["python", "-c", "print('after all')"]
    _configured(root, before=[fails], after=[fails, works])
    ran = nox(root, "-s", "alpha")
    assert (ran.results, _order(ran.said)) == ({"alpha": "failed"}, ["after"]), ran.said
    _configured(root, after=[fails, fails, works])
    ran = nox(root, "-s", "alpha")
    assert _order(ran.said) == ["before", "asked", "after"]
    said = "the commands of alpha succeeded, but `python -c 'import sys; sys.exit(5)'`, `python -c"
    assert f"Session alpha aborted: {said}" in ran.said, ran.said


@pytest.mark.parametrize("key", ["before", "after", "command", "ready"])
def test_programs_from_outside(root: Path, key: str) -> None:
    """Each must be the environment's or allowed, as those of commands; that is told once, before anything has run."""
    settings: dict[str, Any] = {"before": ["sleep 0"], "after": ["sleep 0"]}
    settings["command"] = {"background": [{**SERVER, "command": "sleep 60", "ready": {"output": ""}}]}
    settings["ready"] = {"background": [{**SERVER, "ready": {"command": "sleep 0"}}]}
    more = settings[key] if isinstance(settings[key], dict) else {key: settings[key]}
    _configured(root, **{**more, "commands": []})
    ran = nox(root, "-s", "alpha")
    assert (ran.code, _order(ran.said)) == (1, []), ran.said
    assert ran.said.count("`sleep` is not in the environment of alpha") == 1, ran.said
    _configured(root, **{**more, "commands": []}, external=["sleep"])
    ran = nox(root, "-s", "alpha")
    assert (ran.code, _log(root).exists()) == (0, True), ran.said


def test_without_commands(root: Path) -> None:
    """Under `--install-only` nothing starts; nor does it for a member whose imports are checked in place of tests."""
    ran = nox(root, "--install-only", "-s", "alpha")
    assert (ran.code, _order(ran.said), _log(root).exists()) == (0, [], False), ran.said
    settings = {key: value for key, value in SETTINGS.items() if key != "commands"}
    configure(root, settings)
    ran = nox(root, "-s", "alpha", "beta:imports")
    assert (ran.code, _order(ran.said), _log(root).exists()) == (0, [], False), ran.said


FUNCTION = """\
import wsnox

SERVER = {server!r}


@wsnox.member(background=[SERVER], after=["python -c \\"print('after')\\""], env={{"SERVER": "{{port}}", "WHO": "x"}})
def ask(session, member):
    session.run("python", "../../ask.py", *session.posargs)
"""


def test_a_function_of_the_noxfile(root: Path) -> None:
    """The decorators take the same keys, with the same effect."""
    write_noxfile(root, FUNCTION.format(server=SERVER))
    assert _order(nox(root, "-s", "alpha:ask").said) == ["asked", "after"]
    ran = nox(root, "-s", "alpha:ask", "--", "fail")
    assert (ran.results, _order(ran.said)) == ({"alpha:ask": "failed"}, ["asked", "after"]), ran.said
    assert is_gone(int(_log(root, "alpha-ask").read_text().split()[2]))
