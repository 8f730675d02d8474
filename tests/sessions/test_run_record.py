"""The record that a run of nox leaves: what became of each session, whichever process ran it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.noxfile.test_background import is_gone
from tests.sessions.running import OFFLINE, configure, nox, write_noxfile
from tests.support.projects import write_modules
from tests.support.workspaces import MemberSpec
from wsnox.runs.record import Run, last_run_file, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
NOXFILE = """
import nox
import wsnox

wsnox.sessions()


@wsnox.member(members=["library"], requires=["leaky"])
def after(session, member):
    session.run("python", "-c", "")


@wsnox.member(members=["library"])
def late(session, member):
    session.run("python", "-c", "")
    session.run("python", "-c", "raise SystemExit(3)")


@nox.session(venv_backend="none")
def own(session):
    session.skip("not today")


@nox.session(venv_backend="none")
def quiet(session):
    pass
"""
QUIET = ["python", "-c", ""]
SETTINGS: dict[str, Any] = {
    "commands": [QUIET],
    "tasks": {
        "other": {"commands": [QUIET], "members": ["variants"], "pythons": ["3.99"]},
        "flavours": {"commands": [QUIET], "members": ["variants"], "extras": {"plain": [], "sweet": ["sweet"]}},
    },
}
PASSED = {"result": "passed", "reason": "", "command": "", "findings": 0}
EXPECTED: dict[str, dict[str, Any]] = {
    "leaky": {
        "kind": "test",
        "members": ("leaky",),
        "result": "failed",
        "command": "python -m leaky",
        "findings": 1,
        "size": 1,
    },
    "library": {"kind": "test", "members": ("library",), **PASSED, "size": 2},
    "variants": {"kind": "test", **PASSED, "python": PYTHON},
    "variants:other": {"kind": "task", "task": "other", "result": "skipped", "python": "3.99", "size": 0},
    "variants:flavours(plain)": {"name": "variants:flavours", "variant": "plain", **PASSED, "size": 1},
    "variants:flavours(sweet)": {"kind": "task", "task": "flavours", "variant": "sweet", **PASSED, "size": 2},
    "leaky:imports": {"kind": "imports", "result": "aborted", "reason": "1 undeclared import", "findings": 1},
    "library:after": {"kind": "task", "task": "after", "result": "aborted", "preparation": 0.0, "commands": 0.0},
    "library:late": {"result": "failed", "command": "python -c 'raise SystemExit(3)'"},
    "own": {"kind": "other", "members": (), "result": "skipped", "reason": "not today", "preparation": 0.0},
    "quiet": {"kind": "other", **PASSED},
}


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose sessions end in every way."""
    leaky = MemberSpec(
        "leaky", modules={"leaky.py": "import leaf\n"}, tool={"wsnox": {"commands": ["python -m leaky"]}}
    )
    variants = MemberSpec("variants", extras={"sweet": ["leaf"]})
    library = MemberSpec("library", dependencies=["leaf"])
    return write_noxfile(workspace(leaky, library, variants, wsnox=SETTINGS), NOXFILE)


def _record(root: Path) -> Run:
    return read_run(last_run_file(root / ".nox"))


def _told(run: Run) -> dict[str, dict[str, Any]]:
    """Return what is expected of each session, as *run* has it."""
    told = {}
    for session in run.sessions:
        fields = {**vars(session), "findings": len(session.findings)}
        told[session.session] = {name: fields[name] for name in EXPECTED.get(session.session, fields)}
    return told


@pytest.mark.parametrize("options", [[], ["-j", "2"]], ids=["one-by-one", "two-at-a-time"])
def test_each_session_is_recorded(root: Path, options: list[str]) -> None:
    """One after the other, and two at a time, a run says the same of each: those of the noxfile are in it, too."""
    nox(root, "--install-only", "-s", *EXPECTED)

    ran = nox(root, "--no-error-on-missing-interpreters", *options, "-s", *EXPECTED)

    run = _record(root)
    told = _told(run)
    assert (ran.code, told.keys()) == (1, EXPECTED.keys()), ran.said
    assert [told[title] for title in EXPECTED] == [*EXPECTED.values()]
    assert all(session.commands > 0 for session in run.sessions if session.result == "passed")
    assert run.seconds > max(session.seconds for session in run.sessions)
    # What processes noted for each other is gone.
    assert [*(root / ".nox" / ".wsnox" / "runs").glob("*")] == []
    kinds = {session.session: session.unchanged for session in run.sessions}
    assert (kinds["library"], kinds["own"], kinds["variants:other"]) == (True, False, False)
    assert "library: 2 distributions, exactly its locked closure (unchanged)" in ran.lines


def test_the_record_is_of_the_last_run(root: Path) -> None:
    """A listing and a run that nothing came of leave it alone; ``-x`` ends a run early."""
    nox(root, "-x", "-s", "leaky", "library")
    assert [session.session for session in _record(root).sessions] == ["leaky"]
    for arguments in (["-l"], ["--json", "-l"], ["-s", "nothing"], ["--version"]):
        nox(root, *arguments)
    assert [session.session for session in _record(root).sessions] == ["leaky"]
    nox(root, "-s", "library", "--report", "report.json")
    assert [session.session for session in _record(root).sessions] == ["library"]


def test_what_a_change_does_not_affect(root: Path) -> None:
    """Sessions that are left out belong to a run of all, and to no other; their environments stay as they are."""
    (root / "noxfile.py").write_text("import wsnox\n\nwsnox.sessions()\n", encoding="utf-8")
    (root / ".gitignore").write_text(".nox\n__pycache__\n", encoding="utf-8")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", *words], cwd=root, check=True, timeout=60
        )
    write_modules(root / "packages" / "library" / "src", {"library.py": "changed = True\n"})

    ran = nox(root, env={"WSNOX_SINCE": "HEAD"})

    results = {session.session: session.result for session in _record(root).sessions}
    left_out = {title for title, result in results.items() if result == "unaffected"}
    assert results["library"] == "passed", ran.said
    assert {"leaky", "variants"} <= left_out
    nox(root, "-s", "library", env={"WSNOX_SINCE": "HEAD"})
    assert [session.session for session in _record(root).sessions] == ["library"]


WAITS = """
import os, signal, socket, sys, time
if "obeys" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as test:
    test.sendall(str(os.getpid()).encode())
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    "how", ["SIGINT", "SIGTERM", "SIGTERM to a command that ends with 0", "SIGINT -j", "SIGTERM -j"]
)
def test_an_interrupted_run(root: Path, how: str) -> None:
    """Ctrl-C, and SIGTERM as well: commands are ended, and the record has what ran before and who was interrupted."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(60)
    words = [str(server.getsockname()[1]), *(["obeys"] if "with 0" in how else [])]
    configure(root, {"commands": [["python", "-c", WAITS, *words]] * 2})
    write_noxfile(root, NOXFILE)
    options, waiting = (["-j", "2"], ["library", "variants"]) if "-j" in how else ([], ["variants"])
    with (
        server,
        subprocess.Popen(
            [sys.executable, "-m", "nox", *options, "-s", "quiet", "variants", "library"],
            cwd=root,
            env={**os.environ, **OFFLINE},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            encoding="utf-8",
        ) as process,
    ):
        pids = []
        for _ in waiting:
            with server.accept()[0] as command:
                pids.append(int(command.recv(20)))
        if how == "SIGINT":
            # As a terminal does it: everything in its foreground.
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.Signals[how.split(maxsplit=1)[0]])
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 130, said
    assert all(is_gone(pid) for pid in pids)
    ended = {session.session: (session.result, session.reason) for session in _record(root).sessions}
    assert ended == {"quiet": ("passed", ""), **dict.fromkeys(waiting, ("aborted", "interrupted"))}
    assert f"{len(waiting)} aborted" in said
